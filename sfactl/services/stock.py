"""What lies in which warehouse."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming


@dataclass(frozen=True)
class StockRow:
    """How much of a product lies in a warehouse; quantities in thousandths."""

    product: str
    product_name: str
    warehouse: str
    quantity: int
    reorder_point: int | None
    bin: str | None
    counted_on: date | None


def find(
    session: Session, *, product: str | None = None, warehouse: str | None = None, is_low: bool = False, limit: int = 0
) -> list[StockRow]:
    """Stock by product and warehouse; with `is_low`, what has fallen to its reorder point."""
    session.actor.require("stock.read")
    stock = t.stock.c
    statement = (
        select(
            t.product.c.code, t.product.c.name, t.warehouse.c.code, stock.quantity_milli, stock.reorder_milli,
            stock.bin, stock.counted_on,
        )
        .select_from(t.stock)
        .join(t.product, t.product.c.id == stock.product_id)
        .join(t.warehouse, t.warehouse.c.id == stock.warehouse_id)
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
    return [StockRow(*row) for row in session.execute(statement)]
