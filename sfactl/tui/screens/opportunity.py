"""One opportunity: its facts, and the stages it went through."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfactl import services
from sfactl.i18n import _
from sfactl.render import formats
from sfactl.render.columns import Kind
from sfactl.render.opportunities import OPPORTUNITY_COLUMNS, STAGE_HISTORY_COLUMNS
from sfactl.tui.cells import Cell, Tone, cell_of
from sfactl.tui.desk import Desk
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.widgets.fact_sheet import FactSheet, Section

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.opportunities import OpportunityRow, StageChangeRow

_IN_THE_TITLE = ("code", "name")
_IN_THE_AMOUNTS = ("currency",)


class OpportunityScreen(Dialog):
    """The facts over the screen they were asked from."""

    def __init__(self, desk: Desk, code: str) -> None:
        super().__init__(desk)
        self._code = code

    def reload(self) -> None:
        """Ask for the facts."""
        code, locale = self._code, self.desk.locale

        def facts(session: "Session") -> list[Section]:
            row, history = services.opportunities.one(session, code)
            is_late = row.status == "open" and row.close_on < session.today
            return [_facts(row, locale, is_late=is_late), _stages(history, locale)]

        self.ask("facts", facts, self.query_one(FactSheet).show)

    def command(self) -> list[str]:
        """The same facts."""
        return ["opportunity", "show", self._code]


def _facts(row: "OpportunityRow", locale: str, *, is_late: bool) -> Section:
    facts: list[tuple[Cell, ...]] = []
    for column in OPPORTUNITY_COLUMNS:
        if column.key in (*_IN_THE_TITLE, *_IN_THE_AMOUNTS):
            continue
        value = cell_of(column, row, locale)
        if column.kind is Kind.MONEY:
            value = Cell(formats.format_money(column.reader(row), locale, with_currency=True))
        if column.key == "close_on" and is_late:
            value = Cell(_("! {date}, which has passed").format(date=value.text), Tone.WARNING)
        facts.append((Cell(column.header, Tone.FAINT), value))
    return Section(f"{row.code} · {row.name}", tuple(facts))


def _stages(history: Sequence["StageChangeRow"], locale: str) -> Section:
    return Section(
        _("Stages"),
        tuple(tuple(cell_of(column, step, locale) for column in STAGE_HISTORY_COLUMNS) for step in history),
        header=tuple(column.header for column in STAGE_HISTORY_COLUMNS),
        empty=_("No change of stage is on record."),
    )
