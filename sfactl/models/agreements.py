"""Who must agree to an offer and who did, what other areas are asked, and the tokens by which a mail is answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Keyed, key_of
from sfactl.models.types import Flag, Stamp, Whole, Words

MEASURES = ("total", "discount", "line_discount", "margin", "terms", "below_floor", "non_standard")
"""What a rule of approval looks at."""


class ApprovalRule(Keyed, table=True):
    """Who must agree to an offer that reaches a bound; as the policy in force says it. A rule that is gone stays, inactive."""

    __tablename__ = "approval_rule"
    __table_args__ = (
        CheckConstraint(f"measure IN {MEASURES}", name="measure"),
        CheckConstraint("step > 0 AND quorum > 0 AND hours > 0", name="step"),
        CheckConstraint(
            "CASE WHEN measure = 'margin' THEN highest IS NOT NULL ELSE lowest IS NOT NULL END", name="bounds"
        ),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    title: str = Field(sa_type=Words)
    measure: str = Field(sa_type=Words)
    lowest: int | None = Field(default=None, sa_type=Whole)
    "Included: minor units, basis points, days, or lines."
    highest: int | None = Field(default=None, sa_type=Whole)
    "Excluded."
    currency: str | None = Field(default=None, sa_type=Words)
    "Of a total's bounds."
    territory_id: int | None = key_of("territory", required=False)
    family: str | None = Field(default=None, sa_type=Words)
    "Only lines of this family count."
    role: str = Field(sa_type=Words)
    "Code of the role that agrees, found in the quote's territory or the next above."
    escalation: str | None = Field(default=None, sa_type=Words)
    "The role that is asked when nobody answers in time; the same one further up when nothing is said."
    step: int = Field(default=1, sa_type=Whole)
    quorum: int = Field(default=1, sa_type=Whole)
    hours: int = Field(default=48, sa_type=Whole)
    active: bool = Field(default=True, sa_type=Flag)


class Approval(Keyed, table=True):
    """One person who is asked to agree to a quote because of one rule, and what he said.

    It holds for the quote as it was then: the same goods and terms (`composition`), and nothing worse than `value`.
    """

    __table_args__ = (
        Index("ix_approval_quote_id", "quote_id", "rule_id"),
        CheckConstraint("status IN ('pending', 'approved', 'rejected', 'void')", name="status"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        STRICT,
    )

    quote_id: int = key_of("quote", index=False)
    rule_id: int = key_of("approval_rule")
    territory_id: int = key_of("territory")
    approver_id: int = key_of("app_user")
    asked_by_id: int = key_of("app_user")
    asked_at: datetime = Field(sa_type=Stamp)
    due_at: datetime = Field(sa_type=Stamp)
    escalated_at: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)
    status: str = Field(default="pending", sa_type=Words)
    digest: str = Field(sa_type=Words)
    "Of what he was asked to agree to."
    composition: str | None = Field(default=None, sa_type=Words)
    value: int | None = Field(default=None, sa_type=Whole)
    decided_at: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)
    decided_by_id: int | None = key_of("app_user", required=False)
    "Who was at the keyboard: a deputy acts in the approver's name."
    via: str | None = Field(default=None, sa_type=Words)
    "`command`, `screen` or `mail`."
    comment: str | None = Field(default=None, sa_type=Words)


class Handoff(Keyed, table=True):
    """A question to another area about a quote, made from a form of the policy, and its answer."""

    __table_args__ = (
        UniqueConstraint("form", "quote_id", "digest", "to_address"),
        CheckConstraint("status IN ('sent', 'confirmed', 'refused', 'void')", name="status"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    form: str = Field(sa_type=Words)
    title: str = Field(sa_type=Words)
    quote_id: int = key_of("quote")
    digest: str = Field(sa_type=Words)
    territory_id: int = key_of("territory")
    user_id: int = key_of("app_user")
    "Who asks."
    recipient_id: int | None = key_of("app_user", required=False)
    to_address: str = Field(sa_type=Words)
    status: str = Field(default="sent", sa_type=Words)
    sent_at: datetime = Field(sa_type=Stamp)
    due_at: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)
    answered_at: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)
    answered_by_id: int | None = key_of("app_user", required=False)
    via: str | None = Field(default=None, sa_type=Words)
    comment: str | None = Field(default=None, sa_type=Words)
    is_each: bool = Field(default=False, sa_type=Flag)
    "Whether each of those who were asked answers; else the first answer is that of all."


class HandoffLine(Keyed, table=True):
    """A field of a hand-off: what is told, or what is asked and was answered."""

    __tablename__ = "handoff_line"
    __table_args__ = (UniqueConstraint("handoff_id", "position"), STRICT)

    handoff_id: int = key_of("handoff", index=False)
    position: int = Field(sa_type=Whole)
    key: str = Field(sa_type=Words)
    label: str = Field(sa_type=Words)
    value: str | None = Field(default=None, sa_type=Words)
    is_asked: bool = Field(default=False, sa_type=Flag)
    is_required: bool = Field(default=False, sa_type=Flag)
    "Nobody says yes without it."
    kind: str = Field(default="text", sa_type=Words, sa_column_kwargs={"server_default": "text"})
    "What may be said: `core/form_values.Kind`."
    choices: str | None = Field(default=None, sa_type=Words)
    "A JSON list of what can be chosen."


class ReplyRequest(Keyed, table=True):
    """A question that may be answered by mail: by whom, about what, and until when; answered once."""

    __tablename__ = "reply_request"
    __table_args__ = (
        CheckConstraint("(approval_id IS NULL) <> (handoff_id IS NULL)", name="about"),
        STRICT,
    )

    message_id: int = key_of("message")
    "The mail that asks it."
    approval_id: int | None = key_of("approval", required=False)
    handoff_id: int | None = key_of("handoff", required=False)
    user_id: int = key_of("app_user")
    "Who asks."
    recipient_id: int | None = key_of("app_user", required=False)
    digest: str = Field(sa_type=Words)
    expires_at: datetime = Field(sa_type=Stamp)
    used_at: datetime | None = Field(default=None, nullable=True, sa_type=Stamp)


class ApprovalToken(Keyed, table=True):
    """What is kept of a token that went out with a mail: its hash. A mail that is sent again bears another one."""

    __tablename__ = "approval_token"
    __table_args__ = (STRICT,)

    request_id: int = key_of("reply_request")
    hash: str = Field(unique=True, sa_type=Words)
    made_at: datetime = Field(sa_type=Stamp)


class ReceivedMail(Keyed, table=True):
    """A mail that was read, so that it works once."""

    __tablename__ = "received_mail"
    __table_args__ = (CheckConstraint("outcome IN ('answered', 'refused', 'ignored')", name="outcome"), STRICT)

    message_id: str = Field(unique=True, sa_type=Words)
    user_id: int = key_of("app_user")
    "In whose name it worked, or who read it."
    received_at: datetime = Field(sa_type=Stamp)
    outcome: str = Field(sa_type=Words)
    about: str | None = Field(default=None, sa_type=Words)
    reason: str | None = Field(default=None, sa_type=Words)
