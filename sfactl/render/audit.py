"""The columns of the audit trail."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

AUDIT_COLUMNS: Final = (
    Column("seq", _("No."), Kind.INTEGER),
    Column("at", _("At"), Kind.DATETIME),
    Column("actor", _("Actor"), Kind.CODE),
    Column("on_behalf_of", _("On behalf of"), Kind.CODE),
    Column("action", _("Action"), Kind.CODE),
    Column("entity", _("Entity"), Kind.CODE),
    Column("key", _("Key"), Kind.CODE),
    Column("reason", _("Reason"), wide=True),
    Column("changes", _("Changes")),
    Column("before", _("Before"), wide=True),
    Column("after", _("After"), wide=True),
    Column("run", _("Run"), Kind.CODE, wide=True),
    Column("command", _("Command"), wide=True),
    Column("machine", _("Machine"), Kind.CODE, wide=True),
    Column("hash", _("Hash"), Kind.CODE, wide=True),
)

CHANGE_COLUMNS: Final = (
    Column("entity", _("Entity"), Kind.CODE),
    Column("key", _("Name"), Kind.CODE),
    Column("changes", _("Changes")),
)

VERIFICATION_COLUMNS: Final = (
    Column("events", _("Events"), Kind.INTEGER),
    Column("erased", _("Erased"), Kind.INTEGER),
    Column("head", _("Head"), Kind.CODE),
)

BREAK_COLUMNS: Final = (
    Column("seq", _("No."), Kind.INTEGER),
    Column("finding", _("Finding")),
)
