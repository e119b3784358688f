"""Rows of an export, in the columns that an import reads."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sfactl.errors import Conflict, Unavailable
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
    return tuple(Column(key, key, _KINDS.get(kind, Kind.TEXT), itemgetter(key)) for key, kind in fields)


def write_export(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], output: Output, *, to: Path | None, replace_it: bool
) -> int:
    """Write an export to standard output, or to a file that is whole or not there; returns the number of rows.

    Raises:
        Conflict: the file is there already, or is a link.
        Unavailable: it cannot be written.
    """
    if to is None:
        return write(rows, columns, output)
    if to.is_symlink() or to.is_dir() or (to.exists() and not replace_it):
        raise Conflict(_("{path} is there already.").format(path=to), _("Name another file, or say --replace."))
    part = to.with_name(f".{to.name}.{os.getpid()}.{uuid4().hex[:8]}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            count = write(rows, columns, replace(output, stream=file, color=False, width=None))
            file.flush()
            os.fsync(file.fileno())
        part.replace(to)
    except OSError as fault:
        raise Unavailable(_("{path} cannot be written: {reason}.").format(path=to, reason=fault.strerror)) from fault
    finally:
        part.unlink(missing_ok=True)
    return count
