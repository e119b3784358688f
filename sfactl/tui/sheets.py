"""Rows of services as sheets and grids: the columns are those of the commands, chosen for a screen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sfactl.render import formats
from sfactl.render.columns import Column, Kind
from sfactl.tui.cells import Cell, Tone, cell_of, is_number
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow

_TEXTS = (Kind.TEXT,)


@dataclass(frozen=True, slots=True)
class Shown:
    """Columns of a grid, taken from those of a list."""

    columns: tuple[Column, ...]
    grid: tuple[GridColumn, ...]

    def row(self, key: str, row: object, locale: str, tones: Mapping[str, Tone] | None = None) -> GridRow:
        """A row of the grid; `tones` says how some columns stand out."""
        tones = tones or {}
        return GridRow(
            key, tuple(cell_of(column, row, locale, tones.get(column.key, Tone.PLAIN)) for column in self.columns)
        )


def shown(columns: Sequence[Column], ranks: Mapping[str, int], headers: Mapping[str, str] | None = None) -> Shown:
    """The columns whose keys are named, in that order.

    Args:
        ranks: which give way first where there is no room: see `GridColumn.rank`.
        headers: shorter words than those of the list.
    """
    known = {column.key: column for column in columns}
    headers = headers or {}
    grid = tuple(
        GridColumn(
            headers.get(key, known[key].header), is_right=is_number(known[key]), is_text=known[key].kind in _TEXTS,
            rank=rank,
        )
        for key, rank in ranks.items()
    )  # fmt: skip
    return Shown(tuple(known[key] for key in ranks), grid)


def facts(title: str, row: object, columns: Sequence[Column], keys: Sequence[str], locale: str) -> Section:
    """What is known of one thing, a line each; what is not known is left out."""
    known = {column.key: column for column in columns}
    lines = []
    for key in keys:
        value = known[key].reader(row)
        if value is not None and value != () and value != "":
            lines.append((Cell(known[key].header, Tone.FAINT), _value(known[key], row, locale)))
    return Section(title, tuple(lines))


def _value(column: Column, row: object, locale: str) -> Cell:
    if column.kind is Kind.MONEY:
        return Cell(formats.format_money(column.reader(row), locale, with_currency=True))
    return cell_of(column, row, locale)


def table(
    title: str, rows: Iterable[Any], columns: Sequence[Column], keys: Sequence[str], locale: str, *, empty: str = ""
) -> Section:
    """A short list with its header."""
    known = {column.key: column for column in columns}
    chosen = [known[key] for key in keys]
    return Section(
        title,
        tuple(tuple(cell_of(column, row, locale) for column in chosen) for row in rows),
        header=tuple(column.header for column in chosen),
        right=frozenset(index for index, column in enumerate(chosen) if is_number(column)),
        empty=empty,
    )
