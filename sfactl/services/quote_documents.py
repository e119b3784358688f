"""What an offer says on paper: the numbers that are stored, and the sentences that the policy puts below them."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from sfactl.config.pricing import PricingFile
from sfactl.core.money import Money
from sfactl.core.quote_states import State
from sfactl.core.quote_terms import as_share, stands
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.render.quote_document import Document, DocumentLine
from sfactl.services import naming, price_policy, quote_storing


def document(session: Session, key: str, *, locale: str | None = None) -> Document:
    """An offer as it is printed; nothing in it is computed here.

    Args:
        locale: another language and form of numbers than the quote's own.

    Raises:
        NotFound: there is no such quote.
    """
    session.actor.require("quote.export")
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    quote, pricing = kept.quote, price_policy.current(session)
    locale = locale or quote.locale
    person = session.execute(
        select(t.user.c.name, t.user.c.email).where(t.user.c.id == (quote.credited_id or quote.author_id))
    ).first()

    def money(minor: int) -> Money:
        return Money(minor, quote.currency)

    return Document(
        quote.code, quote.revision, quote.version, quote.name, State(quote.status), locale, quote.priced_on,
        quote.valid_until, quote.payment_days, [line for line in pricing.seller.splitlines() if line.strip()],
        person.name if person else None, person.email if person else None, _customer(session, quote),
        [_line(line, quote.currency) for line in kept.lines], money(quote.list_minor), money(quote.lines_minor),
        money(quote.header_minor), money(quote.net_minor), quote.discount_bp, _terms(pricing, quote, locale), quote.digest or "",
    )  # fmt: skip


def _line(line: Any, currency: str) -> DocumentLine:
    return DocumentLine(
        line.line, line.product, line.product_name, line.parent_line is not None, line.is_included, line.quantity_milli,
        line.list_e4, line.net_e4, Money(line.amount_minor, currency),
    )  # fmt: skip


def _customer(session: Session, quote: Any) -> list[str]:
    """Who is offered it, a line each."""
    account, contact = t.account.c, t.contact.c
    row = session.execute(
        select(account.city, account.postal_code, account.region, account.country).where(account.id == quote.account_id)
    ).first()
    person = session.execute(select(contact.name).where(contact.id == quote.contact_id)).scalar()
    place = " ".join(each for each in (row.postal_code, row.city, row.region) if each) if row else ""
    return [each for each in (quote.account_name, person, place, row.country if row else None) if each]


def _terms(pricing: PricingFile, quote: Any, locale: str) -> list[str]:
    """The policy's sentences whose condition holds, and what was agreed for this offer alone."""
    values, is_spanish = _values(quote), locale.startswith("es")
    said = [
        term.text.get("es" if is_spanish else "en") or next(iter(term.text.values()))
        for term in pricing.term
        if stands(term.when, values)
    ]
    return said + ([quote.terms] if quote.terms else [])


def _values(quote: Any) -> Mapping[str, Any]:
    """What a term's condition may ask."""
    return {
        "net": Fraction(Money(quote.net_minor, quote.currency).decimal), "discount": as_share(quote.discount_bp),
        "payment_days": Fraction(quote.payment_days), "currency": quote.currency, "country": quote.country,
        "segment": quote.segment, "revision": Fraction(quote.revision),
    }  # fmt: skip
