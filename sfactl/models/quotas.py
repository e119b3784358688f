"""What people, teams and territories must reach, and how that came to be."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text

from sfactl.models.base import STRICT, Field, Kept, Keyed, key_of, metadata
from sfactl.models.types import Day, Stamp, Whole, Words

_IN_FORCE = text("replaced_by IS NULL")
_MEASURES = "measure IN ('revenue', 'units', 'won_amount', 'won_count', 'activities_done')"
_LOADS = "kind IN ('import', 'set', 'allocate', 'adjust', 'move', 'undo')"


class QuotaLoad(Keyed, table=True):
    """One change of quotas, of one or of many; its key is the number of the version that it made."""

    __tablename__ = "quota_load"
    __table_args__ = (CheckConstraint(_LOADS, name="kind"), STRICT)

    loaded_at: datetime = Field(sa_type=Stamp)
    loaded_on: date = Field(sa_type=Day)
    "From which day it counts as known."
    user_id: int = key_of("app_user")
    kind: str = Field(sa_type=Words)
    run_key: str | None = Field(default=None, index=True, sa_type=Words)
    reason: str | None = Field(default=None, sa_type=Words)


class Quota(Kept, table=True):
    """What a person, a team, or a territory as a whole, must reach in a window of dates, of one measure.

    A row is never changed but for its end: another load ends it, and adds the row that takes its place.
    """

    __table_args__ = (
        Index(
            "uq_quota_window", text("coalesce(user_id, 0)"), text("coalesce(team_id, 0)"),
            text("(CASE WHEN user_id IS NULL AND team_id IS NULL THEN territory_id ELSE 0 END)"), "measure",
            text("coalesce(product_family, '')"), "starts_on", unique=True, sqlite_where=_IN_FORCE,
        ),
        Index("ix_quota_starts_on", "starts_on", "measure"),
        Index("ix_quota_ends_on", "ends_on", "measure"),
        CheckConstraint("ends_on > starts_on", name="dates"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("user_id IS NULL OR team_id IS NULL", name="target"),
        CheckConstraint("active_until > active_from", name="active"),
        CheckConstraint(_MEASURES, name="measure"),
        STRICT,
    )  # fmt: skip

    user_id: int | None = key_of("app_user", required=False)
    team_id: int | None = key_of("team", required=False)
    territory_id: int = key_of("territory")
    "The territory whose quota it is; for a person's, where he worked when it began, for a team's, where the team is."
    measure: str = Field(default="revenue", sa_type=Words)
    product_family: str | None = Field(default=None, sa_type=Words)
    starts_on: date = Field(sa_type=Day)
    ends_on: date = Field(sa_type=Day)
    "The first day after it."
    amount_minor: int = Field(sa_type=Whole)
    currency: str = Field(sa_type=Words)
    "XXX, no currency, where pieces, sales or activities are counted."
    seasonality: str | None = Field(default=None, sa_type=Words)
    "The curve of the policy that says how much of it falls into which month."
    ramp: str | None = Field(default=None, sa_type=Words)
    "The ramp of the policy by which somebody new comes to the whole."
    active_from: date | None = Field(default=None, nullable=True, sa_type=Day)
    active_until: date | None = Field(default=None, nullable=True, sa_type=Day)
    "The first day on which it no longer counts."
    load_id: int = key_of("quota_load")
    loaded_on: date = Field(sa_type=Day)
    "The day of the load, here so that whoever sees the row knows since when it counts."
    replaced_by: int | None = key_of("quota_load", required=False)
    "The load that ended it; nothing while it is in force."
    replaced_on: date | None = Field(default=None, nullable=True, sa_type=Day)


class QuotaAdjustment(Keyed, table=True):
    """An amount that comes on top of somebody's quota, or off it, from a day on."""

    __tablename__ = "quota_adjustment"
    __table_args__ = (
        Index("ix_quota_adjustment_counts_from", "counts_from", "measure"),
        CheckConstraint("user_id IS NULL OR team_id IS NULL", name="target"),
        CheckConstraint("ends_on > counts_from", name="dates"),
        CheckConstraint(_MEASURES, name="measure"),
        STRICT,
    )

    user_id: int | None = key_of("app_user", required=False)
    team_id: int | None = key_of("team", required=False)
    territory_id: int = key_of("territory")
    measure: str = Field(default="revenue", sa_type=Words)
    product_family: str | None = Field(default=None, sa_type=Words)
    counts_from: date = Field(sa_type=Day)
    ends_on: date | None = Field(default=None, nullable=True, sa_type=Day)
    "The first day after the time that it is spread over; without one it counts whole on its day."
    amount_minor: int = Field(sa_type=Whole)
    "Below zero it comes off the quota."
    currency: str = Field(sa_type=Words)
    reason: str = Field(sa_type=Words)
    cause: str = Field(sa_type=Words)
    load_id: int = key_of("quota_load")
    loaded_on: date = Field(sa_type=Day)
    replaced_by: int | None = key_of("quota_load", required=False)
    replaced_on: date | None = Field(default=None, nullable=True, sa_type=Day)


def tell_postgresql() -> None:
    """Say of the tables what only PostgreSQL is told."""
    index = next(each for each in metadata.tables["quota"].indexes if each.name == "uq_quota_window")
    index.dialect_kwargs["postgresql_where"] = _IN_FORCE
