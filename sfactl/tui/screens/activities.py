"""What a person has to do: today, what is overdue, the week, and all of it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from sfactl import services
from sfactl.i18n import N_, _, ngettext
from sfactl.render.activities import ACTIVITY_COLUMNS
from sfactl.render.formats import format_integer
from sfactl.tui import account_pages, activity_forms, opportunity_pages
from sfactl.tui.cells import Tone
from sfactl.tui.cycling import following
from sfactl.tui.desk import Desk
from sfactl.tui.exporting import Exported
from sfactl.tui.screens.listing import ShortScreen
from sfactl.tui.screens.opportunity import OpportunityScreen
from sfactl.tui.sheets import Shown, shown
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.activities import ActivityRow

MOST: Final = 1000
_COLUMNS = shown(
    ACTIVITY_COLUMNS,
    {"planned_on": 0, "kind": 0, "subject": 0, "account_name": 1, "opportunity": 2, "owner": 1, "done_on": 3, "number": 4},
)  # fmt: skip


def _is_overdue(row: "ActivityRow", today: date) -> bool:
    return row.done_on is None and row.planned_on is not None and row.planned_on < today


VIEWS: Final[Mapping[str, tuple[str, int | None]]] = {
    "today": (N_("due by today"), 0),
    "overdue": (N_("overdue"), -1),
    "week": (N_("due within seven days"), 6),
    "open": (N_("all that is planned"), None),
    "all": (N_("planned and done"), None),
}
"""What is shown, and until how many days from today it is planned for."""


class ActivitiesScreen(ShortScreen):
    """What is planned, the earliest first."""

    MODE = "activities"
    FILTERS = ("owner", "account", "territory")
    TOPIC = "activities"
    EMPTY = N_("Nothing is due. v shows more days, m those of everybody.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", _("View"), id="activities.view", tooltip=_("Show today, what is overdue, the week, or all.")),
        Binding("m", "mine", _("Mine"), id="activities.mine", tooltip=_("Change between your own and those of everybody in sight.")),
        Binding("x", "done_now", _("Done"), id="activities.done", tooltip=_("Say that the activity is done.")),
        Binding("l", "log", _("Log"), id="activities.log", tooltip=_("Keep another one for the same opportunity or account.")),
        Binding("p", "plan", _("Plan"), id="activities.plan", tooltip=_("Plan another one for the same opportunity or account.")),
        Binding("enter", "open", _("Open"), show=False, id="activities.open", tooltip=_("Open the opportunity or the account it is about.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._view = next(iter(VIEWS))
        self._is_mine = True
        self._rows: dict[str, ActivityRow] = {}

    def columns(self) -> Shown:
        """What is shown of an activity."""
        return _COLUMNS

    def exported(self, session: "Session") -> Exported:
        """The list, as the command writes it."""
        numbers = [int(number) for number in self._rows]
        return [services.activities.one(session, number) for number in numbers], ACTIVITY_COLUMNS

    def command(self) -> list[str]:
        """The list as a table."""
        _name, days = VIEWS[self._view]
        until = [] if days is None else ["--until", (self.desk.door.today + timedelta(days=days)).isoformat()]
        actor = self.desk.known.actor
        is_own = self._is_mine and actor is not None and "owner" not in self._filter.values
        mine = ["--owner", actor.login] if is_own and actor else []
        still = [] if self._view == "all" else ["--open"]
        return ["activity", "list", *still, *until, *mine, *self._filter.flags()]

    def reload(self) -> None:
        """Ask for what is planned."""
        is_open, (_name, days), wanted = self._view != "all", VIEWS[self._view], self._filter
        is_mine = self._is_mine

        def found(session: "Session") -> "tuple[list[ActivityRow], date]":
            values = dict(wanted.values)
            if is_mine:
                values.setdefault("owner", session.actor.login)
            until = None if days is None else session.today + timedelta(days=days)
            asked = services.activities.Filter(
                values.get("owner"), values.get("account"), values.get("territory"), is_open, MOST,
                until=until, search=wanted.words or None,
            )  # fmt: skip
            rows = services.activities.find(session, asked)
            return sorted(rows, key=lambda row: (row.planned_on or row.done_on or date.max, row.number)), session.today

        self.ask("activities", found, lambda answer: self._show(*answer))

    def _show(self, rows: "Sequence[ActivityRow]", today: date) -> None:
        self._rows = {str(row.number): row for row in rows}
        self.show([self._row(row, today) for row in rows])
        late = sum(_is_overdue(row, today) for row in rows)
        locale = self.desk.locale
        cut = _("the latest {count} of them") if len(rows) == MOST else ""
        self.caption(
            _(VIEWS[self._view][0]).capitalize(),
            cut.format(count=format_integer(MOST, locale)),
            _("yours") if self._is_mine else _("of everybody in sight"),
            ngettext("{count} activity", "{count} activities", len(rows)).format(
                count=format_integer(len(rows), locale)
            ),
            ngettext("! {count} overdue", "! {count} overdue", late).format(count=format_integer(late, locale))
            if late
            else "",
        )

    def _row(self, row: "ActivityRow", today: date) -> GridRow:
        tones = {"planned_on": Tone.WARNING} if _is_overdue(row, today) else {}
        found = _COLUMNS.row(str(row.number), row, self.desk.locale, tones)
        if not tones:
            return found
        first, *rest = found.cells
        return GridRow(found.key, (type(first)(f"! {first.text}", first.tone), *rest))

    def detail(self, session: "Session", key: str) -> Sequence[Section]:
        """What it is about: the opportunity, or the account."""
        row = services.activities.one(session, int(key))
        if row.opportunity is not None:
            return opportunity_pages.sheet(session, row.opportunity, self.desk.locale)
        return account_pages.sheet(session, row.account, self.desk.locale) if row.account else []

    def action_view(self) -> None:
        """Show the next of the views."""
        self._view = following(VIEWS, self._view)
        self.reload()

    def action_mine(self) -> None:
        """Mine, or everybody's."""
        self._is_mine = not self._is_mine
        self.reload()

    def action_done_now(self) -> None:
        """It is done."""
        self.with_row(lambda key: self._say_done(self._rows[key]))

    def _say_done(self, row: "ActivityRow") -> None:
        if row.done_on is None:
            self.open_form(activity_forms.done(row))
        else:
            self.notify(_("It is done already."), markup=False)

    def action_log(self) -> None:
        """Keep another one."""
        self._another(is_planned=False)

    def action_plan(self) -> None:
        """Plan another one."""
        self._another(is_planned=True)

    def _another(self, *, is_planned: bool) -> None:
        def ask(key: str) -> None:
            row = self._rows[key]
            self.open_form(activity_forms.log(opportunity=row.opportunity, account=row.account, is_planned=is_planned))

        self.with_row(ask)

    @on(RecordGrid.Chosen)
    def action_open(self) -> None:
        """Open the opportunity, or else the account."""
        self.with_row(lambda key: self._open(self._rows[key]))

    def _open(self, row: "ActivityRow") -> None:
        from sfactl.tui.screens.account import AccountScreen

        if row.opportunity is not None:
            self.app.push_screen(OpportunityScreen(self.desk, row.opportunity), lambda _result: self.reload())
        elif row.account is not None:
            self.app.push_screen(AccountScreen(self.desk, row.account), lambda _result: self.reload())
        else:
            self.notify(_("It is about no opportunity and no account."), markup=False)
