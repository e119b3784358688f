"""The top line: which screens there are, whose data they show, and whether they are being read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from sfactl.i18n import _
from sfactl.tui.cells import Cell, Tone, line

_SHORT: Final = 3
"""So many letters of a name stand where there is no room for all of it."""
_LEAST_ABOUT: Final = 20
"""The cells that are kept for whose data it is."""
_PATIENCE_S: Final = 0.25
"""What takes less time than this is not worth a word."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A screen one can go to."""

    mode: str
    key: str
    title: str


class TabLabel(Static):
    """The name of a screen."""

    ALLOW_SELECT = False

    def __init__(self, tab: Tab, *, is_current: bool) -> None:
        super().__init__()
        self._tab = tab
        self._is_current = is_current
        self.set_class(is_current, "-current")
        self.say(is_short=False)

    @property
    def width_in_full(self) -> int:
        """The cells that key and name take."""
        return Cell(f" {self._tab.key} {self._tab.title} ").width

    def say(self, *, is_short: bool) -> None:
        """Show key and name, or how the name begins where there is no room; the screen one is on keeps its name."""
        title = self._tab.title[:_SHORT] if is_short and not self._is_current else self._tab.title
        text = f"{self._tab.key} {title}"
        tone = Tone.STRONG if self._is_current else Tone.PLAIN
        self.update(line(Cell(f"[{text}]" if self._is_current else f" {text}" if is_short else f" {text} ", tone)))

    def on_click(self) -> None:
        """Go there."""
        self.post_message(TitleBar.Chosen(self._tab.mode))


class _About(Static):
    """As much of a text as there is room for; what comes first in it goes first."""

    def __init__(self) -> None:
        super().__init__(id="about")
        self._said = Cell()

    def say(self, said: Cell) -> None:
        """Show this."""
        if said != self._said:
            self._said = said
            self.refresh()

    def render(self) -> Content:
        """The text in the room there is."""
        text = self._said.text
        while Cell(text).width > self.size.width and " · " in text:
            text = text.partition(" · ")[2]
        return line(Cell(text, self._said.tone))


class TitleBar(Horizontal):
    """The screens by name, and whose data they show."""

    class Chosen(Message):
        """Somebody wants to go to this screen."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    is_busy: reactive[bool] = reactive(False, repaint=False)
    about: reactive[str] = reactive("", repaint=False)
    "Whose data, and when they were read."
    lost: reactive[str] = reactive("", repaint=False)
    "Why the database does not answer; empty as long as it does."

    def __init__(self, tabs: Sequence[Tab], current: str) -> None:
        super().__init__()
        self._tabs = tabs
        self._current = current
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The names at the left, the rest at the right."""
        for tab in self._tabs:
            yield TabLabel(tab, is_current=tab.mode == self._current)
        yield _About()

    def on_resize(self) -> None:
        """Leave out the names of other screens where there is no room for all."""
        labels = list(self.query(TabLabel))
        is_short = sum(label.width_in_full for label in labels) + _LEAST_ABOUT > self.size.width
        for label in labels:
            label.say(is_short=is_short)

    def watch_is_busy(self, is_busy: bool) -> None:
        """Say that data are being read, when it takes long enough to wonder."""
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_PATIENCE_S, self._say_busy) if is_busy else None
        if not is_busy:
            self._say_about()

    def watch_about(self) -> None:
        """Show it."""
        if not self.is_busy:
            self._say_about()

    def watch_lost(self) -> None:
        """Say it, or take it back."""
        self._say_about()

    def _say_about(self) -> None:
        if self.lost:
            self._say(Cell(_("! No connection; trying again"), Tone.WARNING))
        else:
            self._say(Cell(self.about, Tone.FAINT))

    def _say_busy(self) -> None:
        if self.is_busy and not self.lost:  # a timer that was stopped may still ring
            self._say(Cell(_("Reading …"), Tone.STRONG))

    def _say(self, said: Cell) -> None:
        if self.is_mounted:
            self.query_one(_About).say(said)
