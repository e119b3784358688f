"""What lies in which warehouse, what is expected there, and what is held for whom."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Keyed, key_of
from sfactl.models.types import Day, Stamp, Whole, Words


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


class Arrival(Keyed, table=True):
    """Pieces of a product that were ordered and are expected in a warehouse."""

    __table_args__ = (
        UniqueConstraint("product_id", "warehouse_id", "reference"),
        CheckConstraint("quantity_milli >= 0", name="quantity"),
        STRICT,
    )

    product_id: int = key_of("product", index=False)
    warehouse_id: int = key_of("warehouse")
    reference: str = Field(sa_type=Words)
    "The order by which they come."
    quantity_milli: int = Field(sa_type=Whole)
    expected_on: date = Field(sa_type=Day)
    received_on: date | None = Field(default=None, nullable=True, sa_type=Day)
    "When they came: from then on they count with the stock, and not here."


class Reservation(Keyed, table=True):
    """Pieces of a product in a warehouse that are held for somebody from a day on, until a moment.

    The database adds none that would promise a piece twice; a row that ended is never held again.
    """

    __table_args__ = (
        Index("ix_reservation_product_id", "product_id", "warehouse_id", "status"),
        Index("ix_reservation_status", "status", "expires_at"),
        CheckConstraint("status IN ('held', 'released', 'expired', 'consumed')", name="status"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    product_id: int = key_of("product", index=False)
    warehouse_id: int = key_of("warehouse")
    quantity_milli: int = Field(sa_type=Whole)
    needed_on: date = Field(sa_type=Day)
    "The first day on which the pieces must be there."
    quote_code: str | None = Field(default=None, index=True, sa_type=Words)
    "The quote for which they are held, whatever its revision."
    user_id: int = key_of("app_user")
    "Who holds them."
    territory_id: int | None = key_of("territory", required=False)
    made_at: datetime = Field(sa_type=Stamp)
    expires_at: datetime = Field(sa_type=Stamp)
    "From then on the pieces are free, also before the row says so."
    status: str = Field(default="held", sa_type=Words)
    ended_at: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)
    reason: str | None = Field(default=None, sa_type=Words)
    "Why it ended."
