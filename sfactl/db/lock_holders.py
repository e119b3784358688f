"""Who holds the locks of a SQLite file: what Linux tells of it in /proc; elsewhere nothing is known."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sfactl.config.secrets import without_secret
from sfactl.errors import Unavailable
from sfactl.i18n import _

LOCKS: Final = Path("/proc/locks")
_PROCESSES: Final = Path("/proc")
_LOCK: Final = re.compile(
    r"\d+: (?:POSIX|OFDLCK) +\S+ +(?P<kind>READ|WRITE) +(?P<process>\d+)"
    r" (?P<major>[0-9a-f]+):(?P<minor>[0-9a-f]+):(?P<inode>\d+) (?P<first>\d+) (?P<last>\d+|EOF)"
)
_MAIN_BYTES: Final = range(0x40000000, 0x40000200)
"""Which bytes of the file itself SQLite locks: pending, reserved, and those that readers share."""
_WRITER_OF_LOG: Final = range(120, 121)
"""Which byte of the index of a write-ahead log its one writer locks."""
_LONGEST: Final = 100


@dataclass(frozen=True)
class Holder:
    """Another process that has a lock on the file."""

    process: int
    command: str
    "What it was started as, without passwords."
    is_writing: bool


def in_use(path: Path | None) -> Unavailable:
    """The error for a person who waited in vain for a file; it names who is in the way, if that can be known."""
    holder = holder_of(path) if path else None
    hint = _("Try again when it is done.")
    if holder is None:
        return Unavailable(_("Somebody else is writing to the database."), hint)
    if holder.is_writing:
        message = _("Somebody else is writing to the database: {command} (process {process}).")
    else:
        message = _(
            "Somebody else is reading the database, and keeps it from being written: {command} (process {process})."
        )
    return Unavailable(message.format(command=holder.command or "?", process=holder.process), hint)


def holder_of(path: Path) -> Holder | None:
    """The process that keeps others from writing to a file: whoever writes, else whoever reads; None when nobody knows."""
    found = [*_holders(path, _MAIN_BYTES), *_holders(path.with_name(f"{path.name}-shm"), _WRITER_OF_LOG)]
    return max(found, key=lambda holder: holder.is_writing, default=None)


def _holders(path: Path, lock_bytes: range) -> Iterator[Holder]:
    try:
        file = path.stat()  # never opened: to close it again would let go of our own locks
        lines = LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return
    place = (os.major(file.st_dev), os.minor(file.st_dev), file.st_ino)
    for lock in filter(None, map(_LOCK.match, lines)):
        where = (int(lock["major"], 16), int(lock["minor"], 16), int(lock["inode"]))
        process = int(lock["process"])
        if where == place and int(lock["first"]) in lock_bytes and process not in (0, os.getpid()):
            yield Holder(process, _command(process), lock["kind"] == "WRITE")


def _command(process: int) -> str:
    """The words a process was started with, without its interpreter and without passwords; empty when it hides them."""
    try:
        said = (_PROCESSES / str(process) / "cmdline").read_bytes()
    except OSError:
        return ""
    words = said.decode("utf-8", "replace").split("\0")
    if len(words) > 1 and Path(words[0]).name.startswith("python") and not words[1].startswith("-"):
        words = words[1:]
    words[0] = Path(words[0]).name
    text = without_secret(" ".join(" ".join(words).split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
