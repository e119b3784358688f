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
    Column("reason", _("Reason")),
)
