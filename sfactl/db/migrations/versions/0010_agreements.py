"""Agreement to offers, hand-offs to other areas, and answers by mail."""

import sqlalchemy as sa
from alembic import op

from sfactl.db import agreement_guard as guard
from sfactl.models import types

revision = "0010"
down_revision = "0009"

_MEASURES = "measure IN ('total', 'discount', 'line_discount', 'margin', 'terms', 'below_floor', 'non_standard')"


def upgrade() -> None:
    _make_rules()
    _make_approvals()
    _make_handoffs()
    _make_replies()
    if op.get_bind().dialect.name == "sqlite":  # on a server, the guard makes them
        for statement in guard.in_file().values():
            op.execute(statement)


def _column(name: str, kind: object, *, required: bool = True) -> "sa.Column[object]":
    return sa.Column(name, kind, nullable=not required)  # type: ignore[arg-type]


def _keys(table: str, **tables: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in tables.items()
    ]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _make_rules() -> None:
    bounds = "CASE WHEN measure = 'margin' THEN highest IS NOT NULL ELSE lowest IS NOT NULL END"
    op.create_table(
        "approval_rule",
        _column("id", types.Whole),
        _column("code", types.Words),
        _column("title", types.Words),
        _column("measure", types.Words),
        _column("lowest", types.Whole, required=False),
        _column("highest", types.Whole, required=False),
        _column("currency", types.Words, required=False),
        _column("territory_id", types.Whole, required=False),
        _column("family", types.Words, required=False),
        _column("role", types.Words),
        _column("escalation", types.Words, required=False),
        _column("step", types.Whole),
        _column("quorum", types.Whole),
        _column("hours", types.Whole),
        _column("active", types.Flag()),
        sa.CheckConstraint(_MEASURES, name=op.f("ck_approval_rule_measure")),
        sa.CheckConstraint("step > 0 AND quorum > 0 AND hours > 0", name=op.f("ck_approval_rule_step")),
        sa.CheckConstraint(bounds, name=op.f("ck_approval_rule_bounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_approval_rule_code")),
        *_keys("approval_rule", territory_id="territory"),
        sqlite_strict=True,
    )
    _indexes("approval_rule", "territory_id")


def _make_approvals() -> None:
    op.create_table(
        "approval",
        _column("id", types.Whole),
        _column("quote_id", types.Whole),
        _column("rule_id", types.Whole),
        _column("territory_id", types.Whole),
        _column("approver_id", types.Whole),
        _column("asked_by_id", types.Whole),
        _column("asked_at", types.Stamp(timezone=True)),
        _column("due_at", types.Stamp(timezone=True)),
        _column("escalated_at", types.Stamp(timezone=True), required=False),
        _column("status", types.Words),
        _column("digest", types.Words),
        _column("composition", types.Words, required=False),
        _column("value", types.Whole, required=False),
        _column("decided_at", types.Stamp(timezone=True), required=False),
        _column("decided_by_id", types.Whole, required=False),
        _column("via", types.Words, required=False),
        _column("comment", types.Words, required=False),
        sa.CheckConstraint("status IN ('pending', 'approved', 'rejected', 'void')", name=op.f("ck_approval_status")),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_approval_decided")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        *_keys(
            "approval", quote_id="quote", rule_id="approval_rule", territory_id="territory", approver_id="app_user",
            asked_by_id="app_user", decided_by_id="app_user",
        ),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index("ix_approval_quote_id", "approval", ["quote_id", "rule_id"], unique=False)
    _indexes("approval", "rule_id", "territory_id", "approver_id", "asked_by_id", "decided_by_id")


def _make_handoffs() -> None:
    op.create_table(
        "handoff",
        _column("id", types.Whole),
        _column("code", types.Words),
        _column("form", types.Words),
        _column("title", types.Words),
        _column("quote_id", types.Whole),
        _column("digest", types.Words),
        _column("territory_id", types.Whole),
        _column("user_id", types.Whole),
        _column("recipient_id", types.Whole, required=False),
        _column("to_address", types.Words),
        _column("status", types.Words),
        _column("sent_at", types.Stamp(timezone=True)),
        _column("due_at", types.Stamp(timezone=True), required=False),
        _column("answered_at", types.Stamp(timezone=True), required=False),
        _column("answered_by_id", types.Whole, required=False),
        _column("via", types.Words, required=False),
        _column("comment", types.Words, required=False),
        sa.CheckConstraint("status IN ('sent', 'confirmed', 'refused', 'void')", name=op.f("ck_handoff_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sa.UniqueConstraint("code", name=op.f("uq_handoff_code")),
        sa.UniqueConstraint("form", "quote_id", "digest", "to_address", name=op.f("uq_handoff_form_quote_id_digest_to_address")),
        *_keys(
            "handoff", quote_id="quote", territory_id="territory", user_id="app_user", recipient_id="app_user",
            answered_by_id="app_user",
        ),
        sqlite_strict=True,
    )  # fmt: skip
    _indexes("handoff", "quote_id", "territory_id", "user_id", "recipient_id", "answered_by_id")
    op.create_table(
        "handoff_line",
        _column("id", types.Whole),
        _column("handoff_id", types.Whole),
        _column("position", types.Whole),
        _column("key", types.Words),
        _column("label", types.Words),
        _column("value", types.Words, required=False),
        _column("is_asked", types.Flag()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_line")),
        sa.UniqueConstraint("handoff_id", "position", name=op.f("uq_handoff_line_handoff_id_position")),
        *_keys("handoff_line", handoff_id="handoff"),
        sqlite_strict=True,
    )


def _make_replies() -> None:
    op.create_table(
        "reply_request",
        _column("id", types.Whole),
        _column("message_id", types.Whole),
        _column("approval_id", types.Whole, required=False),
        _column("handoff_id", types.Whole, required=False),
        _column("user_id", types.Whole),
        _column("recipient_id", types.Whole, required=False),
        _column("digest", types.Words),
        _column("expires_at", types.Stamp(timezone=True)),
        _column("used_at", types.Stamp(timezone=True), required=False),
        sa.CheckConstraint("(approval_id IS NULL) <> (handoff_id IS NULL)", name=op.f("ck_reply_request_about")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_request")),
        *_keys(
            "reply_request", message_id="message", approval_id="approval", handoff_id="handoff", user_id="app_user",
            recipient_id="app_user",
        ),
        sqlite_strict=True,
    )  # fmt: skip
    _indexes("reply_request", "message_id", "approval_id", "handoff_id", "user_id", "recipient_id")
    op.create_table(
        "approval_token",
        _column("id", types.Whole),
        _column("request_id", types.Whole),
        _column("hash", types.Words),
        _column("made_at", types.Stamp(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_approval_token_hash")),
        *_keys("approval_token", request_id="reply_request"),
        sqlite_strict=True,
    )
    _indexes("approval_token", "request_id")
    op.create_table(
        "received_mail",
        _column("id", types.Whole),
        _column("message_id", types.Words),
        _column("user_id", types.Whole),
        _column("received_at", types.Stamp(timezone=True)),
        _column("outcome", types.Words),
        _column("about", types.Words, required=False),
        _column("reason", types.Words, required=False),
        sa.CheckConstraint("outcome IN ('answered', 'refused', 'ignored')", name=op.f("ck_received_mail_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_received_mail_message_id")),
        *_keys("received_mail", user_id="app_user"),
        sqlite_strict=True,
    )
    _indexes("received_mail", "user_id")
