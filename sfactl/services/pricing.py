"""What decides the prices of one quote: list prices, rates and rules, read in as few statements as there are tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, or_, select

from sfactl.core.price_rules import Method, Rule, Step, Tier, Whom
from sfactl.core.pricing import Listed
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.types import Day

_rule, _tier, _contract, _price = t.price_rule.c, t.price_tier.c, t.contract_price.c, t.price.c


@dataclass(frozen=True)
class Customer:
    """Who is offered something, in which currency, and on which day's prices."""

    account_id: int
    segment: str | None
    territory_id: int
    currency: str
    day: date
    price_book: str


@dataclass(frozen=True)
class Offered:
    """A product, as a quote takes it."""

    id: int
    code: str
    name: str
    family: str | None


def rules(session: Session, customer: Customer, products: Mapping[int, Offered]) -> list[Rule]:
    """The rules that hold for a customer and some products."""
    return _general(session, customer, products) + _promised(session, customer, products)


_DAY: BindParameter[date] = bindparam("day", type_=Day())
_CURRENCY: BindParameter[Any] = bindparam("currency")
_PRODUCTS: BindParameter[Any] = bindparam("products", expanding=True)
_FAMILIES: BindParameter[Any] = bindparam("families", expanding=True)
"""What is asked of each statement; they are built once, since building takes as long as asking."""


def _holds(columns: Any) -> ColumnElement[bool]:
    """Whether a rule speaks of the day, the currency and one of the products."""
    return and_(
        columns.valid_from <= _DAY,
        or_(columns.valid_to.is_(None), columns.valid_to > _DAY),
        or_(columns.currency.is_(None), columns.currency == _CURRENCY),
        or_(columns.product_id.is_(None), columns.product_id.in_(_PRODUCTS)),
        or_(columns.family.is_(None), columns.family.in_(_FAMILIES)),
    )


def _asked(customer: Customer, products: Mapping[int, Offered]) -> dict[str, Any]:
    families = {product.family for product in products.values() if product.family}
    return {
        "day": customer.day, "currency": customer.currency, "products": list(products), "families": sorted(families),
    }  # fmt: skip


@cache
def _general_rules() -> Select[Any]:
    is_his = and_(
        or_(_rule.segment.is_(None), _rule.segment == bindparam("segment")),
        or_(_rule.territory_id.is_(None), _rule.territory_id == bindparam("territory")),
    )
    return select(
        _rule.id, _rule.code, _rule.name, _rule.step, _rule.method, _rule.segment, _rule.territory_id,
        _rule.product_id, _rule.family, _rule.min_quantity_milli, _rule.max_quantity_milli, _rule.valid_from,
        _rule.value_e4, _rule.discount_bp, _rule.overage_e4,
    ).where(_holds(_rule), is_his)  # fmt: skip


@cache
def _promises() -> Select[Any]:
    return select(
        _contract.id, _contract.code, _contract.kind, _contract.method, _contract.product_id, _contract.family,
        _contract.min_quantity_milli, _contract.valid_from, _contract.value_e4, _contract.discount_bp,
    ).where(_contract.account_id == bindparam("account"), _holds(_contract))  # fmt: skip


@cache
def _list_prices() -> Select[Any]:
    return (
        select(_price.product_id, _price.price_book, _price.currency, _price.unit_price_e4)
        .where(_price.product_id.in_(_PRODUCTS), _price.price_book.in_(bindparam("books", expanding=True)))
        .where(_price.valid_from <= _DAY, or_(_price.valid_to.is_(None), _price.valid_to > _DAY))
        .order_by(_price.product_id, _price.currency, _price.valid_from.desc())
    )


def _general(session: Session, customer: Customer, products: Mapping[int, Offered]) -> list[Rule]:
    """Rules of everybody, of the segment and of the territory."""
    asked = _asked(customer, products) | {"segment": customer.segment, "territory": customer.territory_id}
    rows = session.execute(_general_rules(), asked).all()
    tiers = _tiers(session, [row.id for row in rows if row.method in (Method.RANGE, Method.SLAB, Method.BLOCK)])
    return [
        Rule(
            row.id, row.code, row.name, Step(row.step), Method(row.method), _whom(row.segment, row.territory_id),
            products[row.product_id].code if row.product_id else None, row.family, row.min_quantity_milli,
            row.max_quantity_milli, row.valid_from, row.value_e4, row.discount_bp, row.overage_e4,
            tuple(tiers.get(row.id, ())),
        )
        for row in rows
    ]  # fmt: skip


def _whom(segment: str | None, territory_id: int | None) -> Whom:
    if segment is not None:
        return Whom.SEGMENT
    return Whom.GENERAL if territory_id is None else Whom.TERRITORY


def _tiers(session: Session, keys: Sequence[int]) -> dict[int, list[Tier]]:
    if not keys:
        return {}
    found: dict[int, list[Tier]] = {}
    rows = session.execute(
        select(_tier.rule_id, _tier.from_milli, _tier.price_e4, _tier.discount_bp)
        .where(_tier.rule_id.in_(keys))
        .order_by(_tier.rule_id, _tier.from_milli)
    )
    for key, *tier in rows:
        found.setdefault(key, []).append(Tier(*tier))
    return found


def _promised(session: Session, customer: Customer, products: Mapping[int, Offered]) -> list[Rule]:
    """What the account was promised."""
    rows = session.execute(_promises(), _asked(customer, products) | {"account": customer.account_id})
    return [
        Rule(
            row.id, row.code, row.code, Step.CONTRACT, Method(row.method),
            Whom.CONTRACT if row.kind == "contract" else Whom.CUSTOMER,
            products[row.product_id].code if row.product_id else None, row.family, row.min_quantity_milli, None,
            row.valid_from, row.value_e4, row.discount_bp,
        )
        for row in rows
    ]  # fmt: skip


def listed(session: Session, customer: Customer, products: Iterable[int]) -> dict[int, Listed]:
    """The list price of each product that has one: in the quote's currency, or else converted at the day's rate.

    The standard price book stands in where the customer's own has no price.
    """
    books = [customer.price_book, "standard"]
    asked = {"products": list(products), "books": books, "day": customer.day}
    rows = session.execute(_list_prices(), asked).all()
    rates = rates_to(session, customer.currency, customer.day, {row.currency for row in rows})
    found: dict[int, Listed] = {}
    for row in sorted(rows, key=lambda row: (row.currency != customer.currency, books.index(row.price_book))):
        if row.product_id not in found and row.currency in rates:
            other = None if row.currency == customer.currency else row.currency
            found[row.product_id] = Listed(row.price_book, row.unit_price_e4, other, rates[row.currency])
    return found


def rates_to(session: Session, currency: str, day: date, others: Iterable[str]) -> dict[str, int]:
    """What a unit of each currency was worth on a day, in thousand-millionths; a currency without a rate is left out."""
    rates = {currency: 1_000_000_000}
    wanted = sorted(set(others) - {currency})
    if not wanted:
        return rates
    rate = t.exchange_rate.c
    rows = session.execute(
        select(rate.from_currency, rate.rate_e9)
        .where(rate.to_currency == currency, rate.from_currency.in_(wanted), rate.rated_on <= day)
        .order_by(rate.rated_on)
    )
    return rates | {row.from_currency: row.rate_e9 for row in rows}
