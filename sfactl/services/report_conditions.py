"""Conditions over the columns of a report: read before it is made, asked of each row while it is shown."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from sfactl.core import conditions
from sfactl.core.conditions import Language, Tree
from sfactl.core.row_conditions import Value, holds
from sfactl.i18n import _, ngettext
from sfactl.render.cells import words
from sfactl.render.columns import Column, Kind, without_bars
from sfactl.render.report_parts import Outline, Report

MOST_NAMED: Final = 10
_KINDS: Final[Mapping[Kind, conditions.Kind]] = {
    Kind.TEXT: conditions.Kind.TEXT, Kind.CODE: conditions.Kind.TEXT, Kind.INTEGER: conditions.Kind.NUMBER,
    Kind.QUANTITY: conditions.Kind.NUMBER, Kind.MONEY: conditions.Kind.MONEY, Kind.UNIT_PRICE: conditions.Kind.NUMBER,
    Kind.SHARE: conditions.Kind.SHARE, Kind.DISCOUNT: conditions.Kind.SHARE, Kind.DATE: conditions.Kind.DATE, Kind.DATETIME: conditions.Kind.DATE,
    Kind.BOOL: conditions.Kind.FLAG,
}  # fmt: skip
_VALUES: Final[Mapping[Kind, Callable[[Any], Value]]] = {
    Kind.TEXT: words, Kind.CODE: words, Kind.QUANTITY: lambda thousandths: Fraction(thousandths, 1000),
    Kind.MONEY: lambda money: Fraction(money.decimal), Kind.UNIT_PRICE: lambda units: Fraction(units, 10_000),
    Kind.DATETIME: lambda moment: moment.date() if isinstance(moment, datetime) else moment,
}  # fmt: skip
"""What a value is to a condition, where that is not itself."""


@dataclass
class Watch:
    """A condition, and the rows for which it held."""

    text: str
    tree: Tree
    language: Language
    count: int = 0
    named: list[str] = field(default_factory=list)
    "The first of them."

    @property
    def said(self) -> str:
        """Which rows they are, in one line."""
        rows = ", ".join(self.named) + (", …" if self.count > len(self.named) else "")
        told = ngettext("{count} row with {condition}: {rows}", "{count} rows with {condition}: {rows}", self.count)
        return told.format(count=self.count, condition=self.text, rows=rows)

    def over(self, report: Report) -> Report:
        """The report, whose rows are looked at as they are read."""
        parts = [replace(part, rows=self._watched(part.outline, part.rows)) for part in report.parts]
        return replace(report, parts=parts)

    def _watched(self, outline: Outline, rows: Iterable[object]) -> Iterable[object]:
        columns = {column.key: column for column in without_bars(outline.columns)}
        if not {one.field for one in conditions.fields(self.tree)} <= columns.keys():
            return rows
        return self._looked_at(columns, rows)

    def _looked_at(self, columns: Mapping[str, Column], rows: Iterable[object]) -> Iterator[object]:
        names = _naming([*columns.values()])
        for row in rows:
            if holds(self.tree, _values(columns, row), self.language):
                self.count += 1
                if len(self.named) < MOST_NAMED:
                    self.named.append(" ".join(words(name.reader(row) or "–") for name in names))
            yield row


def read(text: str, tables: Sequence[Outline]) -> Watch:
    """A condition over the columns of a report's tables.

    Raises:
        UsageFault: it is none, or speaks of a column that is not there; those that are there are named.
    """
    columns = {column.key: column for table in tables for column in without_bars(table.columns)}
    language = Language({key: _KINDS[column.kind] for key, column in columns.items()}, _example(columns))
    return Watch(text, conditions.parse(text, language), language)


def _example(columns: Mapping[str, Column]) -> str:
    share = next((key for key, column in columns.items() if column.kind is Kind.SHARE), None)
    return f"{share} < 80%" if share else _("{column} is not empty").format(column=next(iter(columns)))


def _naming(columns: Sequence[Column]) -> list[Column]:
    """What tells a row apart from others: the codes that it begins with, two at most."""
    leading = [column for column in columns[:2] if column.kind is Kind.CODE]
    return leading if columns[0].kind is Kind.CODE else list(columns[:1])


def _values(columns: Mapping[str, Column], row: object) -> Callable[[str], Value]:
    def value(name: str) -> Value:
        column = columns[name]
        found = column.reader(row)
        form = _VALUES.get(column.kind)
        return found if found is None or form is None else form(found)

    return value
