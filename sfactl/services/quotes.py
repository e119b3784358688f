"""Quotes: which there are, one in full, how each price came about, and what differs between two."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import Select, select

from sfactl.core import quote_changes
from sfactl.core.money import Money, minor_digits
from sfactl.core.price_rules import Step
from sfactl.core.pricing import Taken, endings
from sfactl.core.quote_states import State
from sfactl.db.session import Session
from sfactl.errors import NotFound
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, quote_storing, territories
from sfactl.services.quote_differences import plain, shown, word

_AT_ONCE: Final = 500
"""So many codes are asked for in one statement."""

_quote, _line, _step = t.quote.c, t.quote_line.c, t.price_step.c


@dataclass(frozen=True)
class QuoteRow:
    """A quote in a list."""

    code: str
    revision: int
    name: str
    opportunity: str | None
    account: str | None
    account_name: str
    seller: str | None
    territory: str | None
    status: str
    is_primary: bool
    list_amount: Money
    amount: Money
    discount: Fraction
    valid_until: date
    version: int
    currency: str


@dataclass(frozen=True)
class QuotePage(QuoteRow):
    """A quote with all that its page shows."""

    lines_amount: Money
    header_discount: Money
    price_book: str
    step_order: str
    priced_on: date
    payment_days: int
    terms: str | None
    locale: str
    author: str
    created_at: datetime
    sent_at: datetime | None
    closed_on: date | None
    closing_reason: str | None
    order: str | None


@dataclass(frozen=True)
class LineRow:
    """A line of a quote."""

    line: int
    parent_line: int | None
    product: str
    product_name: str
    feature: str | None
    quantity: int
    list_price: int
    net_price: int
    discount: Fraction
    list_amount: Money
    amount: Money
    note: str | None
    "What a person should know of it."
    cost: int | None
    margin: Fraction | None
    currency: str


@dataclass(frozen=True)
class StepRow:
    """A step on the way to what a line comes to, or a rule that lost."""

    line: int
    product: str
    step: str
    rule: str | None
    title: str | None
    before: int | None
    after: int | None
    lost_by: str | None
    currency: str


@dataclass(frozen=True)
class ChangeRow:
    """Something that differs between two quotes."""

    line: int | None
    product: str | None
    field: str
    what: str
    "The same in the language of the person."
    before: str
    after: str


@dataclass(frozen=True)
class Filter:
    """Which quotes are wanted."""

    opportunity: str | None = None
    account: str | None = None
    seller: str | None = None
    territory: str | None = None
    is_only: bool = False
    status: State | None = None
    is_primary: bool = False
    search: str | None = None
    limit: int = 0


def find(session: Session, wanted: Filter) -> list[QuoteRow]:
    """Quotes, the newest first."""
    session.actor.require("quote.read")
    statement = _select().order_by(_quote.id.desc())
    if wanted.opportunity is not None:
        statement = statement.where(_quote.opportunity_id == naming.find_id(session, t.opportunity, wanted.opportunity))
    if wanted.account is not None:
        statement = statement.where(_quote.account_id == naming.find_id(session, t.account, wanted.account))
    if wanted.seller is not None:
        statement = statement.where(_quote.credited_id == naming.find_id(session, t.user, wanted.seller, code="login"))
    if wanted.territory is not None:
        below = territories.subtree(session, wanted.territory, only=wanted.is_only)
        statement = statement.where(_quote.credited_territory_id.in_(below))
    if wanted.status is not None:
        statement = statement.where(_quote.status == wanted.status)
    if wanted.is_primary:
        statement = statement.where(_quote.primary_of_id.is_not(None))
    if wanted.search:
        statement = statement.where(naming.says(t.quote, wanted.search))
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return [QuoteRow(**_row(row)) for row in session.execute(statement)]


def of_codes(session: Session, codes: Iterable[str]) -> dict[str, QuoteRow]:
    """The quotes of these codes that are the person's to see."""
    session.actor.require("quote.read")
    found: dict[str, QuoteRow] = {}
    wanted = list(dict.fromkeys(codes))
    for first in range(0, len(wanted), _AT_ONCE):
        part = wanted[first : first + _AT_ONCE]
        found |= {row.code: QuoteRow(**_row(row)) for row in session.execute(_select().where(_quote.code.in_(part)))}
    return found


def _select() -> Select[Any]:
    return (
        select(
            t.quote, t.opportunity.c.code.label("opportunity"), t.account.c.code.label("account"),
            t.user.c.login.label("seller"), t.territory.c.code.label("territory"),
        )
        .select_from(t.quote)
        .outerjoin(t.opportunity, t.opportunity.c.id == _quote.opportunity_id)
        .outerjoin(t.account, t.account.c.id == _quote.account_id)
        .outerjoin(t.user, t.user.c.id == _quote.credited_id)
        .outerjoin(t.territory, t.territory.c.id == _quote.credited_territory_id)
    )  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return {
        "code": row.code, "revision": row.revision, "name": row.name, "opportunity": row.opportunity,
        "account": row.account, "account_name": row.account_name, "seller": row.seller, "territory": row.territory,
        "status": row.status, "is_primary": row.primary_of_id is not None, "list_amount": money(row.list_minor),
        "amount": money(row.net_minor), "discount": discount_of(row), "valid_until": row.valid_until,
        "version": row.version, "currency": row.currency,
    }  # fmt: skip


def discount_of(row: Any) -> Fraction:
    """The total discount, exactly."""
    return 1 - Fraction(row.net_minor, row.list_minor) if row.list_minor else Fraction(0)


def one(session: Session, key: str) -> tuple[QuotePage, list[LineRow]]:
    """A quote in full, and its lines."""
    session.actor.require("quote.read")
    quote_id = naming.find_id(session, t.quote, key)
    row = session.execute(_select().where(_quote.id == quote_id)).one()
    author = session.execute(select(t.user.c.login).where(t.user.c.id == row.author_id)).scalar_one()
    order = (
        session.execute(select(t.order.c.code).where(t.order.c.id == row.order_id)).scalar() if row.order_id else None
    )
    page = QuotePage(
        **_row(row), lines_amount=Money(row.lines_minor, row.currency),
        header_discount=Money(row.header_minor, row.currency), price_book=row.price_book,
        step_order=row.step_order.replace(",", ", "), priced_on=row.priced_on, payment_days=row.payment_days,
        terms=row.terms, locale=row.locale, author=author, created_at=row.created_at, sent_at=row.sent_at,
        closed_on=row.closed_on, closing_reason=row.closing_reason, order=order,
    )  # fmt: skip
    return page, lines_of(session, quote_id, row.currency)


def lines_of(session: Session, quote_id: int, currency: str) -> list[LineRow]:
    """A quote's lines, with what they cost for those who may know it."""
    costs = _costs(session, quote_id)
    rows = session.execute(
        select(t.quote_line, t.product.c.code.label("product"))
        .join(t.product, t.product.c.id == _line.product_id)
        .where(_line.quote_id == quote_id)
        .order_by(_line.line)
    )
    return [_line_row(row, costs.get((row.line, row.product_id)), currency) for row in rows]


def _costs(session: Session, quote_id: int) -> dict[tuple[int, int], int]:
    if not session.actor.may("cost.read"):
        return {}
    cost = t.quote_line_cost.c
    rows = session.execute(
        select(cost.line, cost.product_id, cost.cost_e4).where(cost.quote_id == quote_id).order_by(cost.id)
    )
    return {(row.line, row.product_id): row.cost_e4 for row in rows}


def _line_row(row: Any, cost_e4: int | None, currency: str) -> LineRow:
    net_e4 = row.net_e4
    margin = None if cost_e4 is None or not net_e4 else 1 - Fraction(cost_e4, net_e4)
    list_minor = row.list_minor
    return LineRow(
        row.line, row.parent_line, row.product, row.product_name, row.feature, row.quantity_milli, row.list_e4, net_e4,
        1 - Fraction(row.net_minor, list_minor) if list_minor else Fraction(0), Money(list_minor, currency),
        Money(row.net_minor, currency), _note(row, currency), cost_e4, margin, currency,
    )  # fmt: skip


def _note(row: Any, currency: str) -> str | None:
    notes = []
    if row.manual_e4 is not None:
        notes.append(_("price set by hand: {reason}").format(reason=row.manual_reason))
    if row.is_base_changed:
        notes.append(_("the rules give another price since"))
    if row.is_below_floor:
        notes.append(_("below the floor of {floor}").format(floor=plain(row.floor_e4, 4)))
    if not row.is_standard:
        notes.append(_("not a standard configuration"))
    if row.better_milli is not None:
        notes.append(
            _("buy {quantity}: they cost {amount}").format(
                quantity=plain(row.better_milli, 3), amount=Money(row.better_minor, currency)
            )
        )
    return "; ".join(notes) or None


def why(session: Session, key: str, line: int | None = None) -> list[StepRow]:
    """How each price of a quote came about, step by step up to what its line comes to, with the rules that lost.

    Raises:
        NotFound: it has no such line.
    """
    session.actor.require("quote.read")
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    if line is not None and all(each.line != line for each in kept.lines):
        raise NotFound(
            _("{quote} has no line {line}.").format(quote=key, line=line),
            _("`sfactl quote show {quote}` shows its lines.").format(quote=key),
        )
    steps = _steps(session, quote_id)
    products = {each.line: each.product for each in kept.lines}
    return [
        StepRow(
            each.line, each.product, taken.step, taken.rule, taken.title, taken.before_e4, taken.after_e4, taken.lost_by,
            kept.quote.currency,
        )
        for each in kept.lines if line in (None, each.line)
        for taken in (*steps.get(each.line, ()), *_endings(kept.quote, each, products.get(each.parent_line)))
    ]  # fmt: skip


def _steps(session: Session, quote_id: int) -> dict[int, list[Taken]]:
    """The steps that were stored, by line."""
    found: dict[int, list[Taken]] = {}
    statement = select(
        _step.line, _step.step, _step.rule, _step.title, _step.before_e4, _step.after_e4, _step.lost_by
    ).where(_step.quote_id == quote_id)  # fmt: skip
    for line, step, *rest in session.execute(statement.order_by(_step.line, _step.position)):
        found.setdefault(line, []).append(Taken(Step(step), *rest))
    return found


def _endings(quote: Any, line: Any, bundle: str | None) -> Iterator[Taken]:
    """What comes after the price of a piece, in words."""
    if line.is_included:
        told = _("included in {bundle}").format(bundle=bundle) if bundle else _("its parts have prices of their own")
        yield Taken(Step.INCLUDED, None, told, None, 0)
        return
    titles = {
        Step.QUANTITY: f"× {plain(line.quantity_milli, 3)}",
        Step.ROUNDING: _("to {smallest} {currency}").format(smallest=Money(1, quote.currency), currency=quote.currency),
        Step.TOTAL_DISCOUNT: _("its part of {discount} off all of it").format(
            discount=Money(quote.header_minor, quote.currency)
            if quote.header_bp is None
            else f"{plain(quote.header_bp, 2)}%"
        ),
    }
    unit = 10 ** minor_digits(quote.currency)
    for taken in endings(line.net_e4, line.quantity_milli, line.amount_minor, line.net_minor, unit):
        yield replace(taken, title=titles[taken.step])


def compare(session: Session, one_key: str, other_key: str) -> list[ChangeRow]:
    """What differs between two quotes; `Q-000001@3` means a version that was kept."""
    session.actor.require("quote.read")
    found = quote_changes.differences(_content(session, one_key), _content(session, other_key))
    return [
        ChangeRow(each.line, each.product, each.field, word(each), shown(each, each.before), shown(each, each.after))
        for each in found
    ]


def _content(session: Session, key: str) -> Mapping[str, Any]:
    code, _at, version = key.partition("@")
    quote_id = naming.find_id(session, t.quote, code)
    if not version:
        return quote_storing.content_of(quote_storing.stored(session, quote_id))
    column = t.quote_version.c
    text = None
    if version.isascii() and version.isdigit() and len(version) < 10:
        text = session.execute(
            select(column.content).where(column.quote_id == quote_id, column.version == int(version))
        ).scalar()
    if text is None:
        raise NotFound(
            _("{quote} has no version {version}.").format(quote=code, version=version),
            _("`sfactl quote show {quote}` tells its version.").format(quote=code),
        )
    return dict(json.loads(text))
