"""The trail: who changed what, in a chain that shows if anybody edits it."""

from datetime import datetime

from sqlalchemy import CheckConstraint

from sfactl.models.base import STRICT, Field, Keyed, Model, key_of
from sfactl.models.types import Stamp, Whole, Words


class AuditEvent(Model, table=True):
    """One change by one person, or one run; never updated, never deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (STRICT,)

    seq: int = Field(primary_key=True, sa_type=Whole, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Stamp)
    user_id: int = key_of("app_user")
    "As whom it was done."
    actor_id: int = key_of("app_user")
    "Who was signed in: somebody else, when he acted for that person."
    action: str = Field(sa_type=Words)
    entity: str = Field(sa_type=Words)
    territory_id: int | None = Field(default=None, nullable=True, sa_type=Whole)
    run_key: str | None = Field(default=None, sa_type=Words)
    details: str = Field(sa_type=Words)
    "Digest of what `audit_detail` says of it; so the chain holds when a value has to be erased there."
    previous_hash: str = Field(sa_type=Words)
    hash: str = Field(unique=True, sa_type=Words)


class AuditDetail(Model, table=True):
    """What an event changed, from what, and why; empty once somebody's data had to be erased."""

    __tablename__ = "audit_detail"
    __table_args__ = (
        CheckConstraint("(salt IS NULL) = (content IS NULL) AND (salt IS NOT NULL OR key IS NULL)", name="whole"),
        STRICT,
    )

    seq: int = Field(
        primary_key=True, foreign_key="audit_event.seq", sa_type=Whole, sa_column_kwargs={"autoincrement": False}
    )
    salt: str | None = Field(default=None, sa_type=Words)
    "Random, and erased with the content: nobody can guess an erased value and try it against the digest."
    key: str | None = Field(default=None, index=True, sa_type=Words)
    "Code or login of what was changed."
    content: str | None = Field(default=None, sa_type=Words)
    "Canonical JSON of before, after, reason, command and machine."


class AuditHead(Keyed, table=True):
    """The last link of the chain; its one row is locked by each writer in turn."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    seq: int = Field(sa_type=Whole)
    hash: str = Field(sa_type=Words)
