"""How far something long is, in one line that is there only as long as it takes."""

from fractions import Fraction
from typing import Final

from textual.widgets import Static

from sfactl.i18n import _
from sfactl.render.bars import bar
from sfactl.tui.cells import Cell, Tone, line

_BAR: Final = 24


class ProgressLine(Static):
    """What is done, a bar and a count; without a total, the count alone."""

    def __init__(self) -> None:
        super().__init__(id="progress")
        self._title = ""
        self.display = False

    def begin(self, title: str) -> None:
        """Something begins."""
        self._title, self.display = title, True
        self.update(line(Cell(title, Tone.STRONG), " · ", _("begun …")))

    def tell(self, what: str, count: str, share: Fraction | None) -> None:
        """So much is done; what part of the whole, where that is known."""
        head = (Cell(self._title, Tone.STRONG), f" · {what} ")
        drawn: list[Cell | str] = (
            [] if share is None else [Cell(bar(min(share, Fraction(1)), width=_BAR), Tone.BAR), " "]
        )
        self.update(line(*head, *drawn, count))

    def end(self) -> None:
        """It is over."""
        self.display = False
