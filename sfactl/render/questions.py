"""The columns of an answer whose form nobody knew before."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from sfactl.core.text import safe
from sfactl.errors import SfaError
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

TABLE_COLUMNS: Final = (
    Column("table", _("Table"), Kind.CODE),
    Column("column", _("Column"), Kind.CODE),
    Column("type", _("Type"), Kind.CODE),
    Column("is_required", _("Required"), Kind.BOOL),
    Column("refers_to", _("Refers to"), Kind.CODE),
)

_LOOKED_AT = 1000
"""So many rows decide what a column holds."""
_KINDS: Final = ((bool, Kind.BOOL), (int, Kind.INTEGER), (datetime, Kind.DATETIME), (date, Kind.DATE))


def columns_of(names: Sequence[str], rows: Iterator[Sequence[Any]]) -> tuple[list[Column], Iterator[Sequence[Any]]]:
    """Columns for rows of any form, and the rows again.

    Whole numbers, dates and yes-or-no keep their kind; everything else is text.
    """
    first = list(islice(rows, _LOOKED_AT))
    kinds = [_kind(name, [row[index] for row in first]) for index, name in enumerate(names)]
    columns = [
        Column(safe(name), safe(name), kind, value=_reader(safe(name), index, kind))
        for index, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]
    return columns, chain(first, rows)


def _kind(_name: str, values: list[Any]) -> Kind:
    types = {type(value) for value in values if value is not None}
    return next((kind for known, kind in _KINDS if types == {known}), Kind.TEXT)


def _reader(name: str, index: int, kind: Kind) -> Any:
    take = itemgetter(index)
    if kind is Kind.TEXT:
        return lambda row: _text(take(row))
    known = next(known for known, one in _KINDS if one is kind)

    def read(row: Sequence[Any]) -> Any:
        value = take(row)
        if value is not None and type(value) is not known:
            raise SfaError(
                _("The column {name} holds values of several kinds.").format(name=name),
                _("Make them one: CAST({name} AS TEXT)").format(name=name),
            )
        return value

    return read


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
