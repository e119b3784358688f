"""What lies in which warehouse."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from sfactl.models.base import STRICT, Keyed, key_of
from sfactl.models.types import Day, Whole, Words


class Warehouse(Keyed, table=True):
    """A place that holds stock."""

    __table_args__ = (STRICT,)

    code: str = Field(unique=True, sa_type=Words)


class Stock(Keyed, table=True):
    """How much of a product lies in a warehouse, as last counted."""

    __table_args__ = (UniqueConstraint("product_id", "warehouse_id"), STRICT)

    product_id: int = key_of("product", index=False)
    warehouse_id: int = key_of("warehouse")
    quantity_milli: int = Field(sa_type=Whole)
    reorder_milli: int | None = Field(default=None, sa_type=Whole)
    bin: str | None = Field(default=None, sa_type=Words)
    counted_on: date | None = Field(default=None, sa_type=Day)
