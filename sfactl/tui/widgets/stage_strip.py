"""The stages side by side, each with what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final

from textual.containers import HorizontalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from sfactl.render.bars import bar
from sfactl.tui.cells import Cell, Tone, line, lines
from sfactl.tui.widgets.lanes import shared

_BORDER: Final = 2
_PADDING: Final = 2
_LEAST_LABEL: Final = 4
"""The cells to which words give way; numbers never do."""


@dataclass(frozen=True, slots=True)
class StageFigures:
    """A stage in figures that are ready to be read."""

    code: str
    name: str
    count: str
    sums: tuple[tuple[str, str], ...]
    "What each number is, and the number."
    share: Fraction
    "Its sum as a part of the greatest."

    @property
    def natural_width(self) -> int:
        """The cells in which its numbers stand beside what they are."""
        return max((Cell(label).width + 1 + Cell(number).width for label, number in self.sums), default=_LEAST_LABEL)

    @property
    def least_card(self) -> int:
        """The cells of a card in which its numbers stand whole."""
        numbers = max((Cell(number).width for _label, number in self.sums), default=0)
        return _LEAST_LABEL + 1 + numbers + _BORDER


class StageCard(Static):
    """One stage."""

    ALLOW_SELECT = False
    is_chosen: reactive[bool] = reactive(False, toggle_class="-chosen")

    class Clicked(Message):
        """Somebody wants to see this stage."""

        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def __init__(self, figures: StageFigures) -> None:
        super().__init__()
        self.figures = figures

    def get_content_height(self, _container: Size, _viewport: Size, _width: int) -> int:
        """A line for the name, one for each number, one for the bar."""
        return len(self.figures.sums) + 2

    def render(self) -> Content:
        """Name and count, sums, and a bar."""
        width, figures = self.content_size.width, self.figures
        head = _spread(Cell(("▸ " if self.is_chosen else "") + figures.name, Tone.STRONG), Cell(figures.count), width)
        sums = [_spread(Cell(label, Tone.FAINT), Cell(number), width) for label, number in figures.sums]
        return lines([head, *sums, line(Cell(bar(figures.share, width=max(width - 1, 1)), Tone.BAR))])

    def on_click(self) -> None:
        """Choose it."""
        self.post_message(self.Clicked(self.figures.code))


class StageStrip(HorizontalScroll, can_focus=False):
    """All stages; one of them is chosen."""

    DEFAULT_CLASSES: ClassVar[str] = "strip"

    least = 0
    "The fewest cells of a card, beside those that its numbers take."

    async def show(self, stages: Sequence[StageFigures], chosen: str | None) -> None:
        """Show these stages."""
        async with self.batch():
            await self.remove_children()
            await self.mount_all(StageCard(stage) for stage in stages)
            self._fit()
            self.choose(chosen)

    def on_resize(self) -> None:
        """Share out the new width."""
        self._fit()

    def choose(self, code: str | None) -> None:
        """Mark the stage of this code."""
        for card in self.query(StageCard):
            card.is_chosen = card.figures.code == code
            if card.is_chosen:
                card.scroll_visible(animate=False)

    def _fit(self) -> None:
        """Make the cards equally wide, without padding where room is short, but no narrower than their numbers."""
        cards = list(self.query(StageCard))
        if not cards:
            return
        widths = shared(self.size.width, len(cards), max(self.least, *(card.figures.least_card for card in cards)))
        is_tight = min(widths) < max(card.figures.natural_width for card in cards) + _BORDER + _PADDING
        for card, width in zip(cards, widths, strict=True):
            card.styles.width = width
            card.set_class(is_tight, "-tight")


def _spread(left: Cell, right: Cell, width: int) -> Content:
    """One cell at each end of the line; the left one gives way."""
    room = width - right.width - 1
    if room < 1:
        return line(Cell(right.fitted(width, right=True), right.tone))
    return line(Cell(left.fitted(room), left.tone), " ", right)
