"""The outbox: mail that waits to be sent, and what became of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Keyed, key_of
from sfactl.models.types import Octets, Stamp, Whole, Words


class Message(Keyed, table=True):
    """A mail to one address, written in the transaction that causes it and sent after."""

    __table_args__ = (
        Index("ix_message_status", "status", "id"),
        Index("ix_message_about", "about", "to_address"),
        CheckConstraint("status IN ('queued', 'sending', 'sent', 'failed', 'cancelled')", name="status"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    "What people call it."
    delivery_key: str = Field(unique=True, sa_type=Words)
    "What it is about and for whom: a second one of the same key is not written."
    message_id: str = Field(unique=True, sa_type=Words)
    "The Message-ID header, the same however often it is sent."
    kind: str = Field(sa_type=Words)
    "What sort of mail it is: `moves`."
    about: str | None = Field(default=None, sa_type=Words)
    "What it is about, where order matters: to one address, messages about one thing go out one after the other."
    user_id: int = key_of("app_user")
    "Who caused it."
    recipient_id: int | None = key_of("app_user", required=False)
    to_address: str = Field(sa_type=Words)
    subject: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    html: str | None = Field(default=None, sa_type=Words)
    run_key: str | None = Field(default=None, sa_type=Words)
    status: str = Field(default="queued", sa_type=Words)
    created_at: datetime = Field(sa_type=Stamp)
    due_at: datetime = Field(sa_type=Stamp)
    "Not sent before."
    attempts: int = Field(default=0, sa_type=Whole)
    claimed_by: str | None = Field(default=None, sa_type=Words)
    "A sender that is at work on it, until his time is over."
    claimed_until: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)
    sent_at: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)
    last_error: str | None = Field(default=None, sa_type=Words)


class MessageAttachment(Keyed, table=True):
    """A file that goes along with a mail."""

    __tablename__ = "message_attachment"
    __table_args__ = (UniqueConstraint("message_id", "position"), STRICT)

    message_id: int = key_of("message", index=False)
    position: int = Field(sa_type=Whole)
    "From 0, in the order in which they stand in the mail."
    name: str = Field(sa_type=Words)
    media_type: str = Field(sa_type=Words)
    content: bytes = Field(sa_type=Octets)
    digest: str = Field(sa_type=Words)
    "Of its data: two files of the same digest say the same, whatever day they tell."
