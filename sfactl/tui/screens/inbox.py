"""What others wait for: agreement to quotes, and questions about them, to be answered here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from sfactl import services
from sfactl.core.replies import Verdict
from sfactl.i18n import N_, _, ngettext
from sfactl.render.agreements import APPROVAL_COLUMNS, FIELD_COLUMNS, HANDOFF_COLUMNS, QUESTION_COLUMNS
from sfactl.render.formats import format_discount, format_integer, format_near_date
from sfactl.render.quotes import PAGE_COLUMNS, STEP_COLUMNS, line_columns
from sfactl.tui import agreement_forms, sheets, stock_pages
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.desk import Desk
from sfactl.tui.drawings import whole_money
from sfactl.tui.exporting import Exported
from sfactl.tui.screens.listing import ShortScreen
from sfactl.tui.screens.quote import QuoteScreen, agreement_of, why
from sfactl.tui.sheets import Shown, shown
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from datetime import datetime

    from sfactl.db.session import Session
    from sfactl.services.approvals import ApprovalRow
    from sfactl.services.handoffs import HandoffRow
    from sfactl.services.quote_stock import LineStock
    from sfactl.services.quotes import QuotePage, QuoteRow

_APPROVALS = shown(
    APPROVAL_COLUMNS, {"quote": 0, "title": 0, "account_name": 0, "approver": 0, "status": 0, "due_at": 0, "comment": 0}
)
_HANDOFFS = shown(
    HANDOFF_COLUMNS, {"quote": 0, "title": 0, "account_name": 0, "to": 0, "status": 0, "due_at": 0, "comment": 0}
)
_WAITING = ("pending", "sent")
"""What an approval or a hand-off is that nobody has answered."""
_QUOTE_FACTS = ("account_name", "amount", "discount")
_MORE_FACTS = ("list_amount", "header_discount", "opportunity", "seller", "valid_until", "payment_days", "terms")


@dataclass(frozen=True)
class Questions:
    """What is asked."""

    approvals: "Sequence[ApprovalRow]"
    handoffs: "Sequence[HandoffRow]"
    quotes: "Mapping[str, QuoteRow]"
    "Those that are asked about."


class InboxScreen(ShortScreen):
    """What waits, the first that is due first."""

    MODE = "inbox"
    EMPTY = N_("Nobody waits for an answer of yours.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "answer(True)", _("Approve"), id="inbox.approve", tooltip=_("Say yes, with a comment if there is one.")),
        Binding("x", "answer(False)", _("Reject"), id="inbox.reject", tooltip=_("Say no, and why.")),
        Binding("v", "view", _("View"), id="inbox.view", tooltip=_("Change between what waits for you, all in sight, and what is answered.")),
        Binding("w", "why", _("Why"), id="inbox.why", tooltip=_("Show how each price came about, step by step.")),
        Binding("enter", "open", _("Quote"), id="inbox.open", tooltip=_("Open the quote.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._view = 0
        self._found: dict[str, ApprovalRow | HandoffRow] = {}

    def columns(self) -> Shown:
        """What is shown of a question."""
        grid = (
            GridColumn(_("Asked")),
            GridColumn(_("Quote")), GridColumn(_("Why"), is_text=True, rank=1), GridColumn(_("Account"), is_text=True),
            GridColumn(_("Amount"), is_right=True, rank=1), GridColumn(_("Discount"), is_right=True, rank=2),
            GridColumn(_("Seller"), rank=3), GridColumn(_("Who"), rank=4), GridColumn(_("Status"), rank=3),
            GridColumn(_("Due")), GridColumn(_("Comment"), is_text=True, rank=5),
        )  # fmt: skip
        return Shown((), grid)

    def exported(self, session: "Session") -> Exported:
        """The list as it is on the screen: approvals, then hand-offs."""
        found = self._questions(session)
        return [*found.approvals, *found.handoffs], QUESTION_COLUMNS

    def command(self) -> list[str]:
        """The list as a table."""
        return ["quote", "approvals", *(["--mine"] if self._view == 0 else ["--all"] if self._view == 2 else [])]

    def reload(self) -> None:
        """Ask for what is asked."""
        self.ask("questions", self._questions, self._show)

    def _questions(self, session: "Session") -> Questions:
        is_mine, everything, may = self._view == 0, self._view == 2, session.actor.may
        approvals: Sequence[ApprovalRow] = ()
        handoffs: Sequence[HandoffRow] = ()
        if may("approval.read"):
            approvals = services.approvals.find(session, mine=is_mine, everything=everything)
        if may("handoff.read"):
            handoffs = services.handoffs.find(session, mine=is_mine, everything=everything)
        codes = [*(row.quote for row in approvals), *(row.quote for row in handoffs)]
        return Questions(approvals, handoffs, services.quotes.of_codes(session, codes) if may("quote.read") else {})

    def _show(self, questions: Questions) -> None:
        self._found = {_key_of(row): row for row in questions.approvals}
        self._found |= {row.code: row for row in questions.handoffs}
        rows = [self._row(key, row, questions.quotes.get(row.quote)) for key, row in self._found.items()]
        self.show(rows)
        late = sum(row.is_overdue for row in self._found.values())
        names = (_("Waiting for you"), _("Waiting, in sight"), _("Waiting and answered"))
        locale = self.desk.locale
        self.caption(
            names[self._view],
            ngettext("{count} approval", "{count} approvals", len(questions.approvals)).format(
                count=format_integer(len(questions.approvals), locale)
            ),
            ngettext("{count} hand-off", "{count} hand-offs", len(questions.handoffs)).format(
                count=format_integer(len(questions.handoffs), locale)
            ),
            ngettext("! {count} overdue", "! {count} overdue", late).format(count=format_integer(late, locale))
            if late
            else "",
        )

    def _row(self, key: str, row: "ApprovalRow | HandoffRow", quote: "QuoteRow | None") -> GridRow:
        is_approval = key.startswith("approval ")
        tones = {"due_at": Tone.WARNING} if row.is_overdue else {}
        found = (_APPROVALS if is_approval else _HANDOFFS).row(key, row, self.desk.locale, tones)
        number, why, account, who, status, due, comment = found.cells
        asked = Cell(_asked(row) if isinstance(row, services.approvals.ApprovalRow) else key)
        if row.due_at is not None:
            due = Cell(self._said(row.due_at), due.tone)
        due = Cell(f"! {due.text}", due.tone) if row.is_overdue else due
        return GridRow(key, (asked, number, why, account, *self._offer(quote), who, status, due, comment))

    def _offer(self, quote: "QuoteRow | None") -> tuple[Cell, Cell, Cell]:
        """What it is about in short: amount, discount and seller."""
        if quote is None:
            return Cell(), Cell(), Cell()
        amount = whole_money(quote.amount, self.desk.locale, with_currency=True)
        return Cell(amount), Cell(format_discount(quote.discount, self.desk.locale)), Cell(quote.seller or "")

    def _said(self, moment: "datetime") -> str:
        day = format_near_date(moment.date(), self.desk.clock().date(), self.desk.locale)
        return f"{day} {moment:%H:%M %Z}"

    def detail(self, session: "Session", key: str) -> Sequence[Section]:
        """The quote with its lines, who must agree and why; of a hand-off, its fields first."""
        row = self._found.get(key)
        if row is None:
            return []
        locale = self.desk.locale
        return [*_answer_of(row, locale), *_fields(session, key, locale), *_quote(session, row.quote, locale)]

    def code_under_cursor(self) -> str:
        """The hand-off; of an approval, the quote that is asked about."""
        row = self._found.get(self.cursor_key or "")
        return getattr(row, "code", row.quote) if row else ""

    def action_answer(self, is_yes: bool) -> None:
        """Answer what is under the cursor."""
        verdict = Verdict.APPROVE if is_yes else Verdict.REJECT
        self.with_row(lambda key: self._answer(key, self._found[key], verdict))

    def _answer(self, key: str, row: "ApprovalRow | HandoffRow", verdict: Verdict) -> None:
        if row.status not in _WAITING:
            self.notify(_("It is answered already: {status}.").format(status=row.status), markup=False)
        elif isinstance(row, services.approvals.ApprovalRow):
            asked = [each for each in self._found.values() if isinstance(each, services.approvals.ApprovalRow)]
            same = [each for each in asked if (each.quote, each.approver) == (row.quote, row.approver)]
            titles = [each.title for each in same if each.status == "pending"]
            self.open_form(agreement_forms.decide(row.quote, verdict, row.digest, titles))
        else:
            self.ask(
                "fields", lambda session: services.handoffs.one(session, key)[1],
                lambda fields: self.open_form(agreement_forms.answer(key, fields, verdict)),
            )  # fmt: skip

    def action_view(self) -> None:
        """Mine, all in sight, answered ones too."""
        self._view = (self._view + 1) % 3
        self.reload()

    def action_why(self) -> None:
        """Show the price steps."""
        self.with_row(lambda key: self._why(self._found[key].quote))

    def _why(self, code: str) -> None:
        from sfactl.tui.screens.sheet import SheetScreen

        locale = self.desk.locale
        self.app.push_screen(SheetScreen(self.desk, lambda session: why(session, code, locale), ["quote", "why", code]))

    @on(RecordGrid.Chosen)
    def action_open(self) -> None:
        """Open the quote."""
        self.with_row(
            lambda key: self.app.push_screen(
                QuoteScreen(self.desk, self._found[key].quote), lambda _result: self.reload()
            )
        )


def _key_of(row: "ApprovalRow") -> str:
    """One of several that a person was asked about the same quote, in one round or another."""
    return f"approval {row.quote} {row.step} {row.rule} {row.approver} {row.asked_at.isoformat()} {row.digest}"


def _asked(row: "ApprovalRow") -> str:
    """Whether somebody is to agree, or what he said."""
    return _("agree?") if row.status == "pending" else row.status


def _answer_of(row: "ApprovalRow | HandoffRow", locale: str) -> list[Section]:
    """What was answered, and why."""
    is_approval = isinstance(row, services.approvals.ApprovalRow)
    columns, keys = (
        (APPROVAL_COLUMNS, ("title", "approver", "status", "decided_at", "decided_by", "comment"))
        if is_approval
        else (HANDOFF_COLUMNS, ("title", "to", "status", "answered_at", "answered_by", "comment"))
    )
    return [] if row.status in _WAITING else [sheets.facts(_("Answered"), row, columns, keys, locale)]


def _fields(session: "Session", key: str, locale: str) -> list[Section]:
    if key.startswith("approval "):
        return []
    _row, fields = services.handoffs.one(session, key)
    return [sheets.table(_("What is asked"), fields, FIELD_COLUMNS, ("label", "value", "is_asked"), locale)]


def _quote(session: "Session", code: str, locale: str) -> list[Section]:
    """What whoever agrees should know, the first to decide on first."""
    page, lines = services.quotes.one(session, code)
    columns = line_columns(with_cost=any(line.cost is not None for line in lines))
    margin = ["margin"] if any(line.margin is not None for line in lines) else []
    noted = ["note"] if any(line.note for line in lines) else []
    keys = ["line", "product_name", "quantity", "list_price", "net_price", "discount", "amount", *margin, *noted]
    stock = stock_pages.read(session, code)
    return [
        _facts(page, stock, locale),
        *agreement_of(session, code, locale),
        sheets.table(_("Lines"), lines, columns, keys, locale),
        *([] if stock is None else [stock_pages.section(stock, locale)]),
        _steps(session, code, locale),
    ]


def _facts(page: "QuotePage", stock: "Sequence[LineStock] | None", locale: str) -> Section:
    first, rest = (sheets.facts("", page, PAGE_COLUMNS, keys, locale).rows for keys in (_QUOTE_FACTS, _MORE_FACTS))
    told = () if stock is None else ((Cell(_("Stock"), Tone.FAINT), stock_pages.said(stock, locale)),)
    return Section(f"{page.code} · {page.name}", (*first, *told, *rest))


def _steps(session: "Session", code: str, locale: str) -> Section:
    """How each price came about; `why` shows the rules that lost, too."""
    taken = [row for row in services.quotes.why(session, code) if row.lost_by is None]
    keys = ("line", "product", "step", "before", "after", "title")
    return sheets.table(_("Price steps"), taken, STEP_COLUMNS, keys, locale)
