"""The records of a file that could not be taken, written so that they can be mended and fed again."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from sfactl.errors import Unavailable, UsageFault
from sfactl.i18n import _
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.faults import FileFault
from sfactl.transfer.reading import Limits
from sfactl.transfer.records import Table


def write_rejects(source: Path, target: Path, dialect: Dialect, limits: Limits, lines: set[int]) -> int:
    """Write the header and the raw records that start on these lines; answers how many.

    The target is whole or absent, and its owner's alone.

    Raises:
        Unavailable: it cannot be written.
        UsageFault: the source cannot be read to its end.
    """
    try:
        with _new_file(target) as file:
            return _copy(source, file, dialect, limits, lines)
    except FileFault as fault:
        raise UsageFault(f"{source.name}: {fault.reason}.") from fault
    except OSError as fault:
        raise Unavailable(
            _("{path} cannot be written: {reason}.").format(path=target, reason=fault.strerror)
        ) from fault


def _copy(source: Path, file: BufferedIOBase, dialect: Dialect, limits: Limits, lines: set[int]) -> int:
    tap: list[str] = []
    written = 0
    is_begun = False
    with Table(source, dialect, limits, tap=tap) as table:
        header = tap.copy()
        tap.clear()
        for line, _record in table:
            if not is_begun:
                file.write(table.mark + "".join((*table.preamble, *header)).encode(table.encoding))
                is_begun = True
            if line in lines:
                file.write(_ended("".join(tap)).encode(table.encoding))
                written += 1
            tap.clear()
    return written


def _ended(raw: str) -> str:
    """The raw record with a line end, which the last of a file may lack."""
    return raw if raw.endswith(("\n", "\r")) else raw + "\n"


@contextmanager
def _new_file(target: Path) -> Iterator[BufferedIOBase]:
    """A file that appears under its name when it is complete; never written through a link."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw:
            if target.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw, mode="wb") as packed:
                    yield packed
            else:
                yield raw
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
