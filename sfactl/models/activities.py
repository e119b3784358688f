"""Calls, visits, meetings, e-mails and tasks."""

from datetime import date

from sqlalchemy import CheckConstraint, Index

from sfactl.models.base import STRICT, Field, Kept, follows_account, key_of
from sfactl.models.types import Day, Whole, Words


class Activity(Kept, table=True):
    """Something a person does or plans for an account; done once it has a date of doing."""

    __table_args__ = (
        follows_account(),
        Index("ix_activity_account_id", "account_id", "territory_id"),
        Index("ix_activity_owner_id", "owner_id", "planned_on"),
        CheckConstraint("kind IN ('call', 'visit', 'meeting', 'email', 'task')", name="kind"),
        STRICT,
    )

    kind: str = Field(sa_type=Words)
    subject: str = Field(sa_type=Words)
    account_id: int | None = Field(default=None, nullable=True, sa_type=Whole)
    account_name: str | None = Field(default=None, sa_type=Words)
    territory_id: int = key_of("territory")
    opportunity_id: int | None = key_of("opportunity", required=False)
    owner_id: int = key_of("app_user", index=False)
    planned_on: date | None = Field(default=None, sa_type=Day)
    done_on: date | None = Field(default=None, sa_type=Day)
    note: str | None = Field(default=None, sa_type=Words)
