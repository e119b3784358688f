"""The trail: who changed what, in a chain that shows if anybody edits it."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from sfactl.models.base import STRICT, Keyed, key_of
from sfactl.models.types import Stamp, Whole, Words


class AuditEvent(SQLModel, table=True):
    """One change by one person, or one run; never updated, never deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (STRICT,)

    seq: int = Field(primary_key=True, sa_type=Whole, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Stamp)
    user_id: int = key_of("app_user")
    "As whom it was done."
    actor: str = Field(sa_type=Words)
    "Who was signed in."
    on_behalf_of: str | None = Field(default=None, sa_type=Words)
    action: str = Field(sa_type=Words)
    entity: str = Field(sa_type=Words)
    key: str | None = Field(default=None, sa_type=Words)
    territory_id: int | None = Field(default=None, nullable=True, sa_type=Whole)
    run_key: str | None = Field(default=None, sa_type=Words)
    reason: str | None = Field(default=None, sa_type=Words)
    before: str | None = Field(default=None, sa_type=Words)
    after: str | None = Field(default=None, sa_type=Words)
    previous_hash: str = Field(sa_type=Words)
    hash: str = Field(unique=True, sa_type=Words)


class AuditHead(Keyed, table=True):
    """The last link of the chain; its one row is locked by each writer in turn."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    seq: int = Field(sa_type=Whole)
    hash: str = Field(sa_type=Words)
