"""What people and territories must reach."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from sfactl.models.base import STRICT, Kept, key_of
from sfactl.models.types import Day, Whole, Words


class Quota(Kept, table=True):
    """What a person, or a territory as a whole, must reach in a window of dates, of one measure."""

    __table_args__ = (
        Index(
            "uq_quota_window", text("coalesce(user_id, 0)"),
            text("(CASE WHEN user_id IS NULL THEN territory_id ELSE 0 END)"), "measure",
            text("coalesce(product_family, '')"), "starts_on", unique=True,
        ),
        Index("ix_quota_starts_on", "starts_on", "measure"),
        CheckConstraint("ends_on > starts_on", name="dates"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint(
            "measure IN ('revenue', 'units', 'won_amount', 'won_count', 'activities_done')", name="measure"
        ),
        STRICT,
    )  # fmt: skip

    user_id: int | None = key_of("app_user", required=False)
    territory_id: int = key_of("territory")
    "The territory whose quota it is; for a person's quota, the one he worked in when it began."
    measure: str = Field(default="revenue", sa_type=Words)
    product_family: str | None = Field(default=None, sa_type=Words)
    starts_on: date = Field(sa_type=Day)
    ends_on: date = Field(sa_type=Day)
    "The first day after it."
    amount_minor: int = Field(sa_type=Whole)
    currency: str = Field(sa_type=Words)
