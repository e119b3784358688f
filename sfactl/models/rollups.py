"""Figures of months that are over, stored so that they need not be summed again."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text

from sfactl.models.base import STRICT, Field, Keyed, Model, key_of
from sfactl.models.types import Day, Stamp, Whole, Words


class RollupMonth(Keyed, table=True):
    """A month whose credit is stored. Storing it again makes a new row, so that what was touched before counts no more."""

    __tablename__ = "rollup_month"
    __table_args__ = (STRICT,)

    month: date = Field(unique=True, sa_type=Day)
    "Its first day."
    made_at: datetime = Field(sa_type=Stamp)


class Rollup(Keyed, table=True):
    """The credit of one person in one territory and month; or what was booked there and credited to him, or to nobody."""

    __table_args__ = (
        Index("uq_rollup", "month_id", "kind", text("coalesce(user_id, 0)"), "territory_id", "currency", unique=True),
        CheckConstraint("kind IN ('revenue', 'overlay', 'booked')", name="kind"),
        CheckConstraint("kind = 'booked' OR user_id IS NOT NULL", name="person"),
        Index("ix_rollup_territory_id", "territory_id", "user_id"),
        STRICT,
    )

    month_id: int = key_of("rollup_month", index=False)
    kind: str = Field(sa_type=Words)
    "revenue or overlay, as of `credit`; or booked, of `sales_order`."
    user_id: int | None = key_of("app_user", required=False)
    territory_id: int = key_of("territory", index=False)
    currency: str = Field(sa_type=Words)
    amount_minor: int = Field(sa_type=Whole)
    bookings: int = Field(sa_type=Whole)
    "How many credits or orders the amount is the sum of."


class RollupTouched(Model, table=True):
    """A person and territory whose credit in a stored month changed since: what is stored of them holds no more.

    Of orders it is the territory alone that is marked, for person 0.

    Written by triggers of the database, whoever changes a credit and however, and by nothing else.
    """

    __tablename__ = "rollup_touched"
    __table_args__ = ({**STRICT, "sqlite_with_rowid": False},)

    month_id: int = Field(primary_key=True, sa_type=Whole, sa_column_kwargs={"autoincrement": False})
    "Key of the `rollup_month`, as it was then."
    user_id: int = Field(primary_key=True, sa_type=Whole)
    territory_id: int = Field(primary_key=True, sa_type=Whole)
