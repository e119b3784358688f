"""The pipeline: what is in each stage, and the opportunities of the chosen one."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from sfactl.i18n import _, ngettext
from sfactl.render.formats import format_integer
from sfactl.tui import pipeline_board
from sfactl.tui.cells import Cell, Tone, line
from sfactl.tui.desk import Desk
from sfactl.tui.drawings import whole_money
from sfactl.tui.pipeline_board import CLOSINGS, MOST_ROWS, Board, Wanted
from sfactl.tui.screens.main import MainScreen
from sfactl.tui.screens.opportunity import OpportunityScreen
from sfactl.tui.widgets.record_grid import RecordGrid
from sfactl.tui.widgets.stage_strip import StageCard, StageStrip

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
        Binding("f", "closing", _("Closing"), id="pipeline.closing",
                tooltip=_("Count what closes any time, this quarter or next quarter.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted = Wanted()
        self._board: Board | None = None

    def body(self) -> Iterable[Widget]:
        """Stages, what is listed, the list."""
        yield StageStrip()
        yield Static(id="caption")
        yield RecordGrid((), empty=_("Nothing in this stage closes in this time."), id="opportunities")

    def reload(self) -> None:
        """Ask for stages and list."""
        self._ask()

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
        self.call_next(self.query_one(StageStrip).show, board.stages, board.chosen)
        self.query_one(RecordGrid).show(board.rows, board.columns, is_new=is_new)
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
        self._wanted = Wanted(stage, self._wanted.closing)
        self.query_one(StageStrip).choose(stage)
        self._ask(after_s=_PAUSE_S)

    def action_closing(self) -> None:
        """Count what closes in the next of the times one can choose."""
        times = list(CLOSINGS)
        following = times[(times.index(self._wanted.closing) + 1) % len(times)]
        self._wanted = Wanted(self._wanted.stage or (self._board.chosen if self._board else None), following)
        self._ask()

    @on(RecordGrid.Chosen)
    def action_facts(self) -> None:
        """Show the opportunity under the cursor."""
        code = self.query_one(RecordGrid).cursor_key
        if code is not None:
            self.app.push_screen(OpportunityScreen(self.desk, code))
