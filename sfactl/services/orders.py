"""Orders: the bookings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, func, select

from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming, territories


@dataclass(frozen=True)
class OrderRow:
    """A booking in a list; the territory is the one whose figure it is."""

    code: str
    booked_on: date
    completed_on: date | None
    account: str | None
    account_name: str
    seller: str | None
    territory: str | None
    channel: str | None
    status: str | None
    amount: Money
    tax: Money
    freight: Money
    total: Money
    currency: str


@dataclass(frozen=True)
class OrderLineRow:
    """A product on an order."""

    line: int
    product: str | None
    product_name: str | None
    family: str | None
    quantity: int
    unit_price: int | None
    discount: Fraction
    amount: Money
    currency: str


@dataclass(frozen=True)
class Filter:
    """Which orders are asked for; what is None does not narrow."""

    account: str | None = None
    seller: str | None = None
    territory: str | None = None
    only: bool = False
    channel: str | None = None
    period: Period | None = None
    search: str | None = None
    limit: int = 0


def find(session: Session, wanted: Filter) -> Iterator[OrderRow]:
    """Orders, latest first."""
    session.actor.require("order.read")
    order = t.order.c
    statement = _select_rows().order_by(order.booked_on.desc(), order.code.desc())
    if wanted.account is not None:
        statement = statement.where(order.account_id == naming.find_id(session, t.account, wanted.account))
    if wanted.seller is not None:
        statement = statement.where(order.credited_id == naming.find_id(session, t.user, wanted.seller, code="login"))
    if wanted.territory is not None:
        below = territories.subtree(session, wanted.territory, only=wanted.only)
        statement = statement.where(order.credited_territory_id.in_(below))
    if wanted.channel is not None:
        statement = statement.where(order.channel == wanted.channel)
    if wanted.period is not None:
        statement = statement.where(order.booked_on >= wanted.period.start, order.booked_on < wanted.period.end)
    if wanted.search:
        words = naming.folded(wanted.search)
        of_account = func.lower(order.account_name).contains(words, autoescape=True)
        statement = statement.where(naming.says(t.order, wanted.search) | of_account)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return _rows(session.execute(statement.execution_options(yield_per=2000)))


def one(session: Session, key: str) -> tuple[OrderRow, list[OrderLineRow]]:
    """An order and its lines."""
    session.actor.require("order.read")
    order_id = naming.find_id(session, t.order, key)
    row = next(_rows(session.execute(_select_rows().where(t.order.c.id == order_id))))
    return row, _lines(session, order_id, row.currency)


def of_accounts(session: Session, account_ids: list[int]) -> dict[int, list[OrderRow]]:
    """The orders of each of the accounts, latest first."""
    order = t.order.c
    statement = (
        _select_rows()
        .add_columns(order.account_id)
        .where(order.account_id.in_(account_ids))
        .order_by(order.booked_on.desc(), order.code.desc())
    )
    found: dict[int, list[OrderRow]] = {}
    for *row, account_id in session.execute(statement):
        found.setdefault(account_id, []).extend(_rows([row]))
    return found


def _lines(session: Session, order_id: int, currency: str) -> list[OrderLineRow]:
    line = t.order_line.c
    rows = session.execute(
        select(
            line.line, t.product.c.code, t.product.c.name, t.product.c.family, line.quantity_milli, line.unit_price_e4,
            line.discount_bp, line.amount_minor,
        )
        .select_from(t.order_line)
        .outerjoin(t.product, t.product.c.id == line.product_id)
        .where(line.order_id == order_id)
        .order_by(line.line)
    )  # fmt: skip
    return [
        OrderLineRow(*[*words, Fraction(discount, 10000), Money(amount, currency), currency])
        for *words, discount, amount in rows
    ]


def _select_rows() -> Select[Any]:
    order = t.order.c
    return (
        select(
            order.code, order.booked_on, order.completed_on, t.account.c.code, order.account_name, t.user.c.login,
            t.territory.c.code, order.channel, order.status, order.amount_minor, order.tax_minor, order.freight_minor,
            order.total_minor, order.currency,
        )
        .select_from(t.order)
        .outerjoin(t.account, t.account.c.id == order.account_id)
        .outerjoin(t.user, t.user.c.id == order.credited_id)
        .outerjoin(t.territory, t.territory.c.id == order.credited_territory_id)
    )  # fmt: skip


def _rows(found: Iterable[Any]) -> Iterator[OrderRow]:
    for *words, amount, tax, freight, total, currency in found:
        money = (Money(minor, currency) for minor in (amount, tax, freight, total))
        yield OrderRow(*[*words, *money, currency])
