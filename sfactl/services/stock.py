"""What lies in which warehouse, what is held of it, and what is expected there."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, select

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import availability, naming


@dataclass(frozen=True)
class StockRow:
    """How much of a product lies in a warehouse; quantities in thousandths."""

    product: str
    product_name: str
    warehouse: str
    quantity: int
    reserved: int
    "Held for somebody, for today or a later day."
    expected: int
    "Still to come; by the day that was asked for."
    expected_on: date | None
    "When the first of it comes."
    reorder_point: int | None
    bin: str | None
    counted_on: date | None

    @property
    def free(self) -> int:
        """What lies there and is held for nobody."""
        return max(0, self.quantity - self.reserved)


@dataclass(frozen=True)
class ArrivalRow:
    """Pieces that are expected, or came."""

    product: str
    product_name: str
    warehouse: str
    reference: str
    quantity: int
    expected_on: date
    received_on: date | None
    is_overdue: bool


def find(
    session: Session,
    *,
    product: str | None = None,
    warehouse: str | None = None,
    is_low: bool = False,
    by: date | None = None,
    limit: int = 0,
) -> list[StockRow]:
    """Stock by product and warehouse; with `is_low`, what has fallen to its reorder point.

    Args:
        by: what comes later is not told as expected.
    """
    session.actor.require("stock.read")
    stock = t.stock.c
    held, due = _held(session).subquery(), _due(session, by).subquery()
    statement = (
        select(
            t.product.c.code, t.product.c.name, t.warehouse.c.code, stock.quantity_milli, func.coalesce(held.c.quantity, 0),
            func.coalesce(due.c.quantity, 0), due.c.first, stock.reorder_milli, stock.bin, stock.counted_on,
        )
        .select_from(t.stock)
        .join(t.product, t.product.c.id == stock.product_id)
        .join(t.warehouse, t.warehouse.c.id == stock.warehouse_id)
        .outerjoin(held, and_(held.c.product_id == stock.product_id, held.c.warehouse_id == stock.warehouse_id))
        .outerjoin(due, and_(due.c.product_id == stock.product_id, due.c.warehouse_id == stock.warehouse_id))
        .order_by(t.product.c.code, t.warehouse.c.code)
    )  # fmt: skip
    if product is not None:
        statement = statement.where(stock.product_id == naming.find_id(session, t.product, product))
    if warehouse is not None:
        statement = statement.where(t.warehouse.c.code == warehouse)
    if is_low:
        statement = statement.where(stock.quantity_milli <= stock.reorder_milli)
    if limit:
        statement = statement.limit(limit)
    return [_row(*row) for row in session.execute(statement)]


def _row(product: str, name: str, warehouse: str, quantity: int, reserved: Any, expected: Any, *rest: Any) -> StockRow:
    return StockRow(product, name, warehouse, quantity, int(reserved), int(expected), *rest)


def _held(session: Session) -> Select[Any]:
    held = t.reservation.c
    return (
        select(held.product_id, held.warehouse_id, func.sum(held.quantity_milli).label("quantity"))
        .where(availability.counts(session))
        .group_by(held.product_id, held.warehouse_id)
    )


def _due(session: Session, by: date | None) -> Select[Any]:
    arrival = t.arrival.c
    statement = (
        select(
            arrival.product_id, arrival.warehouse_id, func.sum(arrival.quantity_milli).label("quantity"),
            func.min(arrival.expected_on).label("first"),
        )
        .where(arrival.received_on.is_(None), arrival.expected_on >= session.today)
        .group_by(arrival.product_id, arrival.warehouse_id)
    )  # fmt: skip
    return statement if by is None else statement.where(arrival.expected_on <= by)


def arrivals(
    session: Session, *, product: str | None = None, everything: bool = False, limit: int = 0
) -> list[ArrivalRow]:
    """What is expected, the next first; what came already only with `everything`.

    Raises:
        NotFound: there is no such product.
    """
    session.actor.require("stock.read")
    arrival = t.arrival.c
    statement = (
        select(
            t.product.c.code, t.product.c.name, t.warehouse.c.code, arrival.reference, arrival.quantity_milli,
            arrival.expected_on, arrival.received_on,
        )
        .select_from(t.arrival)
        .join(t.product, t.product.c.id == arrival.product_id)
        .join(t.warehouse, t.warehouse.c.id == arrival.warehouse_id)
        .order_by(arrival.expected_on, t.product.c.code, t.warehouse.c.code, arrival.reference)
        .limit(limit or None)
    )  # fmt: skip
    if product is not None:
        statement = statement.where(arrival.product_id == naming.find_id(session, t.product, product))
    if not everything:
        statement = statement.where(arrival.received_on.is_(None))
    return [
        ArrivalRow(*row, is_overdue=row.received_on is None and row.expected_on < session.today)
        for row in session.execute(statement)
    ]
