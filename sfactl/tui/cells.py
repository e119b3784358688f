"""The screens' only way from text to terminal: whoever wrote it, it comes out harmless and is never markup."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from sfactl.core.text import safe
from sfactl.render import cells as render_cells
from sfactl.render.columns import NUMBERS, Column
from sfactl.render.output import Format, Output

LONGEST: Final = 400
"""The most characters of one value that are shown."""


class Tone(StrEnum):
    """How a cell stands out; what it says is in its text too, for terminals without colour."""

    PLAIN = "plain"
    FAINT = "faint"
    STRONG = "strong"
    BAR = "bar"
    GOOD = "good"
    WARNING = "warning"


_STYLES: Final = {
    Tone.PLAIN: "",
    Tone.FAINT: "$foreground-muted",
    Tone.STRONG: "bold",
    Tone.BAR: "$primary",
    Tone.GOOD: "$text-success",
    Tone.WARNING: "bold $text-warning",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text that a terminal may show: one line, and nothing in it that a terminal obeys."""

    text: str = ""
    tone: Tone = Tone.PLAIN

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", safe(self.text, LONGEST))

    @property
    def width(self) -> int:
        """How many cells of the terminal it takes."""
        return cell_len(self.text)

    def fitted(self, width: int, *, right: bool = False) -> str:
        """The text in exactly `width` cells; what is cut ends in "…"."""
        missing = width - self.width
        if missing < 0:
            return set_cell_size(self.text, width - 1) + "…" if width > 0 else ""
        return " " * missing + self.text if right else self.text + " " * missing

    def content(self, text: str | None = None) -> Content:
        """For a widget that shows lines of text; `text` is what `fitted` made of the cell."""
        return Content.styled(self.text if text is None else text, _STYLES[self.tone])


def line(*cells: Cell | str) -> Content:
    """Cells in a row."""
    return Content("").join([(cell if isinstance(cell, Cell) else Cell(cell)).content() for cell in cells])


def lines(contents: Sequence[Content]) -> Content:
    """One line below the other."""
    return Content("\n").join(contents)


@cache
def _output(locale: str) -> Output:
    return Output(Format.TABLE, io.StringIO(), locale)


def cell_of(column: Column, row: object, locale: str, tone: Tone = Tone.PLAIN) -> Cell:
    """The cell that the commands' tables show for this column of a row."""
    return Cell(_shower(column, locale)(row), tone)


@lru_cache(512)
def _shower(column: Column, locale: str) -> Callable[[object], str]:
    return render_cells.show(column, _output(locale), LONGEST)


def is_number(column: Column) -> bool:
    """Whether the column stands at the right and is never cut."""
    return column.kind in NUMBERS
