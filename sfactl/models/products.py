"""What is sold, at which price, and what it costs."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, key_of
from sfactl.models.types import Day, Flag, Whole, Words


class Product(Kept, table=True):
    """Something that can be sold."""

    __table_args__ = (STRICT,)

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)
    family: str | None = Field(default=None, index=True, sa_type=Words)
    subfamily: str | None = Field(default=None, sa_type=Words)
    unit: str | None = Field(default=None, sa_type=Words)
    active: bool = Field(default=True, sa_type=Flag)


class ProductCost(Keyed, table=True):
    """What a product costs; apart from the product, because few roles may see it."""

    __tablename__ = "product_cost"
    __table_args__ = (UniqueConstraint("product_id", "currency"), STRICT)

    product_id: int = key_of("product", index=False)
    currency: str = Field(sa_type=Words)
    cost_e4: int = Field(sa_type=Whole)
    "Ten-thousandths of the currency's unit."


class Price(Keyed, table=True):
    """A price of a product in a price book, from when to when."""

    __table_args__ = (
        UniqueConstraint("product_id", "price_book", "currency", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates"),
        CheckConstraint("unit_price_e4 >= 0", name="price"),
        STRICT,
    )

    product_id: int = key_of("product", index=False)
    price_book: str = Field(default="standard", sa_type=Words)
    currency: str = Field(sa_type=Words)
    unit_price_e4: int = Field(sa_type=Whole)
    "Ten-thousandths of the currency's unit."
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)
