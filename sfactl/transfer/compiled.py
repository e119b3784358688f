"""A source made ready for one opened file: its columns found, its fields and filters turned into functions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfactl.transfer.cells import ADDED, LABEL, VALUE, Reader, Sheet, named_columns
from sfactl.transfer.dates import date_reader
from sfactl.transfer.faults import BadCell
from sfactl.transfer.fields import column_labels, currency_reader, field_reader, form_of
from sfactl.transfer.filters import Keep, compile_filter
from sfactl.transfer.headers import open_sheet
from sfactl.transfer.origins import Bench, Following
from sfactl.transfer.records import Table
from sfactl.transfer.rules import RowRules
from sfactl.transfer.schema import FieldSpec, NextSpec, OriginSpec, columns_of_conditions, columns_of_origin
from sfactl.transfer.unpivot import Unpivot, open_unpivot

if TYPE_CHECKING:
    from sfactl.transfer.source import Source

_Expand = Callable[[list[str]], Sequence[list[str]]]


@dataclass
class Compiled:
    """The functions for one reading of a file."""

    sheet: Sheet
    expand: _Expand
    "The records that one stands for, by filter and unpivoting."
    is_expanding: bool
    "Whether that may be anything but the record itself."
    readers: list[Reader]
    rules: RowRules

    def label(self, record: list[str], spec: FieldSpec, key: str) -> str:
        """What faults call the column of a field: its headers, else the field itself."""
        if spec.column == VALUE and len(record) > self.sheet.positions[LABEL] + 1:
            return record[-1]
        return column_labels(spec, key)

    def cell(self, record: list[str], spec: FieldSpec) -> str:
        """The raw text of a field that is one column."""
        position = self.sheet.positions.get(spec.column or "")
        return record[position] if position is not None and position < len(record) else ""


def compile_source(source: "Source", table: Table) -> Compiled:
    """The functions for an opened file; raises `MissingColumns` and the faults of files it looks things up in."""
    spec, siblings = source.spec, source.siblings
    sheet = open_sheet(table, source.name, source.dialect, _wanted(source))
    keep = compile_filter(spec.where, sheet, siblings)
    unpivot = open_unpivot(spec.unpivot, sheet, len(table.header)) if spec.unpivot else None
    expand = _expander(keep, unpivot)
    following = _followings(source, sheet, expand)
    bench = Bench(sheet, siblings, lambda step: following[step.model_dump_json()])
    currency_of = currency_reader(source.noun, source.fields, bench, source.currency)
    readers = [
        field_reader(
            field, source.fields[field.key], form_of(source.fields[field.key], source.dialect), bench, currency_of
        )
        for field in source.noun.fields
        if field.key in source.fields
    ]
    rules = RowRules(source.noun, source.mapped, distinct=spec.distinct)
    return Compiled(sheet, expand, spec.unpivot is not None or keep is not None, readers, rules)


def _wanted(source: "Source") -> Iterator[str]:
    """The columns of the file that the source needs."""
    for field in source.fields.values():
        yield from (column for column in columns_of_origin(field) if not source.spec.unpivot or column not in ADDED)
    yield from columns_of_conditions(source.spec.where)
    if unpivot := source.spec.unpivot:
        yield from unpivot.columns
        if unpivot.year and not unpivot.year.isdigit():
            yield from named_columns(unpivot.year)


def _expander(keep: Keep | None, unpivot: Unpivot | None) -> _Expand:
    if unpivot is not None:
        rows = unpivot.rows
        return lambda record: list(rows(record)) if keep is None or keep(record) else []
    if keep is not None:
        return lambda record: (record,) if keep(record) else ()
    return lambda record: (record,)


def _followings(source: "Source", sheet: Sheet, expand: _Expand) -> dict[str, Following]:
    """The dates in order for each field that asks for the next one: the file is read once more for them."""
    found = {
        step.model_dump_json(): Following(step, sheet, date_reader(form_of(field, source.dialect).dates))
        for field in source.fields.values()
        for step in _next_steps(field)
    }
    if found:
        for record in _records(source, expand):
            for following in found.values():
                following.collect(record)
        for following in found.values():
            following.sort()
    return found


def _next_steps(origin: OriginSpec) -> Iterator[NextSpec]:
    if origin.next is not None:
        yield origin.next
    for each in origin.first or ():
        yield from _next_steps(each)


def _records(source: "Source", expand: _Expand) -> Iterable[list[str]]:
    path = source.siblings.folders.find(source.name)
    with Table(path, source.dialect, source.siblings.limits) as table:
        width = len(table.header)
        for _line, record in table:
            if len(record) == width and record != table.raw_header:
                try:
                    yield from expand(record)
                except BadCell:  # reported when the row itself is read
                    continue
