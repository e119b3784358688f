"""Plans as files: written whole or not at all, and read without holding them in memory."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from sfactl import files
from sfactl.core import plans
from sfactl.core.plans import Header, Line
from sfactl.errors import UsageFault
from sfactl.i18n import N_, _

PLAN_HINT: Final = N_("Name another file, or add --replace.")
_LONGEST_HEADER: Final = 100 * plans.LONGEST_LINE
_BLOCK: Final = 1 << 20


class Body:
    """The lines of a plan that is being made, on the disk, where nobody else sees them."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageFault(_("There is no folder {path}.").format(path=folder), _("Make it, or name another file."))
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        self._digest = hashlib.sha256()
        self._waiting: list[bytes] = []
        self.lines = 0

    def add(self, line: Line) -> None:
        """Write one more line."""
        self._waiting.append(line.encoded())
        self.lines += 1
        if len(self._waiting) == 2000:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            block = b"\n".join([*self._waiting, b""])
            self._digest.update(block)
            self._file.write(block)
            self._waiting.clear()

    def write(self, path: Path, header: Header, *, replace: bool) -> None:
        """Write the plan to its file.

        Raises:
            Conflict: the file is there already.
            Unavailable: it cannot be written.
        """
        self._flush()
        self._file.seek(0)
        with files.new_file(path, replace=replace, hint=_(PLAN_HINT)) as target:
            target.write(header.encoded(self._digest.hexdigest()) + b"\n")
            shutil.copyfileobj(self._file, target, _BLOCK)

    def close(self) -> None:
        """Let go of the disk."""
        self._file.close()


@dataclass(frozen=True)
class PlanFile:
    """A plan that can be read, more than once."""

    header: Header
    digest: str
    name: str
    _file: IO[bytes]
    _start: int

    def lines(self) -> Iterator[Line]:
        """Its lines, from the first."""
        self._file.seek(self._start)
        return plans.read_lines(iter(self._file), self.name)


@contextmanager
def opened(path: Path) -> Iterator[PlanFile]:
    """A plan whose digest was checked.

    Raises:
        UsageFault: there is no such file, it is no plan, or somebody changed it.
    """
    with _open(path) as file:
        first = file.readline(_LONGEST_HEADER)
        header, digest, raw = plans.read_header(first, path.name)
        start = len(first)
        if not plans.digest_holds(raw, digest, _digest_of(file)):
            raise UsageFault(
                _("{file} was changed after it was made.").format(file=path.name),
                _("Make the plan again; it is not meant to be edited."),
            )
        yield PlanFile(header, digest, path.name, file, start)


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as fault:
        raise UsageFault(_("{path} cannot be read: {reason}.").format(path=path, reason=fault.strerror)) from fault
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UsageFault(_("{path} is not a regular file.").format(path=path), _("Write the plan to a file first."))
    with os.fdopen(handle, "rb") as file:
        yield file


def _digest_of(file: Any) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
