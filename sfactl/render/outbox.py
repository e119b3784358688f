"""The columns of the outbox, and of what came of sending."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

MESSAGE_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("status", _("Status"), Kind.CODE),
    Column("to", _("To")),
    Column("recipient", _("Recipient"), Kind.CODE, wide=True),
    Column("subject", _("Subject")),
    Column("kind", _("Kind"), Kind.CODE, wide=True),
    Column("about", _("About"), Kind.CODE, wide=True),
    Column("created_by", _("Written by"), Kind.CODE, wide=True),
    Column("created_at", _("Written at"), Kind.DATETIME),
    Column("due_at", _("Due"), Kind.DATETIME, wide=True),
    Column("attempts", _("Attempts"), Kind.INTEGER),
    Column("sent_at", _("Sent at"), Kind.DATETIME),
    Column("last_error", _("Reason")),
    Column("run", _("Run"), Kind.CODE, wide=True),
    Column("message_id", _("Message-ID"), Kind.CODE, wide=True),
)

LINE_COLUMNS: Final = (Column("line", _("Text"), value=lambda line: line),)
"""The text of a message, a row a line."""

ATTACHMENT_COLUMNS: Final = (
    Column("name", _("Name")),
    Column("media_type", _("Media type"), Kind.CODE),
    Column("size_bytes", _("Size in bytes"), Kind.INTEGER),
)

TRIED_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("to", _("To")),
    Column("subject", _("Subject")),
    Column("status", _("Status"), Kind.CODE),
    Column("attempts", _("Attempts"), Kind.INTEGER),
    Column("due_at", _("Again from"), Kind.DATETIME),
    Column("reason", _("Reason")),
)
