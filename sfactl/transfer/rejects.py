"""The records of a file that could not be taken, written so that they can be mended and fed again."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sfactl import files
from sfactl.errors import UsageFault
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.faults import FileFault
from sfactl.transfer.reading import Limits
from sfactl.transfer.records import Table


def write_rejects(source: Path, target: Path, dialect: Dialect, limits: Limits, lines: set[int]) -> int:
    """Write the header and the raw records that start on these lines; answers how many.

    The target is whole or absent, and its owner's alone.

    Raises:
        Conflict: there is a file already.
        Unavailable: it cannot be written.
        UsageFault: the source cannot be read to its end.
    """
    try:
        with files.new_file(target) as file, _packed_if_named_so(target, file) as records:
            return _copy(source, records, dialect, limits, lines)
    except FileFault as fault:
        raise UsageFault(f"{source.name}: {fault.reason}.") from fault


def _copy(source: Path, file: BinaryIO, dialect: Dialect, limits: Limits, lines: set[int]) -> int:
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
def _packed_if_named_so(target: Path, file: BinaryIO) -> Iterator[BinaryIO]:
    if target.suffix != ".gz":
        yield file
        return
    with gzip.GzipFile(fileobj=file, mode="wb") as packed:
        yield cast(BinaryIO, packed)
