"""One opportunity, worked on: where it stands in its process, its facts, its quotes, and what happened."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from sfactl import services
from sfactl.i18n import _
from sfactl.tui import activity_forms, opportunity_forms, opportunity_pages
from sfactl.tui.bundle_orders import Order
from sfactl.tui.desk import Desk
from sfactl.tui.screens.configure import ConfigureScreen
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.screens.quote import QuoteScreen
from sfactl.tui.screens.stages import StagesScreen
from sfactl.tui.widgets.fact_sheet import FactSheet, Section

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.quotes import QuoteRow


class OpportunityScreen(Dialog):
    """Over the screen it was opened from."""

    DEFAULT_CLASSES = "in-full"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", _("Help"), id="opportunity.help", tooltip=_("All keys, and what the signs mean.")),
        Binding("greater_than_sign", "move", _("Move"), id="opportunity.move", key_display=">",
                tooltip=_("Let the opportunity enter another stage; what is missing is said first.")),
        Binding("l", "log", _("Log"), id="opportunity.log", tooltip=_("Keep a call, visit or e-mail.")),
        Binding("p", "plan", _("Plan"), id="opportunity.plan", tooltip=_("Plan a call, visit or e-mail.")),
        Binding("e", "edit", _("Edit"), id="opportunity.edit", tooltip=_("Change next step, close date or amount.")),
        Binding("o", "quote", _("Offer"), id="opportunity.quote", tooltip=_("Open its quote, or make the first one.")),
        Binding("c", "configure", _("Configure"), id="opportunity.configure",
                tooltip=_("Put a bundle together for what is needed, with its price, and offer it.")),
        Binding("n", "new_quote", _("New offer"), show=False, id="opportunity.new-quote", tooltip=_("Make another quote.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk, code: str) -> None:
        super().__init__(desk)
        self._code = code
        self._step = ""

    def reload(self) -> None:
        """Ask for all of it."""
        code, locale = self._code, self.desk.locale

        def facts(session: "Session") -> list[Section]:
            return opportunity_pages.sheet(session, code, locale)

        self.ask("facts", facts, self.query_one(FactSheet).show)

    def command(self) -> list[str]:
        """The same facts."""
        return ["opportunity", "show", self._code]

    def action_move(self) -> None:
        """Choose the stage it shall enter."""
        self.app.push_screen(StagesScreen(self.desk, self._code), self.done)

    def action_log(self) -> None:
        """Keep what was done."""
        self.open_form(activity_forms.log(opportunity=self._code))

    def action_plan(self) -> None:
        """Plan what is to be done."""
        self.open_form(activity_forms.log(opportunity=self._code, is_planned=True))

    def action_edit(self) -> None:
        """Change what is kept by hand."""
        code = self._code
        self.ask(
            "edit", lambda session: services.opportunities.one(session, code)[0],
            lambda row: self.open_form(opportunity_forms.edit(row)),
        )  # fmt: skip

    def action_quote(self) -> None:
        """Open the quote that decides the amount, or the newest; without one, make it."""
        code = self._code

        def quotes(session: "Session") -> list["QuoteRow"]:
            return services.quotes.find(session, services.quotes.Filter(opportunity=code))

        self.ask("quotes", quotes, self._open_quote)

    def _open_quote(self, found: list["QuoteRow"]) -> None:
        primary = [row for row in found if row.is_primary]
        if found:
            self.app.push_screen(QuoteScreen(self.desk, (primary or found)[0].code), lambda _result: self.reload())
        else:
            self.action_new_quote()

    def action_configure(self) -> None:
        """Choose a bundle and where it goes, and put it together."""
        code = self._code
        if self.may("quote.create"):
            self.ask("choices", lambda session: opportunity_forms.choices(session, code), self._choose_bundle)

    def _choose_bundle(self, found: "opportunity_forms.Choices") -> None:
        if not found.orders:
            self.notify(_("There is no bundle that you could offer."), markup=False)
        elif len(found.orders) == 1 and not found.quotes:
            self._configure((found.orders[0],))
        else:
            self.open_form(opportunity_forms.choose(self._code, found), self._configure)

    def _configure(self, result: tuple[Order] | None) -> None:
        if result is not None:
            self.app.push_screen(ConfigureScreen(self.desk, result[0]), self._made)

    def action_new_quote(self) -> None:
        """Make a quote of products, or of a bundle that is configured for what is needed."""
        code = self._code
        self.ask(
            "bundles", opportunity_forms.bundles, lambda found: self._ask_quote(opportunity_forms.quote(code, found))
        )

    def _ask_quote(self, form: Any) -> None:
        self.open_form(form, self._made)

    def _made(self, result: Any) -> None:
        if result is not None:
            self.app.push_screen(QuoteScreen(self.desk, result[0]), lambda _result: self.reload())
