"""All opportunities in a list of any length: narrowed while one types, sorted and grouped, worked on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from sfactl import services
from sfactl.i18n import N_, _, ngettext
from sfactl.render.formats import format_integer
from sfactl.render.opportunities import OPPORTUNITY_COLUMNS
from sfactl.tui import activity_forms, opportunity_groups, opportunity_pages
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.cycling import following
from sfactl.tui.desk import Desk
from sfactl.tui.exporting import Exported
from sfactl.tui.filter_text import FilterText
from sfactl.tui.opportunity_groups import Grouped
from sfactl.tui.periods import period_of
from sfactl.tui.screens.listing import PagedScreen
from sfactl.tui.sheets import Shown, shown
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.paged_grid import PagedGrid
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.opportunities import Filter, OpportunityRow

_COLUMNS = shown(
    OPPORTUNITY_COLUMNS,
    {
        "code": 0, "account_name": 0, "name": 3, "seller": 1, "territory": 4, "stage": 1, "amount": 0, "currency": 2,
        "probability": 5, "weighted": 5, "close_on": 0, "age_days": 3, "next_step": 4,
    },
    {"account_name": _("Account"), "age_days": _("Age"), "probability": _("Chance")},
)  # fmt: skip
_CLOSE_ON: Final = [column.key for column in _COLUMNS.columns].index("close_on")
GROUPS: Final[Mapping[str, str]] = {
    "": N_("none"), "stage": N_("stage"), "seller": N_("seller"), "territory": N_("territory"),
}  # fmt: skip
"""What the list can be grouped by: those of a group stand together."""


class OpportunitiesScreen(PagedScreen):
    """The list, and the opportunity under the cursor."""

    MODE = "opportunities"
    FILTERS = ("stage", "status", "seller", "account", "territory", "closing")
    EMPTY = N_("No opportunity that you may see fits.")
    SORTS: ClassVar[Mapping[str, str]] = {
        "close_on": N_("close date"), "amount": N_("amount"), "account_name": N_("account"), "age_days": N_("age"),
        "seller": N_("seller"), "stage": N_("stage"),
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "group", _("Group"), id="opportunities.group",
                tooltip=_("Let those of a stage, seller or territory stand together, with their number and sums above.")),
        Binding("space", "fold", _("Fold"), show=False, id="opportunities.fold", tooltip=_("Close or open the group under the cursor.")),
        Binding("asterisk", "fold_all", _("Fold all"), show=False, id="opportunities.fold-all", tooltip=_("Close or open all groups.")),
        Binding("enter", "open", _("Open"), id="opportunities.open", tooltip=_("Open the opportunity, to work on it.")),
        Binding("greater_than_sign", "move", _("Move"), id="opportunities.move", key_display=">",
                tooltip=_("Let the opportunity enter another stage; what is missing is said first.")),
        Binding("l", "log", _("Log"), id="opportunities.log", tooltip=_("Keep a call, visit or e-mail about the opportunity.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._group = ""
        self._grouped = Grouped()
        self._folded: set[str] = set()
        "Codes of the groups that are closed."

    def columns(self) -> Shown:
        """What is shown of an opportunity."""
        return _COLUMNS

    def exported(self, session: "Session") -> Exported:
        """The list, as the command writes it."""
        return services.opportunities.find(session, _filter(session, self._filter)), OPPORTUNITY_COLUMNS

    def command(self) -> list[str]:
        """The list as a table."""
        return ["opportunity", "list", *self._filter.flags()]

    def keys(self, session: "Session", wanted: FilterText, sort: str, limit: int = 0) -> Sequence[int]:
        """All that fit, or the first of them."""
        return services.opportunities.keys(session, _filter(session, wanted, limit), (sort,))

    def rows(self, session: "Session", ids: Sequence[int]) -> Mapping[int, GridRow]:
        """Those in sight."""
        found = services.opportunities.of_keys(session, ids)
        return {key: self._row(session, row) for key, row in found.items()}

    def reload(self) -> None:
        """Ask for the keys, and for the groups where there are any; rows follow."""
        if not self._group:
            super().reload()
            return
        wanted, by, sort = self._filter, self._group, self._sort
        self.ask(
            "keys", lambda session: opportunity_groups.read(session, _filter(session, wanted), by, sort),
            self._show_groups,
        )  # fmt: skip

    def _show_groups(self, grouped: Grouped) -> None:
        self._grouped, is_at_top = grouped, self._is_new and self._stay_on is None
        self._draw_groups()
        grid = self.query_one(PagedGrid)
        if is_at_top and grid.count > 1:
            grid.cursor = 1

    def _draw_groups(self) -> None:
        headings = opportunity_groups.headings(self._grouped, self._group, self._folded, self.desk.locale)
        grid = self.query_one(PagedGrid)
        grid.show_keys(
            self._grouped.shown(self._folded), {}, is_new=self._is_new, headings=headings, stay_on=self._stay_on
        )
        self._is_new, self._stay_on = False, None
        self.say(len(self._grouped.keys))
        self._ask_detail()

    def _row(self, session: "Session", row: "OpportunityRow") -> GridRow:
        tones = {self._group: Tone.STRONG} if self._group else {}
        found = _COLUMNS.row(row.code, row, self.desk.locale, tones)
        if row.status != "open" or row.close_on >= session.today:
            return found
        cells = list(found.cells)
        cells[_CLOSE_ON] = Cell(f"! {cells[_CLOSE_ON].text}", Tone.WARNING)
        return GridRow(found.key, tuple(cells))

    def say(self, count: int) -> None:
        """How many there are, and in which order."""
        grouped = _("grouped by {what}").format(what=_(GROUPS[self._group])) if self._group else ""
        sorted_by = _("by {what}").format(what=_(self.SORTS[self._sort]))
        counted = ngettext("{count} opportunity", "{count} opportunities", count).format(
            count=format_integer(count, self.desk.locale)
        )
        self.caption(counted, grouped, sorted_by, "" if "status" in self._filter.values else _("open ones"))

    def detail(self, session: "Session", key: str) -> Sequence[Section]:
        """The opportunity in full."""
        return opportunity_pages.sheet(session, key, self.desk.locale)

    def action_group(self) -> None:
        """Group by the next."""
        self._group = following(GROUPS, self._group)
        self._grouped = Grouped()
        self._folded.clear()
        self.narrowed()

    def action_fold(self) -> None:
        """Close or open the group under the cursor, and go to its heading."""
        grid = self.query_one(PagedGrid)
        index = self._grouped.group_of(grid.cursor, self._folded)
        if index is None:
            self.notify(_("There are no groups; g makes them."), markup=False)
        else:
            self._folded ^= {self._grouped.groups[index].code}
            self._draw_groups()
            grid.cursor = self._grouped.place_of(index, self._folded)

    def action_fold_all(self) -> None:
        """Close all groups; open them where all are closed."""
        codes = {group.code for group in self._grouped.groups}
        if not codes:
            self.action_fold()
            return
        self._folded = set() if codes <= self._folded else codes
        self._draw_groups()

    @property
    def _is_at_heading(self) -> bool:
        return (self.query_one(PagedGrid).cursor_id or 0) < 0

    @on(RecordGrid.Chosen)
    def action_open(self) -> None:
        """Open the opportunity; at a heading, close or open its group."""
        if self._is_at_heading:
            self.action_fold()
        else:
            self.with_row(self._open)

    def _open(self, code: str) -> None:
        from sfactl.tui.screens.opportunity import OpportunityScreen

        self.app.push_screen(OpportunityScreen(self.desk, code), lambda _result: self.reload())

    def action_move(self) -> None:
        """Choose the stage that it shall enter."""
        self.with_row(self._move)

    def _move(self, code: str) -> None:
        from sfactl.tui.screens.stages import StagesScreen

        self.app.push_screen(StagesScreen(self.desk, code), self.done)

    def action_log(self) -> None:
        """Keep what was done."""
        self.with_row(lambda code: self.open_form(activity_forms.log(opportunity=code)))


def _filter(session: "Session", wanted: FilterText, limit: int = 0) -> "Filter":
    values = dict(wanted.values)
    closing = values.pop("closing", None)
    within = period_of(session, closing) if closing else None
    status = values.pop("status", None if "stage" in values else "open")
    return services.opportunities.Filter(
        status=None if status == "all" else status, closing=within, search=wanted.words or None, limit=limit,
        **values,  # type: ignore[arg-type]
    )  # fmt: skip
