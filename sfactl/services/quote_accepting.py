"""An offer that the customer takes: order, credit, won opportunity and sold stock, in one transaction; and its cancelling."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from sfactl.core.credit_shares import beside, credited
from sfactl.core.quote_states import OPEN, State, require
from sfactl.db.session import Session
from sfactl.errors import Conflict, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, quote_storing, reservations

_quote, _order, _sale = t.quote.c, t.order.c, t.opportunity.c
CHANNEL = "quote"
REVERSAL = "-R"
"""How the code of an order ends that takes another one back."""


@dataclass(frozen=True)
class Accepted:
    """What became of an offer that was taken."""

    code: str
    order: str
    opportunity: str
    credits: int
    "How many people are credited."


def accept(session: Session, key: str, *, purchase_order: str | None = None, on: date | None = None) -> Accepted:
    """The customer takes an offer: it becomes an order, the opportunity is won, its people are credited.

    Raises:
        Conflict: it was not sent, its time is over, or its opportunity is closed.
    """
    for permission in ("quote.edit", "order.create", "credit.create", "opportunity.edit"):
        session.actor.require(permission)
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    quote, day = kept.quote, on or session.today
    require(quote.code, State(quote.status), State.ACCEPTED)
    _require_day(quote, day, session.today)
    sale = quote_storing.require_open(session, quote.opportunity_id)
    order_id, order = _book(session, kept, purchase_order, day)
    count = _credit(session, order_id, quote, day)
    _win(session, sale, quote, day)
    session.sql.execute(
        update(t.quote).where(_quote.id == quote_id).values(
            status=State.ACCEPTED, order_id=order_id, closed_on=day, updated_at=session.now, version=_quote.version + 1
        )
    )  # fmt: skip
    _decline_others(session, quote_id, sale.id, quote.code, day)
    reservations.consume(session, quote.code, _("{order} was booked.").format(order=order))
    session.record(
        "accept", "quote", quote.code, territory_id=quote.territory_id,
        before={"status": quote.status},
        after={"status": State.ACCEPTED, "order": order, "amount_minor": quote.net_minor, "digest": quote.digest},
    )  # fmt: skip
    return Accepted(quote.code, order, sale.code, count)


def _require_day(quote: Any, day: date, today: date) -> None:
    if day > today:
        raise UsageFault(_("{day} is still to come.").format(day=day), _("An order is booked on a day that was."))
    if day >= quote.valid_until:
        raise Conflict(
            _("{quote} was valid until {day}.").format(quote=quote.code, day=quote.valid_until),
            _("Make a new revision with sfactl quote revise {quote}.").format(quote=quote.code),
        )


def _book(session: Session, kept: quote_storing.Stored, purchase_order: str | None, day: date) -> tuple[int, str]:
    """The order with its lines; returns its key and code."""
    quote = kept.quote
    code = _free_code(session, quote)
    values = {
        "code": code, "account_id": quote.account_id, "account_name": quote.account_name,
        "territory_id": quote.territory_id, "owner_id": quote.owner_id,
        "credited_territory_id": quote.credited_territory_id, "credited_id": quote.credited_id, "booked_on": day,
        "channel": CHANNEL, "amount_minor": quote.net_minor, "total_minor": quote.net_minor, "tax_minor": 0,
        "freight_minor": 0, "currency": quote.currency, "purchase_order": purchase_order, "created_at": session.now,
        "updated_at": session.now, "version": 1,
    }  # fmt: skip
    order_id = int(session.sql.execute(insert(t.order).values(values).returning(_order.id)).scalar_one())
    lines = [
        {
            "order_id": order_id, "line": line.line, "product_id": line.product_id,
            "quantity_milli": line.quantity_milli, "unit_price_e4": line.net_e4, "discount_bp": 0,
            "amount_minor": line.net_minor,
        }
        for line in kept.lines
    ]  # fmt: skip
    session.sql.execute(insert(t.order_line), lines)
    return order_id, code


def _free_code(session: Session, quote: Any) -> str:
    """The quote's number; its second order, after the first was cancelled, ends in .2, and so on."""
    first = f"ORD-{quote.code.removeprefix('Q-')}"
    taken = set(session.execute(select(_order.code).where(_order.code.startswith(first, autoescape=True))).scalars())
    codes = (first, *(f"{first}.{number}" for number in range(2, len(taken) + 2)))
    return next(code for code in codes if code not in taken)


def _credit(session: Session, order_id: int, quote: Any, day: date) -> int:
    """Credit by the opportunity's splits; the seller has all of it where nobody shares. Returns how many people."""
    split = t.opportunity_split.c
    rows = session.execute(
        select(split.user_id, split.kind, split.share_bp)
        .where(split.opportunity_id == quote.opportunity_id, split.share_bp > 0)
        .order_by(split.id)
    ).all()
    shares = {row.user_id: row.share_bp for row in rows if row.kind == "revenue"}
    if not shares and quote.credited_id is not None:
        shares = {quote.credited_id: 10_000}
    parts = credited(quote.net_minor, shares)
    figures: Mapping[str, Any] = {
        "order_id": order_id, "territory_id": quote.credited_territory_id, "currency": quote.currency, "credited_on": day,
    }  # fmt: skip
    rows_of_credit = [
        {**figures, "user_id": person, "kind": "revenue", "share_bp": shares[person], "amount_minor": amount}
        for person, amount in parts.items()
    ]
    rows_of_credit += [
        {**figures, "user_id": row.user_id, "kind": "overlay", "share_bp": row.share_bp,
         "amount_minor": beside(quote.net_minor, row.share_bp)}
        for row in rows if row.kind == "overlay"
    ]  # fmt: skip
    if rows_of_credit:
        session.sql.execute(insert(t.credit), rows_of_credit)
    return len({row["user_id"] for row in rows_of_credit})


def _win(session: Session, sale: Any, quote: Any, day: date) -> None:
    """The opportunity is won for what the offer comes to, in the won stage of its process."""
    stage = t.stage.c
    process = select(stage.process_id).where(stage.id == sale.stage_id).scalar_subquery()
    won = session.execute(
        select(stage.id)
        .where(stage.process_id == process, stage.status == "won", stage.active)
        .order_by(stage.position)
        .limit(1)
    ).scalar()
    if won is None:
        raise Conflict(_("The process of {opportunity} has no stage for what is won.").format(opportunity=sale.code))
    _enter(session, sale.id, int(won), status="won", closed_on=day, amount=quote.net_minor, currency=quote.currency)


def _enter(
    session: Session,
    opportunity_id: int,
    stage_id: int,
    *,
    status: str,
    closed_on: date | None,
    amount: int,
    currency: str,
) -> None:
    session.sql.execute(
        update(t.opportunity).where(_sale.id == opportunity_id).values(
            stage_id=stage_id, status=status, closed_on=closed_on, amount_minor=amount, currency=currency,
            updated_at=session.now, version=_sale.version + 1,
        )
    )  # fmt: skip
    session.sql.execute(
        insert(t.stage_change).values(
            opportunity_id=opportunity_id, stage_id=stage_id, entered_at=session.now, user_id=session.actor.user_id
        )
    )


def _decline_others(session: Session, quote_id: int, opportunity_id: int, code: str, day: date) -> None:
    """What else was offered for the same opportunity is done with."""
    session.sql.execute(
        update(t.quote)
        .where(_quote.opportunity_id == opportunity_id, _quote.id != quote_id, _quote.status.in_(sorted(OPEN)))
        .values(
            status=State.DECLINED, closed_on=day, closing_reason=_("{quote} was accepted.").format(quote=code),
            primary_of_id=None, updated_at=session.now, version=_quote.version + 1,
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Cancelled:
    """An order that was taken back."""

    order: str
    reversal: str
    quote: str | None
    opportunity: str | None


def cancel(session: Session, key: str, *, reason: str) -> Cancelled:
    """Take an order back by another one of the same amounts below zero, booked today, so that no closed period changes.

    The opportunity is open again in the stage it was in before, and the offer is what it was: sent.

    Raises:
        Conflict: it came from no offer, or was taken back already.
    """
    for permission in ("quote.edit", "order.create", "credit.create", "opportunity.edit"):
        session.actor.require(permission)
    order_id = naming.find_id(session, t.order, key)
    order = session.execute(select(t.order).where(_order.id == order_id)).one()
    quote = session.execute(select(t.quote).where(_quote.order_id == order_id)).first()
    if quote is None:
        raise Conflict(
            _("{order} came from no offer, or was cancelled already.").format(order=order.code),
            _("An order of another system is changed there, and imported again."),
        )
    reversal = _reverse(session, order)
    sale = session.execute(select(t.opportunity).where(_sale.id == quote.opportunity_id)).one()
    _reopen(session, sale)
    require(quote.code, State.ACCEPTED, State.SENT)
    session.sql.execute(
        update(t.quote).where(_quote.id == quote.id).values(
            status=State.SENT, order_id=None, closed_on=None, updated_at=session.now, version=_quote.version + 1
        )
    )  # fmt: skip
    reservations.give_back(session, quote.code, reason)
    session.record(
        "cancel", "order", order.code, territory_id=order.territory_id, reason=reason,
        before={"amount_minor": order.amount_minor, "quote": quote.code}, after={"reversal": reversal},
    )  # fmt: skip
    return Cancelled(order.code, reversal, quote.code, sale.code)


def _reverse(session: Session, order: Any) -> str:
    """An order of the opposite amounts, with its lines and credits; returns its code."""
    code = f"{order.code}{REVERSAL}"
    values = {column.name: getattr(order, column.name) for column in t.order.columns if column.name != "id"} | {
        "code": code, "external_id": None, "booked_on": session.today, "completed_on": None, "status": "cancelled",
        "created_at": session.now, "updated_at": session.now, "version": 1,
    }  # fmt: skip
    for name in ("amount_minor", "tax_minor", "freight_minor", "total_minor"):
        values[name] = -values[name]
    made = int(session.sql.execute(insert(t.order).values(values).returning(_order.id)).scalar_one())
    for table, negated in ((t.order_line, ("quantity_milli", "amount_minor")), (t.credit, ("amount_minor",))):
        rows = session.execute(select(table).where(table.c.order_id == order.id).order_by(table.c.id)).all()
        copies = [
            {column.name: getattr(row, column.name) for column in table.columns if column.name != "id"}
            | {"order_id": made} | {name: -getattr(row, name) for name in negated}
            | ({"credited_on": session.today} if table is t.credit else {})
            for row in rows
        ]  # fmt: skip
        if copies:
            session.sql.execute(insert(table), copies)
    return code


def _reopen(session: Session, sale: Any) -> None:
    """The opportunity in the last stage in which it was open."""
    change, stage = t.stage_change.c, t.stage.c
    before = session.execute(
        select(stage.id)
        .select_from(t.stage_change)
        .join(t.stage, stage.id == change.stage_id)
        .where(change.opportunity_id == sale.id, stage.status == "open")
        .order_by(change.id.desc())
        .limit(1)
    ).scalar()
    if before is None:
        process = select(stage.process_id).where(stage.id == sale.stage_id).scalar_subquery()
        before = session.execute(
            select(stage.id)
            .where(stage.process_id == process, stage.status == "open")
            .order_by(stage.position)
            .limit(1)
        ).scalar_one()
    _enter(
        session, sale.id, int(before), status="open", closed_on=None, amount=sale.amount_minor, currency=sale.currency
    )  # fmt: skip
