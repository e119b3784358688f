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
        text = f"{tab.key} {tab.title}"
        super().__init__(
            line(Cell(f"[{text}]" if is_current else f" {text} ", Tone.STRONG if is_current else Tone.PLAIN))
        )
        self._tab = tab
        self.set_class(is_current, "-current")

    def on_click(self) -> None:
        """Go there."""
        self.post_message(TitleBar.Chosen(self._tab.mode))


class TitleBar(Horizontal):
    """The screens by name, and whose data they show."""

    class Chosen(Message):
        """Somebody wants to go to this screen."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    is_busy: reactive[bool] = reactive(False)
    about: reactive[str] = reactive("")
    "Whose data, and when they were read."

    def __init__(self, tabs: Sequence[Tab], current: str) -> None:
        super().__init__()
        self._tabs = tabs
        self._current = current
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The names at the left, the rest at the right."""
        for tab in self._tabs:
            yield TabLabel(tab, is_current=tab.mode == self._current)
        yield Static(id="about")

    def watch_is_busy(self, is_busy: bool) -> None:
        """Say that data are being read, when it takes long enough to wonder."""
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_PATIENCE_S, self._say_busy) if is_busy else None
        if not is_busy:
            self._say(line(Cell(self.about, Tone.FAINT)))

    def watch_about(self) -> None:
        """Show it."""
        if not self.is_busy:
            self._say(line(Cell(self.about, Tone.FAINT)))

    def _say_busy(self) -> None:
        if self.is_busy:  # a timer that was stopped may still ring
            self._say(line(Cell(_("Reading …"), Tone.STRONG)))

    def _say(self, content: Content) -> None:
        if self.is_mounted:
            self.query_one("#about", Static).update(content)
