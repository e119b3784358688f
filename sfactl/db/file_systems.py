"""Where a database file lies: on a disk of this machine, or on one that several machines share."""

import re
from collections.abc import Iterable
from pathlib import Path

from sfactl.db.connect import wal_is_safe

_NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "fuse.sshfs",
    "gpfs",
    "lustre",
    "afs",
    "ceph",
    "fuse.glusterfs",
    "ocfs2",
    "gfs2",
)
_MOUNTS = Path("/proc/self/mountinfo")


def kind_of(path: Path) -> str:
    """The kind of file system that holds a path; nothing where the system does not tell."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return kind_among(lines, path.resolve())


def kind_among(lines: Iterable[str], path: Path) -> str:
    """The same, by the lines of Linux's mountinfo; where one is mounted over another, the last counts."""
    found = (Path("/"), "")
    for line in lines:
        fields = line.split()
        if "-" not in fields[:-1]:
            continue
        point, kind = Path(_unescaped(fields[4])), fields[fields.index("-") + 1]
        if path.is_relative_to(point) and len(point.parts) >= len(found[0].parts):
            found = (point, kind)
    return found[1]


def _unescaped(point: str) -> str:
    r"""A blank stands as the number of its byte: `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point)


def is_shared(kind: str) -> bool:
    """Whether several machines may have the file open, so that locks and shared memory cannot be relied upon."""
    return kind.startswith(_NETWORK)


def journal_for(kind: str, *, is_safe: bool | None = None) -> str:
    """The journal of a database: a write-ahead log needs memory that all its readers share, and a repaired SQLite."""
    safe = wal_is_safe() if is_safe is None else is_safe
    return "WAL" if safe and not is_shared(kind) else "DELETE"


def has_log(path: Path) -> bool:
    """Whether a file of SQLite says of itself that it is kept with a write-ahead log; no when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(20)[18:20] == b"\x02\x02"
    except OSError:
        return False
