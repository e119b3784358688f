"""The columns of agreement: who must, who did; hand-offs; answers by mail."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from sfactl.core.money import Money
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

_PERCENT: Final = ("discount", "line_discount", "margin")


def _measured(row: Any, value: int | None) -> str | None:
    """A measure as people read it: an amount, a percentage, days, or lines."""
    if value is None:
        return None
    if row.measure == "total":
        return f"{Money(value, row.currency).decimal} {row.currency}"
    return f"{Decimal(value) / 100} %" if row.measure in _PERCENT else str(value)


NEED_COLUMNS: Final = (
    Column("step", _("Step"), Kind.INTEGER),
    Column("rule", _("Rule"), Kind.CODE),
    Column("title", _("Why")),
    Column("measure", _("Measure"), Kind.CODE, wide=True),
    Column("value", _("Value"), value=lambda row: _measured(row, row.value)),
    Column("bound", _("From"), value=lambda row: _measured(row, row.bound)),
    Column("role", _("Role"), Kind.CODE),
    Column("approvers", _("Who"), value=lambda row: list(row.approvers)),
    Column("quorum", _("Needed"), Kind.INTEGER),
    Column("agreed", _("Agreed"), Kind.INTEGER),
    Column("status", _("Status"), Kind.CODE),
)

APPROVAL_COLUMNS: Final = (
    Column("quote", _("Quote"), Kind.CODE),
    Column("account_name", _("Account"), wide=True),
    Column("step", _("Step"), Kind.INTEGER),
    Column("rule", _("Rule"), Kind.CODE),
    Column("title", _("Why")),
    Column("approver", _("Who"), Kind.CODE),
    Column("status", _("Status"), Kind.CODE),
    Column("asked_by", _("Asked by"), Kind.CODE, wide=True),
    Column("asked_at", _("Asked at"), Kind.DATETIME, wide=True),
    Column("due_at", _("Due"), Kind.DATETIME),
    Column("overdue", _("Overdue"), Kind.BOOL, value=lambda row: row.is_overdue),
    Column("decided_at", _("Decided at"), Kind.DATETIME),
    Column("decided_by", _("By deputy"), Kind.CODE),
    Column("via", _("Via"), Kind.CODE, wide=True),
    Column("comment", _("Comment")),
)

APPROVALS_OF_QUOTE: Final = tuple(
    column for column in APPROVAL_COLUMNS if column.key not in ("quote", "account_name", "asked_by", "asked_at")
)
"""The same below the quote itself."""

HANDOFF_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("form", _("Form"), Kind.CODE),
    Column("title", _("Title"), wide=True),
    Column("quote", _("Quote"), Kind.CODE),
    Column("account_name", _("Account")),
    Column("to", _("To")),
    Column("recipient", _("Recipient"), Kind.CODE, wide=True),
    Column("status", _("Status"), Kind.CODE),
    Column("sent_by", _("Sent by"), Kind.CODE, wide=True),
    Column("sent_at", _("Sent at"), Kind.DATETIME, wide=True),
    Column("due_at", _("Due"), Kind.DATETIME),
    Column("overdue", _("Overdue"), Kind.BOOL, value=lambda row: row.is_overdue),
    Column("answered_at", _("Answered at"), Kind.DATETIME),
    Column("answered_by", _("Answered by"), Kind.CODE),
    Column("via", _("Via"), Kind.CODE, wide=True),
    Column("comment", _("Comment")),
    Column("age_days", _("Age in days"), Kind.INTEGER, wide=True),
)

HANDOFFS_OF_QUOTE: Final = tuple(
    replace(column, wide=column.wide and column.key != "age_days")
    for column in HANDOFF_COLUMNS if column.key not in ("quote", "account_name", "sent_by", "sent_at")
)  # fmt: skip
"""The same below the quote itself, with the age of each answer."""

FIELD_COLUMNS: Final = (
    Column("key", _("Key"), Kind.CODE),
    Column("label", _("Field")),
    Column("value", _("Value")),
    Column("is_asked", _("Asked"), Kind.BOOL),
    Column("is_required", _("Needed for a yes"), Kind.BOOL),
    Column("kind", _("Kind"), Kind.CODE, wide=True),
    Column("choices", _("Choices"), value=lambda row: ", ".join(row.choices) or None, wide=True),
)

RECEIVED_COLUMNS: Final = (
    Column("about", _("About"), Kind.CODE),
    Column("outcome", _("Outcome"), Kind.CODE),
    Column("verdict", _("Verdict"), Kind.CODE),
    Column("user", _("In the name of"), Kind.CODE),
    Column("reason", _("Reason")),
    Column("message_id", _("Message-ID"), Kind.CODE, wide=True),
)

QUESTION_COLUMNS: Final = (
    Column("asked", _("Asked"), Kind.CODE, value=lambda row: getattr(row, "code", None) or "approval"),
    Column("quote", _("Quote"), Kind.CODE),
    Column("account_name", _("Account")),
    Column("title", _("Why")),
    Column("who", _("Who"), Kind.CODE, value=lambda row: getattr(row, "approver", None) or row.to),
    Column("status", _("Status"), Kind.CODE),
    Column("due_at", _("Due"), Kind.DATETIME),
    Column("overdue", _("Overdue"), Kind.BOOL, value=lambda row: row.is_overdue),
    Column("comment", _("Comment")),
)
"""Approvals and hand-offs in one list; a hand-off is named by its code."""
