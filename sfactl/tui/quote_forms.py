"""Forms about a quote: its lines, its discounts and terms, and to submit it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sfactl import services
from sfactl.core import quote_words
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.stock import PART_COLUMNS
from sfactl.tui import sheets
from sfactl.tui.activity_forms import day_of
from sfactl.tui.forms import Answers, Field, Form, Kind
from sfactl.tui.opportunity_forms import products_of
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Door, Session
    from sfactl.services.approvals import NeedRow, Submitted
    from sfactl.services.quotes import LineRow, QuotePage


def quantity_of(row: "LineRow") -> str:
    """A line's quantity as one types it."""
    return f"{(Decimal(row.quantity) / 1000).normalize():f}"


def line(page: "QuotePage", row: "LineRow") -> Form:
    """Change a line: how many, what is taken off, a price by hand with its reason; none at all takes it out."""
    quantity = quantity_of(row)

    def act(door: "Door", answers: Answers) -> Any:
        number, reason = row.line, answers["reason"] or None
        if answers["quantity"] in ("", "0"):
            change = services.quote_editing.Change(remove=[number], reason=reason, version=page.version)
        else:
            change = services.quote_editing.Change(
                quantities={} if answers["quantity"] == quantity else {number: quote_words.milli(answers["quantity"])},
                discounts={number: quote_words.share_bp(answers["discount"])} if answers["discount"] else {},
                prices={number: quote_words.price_e4(answers["price"])} if answers["price"] else {},
                reason=reason, version=page.version,
            )  # fmt: skip
        return door.write(services.quote_editing.edit, page.code, change)

    def command(answers: Answers) -> list[str]:
        words = ["quote", "edit", page.code]
        if answers["quantity"] in ("", "0"):
            return [*words, "--remove", str(row.line)]
        if answers["quantity"] != quantity:
            words += ["--quantity", f"{row.line}={answers['quantity']}"]
        for flag in ("discount", "price"):
            words += [f"--{flag}", f"{row.line}={answers[flag]}"] if answers[flag] else []
        return [*words, *(["--reason", answers["reason"]] if answers["reason"] else [])]

    return Form(
        _("Line {line} of {code}: {product}").format(line=row.line, code=page.code, product=row.product_name),
        (
            Field("quantity", _("Quantity; 0 takes the line out"), quantity, kind=Kind.NUMBER, option="--quantity"),
            Field("discount", _("Discount"), kind=Kind.SHARE, option="--discount"),
            Field("price", _("Price by hand, a piece"), hint=_("needs a reason"), kind=Kind.NUMBER, option="--price"),
            Field("reason", _("Reason"), option="--reason"),
        ),
        act, command, _told, verb=_("change it"), right="quote.edit",
    )  # fmt: skip


def _told(edited: Any) -> str:
    changed = "\n".join(services.quote_differences.said(each) for each in edited.differences[:5])
    return _("{code} is priced anew: {state}.").format(code=edited.code, state=edited.state) + (
        f"\n{changed}" if changed else ""
    )


def add(page: "QuotePage") -> Form:
    """Add products below the lines that are there."""

    def act(door: "Door", answers: Answers) -> Any:
        lines = products_of(answers["products"])
        if not lines:
            raise UsageFault(_("Say which products."), _("For example: P-1=200"))
        return door.write(
            services.quote_editing.edit, page.code, services.quote_editing.Change(add=lines, version=page.version)
        )

    def command(answers: Answers) -> list[str]:
        return ["quote", "edit", page.code, *(w for each in answers["products"].split() for w in ("--add", each))]

    return Form(
        _("Add to {code}").format(code=page.code), (Field("products", _("Products"), hint="P-1=200 P-2=5"),),
        act, command, _told, verb=_("add them"), right="quote.edit",
    )  # fmt: skip


def terms(page: "QuotePage") -> Form:
    """Change what holds for the whole quote."""
    before = {"days": str(page.payment_days), "until": page.valid_until.isoformat(), "terms": page.terms or ""}

    def act(door: "Door", answers: Answers) -> Any:
        days = answers["days"]
        if not (days.isascii() and days.isdigit() and len(days) < 5):
            raise UsageFault(_("{text} is no number of days.").format(text=days), _("For example: 30"))
        change = services.quote_editing.Change(
            header_bp=quote_words.share_bp(answers["discount"]) if answers["discount"] else None,
            payment_days=None if days == before["days"] else int(days),
            valid_until=None if answers["until"] == before["until"] else day_of(answers["until"]),
            terms=None if answers["terms"] == before["terms"] else answers["terms"],
            reason=answers["reason"] or None, version=page.version,
        )  # fmt: skip
        return door.write(services.quote_editing.edit, page.code, change)

    def command(answers: Answers) -> list[str]:
        flags = {"days": "--payment-days", "until": "--valid-until", "terms": "--terms"}
        said = [word for key, flag in flags.items() if answers[key] != before[key] for word in (flag, answers[key])]
        off = ["--total-discount", answers["discount"]] if answers["discount"] else []
        return [
            "quote",
            "edit",
            page.code,
            *off,
            *said,
            *(["--reason", answers["reason"]] if answers["reason"] else []),
        ]

    return Form(
        _("Discount and terms of {code}").format(code=page.code),
        (
            Field("discount", _("Discount on all of it"), kind=Kind.SHARE, option="--total-discount"),
            Field("days", _("Paid in days"), before["days"], option="--payment-days"),
            Field("until", _("Valid until"), before["until"], kind=Kind.DAY, option="--valid-until"),
            Field("terms", _("Terms"), before["terms"], option="--terms"),
            Field("reason", _("Reason"), option="--reason"),
        ),
        act, command, _told, verb=_("change it"), right="quote.edit",
    )  # fmt: skip


def submit(page: "QuotePage", needs: "Sequence[NeedRow]", locale: str) -> Form:
    """Who will be asked, and the question itself."""
    from sfactl.tui.screens.quote import needs_of

    def act(door: "Door", answers: Answers) -> "Submitted":
        return door.write(services.approvals.submit, page.code, reason=answers["reason"] or None)

    def command(answers: Answers) -> list[str]:
        return ["quote", "submit", page.code, *(["--reason", answers["reason"]] if answers["reason"] else [])]

    return Form(
        _("Submit {code}").format(code=page.code), (Field("reason", _("Reason, for the audit trail"), option="--reason"),), act, command,
        lambda done: _("{code} is {status}.").format(code=done.quote, status=done.status),
        above=(needs_of(needs, locale, empty=_("Nobody needs to agree: it is approved at once.")),), verb=_("submit it"),
        right="quote.edit",
    )  # fmt: skip


def stock(session: "Session", code: str, locale: str) -> list[Section]:
    """What is in stock for a quote, and when the rest can be there."""
    page, lines = services.quotes.one(session, code)
    wishes = [services.availability.Wish(row.product, row.quantity) for row in lines]
    keys = ("product", "product_name", "wanted", "quantity", "status", "warehouse", "on", "counted_on", "alternative")
    title = _("Availability for {code}").format(code=code)
    found = services.availability.check(session, wishes, held_for=page.code)
    return [sheets.table(title, found, PART_COLUMNS, keys, locale)]
