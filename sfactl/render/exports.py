"""Rows of an export, in the columns that an import reads."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from sfactl import files
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind
from sfactl.render.output import Output
from sfactl.render.writers import write

_KINDS: Final[Mapping[str, Kind]] = {
    "integer": Kind.INTEGER, "date": Kind.DATE, "code": Kind.CODE,
}  # fmt: skip


def columns_of(fields: Iterable[tuple[str, str]]) -> tuple[Column, ...]:
    """A column for each field; headers are the fields' names, since an import reads them.

    Args:
        fields: pairs of name and kind, as imports call them.
    """
    return tuple(
        Column(key, key, _KINDS.get(kind, Kind.TEXT), itemgetter(index)) for index, (key, kind) in enumerate(fields)
    )


def write_export(
    rows: Iterable[Sequence[Any]], columns: Sequence[Column], output: Output, *, to: Path | None, replace_it: bool
) -> int:
    """Write an export to standard output, or to a file that is whole or not there; returns the number of rows.

    Raises:
        Conflict: the file is there already, or is a link.
        Unavailable: it cannot be written.
    """
    if to is None:
        return write(rows, columns, output)
    with files.new_file(to, replace=replace_it, hint=_("Name another file, or say --replace.")) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", newline="")
        count = write(rows, columns, replace(output, stream=stream, color=False, width=None))
        stream.detach()
    return count
