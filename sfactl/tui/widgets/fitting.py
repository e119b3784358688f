"""Which columns of a grid fit in its width, and how wide each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sfactl.render.layout import GAP, Measure, fitted, total
from sfactl.tui.cells import Cell

LEAST_TEXT: Final = 20
"""The fewest cells to which text is cut."""
COMFORTABLE_TEXT: Final = 32
"""Columns that may be left out are, before the text of others is cut to less."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of a grid."""

    header: str
    is_right: bool = False
    "Numbers stand at the right, and are never cut."
    is_text: bool = False
    "Text may be cut where there is no room for all of it."
    rank: int = 0
    "Where there is no room, the columns of the highest rank are left out first; those of rank 0 never."


def fit(columns: Sequence[GridColumn], rows: Sequence[Sequence[Cell]], width: int) -> list[tuple[int, int]]:
    """The columns that are shown, by index, each with its width."""
    return fit_to(columns, widest(columns, rows), width)


def widest(columns: Sequence[GridColumn], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """The cells that the widest of each column takes; headers do not count."""
    return [max((row[index].width for row in rows), default=0) for index in range(len(columns))]


def fit_to(columns: Sequence[GridColumn], naturals: Sequence[int], width: int) -> list[tuple[int, int]]:
    """The same, for rows of which only the widest of each column is known."""
    measures = [_measure(column, natural) for column, natural in zip(columns, naturals, strict=True)]
    shown = list(range(len(columns)))
    while total([measures[index].folded for index in shown]) > width:
        spare = max(shown, key=lambda index: (columns[index].rank, index), default=None)
        if spare is None or columns[spare].rank == 0:
            break
        shown.remove(spare)
    widths = fitted([measures[index] for index in shown], width)
    return list(zip(shown, widths, strict=True))


def _measure(column: GridColumn, widest: int) -> Measure:
    header = Cell(column.header).width
    natural = max(widest, header)
    if not column.is_text:
        return Measure(natural, natural, natural)
    return Measure(natural, min(natural, max(COMFORTABLE_TEXT, header)), min(natural, max(LEAST_TEXT, header)))


__all__ = ["GAP", "GridColumn", "fit", "fit_to", "widest"]
