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
    measures = [_measure(column, index, rows) for index, column in enumerate(columns)]
    shown = list(range(len(columns)))
    while total([measures[index].folded for index in shown]) > width:
        spare = max(shown, key=lambda index: (columns[index].rank, index), default=None)
        if spare is None or columns[spare].rank == 0:
            break
        shown.remove(spare)
    widths = fitted([measures[index] for index in shown], width)
    return list(zip(shown, widths, strict=True))


def _measure(column: GridColumn, index: int, rows: Sequence[Sequence[Cell]]) -> Measure:
    header = Cell(column.header).width
    natural = max((row[index].width for row in rows), default=0)
    natural = max(natural, header)
    if not column.is_text:
        return Measure(natural, natural, natural)
    return Measure(natural, min(natural, max(COMFORTABLE_TEXT, header)), min(natural, max(LEAST_TEXT, header)))


__all__ = ["GAP", "GridColumn", "fit"]
