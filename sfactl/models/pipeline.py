"""The pipeline over time."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from sfactl.models.base import STRICT, Keyed, key_of
from sfactl.models.types import Day, Stamp, Whole, Words


class OpportunityChange(Keyed, table=True):
    """What an opportunity said from a moment on: the values after a change. The newest row says what it says now.

    Written by triggers of the database, whoever changes an opportunity and however, and by nothing else. Its keys of
    stage, person and territory point nowhere, since they are copies of keys that `opportunity` holds or held.
    """

    __tablename__ = "opportunity_change"
    __table_args__ = (
        Index("ix_opportunity_change_opportunity_id", "opportunity_id", "recorded_at"),
        Index("ix_opportunity_change_recorded_at", "recorded_at", "opportunity_id"),
        STRICT,
    )

    opportunity_id: int = key_of("opportunity", index=False)
    recorded_at: datetime = Field(sa_type=Stamp)
    amount_minor: int = Field(sa_type=Whole)
    currency: str = Field(sa_type=Words)
    close_on: date = Field(sa_type=Day)
    closed_on: date | None = Field(default=None, sa_type=Day)
    stage_id: int | None = Field(default=None, sa_type=Whole)
    "None of one that was brought in closed, for the time when it was open."
    status: str = Field(sa_type=Words)
    probability_bp: int | None = Field(default=None, sa_type=Whole)
    credited_id: int | None = Field(default=None, sa_type=Whole)
    credited_territory_id: int = Field(sa_type=Whole)
