"""One account in full, worked on: what is known of it, and what one does from there."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from sfactl.i18n import _
from sfactl.tui import account_forms, account_pages, activity_forms, opportunity_forms
from sfactl.tui.account_pages import Account
from sfactl.tui.desk import Desk
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.screens.opportunity import OpportunityScreen
from sfactl.tui.screens.sheet import SheetScreen
from sfactl.tui.widgets.fact_sheet import FactSheet


class AccountScreen(Dialog):
    """Over the screen it was opened from."""

    DEFAULT_CLASSES = "in-full"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", _("Help"), id="account.help", tooltip=_("All keys, and what the signs mean.")),
        Binding("l", "log", _("Log"), id="account.log", tooltip=_("Keep a call, visit or e-mail with the account.")),
        Binding("p", "plan", _("Plan"), id="account.plan", tooltip=_("Plan a call, visit or e-mail with the account.")),
        Binding("o", "sale", _("Opportunity"), id="account.opportunity",
                tooltip=_("Open its opportunity, or one of several; without any, make one.")),
        Binding("n", "new_sale", _("New"), id="account.new-opportunity", tooltip=_("Make an opportunity.")),
        Binding("a", "reassign", _("Reassign"), id="account.reassign", tooltip=_("Give the account to somebody else, with a reason.")),
        Binding("h", "history", _("History"), id="account.history", tooltip=_("Show what happened with the account, the latest first.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk, code: str) -> None:
        super().__init__(desk)
        self._code = code
        self._account: Account | None = None

    def reload(self) -> None:
        """Ask for all of it."""
        code, locale = self._code, self.desk.locale
        self.ask("account", lambda session: account_pages.read(session, code, locale), self._show)

    def _show(self, account: Account) -> None:
        self._account = account
        self.query_one(FactSheet).show(account.sections)

    def command(self) -> list[str]:
        """The same account."""
        return ["account", "show", self._code]

    def action_log(self) -> None:
        """Keep what was done."""
        self.open_form(activity_forms.log(account=self._code))

    def action_plan(self) -> None:
        """Plan what is to be done."""
        self.open_form(activity_forms.log(account=self._code, is_planned=True))

    def action_sale(self) -> None:
        """Open the open opportunity; of several, ask which."""
        sales = self._account.sales if self._account else ()
        if len(sales) > 1:
            self.open_form(opportunity_forms.which(self._code, sales), self._open_sale)
        elif sales:
            self._open_sale((sales[0].code,))
        elif self._account:
            self.action_new_sale()

    def action_new_sale(self) -> None:
        """Make an opportunity, and open it."""
        self.open_form(opportunity_forms.new(self._code), self._open_sale)

    def _open_sale(self, result: Any) -> None:
        if result is not None:
            self.app.push_screen(OpportunityScreen(self.desk, result[0]), lambda _result: self.reload())

    def action_reassign(self) -> None:
        """Give it to somebody else."""
        if self._account is not None:
            self.open_form(account_forms.reassign(self._code, self._account.owner))

    def action_history(self) -> None:
        """Show what happened."""
        code, locale = self._code, self.desk.locale
        self.app.push_screen(
            SheetScreen(
                self.desk, lambda session: account_pages.history(session, code, locale), ["account", "timeline", code]
            )
        )
