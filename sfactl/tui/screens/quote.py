"""A quote, worked on at the customer's table: its lines, live price, and who must agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from sfactl import services
from sfactl.i18n import _
from sfactl.render.agreements import NEED_COLUMNS
from sfactl.render.quotes import PAGE_COLUMNS, STEP_COLUMNS, line_columns
from sfactl.tui import bundle_orders, opportunity_forms, quote_forms, sheets
from sfactl.tui.bundle_orders import Order
from sfactl.tui.desk import Desk
from sfactl.tui.screens.configure import ConfigureScreen
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.screens.sheet import SheetScreen
from sfactl.tui.widgets.error_bar import ErrorBar
from sfactl.tui.widgets.fact_sheet import FactSheet, Section
from sfactl.tui.widgets.key_bar import KeyBar
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.approvals import NeedRow
    from sfactl.services.quotes import LineRow, QuotePage

_COLUMNS = sheets.shown(
    line_columns(with_cost=False),
    {
        "line": 0, "product": 0, "product_name": 2, "quantity": 0, "list_price": 3, "net_price": 1, "discount": 1,
        "amount": 0, "note": 0,
    },
)  # fmt: skip
_FACTS = (
    "opportunity", "account_name", "status", "is_primary", "list_amount", "header_discount", "amount", "discount",
    "valid_until", "payment_days", "terms", "seller", "sent_at", "closed_on", "closing_reason", "order",
)  # fmt: skip


@dataclass(frozen=True)
class Quote:
    """All of a quote that the screen shows."""

    page: "QuotePage"
    lines: Sequence["LineRow"]
    needs: Sequence["NeedRow"]
    "Who must agree to it as it is."
    rows: tuple[GridRow, ...]
    sheet: list[Section]


class QuoteScreen(Dialog):
    """Over the screen it was opened from."""

    DEFAULT_CLASSES = "in-full quote"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", _("Help"), id="quote.help", tooltip=_("All keys, and what the signs mean.")),
        Binding("escape,q", "dismiss", _("Close"), id="quote.close", tooltip=_("Go back.")),
        Binding("e,enter", "edit_line", _("Edit line"), id="quote.edit-line",
                tooltip=_("Change quantity, discount or price of the line, or take it out.")),
        Binding("a", "add", _("Add"), id="quote.add", tooltip=_("Add products.")),
        Binding("c", "configure", _("Configure"), id="quote.configure",
                tooltip=_("Put the bundle under the cursor together anew, or another one.")),
        Binding("d", "terms", _("Discount"), id="quote.terms", tooltip=_("Change the discount on all of it, its days or its terms.")),
        Binding("w", "why", _("Why"), id="quote.why", tooltip=_("Show how each price came about, step by step.")),
        Binding("s", "submit", _("Submit"), id="quote.submit", tooltip=_("Ask those who must agree, and the areas that must answer.")),
        Binding("k", "check", _("Stock"), show=False, id="quote.stock", tooltip=_("Show what is in stock, and when the rest can be there.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk, code: str) -> None:
        super().__init__(desk)
        self._code = code
        self._quote: Quote | None = None

    def compose(self) -> ComposeResult:
        """The lines, and below them what they come to."""
        with Vertical(classes="dialog"):
            yield RecordGrid(_COLUMNS.grid, empty=_("No lines."), id="quote-lines")
            yield FactSheet()
        yield ErrorBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint first, ask then."""
        super().on_mount()
        self.query_one(RecordGrid).focus()

    def reload(self) -> None:
        """Ask for all of it, and for who would have to agree."""
        code, locale = self._code, self.desk.locale
        self.ask("quote", lambda session: read(session, code, locale), self._show)

    def _show(self, quote: Quote) -> None:
        self._quote = quote
        grid = self.query_one(RecordGrid)
        grid.show(quote.rows)
        grid.styles.height = min(len(quote.rows) + 1, max(self.size.height // 2, 4))
        self.query_one(FactSheet).show(quote.sheet)

    def command(self) -> list[str]:
        """The same quote."""
        return ["quote", "show", self._code]

    @property
    def _line(self) -> "LineRow | None":
        key = self.query_one(RecordGrid).cursor_key
        lines = self._quote.lines if self._quote else ()
        return next((row for row in lines if str(row.line) == key), None)

    @on(RecordGrid.Chosen)
    def action_edit_line(self) -> None:
        """Change the line under the cursor."""
        line = self._line
        if line is not None and self._quote is not None:
            self.open_form(quote_forms.line(self._quote.page, line))

    def action_add(self) -> None:
        """Add products."""
        if self._quote is not None:
            self.open_form(quote_forms.add(self._quote.page))

    def action_configure(self) -> None:
        """The bundle under the cursor anew; elsewhere, a bundle below the lines that are there."""
        line = self._line
        if self._quote is None or line is None or not self.may("quote.edit"):
            return
        order = bundle_orders.again(self._quote.page, self._quote.lines, line.line)
        if order is not None:
            self._configure((order,))
        else:
            opportunity = self._quote.page.opportunity or ""
            self.ask("choices", lambda session: opportunity_forms.choices(session, opportunity), self._choose_bundle)

    def _choose_bundle(self, found: "opportunity_forms.Choices") -> None:
        if self._quote is not None:
            self.open_form(opportunity_forms.choose_for(self._quote.page, found), self._configure)

    def _configure(self, result: tuple[Order] | None) -> None:
        if result is not None:
            self.app.push_screen(ConfigureScreen(self.desk, result[0]), self.done)

    def action_terms(self) -> None:
        """Change what holds for all of it."""
        if self._quote is not None:
            self.open_form(quote_forms.terms(self._quote.page))

    def action_why(self) -> None:
        """Show the price steps."""
        code, locale = self._code, self.desk.locale
        self.app.push_screen(SheetScreen(self.desk, lambda session: why(session, code, locale), ["quote", "why", code]))

    def action_check(self) -> None:
        """Show availability."""
        code, locale = self._code, self.desk.locale
        question = lambda session: quote_forms.stock(session, code, locale)  # noqa: E731 - a name for one argument
        self.app.push_screen(SheetScreen(self.desk, question, ["stock", "check", *self._goods()]))

    def _goods(self) -> list[str]:
        lines = self._quote.lines if self._quote else ()
        return [f"{row.product}={quote_forms.quantity_of(row)}" for row in lines]

    def action_submit(self) -> None:
        """Show who is asked, then ask."""
        if self._quote is not None:
            self.open_form(quote_forms.submit(self._quote.page, self._quote.needs, self.desk.locale))


def read(session: "Session", code: str, locale: str) -> Quote:
    """A quote in full, with who must agree to it.

    Raises:
        NotFound: there is none, or it is not the person's to see.
    """
    page, lines = services.quotes.one(session, code)
    needs = services.approvals.preview(session, code)
    rows = tuple(_COLUMNS.row(str(row.line), row, locale) for row in lines)
    title = f"{page.code} · {page.name}"
    sheet = [sheets.facts(title, page, PAGE_COLUMNS, _FACTS, locale), *_agreement(session, needs, locale)]
    return Quote(page, lines, needs, rows, sheet)


def agreement_of(session: "Session", code: str, locale: str) -> list[Section]:
    """Who must agree to a quote, and how far that is; nothing for who may not see what they were asked."""
    return _agreement(session, services.approvals.preview(session, code), locale)


def _agreement(session: "Session", needs: "Sequence[NeedRow]", locale: str) -> list[Section]:
    if not session.actor.may("approval.read"):
        return []
    return [needs_of(needs, locale, empty=_("Nobody needs to agree to it as it is."))]


def needs_of(needs: "Sequence[NeedRow]", locale: str, *, empty: str) -> Section:
    """Who must agree, and why."""
    keys = ("step", "title", "value", "bound", "approvers", "status")
    return sheets.table(_("Must agree"), needs, NEED_COLUMNS, keys, locale, empty=empty)


def why(session: "Session", code: str, locale: str) -> list[Section]:
    """How each price of a quote came about."""
    keys = ("line", "product", "step", "title", "before", "after", "lost_by")
    rows = services.quotes.why(session, code)
    return [sheets.table(_("How the prices of {code} came about").format(code=code), rows, STEP_COLUMNS, keys, locale)]
