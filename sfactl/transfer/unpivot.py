"""The month columns of a wide file turned into rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sfactl.i18n import _
from sfactl.transfer.cells import END, LABEL, START, VALUE, Getter, Said, Sheet
from sfactl.transfer.dates import add_span, date_reader
from sfactl.transfer.faults import BadCell
from sfactl.transfer.months import first_day
from sfactl.transfer.schema import UnpivotSpec

_StartOf = Callable[[str, list[str]], str | None]


@dataclass
class Unpivot:
    """One record of a wide file as several, each with five cells more."""

    columns: Sequence[tuple[str, int, str]]
    "Header, position and label of each."
    start_of: _StartOf
    span: str
    null: frozenset[str]

    def rows(self, record: list[str]) -> Iterator[list[str]]:
        """A record for each filled cell; raises `BadCell` when the year cannot be told."""
        for header, position, label in self.columns:
            text = record[position].strip()
            if text and text not in self.null:
                start = self.start_of(label, record)
                end = add_span(start, self.span) if start else ""
                yield [*record, Said(start or ""), Said(end), text, Said(label), header]


def open_unpivot(spec: UnpivotSpec, sheet: Sheet, width: int) -> Unpivot:
    """The unpivoting of an opened file of `width` columns; adds the four cells to its sheet."""
    columns = [(name, sheet.positions[name], label) for name, label in spec.columns.items()]
    year = None if spec.year is None or spec.year.isdigit() else sheet.reference(spec.year)
    sheet.positions = {**sheet.positions, START: width, END: width + 1, VALUE: width + 2, LABEL: width + 3}
    return Unpivot(columns, _start_of(spec, year), spec.span, sheet.null)


def label_start(spec: UnpivotSpec, label: str, year: int | None) -> str | None:
    """The day that a column's label begins on; None when it says no date."""
    if spec.dates is None:
        return first_day(label, year)
    try:
        return date_reader(spec.dates)(label)
    except BadCell:
        return None


def _start_of(spec: UnpivotSpec, year_of: Getter | None) -> _StartOf:
    fixed = int(spec.year) if spec.year is not None and spec.year.isdigit() else None
    known: dict[tuple[str, int | None], str | None] = {}

    def start_of(label: str, record: list[str]) -> str | None:
        year = fixed if year_of is None else _year(year_of(record))
        if (label, year) not in known:
            known[label, year] = label_start(spec, label, year)
        return known[label, year]

    return start_of


def _year(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) == 4):
        raise BadCell(text or "", _("is not a year"))
    return int(text)
