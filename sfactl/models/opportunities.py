"""Possible sales, the steps they go through, and how they are shared."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, follows_account, key_of
from sfactl.models.types import Day, Flag, Stamp, Whole, Words


class Process(Keyed, table=True):
    """An ordered way of selling."""

    __table_args__ = (STRICT,)

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)


class Stage(Keyed, table=True):
    """A step of a process."""

    __table_args__ = (
        UniqueConstraint("process_id", "code"),
        CheckConstraint("probability_bp BETWEEN 0 AND 10000", name="probability"),
        CheckConstraint("status IN ('open', 'won', 'lost')", name="status"),
        CheckConstraint("category IN ('pipeline', 'best_case', 'commit', 'closed', 'omitted')", name="category"),
        STRICT,
    )

    process_id: int = key_of("process", index=False)
    code: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    position: int = Field(sa_type=Whole)
    probability_bp: int = Field(sa_type=Whole)
    category: str = Field(sa_type=Words)
    status: str = Field(default="open", sa_type=Words)
    guidance: str | None = Field(default=None, sa_type=Words)
    active: bool = Field(default=True, sa_type=Flag)
    stuck_after: int = Field(default=30, sa_type=Whole, sa_column_kwargs={"server_default": "30"})
    "So many days in it, and an opportunity is stuck."


class Opportunity(Kept, table=True):
    """A possible sale.

    `owner_id` is the account's owner now, `credited_id` the person who works it and will be credited.
    """

    __table_args__ = (
        follows_account(),
        Index("ix_opportunity_account_id", "account_id", "territory_id"),
        Index("ix_opportunity_pipeline", "status", "credited_territory_id", "close_on"),
        Index("ix_opportunity_next", "status", "close_on", "code"),
        Index("ix_opportunity_lane", "status", "stage_id", "close_on", "code"),
        Index("ix_opportunity_sums", "status", "stage_id", "currency", "close_on", "probability_bp", "amount_minor"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("probability_bp IS NULL OR probability_bp BETWEEN 0 AND 10000", name="probability"),
        CheckConstraint("status IN ('open', 'won', 'lost')", name="status"),
        CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)
    account_id: int = Field(sa_type=Whole)
    account_name: str = Field(sa_type=Words)
    territory_id: int = key_of("territory")
    owner_id: int | None = key_of("app_user", required=False)
    credited_territory_id: int = key_of("territory")
    credited_id: int | None = key_of("app_user", required=False)
    stage_id: int = key_of("stage")
    status: str = Field(default="open", sa_type=Words)
    amount_minor: int = Field(default=0, sa_type=Whole)
    currency: str = Field(sa_type=Words)
    probability_bp: int | None = Field(default=None, sa_type=Whole)
    "The opportunity's own probability; the stage's holds when it is empty."
    close_on: date = Field(sa_type=Day)
    "When it is expected to close."
    opened_on: date = Field(sa_type=Day)
    closed_on: date | None = Field(default=None, sa_type=Day)
    product_family: str | None = Field(default=None, sa_type=Words)
    next_step: str | None = Field(default=None, sa_type=Words)


class OpportunitySplit(Keyed, table=True):
    """A person's share of an opportunity; the revenue shares of one sale total 10000."""

    __tablename__ = "opportunity_split"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "user_id", "kind"),
        CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share"),
        CheckConstraint("kind IN ('revenue', 'overlay')", name="kind"),
        STRICT,
    )

    opportunity_id: int = key_of("opportunity", index=False)
    user_id: int = key_of("app_user")
    kind: str = Field(default="revenue", sa_type=Words)
    share_bp: int = Field(sa_type=Whole)


class StageChange(Keyed, table=True):
    """An opportunity entered a stage."""

    __tablename__ = "stage_change"
    __table_args__ = (Index("ix_stage_change_opportunity_id", "opportunity_id", "entered_at"), STRICT)

    opportunity_id: int = key_of("opportunity", index=False)
    stage_id: int = key_of("stage", index=False)
    entered_at: datetime = Field(sa_type=Stamp)
    user_id: int | None = key_of("app_user", required=False)
