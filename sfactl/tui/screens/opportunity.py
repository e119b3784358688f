"""One opportunity: its facts, and the stages it went through."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind
from sfactl.render.opportunities import OPPORTUNITY_COLUMNS, STAGE_HISTORY_COLUMNS
from sfactl.services import opportunities
from sfactl.services.opportunities import OpportunityRow, StageChangeRow
from sfactl.tui.cells import Cell, Tone, cell_of
from sfactl.tui.desk import Desk
from sfactl.tui.pipeline_board import overdue
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.widgets.fact_sheet import FactSheet, Section


class OpportunityScreen(BaseScreen[None], ModalScreen[None]):
    """The facts over the screen they were asked from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", _("Close"), id="opportunity.close", tooltip=_("Go back to the list.")),
    ]

    def __init__(self, desk: Desk, code: str) -> None:
        super().__init__(desk)
        self._code = code

    def body(self) -> Iterable[Widget]:
        """A sheet in a frame."""
        with Vertical(classes="dialog"):
            yield FactSheet()

    def reload(self) -> None:
        """Ask for the facts."""
        code, locale = self._code, self.desk.locale

        def facts(session: Session) -> list[Section]:
            row, history = opportunities.one(session, code)
            is_late = row.status == "open" and row.close_on < session.today
            return _sections(row, history, locale, is_late=is_late)

        self.ask("facts", facts, self.query_one(FactSheet).show)

    def command(self) -> list[str]:
        """The same facts."""
        return ["opportunity", "show", self._code]


def _sections(row: OpportunityRow, history: list[StageChangeRow], locale: str, *, is_late: bool) -> list[Section]:
    title = f"{row.code} · {row.name}"
    facts = [_fact(column, row, locale) for column in OPPORTUNITY_COLUMNS if column.key not in ("code", "name")]
    if is_late:
        facts = [(label, overdue(value) if label.text == _closes().header else value) for label, value in facts]
        facts.append((Cell("!", Tone.WARNING), Cell(_("The close date has passed."), Tone.WARNING)))
    steps = tuple(tuple(cell_of(column, step, locale) for column in STAGE_HISTORY_COLUMNS) for step in history)
    header = tuple(column.header for column in STAGE_HISTORY_COLUMNS)
    return [
        Section(title, tuple(facts)),
        Section(_("Stages"), steps, header=header, empty=_("No change of stage is on record.")),
    ]


def _fact(column: Column, row: OpportunityRow, locale: str) -> tuple[Cell, Cell]:
    return Cell(column.header, Tone.FAINT), cell_of(column, row, locale)


def _closes() -> Column:
    return next(column for column in OPPORTUNITY_COLUMNS if column.kind is Kind.DATE)
