"""The pipeline: what is in each stage, and the opportunities of the chosen one."""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from sfactl import services
from sfactl.i18n import _, ngettext
from sfactl.render.formats import format_integer
from sfactl.render.opportunities import PIPELINE_COLUMNS
from sfactl.tui import activity_forms, moving, pipeline_board, pipeline_reports, pipeline_strip
from sfactl.tui.cells import Cell, Tone, line
from sfactl.tui.cycling import following
from sfactl.tui.desk import Desk
from sfactl.tui.drawings import whole_money
from sfactl.tui.exporting import Exported
from sfactl.tui.pipeline_board import CLOSINGS, MOST_ROWS, Board, Wanted
from sfactl.tui.pipeline_strip import Strip
from sfactl.tui.screens.main import MainScreen
from sfactl.tui.screens.opportunity import OpportunityScreen
from sfactl.tui.screens.sheet import SheetScreen
from sfactl.tui.screens.stages import StagesScreen
from sfactl.tui.widgets import card_board
from sfactl.tui.widgets.card_board import CardBoard
from sfactl.tui.widgets.record_grid import RecordGrid
from sfactl.tui.widgets.stage_strip import StageCard, StageStrip

if TYPE_CHECKING:
    from sfactl.db.session import Session

CARDS_FROM_WIDTH: Final = 100
CARDS_FROM_HEIGHT: Final = 24
"""Where there is less room, the screen begins with the list of one stage."""
_STRIP_PADDING: Final = 4
_AFTER_THE_BOARD_S: Final = 0.1
_REST: Final = 3
"""So many times as long as funnel and forecast took, they are left alone."""
_PAUSE_S = 0.08
"""A held arrow key asks for the stage at which it stops."""


class PipelineScreen(MainScreen):
    """Stages above, opportunities below."""

    MODE = "pipeline"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "stage(-1)", _("Stage"), id="pipeline.stage-before", key_display="←→",
                tooltip=_("Go to the stage before.")),
        Binding("right", "stage(1)", _("Stage after"), show=False, id="pipeline.stage-after",
                tooltip=_("Go to the stage after.")),
        Binding("enter", "facts", _("Facts"), id="pipeline.facts", tooltip=_("Show the opportunity's facts.")),
        Binding("v", "view", _("Cards"), id="pipeline.view",
                tooltip=_("Change between the cards of all stages and the list of one.")),
        Binding("greater_than_sign,shift+right", "move(1)", _("Move on"), id="pipeline.move-on", key_display=">",
                tooltip=_("Let the opportunity enter the next stage; what is missing is said first.")),
        Binding("less_than_sign,shift+left", "move(-1)", _("Move back"), show=False, id="pipeline.move-back", key_display="<",
                tooltip=_("Let the opportunity go back to the stage before.")),
        Binding("l", "log", _("Log"), id="pipeline.log", tooltip=_("Keep a call, visit or e-mail about the opportunity.")),
        Binding("c", "changes", _("Figures"), show=False, id="pipeline.changes",
                tooltip=_("Show funnel and forecast, and what changed since a day.")),
        Binding("f", "closing", _("Closing"), id="pipeline.closing",
                tooltip=_("Count what closes any time, this quarter or next quarter.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted = Wanted()
        self._board: Board | None = None
        self._strip: Strip | None = None
        self._strip_took_s = 0.0
        self._is_strip_stale = False
        "Something was changed while it was worked out."
        self._view: bool | None = None
        "Cards or list, once somebody chose; before, there are cards where there is room for them."

    def on_mount(self) -> None:
        """Paint first, ask then."""
        self._wanted = replace(self._wanted, has_cards=self._has_cards)
        super().on_mount()
        self._show_view()

    def on_resize(self) -> None:
        """There may be room for cards now, or none any more."""
        self._draw_strip()
        if self._wanted.has_cards != self._has_cards:
            self._wanted = replace(self._wanted, has_cards=self._has_cards)
            self._show_view()
            self._ask()

    @property
    def _has_cards(self) -> bool:
        is_wide = self.size.width >= CARDS_FROM_WIDTH and self.size.height >= CARDS_FROM_HEIGHT
        return is_wide if self._view is None else self._view

    def _show_view(self) -> None:
        has_cards = self._wanted.has_cards
        board, grid = self.query_one(CardBoard), self.query_one(RecordGrid)
        board.display, grid.display = has_cards, not has_cards
        (board if has_cards else grid).focus()

    def body(self) -> Iterable[Widget]:
        """Stages, what is listed, the list."""
        yield StageStrip()
        yield Static(id="strip")
        yield Static(id="caption")
        yield CardBoard(id="cards")
        yield RecordGrid((), empty=_("Nothing in this stage closes in this time."), id="opportunities")

    def reload(self) -> None:
        """Ask for stages and list; funnel and forecast follow."""
        self._ask()
        self._ask_strip()

    def _ask_strip(self) -> None:
        """Ask for funnel and forecast, which look at all that was changed this quarter.

        Others may change something every second: what came meanwhile is asked for once, after a rest that grows with the work.
        """
        self._is_strip_stale = self.is_doing("strip")
        if not self._is_strip_stale:
            rest = max(_AFTER_THE_BOARD_S, _REST * self._strip_took_s)
            self.ask("strip", _timed_strip, self._show_strip, after_s=rest)

    def _show_strip(self, answer: tuple[Strip, float]) -> None:
        self._strip, self._strip_took_s = answer
        self._draw_strip()

    def finished(self, topic: str) -> None:
        """Ask for what came while funnel and forecast were worked out."""
        if topic == "strip" and self._is_strip_stale:
            self._ask_strip()

    def _draw_strip(self) -> None:
        strip, lines = self.query_one("#strip", Static), pipeline_strip.height(self.size.width, self.size.height)
        strip.styles.height = lines
        if self._strip is not None:
            width = max(self.size.width - _STRIP_PADDING, 0)
            self.query_one("#strip", Static).update(pipeline_strip.drawn(self._strip, width, lines, self.desk.locale))

    def exported(self, session: "Session") -> Exported:
        """The list, as the command writes it."""
        closing = pipeline_board.closing_of(session, self._wanted.closing)
        return services.pipeline.by_stage(session, services.pipeline.Filter(closing=closing)), PIPELINE_COLUMNS

    def command(self) -> list[str]:
        """The stages as a table."""
        closing = self._wanted.closing
        return ["pipeline", "show", *(["--closing", closing] if closing else [])]

    def _ask(self, *, after_s: float = 0) -> None:
        wanted, locale = self._wanted, self.desk.locale
        self.ask("board", lambda session: pipeline_board.ask(session, wanted, locale), self._show, after_s=after_s)

    def _show(self, board: Board) -> None:
        is_new = self._board is None or self._board.chosen != board.chosen
        self._board = board
        strip, cards = self.query_one(StageStrip), self.query_one(CardBoard)
        strip.least = card_board.LEAST if self._wanted.has_cards else 0
        self.call_next(strip.show, board.stages, board.chosen)
        self.query_one(RecordGrid).show(board.rows, board.columns, is_new=is_new)
        if board.lanes:
            cards.show(board.lanes, max(strip.least, *(stage.least_card for stage in board.stages)))
        self._say_caption(board)

    def _say_caption(self, board: Board) -> None:
        stage = next((stage for stage in board.stages if stage.code == board.chosen), None)
        locale = self.desk.locale
        shown = len(board.rows)
        cut = _("the first {shown} of {count}") if stage and shown == MOST_ROWS else ""
        cut = cut.format(shown=format_integer(shown, locale), count=stage.count if stage else "")
        closing = _(CLOSINGS[self._wanted.closing]) + (f" ({board.closing.label})" if board.closing else "")
        total = ngettext("{count} open in all", "{count} open in all", board.count)
        sums = [whole_money(money, locale, with_currency=True) for money in board.totals]
        pieces = [
            cut,
            _("closing {when}").format(when=closing),
            total.format(count=format_integer(board.count, locale)),
            *sums,
        ]
        rest = "".join(f" · {piece}" for piece in pieces if piece)
        self.query_one("#caption", Static).update(line(Cell(stage.name if stage else "", Tone.STRONG), rest))

    @on(StageCard.Clicked)
    def _clicked(self, message: StageCard.Clicked) -> None:
        self._choose(message.code)

    def action_stage(self, steps: int) -> None:
        """Go so many stages on, or back when negative."""
        if not self._board:
            return
        codes = [stage.code for stage in self._board.stages]
        now = self._wanted.stage or self._board.chosen
        if now in codes:
            self._choose(codes[max(min(codes.index(now) + steps, len(codes) - 1), 0)])

    def _choose(self, stage: str) -> None:
        self._wanted = replace(self._wanted, stage=stage)
        self.query_one(StageStrip).choose(stage)
        if self._wanted.has_cards:
            self.query_one(CardBoard).go_to(stage)
        else:
            self._ask(after_s=_PAUSE_S)

    @on(CardBoard.Moved)
    def _at_card(self, message: CardBoard.Moved) -> None:
        self.query_one(StageStrip).scroll_to(x=self.query_one(CardBoard).scroll_offset.x, animate=False)
        if message.stage != self._wanted.stage and self._wanted.has_cards:
            self._wanted = replace(self._wanted, stage=message.stage)
            self.query_one(StageStrip).choose(message.stage)
            if self._board:
                self._say_caption(replace(self._board, chosen=message.stage))

    @on(CardBoard.Exhausted)
    def _further(self, message: CardBoard.Exhausted) -> None:
        self._wanted = self._wanted.further(message.stage)
        self._ask()

    @on(CardBoard.Dropped)
    def _dropped(self, message: CardBoard.Dropped) -> None:
        self._move_to(message.key, message.stage, message.came_from)

    def action_view(self) -> None:
        """Cards in place of the list, or the list in place of cards."""
        self._view = not self._wanted.has_cards
        self._wanted = replace(self._wanted, has_cards=self._view)
        self._show_view()
        self._ask()

    @property
    def awaits_rows(self) -> bool:
        """Whether the first cards or rows are being read."""
        return self._board is None and not self._refused

    @property
    def cursor_key(self) -> str | None:
        """The opportunity under the cursor."""
        if self._wanted.has_cards:
            return self.query_one(CardBoard).key
        return self.query_one(RecordGrid).cursor_key

    def action_move(self, steps: int) -> None:
        """Move the opportunity under the cursor on by so many stages, or back."""
        self.with_row(lambda code: self._move(code, steps))

    def _move(self, code: str, steps: int) -> None:
        if self._board is None:
            return
        codes = [stage.code for stage in self._board.stages]
        now = self._wanted.stage or self._board.chosen
        place = (codes.index(now) if now in codes else 0) + steps
        if 0 <= place < len(codes):
            self._move_to(code, codes[place], now)
        elif place == len(codes):
            self.app.push_screen(StagesScreen(self.desk, code), self.done)
        else:
            self.notify(_("It is in the first stage."), markup=False)

    def _move_to(self, code: str, stage: str, seen: str | None) -> None:
        moving.begin(self, code, stage, self.done, seen=seen)

    def action_changes(self) -> None:
        """Ask since when, then show funnel, forecast and changes."""
        form = pipeline_reports.since_form(self.desk.door.today)
        self.open_form(form, self._show_changes)

    def _show_changes(self, result: tuple[date] | None) -> None:
        if result is not None:
            since, locale = result[0], self.desk.locale
            changes = ["pipeline", "changes", "--since", since.isoformat()]
            quarter = ["--period", "this-quarter"]
            words = (["pipeline", "funnel", *quarter], ["pipeline", "forecast", *quarter], changes)
            question = partial(pipeline_reports.figures, since=since, locale=locale)
            self.app.push_screen(SheetScreen(self.desk, question, *words))

    def action_log(self) -> None:
        """Keep what was done for the opportunity under the cursor."""
        self.with_row(lambda code: self.open_form(activity_forms.log(opportunity=code)))

    def action_closing(self) -> None:
        """Count what closes in the next of the times one can choose."""
        stage = self._wanted.stage or (self._board.chosen if self._board else None)
        self._wanted = replace(self._wanted, stage=stage, closing=following(CLOSINGS, self._wanted.closing))
        self._ask()

    @on(RecordGrid.Chosen)
    @on(CardBoard.Chosen)
    def action_facts(self) -> None:
        """Show the opportunity under the cursor."""
        self.with_row(lambda code: self.app.push_screen(OpportunityScreen(self.desk, code)))


def _timed_strip(session: "Session") -> tuple[Strip, float]:
    begun = time.monotonic()
    return pipeline_strip.ask(session), time.monotonic() - begun
