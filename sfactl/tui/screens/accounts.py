"""The accounts: found while one types, in full, several side by side, given to somebody else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from sfactl import services
from sfactl.i18n import N_, _, ngettext, pgettext
from sfactl.render.accounts import ACCOUNT_COLUMNS
from sfactl.render.formats import format_integer
from sfactl.tui import account_forms, account_pages, activity_forms
from sfactl.tui.cells import Tone
from sfactl.tui.desk import Desk
from sfactl.tui.exporting import Exported
from sfactl.tui.filter_text import FilterText
from sfactl.tui.screens.listing import PagedScreen
from sfactl.tui.screens.sheet import SheetScreen
from sfactl.tui.sheets import Shown, shown
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.narrowing import AccountFilter

_COLUMNS = shown(
    ACCOUNT_COLUMNS,
    {
        "code": 0, "name": 0, "owner": 0, "territory": 1, "segment": 3, "industry": 4, "city": 5,
        "open_opportunities": 2, "last_order_on": 2,
    },
    {"open_opportunities": pgettext("opportunities", "Open")},
)  # fmt: skip


class AccountsScreen(PagedScreen):
    """The list, and the account under the cursor."""

    MODE = "accounts"
    FILTERS = ("owner", "territory", "segment", "industry", "where")
    EMPTY = N_("No account that you may see fits.")
    SORTS: ClassVar[Mapping[str, str]] = {
        "code": N_("code"), "name": N_("name"), "owner": N_("owner"), "territory": N_("territory"),
        "segment": N_("segment"),
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "in_full", _("In full"), id="accounts.full", tooltip=_("Show everything about the account, to work on it.")),
        Binding("space", "mark", _("Mark"), show=False, id="accounts.mark", tooltip=_("Mark the account, to see several side by side.")),
        Binding("c", "compare", _("Compare"), id="accounts.compare", tooltip=_("Show the marked accounts side by side.")),
        Binding("h", "history", _("History"), show=False, id="accounts.history",
                tooltip=_("Show what happened with the account, the latest first.")),
        Binding("l", "log", _("Log"), id="accounts.log", tooltip=_("Keep a call, visit or e-mail with the account.")),
        Binding("a", "reassign", _("Reassign"), id="accounts.reassign", tooltip=_("Give the account to somebody else, with a reason.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._marked: list[str] = []
        self._owners: dict[str, str | None] = {}

    def columns(self) -> Shown:
        """What is shown of an account."""
        return _COLUMNS

    def exported(self, session: "Session") -> Exported:
        """The list, as the command writes it."""
        return services.accounts.find(session, _account_filter(self._filter)), ACCOUNT_COLUMNS

    def command(self) -> list[str]:
        """The list as a table."""
        return ["account", "list", *self._filter.flags()]

    def keys(self, session: "Session", wanted: FilterText, sort: str, limit: int = 0) -> Sequence[int]:
        """All that fit, or the first of them."""
        return services.accounts.keys(session, replace(_account_filter(wanted), limit=limit), (sort,))

    def rows(self, session: "Session", ids: Sequence[int]) -> Mapping[int, GridRow]:
        """Those in sight."""
        found = services.accounts.of_keys(session, ids)
        self._owners |= {row.code: row.owner for row in found.values()}
        return {key: self._row(row) for key, row in found.items()}

    def _row(self, row: object) -> GridRow:
        code = str(getattr(row, "code", ""))
        tones = {"name": Tone.STRONG} if code in self._marked else {}
        return _COLUMNS.row(code, row, self.desk.locale, tones)

    def say(self, count: int) -> None:
        """How many there are, how they are sorted, and which are marked."""
        marked = _("marked: {codes}").format(codes=", ".join(self._marked)) if self._marked else ""
        sorted_by = _("by {what}").format(what=_(self.SORTS[self._sort]))
        counted = ngettext("{count} account", "{count} accounts", count).format(
            count=format_integer(count, self.desk.locale)
        )
        self.caption(counted, sorted_by, marked)

    def detail(self, session: "Session", key: str) -> Sequence[Section]:
        """The account in short and in full."""
        return account_pages.sheet(session, key, self.desk.locale)

    @on(RecordGrid.Chosen)
    def action_in_full(self) -> None:
        """Show everything, to work on it."""
        self.with_row(self._open_account)

    def _open_account(self, code: str) -> None:
        from sfactl.tui.screens.account import AccountScreen

        self.app.push_screen(AccountScreen(self.desk, code), lambda _result: self.reload())

    def _open(self, question: "Callable[[Session], Sequence[Section]]", words: Sequence[str]) -> None:
        self.app.push_screen(SheetScreen(self.desk, question, words))

    def action_mark(self) -> None:
        """Mark the account, or take the mark back."""
        self.with_row(self._mark)

    def _mark(self, code: str) -> None:
        if code in self._marked:
            self._marked.remove(code)
        else:
            self._marked.append(code)
        self.reload()

    def action_compare(self) -> None:
        """Show those that are marked."""
        codes = list(self._marked)
        if len(codes) < 2:
            self.notify(_("Mark two accounts or more with the space bar first."), markup=False)
            return
        self._open(
            lambda session: account_pages.side_by_side(session, codes, self.desk.locale), ["account", "show", *codes]
        )

    def action_history(self) -> None:
        """Show what happened."""
        self.with_row(self._show_history)

    def _show_history(self, code: str) -> None:
        self._open(
            lambda session: account_pages.history(session, code, self.desk.locale), ["account", "timeline", code]
        )

    def action_log(self) -> None:
        """Keep what was done."""
        self.with_row(lambda code: self.open_form(activity_forms.log(account=code)))

    def action_reassign(self) -> None:
        """Give it to somebody else."""
        self.with_row(lambda code: self.open_form(account_forms.reassign(code, self._owners.get(code))))


def _account_filter(wanted: FilterText) -> "AccountFilter":
    return services.narrowing.AccountFilter(search=wanted.words or None, **wanted.values)  # type: ignore[arg-type]
