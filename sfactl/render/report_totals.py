"""What is told of a report's rows as they pass: how many they are, what they add up to, and a digest of what they say."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from sfactl.core.money import Money
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind, without_bars
from sfactl.render.formats import format_integer, format_money, format_quantity
from sfactl.render.machine import plain_reader
from sfactl.render.report_parts import Outline, Part

_NO_CURRENCY: Final = ""
_FIRST: Final = 10
"""So many rows are kept to be told of."""


@dataclass(frozen=True, slots=True)
class Total:
    """What the rows of one currency add up to, by column."""

    currency: str
    sums: Mapping[str, Any]


class Tally:
    """The rows of one table, counted and added up while they are shown."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.count = 0
        self.first: list[object] = []
        self._sums: dict[str, dict[str, Any]] = {}
        self._columns = [column for column in outline.columns if column.key in outline.sums]

    def over(self, rows: Iterable[object]) -> Iterator[object]:
        """The same rows."""
        for row in rows:
            self.count += 1
            if self.count <= _FIRST:
                self.first.append(row)
            if self._columns:
                self._add(row)
            yield row

    def _add(self, row: object) -> None:
        values = {column.key: column.reader(row) for column in self._columns}
        monies = [value.currency for value in values.values() if isinstance(value, Money)]
        sums = self._sums.setdefault(monies[0] if monies else _NO_CURRENCY, {})
        for key, value in values.items():
            if value is not None:
                sums[key] = sums[key] + value if key in sums else value

    @property
    def totals(self) -> list[Total]:
        """A total for each currency; none where there is nothing to add up."""
        return [Total(currency, sums) for currency, sums in sorted(self._sums.items())] if self.count > 1 else []


def total_columns(columns: Sequence[Column], outline: Outline) -> tuple[Column, ...]:
    """The columns of a table for its totals: sums where there are some, and words that say so in the first."""
    return tuple(replace(column, value=_total_of(column, not place, outline)) for place, column in enumerate(columns))


def _total_of(column: Column, is_first: bool, outline: Outline) -> Any:
    if column.key in outline.sums:
        return lambda total: total.sums.get(column.key)
    if is_first and column.kind in (Kind.TEXT, Kind.CODE):
        return lambda _total: _("Total")
    if column.key == "currency":
        return lambda total: total.currency or None
    return lambda _total: None


def totals_in_words(tally: Tally, columns: Sequence[Column], locale: str) -> list[str]:
    """The totals of the columns that are shown, a line a currency."""
    shown = [column for column in columns if column.key in tally.outline.sums]
    lines = []
    for total in tally.totals:
        said = [
            f"{column.header} {_worded(total.sums[column.key], column.kind, locale)}"
            for column in shown
            if column.key in total.sums
        ]
        if said:
            lines.append(_("Total: {sums}").format(sums=", ".join(said)))
    return lines


def _worded(value: Any, kind: Kind, locale: str) -> str:
    if isinstance(value, Money):
        return format_money(value, locale, with_currency=True)
    return format_quantity(value, locale) if kind is Kind.QUANTITY else format_integer(value, locale)


class Digest:
    """A digest of what a report says: equal for equal figures, whatever the day on which they are asked for."""

    def __init__(self, facts: Sequence[str]) -> None:
        self._hash = sha256(json.dumps(list(facts)).encode())

    def over(self, part: Part) -> Iterator[object]:
        """The same rows."""
        columns = without_bars(part.columns)
        read = plain_reader(columns)
        self._add([part.outline.key, *(column.key for column in columns), part.footer])
        for row in part.rows:
            self._add([*read(row).values()])
            yield row

    def _add(self, said: list[Any]) -> None:
        self._hash.update(json.dumps(said, ensure_ascii=True).encode() + b"\n")

    @property
    def text(self) -> str:
        """Once all rows have passed."""
        return f"sfactl-{self._hash.hexdigest()[:40]}"
