"""The pipeline over time, and what people say of it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index

from sfactl.models.base import STRICT, Field, Keyed, key_of
from sfactl.models.types import Day, Stamp, Whole, Words


class OpportunityChange(Keyed, table=True):
    """What an opportunity said from a moment on: the values after a change. The newest row says what it says now.

    Written by triggers of the database, whoever changes an opportunity and however, and by nothing else. Its keys of
    stage, person and territory point nowhere, since they are copies of keys that `opportunity` holds or held.
    """

    __tablename__ = "opportunity_change"
    __table_args__ = (
        Index(  # all that says in which stage one was, and since when, in the order of its changes
            "ix_opportunity_change_opportunity_id", "opportunity_id", "id", "recorded_at", "stage_id"
        ),
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


class Judgement(Keyed, table=True):
    """What somebody says an opportunity, or a person's or territory's period, will bring; the data stay as they are.

    Rows are only added: the newest of an author counts. It is an owner's word where the author is who is credited, and
    a manager's otherwise.
    """

    __table_args__ = (
        Index("ix_judgement_opportunity_id", "opportunity_id", "id"),
        Index("ix_judgement_starts_on", "starts_on", "ends_on"),
        CheckConstraint("category IN ('commit', 'best_case', 'pipeline', 'omitted')", name="category"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint(
            "CASE WHEN opportunity_id IS NULL THEN starts_on IS NOT NULL AND ends_on > starts_on AND amount_minor IS NOT NULL"
            " ELSE starts_on IS NULL END",
            name="about",
        ),
        STRICT,
    )

    opportunity_id: int | None = key_of("opportunity", required=False, index=False)
    territory_id: int = key_of("territory")
    "Whose period it is about; of an opportunity or a person, where it lies or he works."
    user_id: int | None = key_of("app_user", required=False)
    "Whose figure it is about: the person's, or of an opportunity, that of who is credited when it is said."
    author_id: int = key_of("app_user")
    category: str | None = Field(default=None, sa_type=Words)
    amount_minor: int | None = Field(default=None, sa_type=Whole)
    currency: str = Field(sa_type=Words)
    close_on: date | None = Field(default=None, sa_type=Day)
    starts_on: date | None = Field(default=None, sa_type=Day)
    ends_on: date | None = Field(default=None, sa_type=Day)
    note: str | None = Field(default=None, sa_type=Words)
    made_at: datetime = Field(sa_type=Stamp)
