"""Purchase orders that were received: the bookings, and who is credited with them."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, follows_account, key_of
from sfactl.models.types import Day, Whole, Words


class Order(Kept, table=True):
    """A booking. `amount_minor` is what counts as revenue: without tax and freight.

    `owner_id` is the account's owner now, `credited_id` the seller; `credited_territory_id` is whose figure it is.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        follows_account(),
        Index("ix_sales_order_account_id", "account_id", "territory_id"),
        Index(
            "ix_sales_order_figures", "credited_territory_id", "booked_on", "amount_minor", "channel",
            "account_id", "total_minor", "currency",
        ),
        Index(  # a sum over a time, with all that decides who sees a row
            "ix_sales_order_in_scope", "booked_on", "currency", "amount_minor", "territory_id",
            "credited_territory_id", "owner_id", "credited_id",
        ),
        STRICT,
    )  # fmt: skip

    code: str = Field(unique=True, sa_type=Words)
    account_id: int = Field(sa_type=Whole)
    account_name: str = Field(sa_type=Words)
    territory_id: int = key_of("territory")
    owner_id: int | None = key_of("app_user", required=False)
    credited_territory_id: int = key_of("territory", index=False)
    credited_id: int | None = key_of("app_user", required=False)
    booked_on: date = Field(sa_type=Day)
    completed_on: date | None = Field(default=None, sa_type=Day)
    "When it was delivered, or otherwise done with."
    channel: str | None = Field(default=None, sa_type=Words)
    status: str | None = Field(default=None, sa_type=Words)
    amount_minor: int = Field(sa_type=Whole)
    tax_minor: int = Field(default=0, sa_type=Whole)
    freight_minor: int = Field(default=0, sa_type=Whole)
    total_minor: int = Field(sa_type=Whole)
    currency: str = Field(sa_type=Words)
    purchase_order: str | None = Field(default=None, sa_type=Words)


class OrderLine(Keyed, table=True):
    """A product on an order."""

    __tablename__ = "sales_order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line"),
        CheckConstraint("discount_bp BETWEEN 0 AND 10000", name="discount"),
        STRICT,
    )

    order_id: int = key_of("sales_order", index=False)
    line: int = Field(sa_type=Whole)
    product_id: int = key_of("product")
    quantity_milli: int = Field(sa_type=Whole)
    "Thousandths of the product's unit."
    unit_price_e4: int | None = Field(default=None, sa_type=Whole)
    "Ten-thousandths of the currency's unit."
    discount_bp: int = Field(default=0, sa_type=Whole)
    amount_minor: int = Field(sa_type=Whole)


class Credit(Keyed, table=True):
    """The share of a booking that counts for a person (`revenue`), or beside (`overlay`, never added to revenue)."""

    __table_args__ = (
        UniqueConstraint("order_id", "user_id", "kind"),
        Index("ix_credit_figures", "kind", "user_id", "credited_on", "amount_minor", "territory_id", "currency"),
        CheckConstraint("kind IN ('revenue', 'overlay')", name="kind"),
        CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share"),
        STRICT,
    )

    order_id: int = key_of("sales_order", index=False)
    user_id: int = key_of("app_user")
    territory_id: int = key_of("territory")
    kind: str = Field(default="revenue", sa_type=Words)
    share_bp: int = Field(default=10000, sa_type=Whole)
    amount_minor: int = Field(sa_type=Whole)
    currency: str = Field(sa_type=Words)
    credited_on: date = Field(sa_type=Day)
