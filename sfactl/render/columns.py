"""What a list consists of: its columns, once, for every form it is shown in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

from sfactl.errors import UsageFault
from sfactl.i18n import _


class Kind(StrEnum):
    """What a column's values are; each writer knows their form."""

    TEXT = "text"
    """`str`, or a sequence of them, or None."""
    CODE = "code"
    """`str | None` that people type back; cut only when there is no other way."""
    INTEGER = "integer"
    """`int | None`."""
    QUANTITY = "quantity"
    """`int | None`, thousandths."""
    MONEY = "money"
    """`Money | None`."""
    UNIT_PRICE = "unit_price"
    """`int | None`, ten-thousandths of the major unit of the row's currency."""
    SHARE = "share"
    """`Fraction | None`; 1 is 100 %."""
    DISCOUNT = "discount"
    """The same to the basis point: a discount or a margin, shown as rules of approval compare it."""
    DATE = "date"
    """`date | None`."""
    DATETIME = "datetime"
    """`datetime | None`, with its time zone."""
    BOOL = "bool"
    """`bool | None`."""
    BAR = "bar"
    """`Fraction | None`, drawn; tables only, since the number stands in a column of its own."""


NUMBERS: Final = frozenset({Kind.INTEGER, Kind.QUANTITY, Kind.MONEY, Kind.UNIT_PRICE, Kind.SHARE, Kind.DISCOUNT})
"""The kinds that stand at the right of their column and are never cut."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list."""

    key: str
    """Its name in JSON, CSV and `--fields`, and the row's attribute unless `value` says otherwise."""
    header: str
    """What a person reads above it, in his language."""
    kind: Kind = Kind.TEXT
    value: Callable[[Any], object] | None = None
    wide: bool = False
    """In tables only where there is room, or when asked for; always in machine output."""
    is_folded: bool = False
    """On a terminal its text goes on below, instead of being cut."""

    @property
    def reader(self) -> Callable[[Any], Any]:
        """What takes the value out of a row."""
        return self.value or attrgetter(self.key)


@dataclass(frozen=True, slots=True)
class Section:
    """A list that stands beside others: what belongs to a record, or one answer of several."""

    key: str
    """Its name in JSON."""
    title: str
    rows: Sequence[object]
    columns: Sequence[Column]
    footer: str | None = None
    most: int | None = None
    """So many rows stand on a terminal; everywhere else all of them do."""
    others: str = ""
    """The command that lists them all, for whoever sees only some."""
    empty: str = ""
    """What people read in place of headers with nothing below them."""


def without_bars(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that hold data, without those that only draw it."""
    return tuple(column for column in columns if column.kind is not Kind.BAR)


def in_full(columns: Sequence[Column]) -> tuple[Column, ...]:
    """All the columns, also those that a list shows only where there is room."""
    return tuple(replace(column, wide=False) for column in columns)


def telling(columns: Sequence[Column], record: object) -> tuple[Column, ...]:
    """The columns of which a record has something to say."""
    return tuple(column for column in columns if column.reader(record) is not None)


def choose(columns: Sequence[Column], fields: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names, in their order; all when no name is given. A wrong name is a fault."""
    if not fields:
        return tuple(columns)
    named = {column.key: column for column in columns}
    for field in fields:
        if field not in named:
            raise UsageFault(
                _("There is no column “{field}”.").format(field=field),
                _("Choose from: {columns}.").format(columns=", ".join(named)),
            )
    return tuple(named[field] for field in dict.fromkeys(fields))
