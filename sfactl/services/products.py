"""What is sold, and at which price."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import and_, or_, select

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import catalogue, naming, workspaces


@dataclass(frozen=True)
class ProductRow:
    """A product with its list price of the day."""

    code: str
    name: str
    family: str | None
    subfamily: str | None
    unit: str | None
    active: bool
    list_price: int | None
    "Ten-thousandths of the currency's unit."
    currency: str | None
    cost: int | None
    "Ten-thousandths of the same currency's unit; nothing for those who may not see it."

    @property
    def margin(self) -> Fraction | None:
        """What part of the list price is not cost."""
        if not self.list_price or self.cost is None:
            return None
        return Fraction(self.list_price - self.cost, self.list_price)


@dataclass(frozen=True)
class PriceRow:
    """A price of a product."""

    product: str
    price_book: str
    currency: str
    unit_price: int
    valid_from: date
    valid_to: date | None


def find(
    session: Session,
    *,
    family: str | None = None,
    search: str | None = None,
    as_of: date | None = None,
    only_bundles: bool = False,
    limit: int = 0,
) -> list[ProductRow]:
    """Products by code, with the price of the standard price book in the workspace's currency."""
    session.actor.require("product.read")
    product, price, day = t.product.c, t.price.c, as_of or session.today
    holds = and_(
        price.product_id == product.id, price.price_book == "standard",
        price.currency == workspaces.current(session).currency,
        price.valid_from <= day, or_(price.valid_to.is_(None), price.valid_to > day),
    )  # fmt: skip
    statement = (
        select(
            product.code, product.name, product.family, product.subfamily, product.unit, product.active,
            price.unit_price_e4, price.currency, t.product_cost.c.cost_e4,
        )
        .outerjoin(t.price, holds)
        .outerjoin(
            t.product_cost,
            and_(t.product_cost.c.product_id == product.id, t.product_cost.c.currency == price.currency),
        )
        .order_by(product.code)
    )  # fmt: skip
    if family is not None:
        statement = statement.where(product.family == family)
    if search:
        statement = statement.where(naming.says(t.product, search))
    if only_bundles:
        statement = statement.where(catalogue.bundles())
    if limit:
        statement = statement.limit(limit)
    return [ProductRow(*row) for row in session.execute(statement)]


def one(session: Session, key: str) -> tuple[ProductRow, list[PriceRow]]:
    """A product and all its prices, latest first."""
    product_id = naming.find_id(session, t.product, key)
    code = session.execute(select(t.product.c.code).where(t.product.c.id == product_id)).scalar_one()
    price = t.price.c
    rows = session.execute(
        select(price.price_book, price.currency, price.unit_price_e4, price.valid_from, price.valid_to)
        .where(price.product_id == product_id)
        .order_by(price.price_book, price.currency, price.valid_from.desc())
    )
    return next(row for row in find(session) if row.code == code), [PriceRow(code, *row) for row in rows]
