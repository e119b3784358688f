"""The top line: which screens there are, who one is and where, and whether data are being read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
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
_USUAL: Final = 44
"""The cells that are kept for who one is, as long as that is not known."""
_PADDING: Final = 1
_PATIENCE_S: Final = 0.25
"""What takes less time than this is not worth a word."""


class Names(IntEnum):
    """How much is said of the other screens."""

    LEAST = 0
    "Nothing, and of this one the key."
    NONE = 1
    KEYS = 2
    TIGHT = 3
    SHORT = 4
    FULL = 5


@dataclass(frozen=True, slots=True)
class Tab:
    """A screen one can go to."""

    mode: str
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Whose:
    """Who one is, in which workspace, and when its data were read."""

    workspace: str
    login: str
    roles: tuple[str, ...]
    moment: str

    @property
    def who(self) -> str:
        """Login and roles: what stands there at every width."""
        return _dotted(self.login, ", ".join(self.roles))

    @property
    def where(self) -> str:
        """The same, and the workspace."""
        return _dotted(self.workspace, self.who)

    @property
    def tellings(self) -> tuple[str, ...]:
        """From the longest to the shortest; of several roles the first stands for all where there is no room."""
        first = f"{self.roles[0]} +{len(self.roles) - 1}" if len(self.roles) > 1 else ""
        short = [_dotted(self.login, first)] if first else []
        return (_dotted(self.where, self.moment), self.where, self.who, *short)


def _dotted(*pieces: str) -> str:
    return " · ".join(piece for piece in pieces if piece)


class TabLabel(Static):
    """The name of a screen."""

    ALLOW_SELECT = False

    def __init__(self, tab: Tab, *, is_current: bool) -> None:
        super().__init__()
        self._tab = tab
        self._is_current = is_current
        self.set_class(is_current, "-current")
        self.tooltip = tab.title
        self._names: Names | None = None
        self.say(Names.FULL)

    def width(self, names: Names) -> int:
        """The cells that it takes."""
        return Cell(self._text(names)).width

    def say(self, names: Names) -> None:
        """Show key and name, or less where there is no room; the screen one is on keeps its name longest."""
        if names is self._names:
            return
        self._names = names
        text = self._text(names)
        self.display = bool(text)
        self.update(line(Cell(text, Tone.STRONG if self._is_current else Tone.PLAIN)))

    def _text(self, names: Names) -> str:
        key, title = self._tab.key, self._tab.title
        if self._is_current:
            return f"[{key}]" if names is Names.LEAST else f"[{key} {title}]"
        said = {
            Names.FULL: f" {key} {title} ", Names.SHORT: f" {key} {title[:_SHORT]}",
            Names.TIGHT: f" {key}{title[:_SHORT]}", Names.KEYS: f" {key}",
        }  # fmt: skip
        return said.get(names, "")

    def on_click(self) -> None:
        """Go there."""
        self.post_message(TitleBar.Chosen(self._tab.mode))


class _About(Static):
    """The longest of several texts for which there is room; the shortest is cut."""

    def __init__(self) -> None:
        super().__init__(id="about")
        self._texts: Sequence[str] = ("",)
        self._tone = Tone.FAINT

    def say(self, texts: Sequence[str], tone: Tone) -> None:
        """Show one of these."""
        if (texts, tone) != (self._texts, self._tone):
            self._texts, self._tone = texts, tone
            self.tooltip = texts[0] or None
            self.refresh()

    def render(self) -> Content:
        """The text in the room there is."""
        room = self.content_size.width
        fitting = (text for text in self._texts if Cell(text).width <= room)
        return line(Cell(next(fitting, self._texts[-1]), self._tone))


class TitleBar(Horizontal):
    """The screens by name, who one is, and in which workspace."""

    class Chosen(Message):
        """Somebody wants to go to this screen."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    is_busy: reactive[bool] = reactive(False, repaint=False)
    about: reactive[Whose | None] = reactive(None, repaint=False)
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
        """Share out the new width."""
        self._fit()

    def _fit(self) -> None:
        """Let the names of other screens give way to who one is and where, and all else to who one is."""
        labels = list(self.query(TabLabel))
        where, who = (Cell(self.about.where).width, Cell(self.about.who).width) if self.about else (_USUAL, _USUAL)
        room = self.size.width - _PADDING
        tries = [(names, where) for names in (Names.FULL, Names.SHORT, Names.TIGHT, Names.KEYS)]
        tries += [(Names.KEYS, who), (Names.NONE, where), (Names.NONE, who)]
        names = next(
            (names for names, width in tries if sum(label.width(names) for label in labels) + width <= room),
            Names.LEAST,
        )
        for label in labels:
            label.say(names)

    def watch_is_busy(self, is_busy: bool) -> None:
        """Say that data are being read, when it takes long enough to wonder."""
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_PATIENCE_S, self._say_busy) if is_busy else None
        if not is_busy:
            self._say_about()

    def watch_about(self) -> None:
        """Show it."""
        if self.is_mounted:
            self._fit()
        if not self.is_busy:
            self._say_about()

    def watch_lost(self) -> None:
        """Say it, or take it back."""
        self._say_about()

    def _say_about(self) -> None:
        if self.lost:
            self._say(_("! No connection; trying again"), Tone.WARNING)
        else:
            self._say("", Tone.FAINT)

    def _say_busy(self) -> None:
        if self.is_busy and not self.lost:  # a timer that was stopped may still ring
            self._say(_("Reading …"), Tone.STRONG)

    def _say(self, first: str, tone: Tone) -> None:
        """Say something before who one is, or nothing but who one is."""
        if not self.is_mounted:
            return
        tellings = self.about.tellings if self.about else ("",)
        if first:
            tellings = (*(_dotted(first, telling) for telling in tellings[2:]), first)
        self.query_one(_About).say(tellings, tone)
