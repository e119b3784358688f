"""Quotes with all their figures: priced anew, stored whole, and what each version promised kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update

from sfactl.core import quote_changes
from sfactl.core.price_rules import Step
from sfactl.core.pricing import Header, Line, Manual, Priced, PricedLine, price
from sfactl.core.quote_digest import Agreed, AgreedLine, quote_digest
from sfactl.core.quote_states import State, after_edit
from sfactl.db.session import Session
from sfactl.errors import Conflict
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import pricing
from sfactl.services.pricing import Customer, Offered

_quote, _line, _product = t.quote.c, t.quote_line.c, t.product.c


@dataclass(frozen=True)
class Stored:
    """A quote's row with its account, and its lines with their products, as the database has them."""

    quote: Any
    lines: Sequence[Any]

    @property
    def products(self) -> dict[int, Offered]:
        """The products on its lines."""
        return {
            line.product_id: Offered(line.product_id, line.product, line.product_name, line.family)
            for line in self.lines
        }  # fmt: skip


def stored(session: Session, quote_id: int) -> Stored:
    """A quote as it stands."""
    quote = session.execute(
        select(t.quote, t.account.c.code.label("account"), t.account.c.segment, t.account.c.country)
        .outerjoin(t.account, t.account.c.id == _quote.account_id)
        .where(_quote.id == quote_id)
    ).one()
    lines = session.execute(
        select(t.quote_line, _product.code.label("product"), _product.family, _product.unit)
        .join(t.product, _product.id == _line.product_id)
        .where(_line.quote_id == quote_id)
        .order_by(_line.line)
    ).all()
    return Stored(quote, lines)


def price_of(session: Session, kept: Stored) -> Priced:
    """What a quote costs by the prices and rules of its day, its own order of steps, and what was set by hand."""
    quote, products = kept.quote, kept.products
    customer = Customer(
        quote.account_id, quote.segment, quote.territory_id, quote.currency, quote.priced_on, quote.price_book
    )
    listed = pricing.listed(session, customer, products)
    lines = [
        Line(
            line.line, line.product, line.quantity_milli, listed.get(line.product_id), line.family, line.discount_bp,
            None if line.manual_e4 is None else Manual(line.manual_e4, line.manual_base_e4), line.is_included,
        )
        for line in kept.lines
    ]  # fmt: skip
    return price(
        lines, pricing.rules(session, customer, products), currency=quote.currency,
        order=[Step(word) for word in quote.step_order.split(",")],
        header=Header(quote.header_bp, quote.header_minor),
    )  # fmt: skip


def reprice(session: Session, quote_id: int) -> State:
    """Price a quote anew and store it whole; returns its state, which a change for the worse ends.

    The amount of an opportunity that it decides follows.
    """
    kept = stored(session, quote_id)
    priced = price_of(session, kept)
    _store_lines(session, quote_id, kept, priced)
    values = {
        "list_minor": priced.list_minor, "lines_minor": priced.lines_minor, "header_minor": priced.header_minor,
        "net_minor": priced.net_minor, "discount_bp": priced.discount_bp,
    }  # fmt: skip
    session.sql.execute(update(t.quote).where(_quote.id == quote_id).values(values))
    state = keep_version(session, quote_id)
    drive_opportunity(session, quote_id)
    return state


def _store_lines(session: Session, quote_id: int, kept: Stored, priced: Priced) -> None:
    for line, done in zip(kept.lines, priced.lines, strict=True):
        session.sql.execute(update(t.quote_line).where(_line.id == line.id).values(_figures(line, done)))
    session.sql.execute(delete(t.price_step).where(t.price_step.c.quote_id == quote_id))
    steps = [
        {
            "quote_id": quote_id, "line": done.line, "position": position, "step": taken.step, "rule": taken.rule,
            "title": taken.title, "before_e4": taken.before_e4, "after_e4": taken.after_e4, "lost_by": taken.lost_by,
        }
        for done in priced.lines
        for position, taken in enumerate(done.steps, 1)
    ]  # fmt: skip
    if steps:
        session.sql.execute(insert(t.price_step), steps)


def _figures(line: Any, done: PricedLine) -> dict[str, Any]:
    """A line's figures; what the rules gave when a price was set by hand stays as it was then."""
    base = None
    if line.manual_e4 is not None:
        base = done.base_e4 if line.manual_base_e4 is None else line.manual_base_e4
    return {
        "list_e4": done.list_e4, "net_e4": done.net_e4, "list_minor": done.list_minor,
        "amount_minor": done.amount_minor, "header_minor": done.header_minor, "net_minor": done.net_minor,
        "floor_e4": done.floor_e4, "is_below_floor": done.is_below_floor, "manual_base_e4": base,
        "is_base_changed": done.is_base_changed,
        "better_milli": done.better.quantity_milli if done.better else None,
        "better_minor": done.better.amount_minor if done.better else None,
    }  # fmt: skip


def agreed(kept: Stored) -> Agreed:
    """What a quote promises."""
    quote = kept.quote
    lines = [
        AgreedLine(
            line.line, line.parent_line, line.product, line.feature, line.is_included, line.is_standard,
            line.quantity_milli, line.list_e4, line.net_e4, line.net_minor, line.discount_bp, line.manual_e4,
            line.is_below_floor,
        )
        for line in kept.lines
    ]  # fmt: skip
    return Agreed(
        quote.code, quote.account or str(quote.account_id), quote.currency, quote.valid_until, quote.payment_days,
        quote.terms, quote.header_minor, quote.net_minor, lines,
    )  # fmt: skip


def digest_of(session: Session, quote_id: int) -> str:
    """The digest of what a quote promises now."""
    return quote_digest(agreed(stored(session, quote_id)))


def content_of(kept: Stored) -> dict[str, Any]:
    """The same as JSON has it, with the name of the offer, which nobody agrees to."""
    said = {"name": kept.quote.name, **asdict(agreed(kept))}
    said["valid_until"] = said["valid_until"].isoformat()
    return said


def keep_version(session: Session, quote_id: int) -> State:
    """Keep what a quote promises now as a version of its own, where that is something else than before.

    A change for the worse ends an approval; returns the state that follows.
    """
    kept = stored(session, quote_id)
    content, digest = content_of(kept), quote_digest(agreed(kept))
    before = last_content(session, quote_id)
    state = State(kept.quote.status)
    if before is not None and digest != kept.quote.digest:
        state = after_edit(state, is_worse=quote_changes.is_worse(before, content))
    if digest == kept.quote.digest:
        return state
    version = kept.quote.version if before is None else kept.quote.version + 1
    session.sql.execute(
        update(t.quote)
        .where(_quote.id == quote_id)
        .values(
            digest=digest, version=version, updated_at=session.now, changed_by_id=session.actor.user_id, status=state
        )
    )
    session.sql.execute(
        insert(t.quote_version).values(
            quote_id=quote_id, version=version, user_id=session.actor.user_id, changed_at=session.now,
            content=json.dumps(content, ensure_ascii=False, sort_keys=True),
        )
    )  # fmt: skip
    return state


def last_content(session: Session, quote_id: int) -> Mapping[str, Any] | None:
    """What the newest version that was kept promised."""
    version = t.quote_version.c
    text = session.execute(
        select(version.content).where(version.quote_id == quote_id).order_by(version.version.desc()).limit(1)
    ).scalar()
    return None if text is None else dict(json.loads(text))


def drive_opportunity(session: Session, quote_id: int) -> None:
    """Let the amount of an open opportunity be that of the quote that decides it."""
    sale = t.opportunity.c
    quote = session.execute(
        select(_quote.primary_of_id, _quote.net_minor, _quote.currency).where(_quote.id == quote_id)
    ).one()
    if quote.primary_of_id is None:
        return
    session.sql.execute(
        update(t.opportunity)
        .where(sale.id == quote.primary_of_id, sale.status == "open")
        .where((sale.amount_minor != quote.net_minor) | (sale.currency != quote.currency))
        .values(
            amount_minor=quote.net_minor, currency=quote.currency, updated_at=session.now, version=sale.version + 1
        )
    )  # fmt: skip


def require_open(session: Session, opportunity_id: int) -> Any:
    """The opportunity's row, where it is still open.

    Raises:
        Conflict: it is won or lost.
    """
    sale = session.execute(select(t.opportunity).where(t.opportunity.c.id == opportunity_id)).one()
    if sale.status != "open":
        raise Conflict(
            _("{opportunity} is closed: {status}.").format(opportunity=sale.code, status=sale.status),
            _("Offer something for an open opportunity."),
        )
    return sale


def day_after(day: date, days: int) -> date:
    """So many days later."""
    return date.fromordinal(day.toordinal() + days)
