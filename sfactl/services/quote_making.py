"""New quotes: for an opportunity, as a copy, or as another revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, or_, select, update

from sfactl.core.money import minor_digits
from sfactl.core.quantities import require_whole
from sfactl.core.quote_states import State
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _, language
from sfactl.models import tables as t
from sfactl.services import naming, price_policy, quote_storing
from sfactl.services.configuring import Configuration

_quote, _line = t.quote.c, t.quote_line.c
MOST_LINES = 500
LOCALES = {"ES": "es_ES", "MX": "es_MX", "AR": "es_AR", "CO": "es_CO", "CL": "es_CL", "PE": "es_PE", "GB": "en_GB"}
"""In which language and form of numbers a customer reads, by country."""


@dataclass(frozen=True)
class WantedLine:
    """So much of a product."""

    product: str
    quantity_milli: int
    discount_bp: int = 0
    feature: str | None = None
    parent: int | None = None
    "Place, from 0, of the line of its bundle among the wanted ones."
    is_included: bool = False
    is_standard: bool = True


def bundle_lines(found: Configuration, *, after: int = 0) -> list[WantedLine]:
    """A configured bundle as lines: itself, and below it what was chosen for its features.

    Where it has no price of its own, its parts have theirs.

    Args:
        after: how many wanted lines stand before it.
    """
    own = WantedLine(found.bundle, 1000, is_included=found.bundle_price is None)
    parts = [
        WantedLine(
            choice.product, choice.quantity, feature=choice.feature, parent=after, is_included=choice.is_included
        )
        for choice in found.choices
    ]
    return [own, *parts]


@dataclass(frozen=True)
class Wanted:
    """What a new quote is to be."""

    opportunity: str
    lines: Sequence[WantedLine] = ()
    name: str | None = None
    currency: str | None = None
    price_book: str | None = None
    header_bp: int | None = None
    valid_until: date | None = None
    payment_days: int | None = None
    terms: str | None = None
    locale: str | None = None
    contact: str | None = None
    is_primary: bool | None = field(default=None)
    "Whether it decides the opportunity's amount; the first quote does when nothing is said."


def new(session: Session, wanted: Wanted) -> str:
    """Make a quote, price it, and return its code.

    Raises:
        NotFound: there is no such opportunity or product.
        Conflict: the opportunity is closed.
        UsageFault: something has no price, no line is wanted, a piece would be divided, or the name says nothing.
    """
    session.actor.require("quote.create")
    require_name(wanted.name)
    sale = quote_storing.require_open(session, naming.find_id(session, t.opportunity, wanted.opportunity))
    if not 0 < len(wanted.lines) <= MOST_LINES:
        raise UsageFault(
            _("A quote has 1 to {most} lines.").format(most=MOST_LINES),
            _("Name products: --product CODE=QUANTITY"),
        )
    quote_id = _add(session, _header(session, wanted, sale))
    code = f"Q-{quote_id:06d}"
    session.sql.execute(update(t.quote).where(_quote.id == quote_id).values(code=code))
    add_lines(session, quote_id, wanted.lines, after=0)
    if wanted.is_primary or (wanted.is_primary is None and not _has_primary(session, sale.id)):
        make_primary(session, quote_id, sale.id)
    quote_storing.reprice(session, quote_id)
    _record(session, "create", quote_id)
    return code


def require_name(name: str | None) -> None:
    """Refuse a name that says nothing, where one is said."""
    if name is not None and not name.strip():
        raise UsageFault(_("The name of a quote says nothing."), _("Say one with --name TEXT, or leave it out."))


def _header(session: Session, wanted: Wanted, sale: Any) -> dict[str, Any]:
    pricing = price_policy.current(session)
    account = session.execute(
        select(t.account.c.segment, t.account.c.country).where(t.account.c.id == sale.account_id)
    ).first()
    segment, country = (account.segment, account.country) if account else (None, None)
    currency = wanted.currency or sale.currency
    minor_digits(currency)
    until = wanted.valid_until or quote_storing.day_after(session.today, pricing.valid_days)
    if until <= session.today:
        raise UsageFault(_("The offer would be over before it begins."), _("Name a later day with --valid-until."))
    return {
        "name": wanted.name or sale.name, "opportunity_id": sale.id, "account_id": sale.account_id,
        "account_name": sale.account_name, "territory_id": sale.territory_id, "owner_id": sale.owner_id,
        "credited_territory_id": sale.credited_territory_id, "credited_id": sale.credited_id,
        "contact_id": _contact(session, sale.account_id, wanted.contact), "currency": currency,
        "price_book": wanted.price_book or price_policy.book_for(pricing, segment, currency, session.today),
        "step_order": ",".join(price_policy.order_of(pricing)), "priced_on": session.today, "valid_until": until,
        "locale": wanted.locale or locale_for(country),
        "payment_days": pricing.payment_days if wanted.payment_days is None else wanted.payment_days,
        "terms": wanted.terms, "header_bp": wanted.header_bp,
    }  # fmt: skip


def locale_for(country: str | None) -> str:
    """In which language a customer of a country reads: the person's own where the country says nothing."""
    return LOCALES.get((country or "").upper(), "es_ES" if language() == "es" else "en_US")


def _contact(session: Session, account_id: int, wanted: str | None) -> int | None:
    """The contact that is meant; none where nobody is named."""
    if wanted is None:
        return None
    contact = t.contact.c
    rows = session.execute(
        select(contact.id).where(
            contact.account_id == account_id,
            or_(contact.email == wanted, contact.name == wanted, contact.external_id == wanted),
        )
    ).all()
    if len(rows) != 1:
        raise UsageFault(
            _("There is no one contact {name} at this account.").format(name=wanted),
            _("Name it by its e-mail address; `sfactl contact list` shows them."),
        )
    return int(rows[0].id)


def _add(session: Session, values: Mapping[str, Any]) -> int:
    """A row of a quote, under a code that nobody keeps."""
    row = {
        "code": f"new-{uuid4().hex}", "revision": 1, "status": State.DRAFT, "author_id": session.actor.user_id,
        "list_minor": 0, "lines_minor": 0, "header_minor": 0, "net_minor": 0, "discount_bp": 0,
        "created_at": session.now, "updated_at": session.now, "version": 1, **values,
    }  # fmt: skip
    return int(session.sql.execute(insert(t.quote).values(row).returning(_quote.id)).scalar_one())


def add_lines(session: Session, quote_id: int, lines: Sequence[WantedLine], *, after: int) -> None:
    """Lines below those that are there, without prices yet."""
    rows = []
    for number, line in enumerate(lines, after + 1):
        product = session.execute(
            select(t.product.c.id, t.product.c.name, t.product.c.active, t.product.c.unit).where(
                t.product.c.id == naming.find_id(session, t.product, line.product)
            )
        ).one()
        if not product.active:
            raise UsageFault(_("{product} is not sold any more.").format(product=line.product))
        require_whole(line.product, product.unit, line.quantity_milli)
        rows.append({
            "quote_id": quote_id, "line": number, "product_id": product.id, "product_name": product.name,
            "parent_line": None if line.parent is None else after + 1 + line.parent, "feature": line.feature,
            "is_included": line.is_included, "is_standard": line.is_standard,
            "quantity_milli": line.quantity_milli, "discount_bp": line.discount_bp,
            "list_e4": 0, "net_e4": 0, "list_minor": 0, "amount_minor": 0, "header_minor": 0, "net_minor": 0,
            "is_base_changed": False, "is_below_floor": False,
        })  # fmt: skip
    session.sql.execute(insert(t.quote_line), rows)


def _has_primary(session: Session, opportunity_id: int) -> bool:
    return session.execute(select(_quote.id).where(_quote.primary_of_id == opportunity_id)).first() is not None


def make_primary(session: Session, quote_id: int, opportunity_id: int) -> None:
    """Let a quote decide its opportunity's amount, in place of the one that did."""
    session.sql.execute(
        update(t.quote)
        .where(_quote.primary_of_id == opportunity_id, _quote.id != quote_id)
        .values(primary_of_id=None)
    )  # fmt: skip
    session.sql.execute(update(t.quote).where(_quote.id == quote_id).values(primary_of_id=opportunity_id))


def copy(session: Session, key: str, *, opportunity: str | None = None) -> str:
    """Make a new quote of the same lines, for the same or another opportunity, at today's prices; returns its code.

    What was set by hand, and discounts, come along; approvals do not.
    """
    session.actor.require("quote.create")
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    sale_id = naming.find_id(session, t.opportunity, opportunity) if opportunity else kept.quote.opportunity_id
    sale = quote_storing.require_open(session, sale_id)
    wanted = Wanted(
        sale.code, currency=kept.quote.currency, header_bp=kept.quote.header_bp,
        payment_days=kept.quote.payment_days, terms=kept.quote.terms,
        locale=kept.quote.locale if sale.account_id == kept.quote.account_id else None,
        name=kept.quote.name if sale_id == kept.quote.opportunity_id else None,
    )  # fmt: skip
    made = _add(session, _header(session, wanted, sale))
    code = f"Q-{made:06d}"
    session.sql.execute(update(t.quote).where(_quote.id == made).values(code=code))
    _copy_lines(session, kept, made)
    if not _has_primary(session, sale.id):
        make_primary(session, made, sale.id)
    quote_storing.reprice(session, made)
    _record(session, "copy", made, of=kept.quote.code)
    return code


def revise(session: Session, key: str) -> str:
    """Make the next revision of a quote, a draft at today's prices, and return its code.

    It decides the opportunity's amount where the one before did.
    """
    session.actor.require("quote.create")
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    sale = quote_storing.require_open(session, kept.quote.opportunity_id)
    first_id = kept.quote.of_id or quote_id
    first = session.execute(select(_quote.code).where(_quote.id == first_id)).scalar_one()
    last = session.execute(select(func.max(_quote.revision)).where(_quote.of_id == first_id)).scalar() or 1
    wanted = Wanted(
        sale.code, name=kept.quote.name, currency=kept.quote.currency, price_book=kept.quote.price_book,
        header_bp=kept.quote.header_bp, payment_days=kept.quote.payment_days, terms=kept.quote.terms,
        locale=kept.quote.locale,
    )  # fmt: skip
    values = _header(session, wanted, sale) | {
        "of_id": first_id, "revision": last + 1, "contact_id": kept.quote.contact_id,
        "header_minor": 0,
    }  # fmt: skip
    made = _add(session, values)
    code = f"{first}-{last + 1}"
    session.sql.execute(update(t.quote).where(_quote.id == made).values(code=code))
    _copy_lines(session, kept, made)
    if kept.quote.header_bp is None and kept.quote.header_minor:
        _keep_amount_off(session, made, kept.quote.header_minor)
    if kept.quote.primary_of_id is not None:
        make_primary(session, made, sale.id)
    quote_storing.reprice(session, made)
    _record(session, "revise", made, of=kept.quote.code)
    return code


def _keep_amount_off(session: Session, quote_id: int, minor: int) -> None:
    """An amount off all of it, before the lines are priced: the sums agree from the first moment on."""
    session.sql.execute(
        update(t.quote).where(_quote.id == quote_id).values(header_minor=minor, lines_minor=minor, net_minor=0)
    )


_COPIED = (
    "line", "parent_line", "product_id", "product_name", "feature", "is_included", "is_standard", "quantity_milli",
    "discount_bp", "manual_e4", "manual_reason", "manual_by_id", "manual_at", "manual_base_e4", "list_e4", "net_e4",
    "list_minor", "amount_minor", "header_minor", "net_minor", "is_base_changed", "is_below_floor",
)  # fmt: skip


def _copy_lines(session: Session, kept: quote_storing.Stored, to: int) -> None:
    rows = [{name: getattr(line, name) for name in _COPIED} | {"quote_id": to} for line in kept.lines]
    session.sql.execute(insert(t.quote_line), rows)


def _record(session: Session, action: str, quote_id: int, *, of: str | None = None) -> None:
    kept = quote_storing.stored(session, quote_id)
    session.record(
        action, "quote", kept.quote.code, territory_id=kept.quote.territory_id, reason=of and f"of {of}",
        after=quote_storing.content_of(kept),
    )  # fmt: skip
