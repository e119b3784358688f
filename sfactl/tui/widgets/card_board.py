"""A board: a column a stage, a card for each opportunity; a card is moved by keys or drawn over with the mouse."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sfactl.i18n import _
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.widgets.lanes import edges, shared

CARD_LINES: Final = 3
_HIGH: Final = CARD_LINES + 1
"""Lines of a card, with the empty one below it."""
LEAST: Final = 18
"""The fewest cells of a column."""
_AMOUNT: Final = 1
"""The line of a card whose left side is a number: it is never cut, what stands at its right gives way."""
_MARKS: Final = ("▸ ", "» ", "  ")
"""Before the first line of the card under the cursor, of the one that is dragged, and of all others."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is seen of an opportunity: three lines, each with something at the left and at the right."""

    key: str
    lines: tuple[tuple[Cell, Cell], ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """The cards of a stage."""

    code: str
    cards: tuple[Card, ...]
    more: str = ""
    "What is said of those that are not shown."


class CardBoard(ScrollView, can_focus=True, inherit_bindings=False):
    """The lanes side by side, with a cursor that goes from card to card."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(0, -1)", _("Card above"), show=False, id="board.up", tooltip=_("Go to the card above.")),
        Binding("down", "step(0, 1)", _("Card below"), show=False, id="board.down", tooltip=_("Go to the card below.")),
        Binding("left", "step(-1, 0)", _("Stage before"), show=False, id="board.left", tooltip=_("Go to the stage before.")),
        Binding("right", "step(1, 0)", _("Stage after"), show=False, id="board.right", tooltip=_("Go to the stage after.")),
        Binding("pageup", "page(-1)", _("Page up"), show=False, id="board.page-up", tooltip=_("Go a page of cards up.")),
        Binding("pagedown", "page(1)", _("Page down"), show=False, id="board.page-down", tooltip=_("Go a page of cards down.")),
        Binding("home", "edge(-1)", _("First card"), show=False, id="board.first", tooltip=_("Go to the first card of the stage.")),
        Binding("end", "edge(1)", _("Last card"), show=False, id="board.last", tooltip=_("Go to the last card of the stage.")),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "board--cursor", "board--target", "board--card", *(f"board--{tone}" for tone in Tone),
    }  # fmt: skip

    place: reactive[tuple[int, int]] = reactive((0, 0), repaint=False)
    "Lane and card under the cursor."

    class Moved(Message):
        """The cursor came to another card or stage."""

        def __init__(self, stage: str, key: str | None) -> None:
            super().__init__()
            self.stage, self.key = stage, key

    class Chosen(Moved):
        """The card under the cursor was clicked."""

    class Exhausted(Message):
        """Somebody goes on beyond the last card of a stage that has more."""

        def __init__(self, stage: str) -> None:
            super().__init__()
            self.stage = stage

    class Dropped(Message):
        """A card was drawn over to another stage."""

        def __init__(self, key: str, came_from: str, stage: str) -> None:
            super().__init__()
            self.key, self.came_from, self.stage = key, came_from, stage

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lanes: Sequence[Lane] = ()
        self._least = LEAST
        self._widths: Sequence[int] = ()
        self._edges: Sequence[int] = ()
        "How wide each lane is, and where it begins."
        self._dragged: tuple[int, int] | None = None
        self._target: int | None = None
        self._goes_on = False
        "Whether the cursor shall go to the next card once there are more."

    @property
    def stage(self) -> str | None:
        """The stage under the cursor."""
        return self._lanes[self.place[0]].code if self._lanes else None

    @property
    def key(self) -> str | None:
        """The card under the cursor."""
        card = self._card(*self.place)
        return card.key if card else None

    @property
    def copied(self) -> str:
        """The card under the cursor as text, with a tab between its values."""
        card = self._card(*self.place)
        cells = [cell for line in card.lines for cell in line] if card else []
        return "\t".join(cell.text for cell in cells if cell.text)

    @property
    def copied_code(self) -> str:
        """What the card under the cursor is called."""
        return self.key or ""

    def show(self, lanes: Sequence[Lane], least: int = LEAST) -> None:
        """Show these; the cursor stays on its card, wherever that is now, or else on its stage.

        Args:
            least: the fewest cells of a lane, where something above them takes as many.
        """
        self._least = least
        before, stage = self.key, self.stage
        is_first, self._lanes = not self._lanes, lanes
        x, y = self._place_of(before, stage, is_first=is_first)
        goes_on, self._goes_on = self._goes_on and self._card(x, y + 1) is not None, False
        self.set_reactive(CardBoard.place, (x, y + goes_on))
        self._fit()
        self._follow()
        self.post_message(self.Moved(self.stage or "", self.key))

    def go_to(self, stage: str) -> None:
        """Put the cursor on the first card of a stage."""
        codes = [lane.code for lane in self._lanes]
        if stage in codes and stage != self.stage:
            self.place = (codes.index(stage), 0)

    def _place_of(self, key: str | None, stage: str | None, *, is_first: bool) -> tuple[int, int]:
        for x, lane in enumerate(self._lanes):
            for y, card in enumerate(lane.cards):
                if card.key == key:
                    return x, y
        codes = [lane.code for lane in self._lanes]
        if stage in codes and not is_first:
            x = codes.index(stage)
            return x, max(min(self.place[1], len(self._lanes[x].cards) - 1), 0)
        return next((x for x, lane in enumerate(self._lanes) if lane.cards), 0), 0

    def _card(self, x: int, y: int) -> Card | None:
        if x < len(self._lanes) and y < len(self._lanes[x].cards):
            return self._lanes[x].cards[y]
        return None

    def left_of(self, lane: int) -> int:
        """Where a lane begins."""
        return self._edges[lane]

    def _fit(self) -> None:
        """Share out the whole width; the last lane gives some of its own to the scroll bar."""
        tallest = max((len(lane.cards) + bool(lane.more) for lane in self._lanes), default=0)
        widths = shared(self.outer_size.width, len(self._lanes), self._least)
        if widths:
            widths[-1] -= self.outer_size.width - self.scrollable_content_region.width
        self._widths, self._edges = widths, edges(widths)
        self.virtual_size = Size(sum(widths), tallest * _HIGH)
        self.refresh()

    def on_resize(self) -> None:
        """Share out the new width."""
        self._fit()
        self._follow()

    def _follow(self) -> None:
        x, y = self.place
        if x < len(self._widths):
            place = Region(self._edges[x], y * _HIGH, self._widths[x], _HIGH)
            self.scroll_to_region(place, animate=False, force=True)

    def watch_place(self) -> None:
        """Draw the cursor where it is now, and tell."""
        self._follow()
        self.refresh()
        self.post_message(self.Moved(self.stage or "", self.key))

    def action_step(self, lanes: int, cards: int) -> None:
        """Go so many stages to the right and cards down; less than nothing is left and up."""
        if not self._lanes:
            return
        x = max(min(self.place[0] + lanes, len(self._lanes) - 1), 0)
        last = len(self._lanes[x].cards) - 1
        if cards > 0 and self.place == (x, last) and self._lanes[x].more and not self._goes_on:
            self._goes_on = True
            self.post_message(self.Exhausted(self._lanes[x].code))
        self.place = (x, max(min(self.place[1] + cards, last), 0))

    def action_page(self, pages: int) -> None:
        """Go so many pages down, or up when negative."""
        self.action_step(0, pages * max(self.size.height // _HIGH, 1))

    def action_edge(self, direction: int) -> None:
        """Go to the first card of the stage or the last."""
        self.action_step(0, direction * len(self._lanes[self.place[0]].cards) if self._lanes else 0)

    def _at(self, event: events.MouseEvent) -> tuple[int, int]:
        x = max(bisect_right(self._edges, event.x + self.scroll_offset.x) - 1, 0)
        return x, int((event.y + self.scroll_offset.y) // _HIGH)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a card."""
        x, y = self._at(event)
        if self._card(x, y) is not None:
            self._dragged, self._target = (x, y), x
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark the stage over which the card is."""
        if self._dragged is not None:
            target = self._at(event)[0]
            if target != self._target:
                self._target = target
                self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go of the card: over another stage it shall go there, else it is chosen."""
        if self._dragged is None:
            return
        (x, y), target = self._dragged, self._at(event)[0]
        self._dragged = self._target = None
        self.release_mouse()
        self.refresh()
        card = self._card(x, y)
        if card is None:
            return
        if target != x:
            self.place = (x, y)
            self.post_message(self.Dropped(card.key, self._lanes[x].code, self._lanes[target].code))
        elif (x, y) == self.place:
            self.post_message(self.Chosen(self._lanes[x].code, card.key))
        else:
            self.place = (x, y)

    def render_line(self, y: int) -> Strip:
        """A line through all lanes."""
        row, part = divmod(y + self.scroll_offset.y, _HIGH)
        segments = [segment for x in range(len(self._widths)) for segment in self._piece(x, row, part)]
        left = self.scroll_offset.x
        return Strip(segments).crop_extend(left, left + self.size.width, self.rich_style)

    def _piece(self, x: int, row: int, part: int) -> tuple[Segment, ...]:
        is_cursor, is_target = (x, row) == self.place, self._target == x and self._dragged is not None
        lane, width = self._lanes[x], self._widths[x]
        if row == len(lane.cards) and lane.more and part == 0:
            return (Segment(Cell(f"  {lane.more}").fitted(width), self.rich_style + self._tone(Tone.FAINT)),)
        if row >= len(lane.cards) or part == CARD_LINES:
            style = self.get_component_rich_style("board--target") if is_target else self.rich_style
            return (Segment(" " * width, style),)
        return self._drawn(lane.cards[row], part, width, is_cursor=is_cursor, is_dragged=(x, row) == self._dragged)

    def _drawn(self, card: Card, part: int, width: int, *, is_cursor: bool, is_dragged: bool) -> tuple[Segment, ...]:
        base = self.get_component_rich_style("board--cursor" if is_cursor and self.has_focus else "board--card")
        left, right = card.lines[part]
        mark = _MARKS[1 if is_dragged else 0 if is_cursor else 2] if part == 0 else _MARKS[2]
        room = width - 1 - len(mark)
        if part == _AMOUNT and left.width + 1 + right.width > room:
            right = Cell(right.fitted(max(room - left.width - 1, 0)), right.tone)
        space = room - right.width - (1 if right.width else 0)
        tone = [base if is_cursor and self.has_focus else base + self._tone(cell.tone) for cell in (left, right)]
        pieces = [Segment(mark, base), Segment(left.fitted(max(space, 0)), tone[0])]
        if right.width:
            pieces += [Segment(" ", base), Segment(right.fitted(min(right.width, room), right=True), tone[1])]
        return (*pieces, Segment(" ", self.rich_style))

    def _tone(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"board--{tone}", partial=True)
