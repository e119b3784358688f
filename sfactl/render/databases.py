"""The columns of what is known about the database and what was looked at."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

INFO_COLUMNS: Final = (
    Column("database", _("Database")),
    Column("engine", _("Engine")),
    Column("version", _("Tables"), Kind.CODE),
    Column("size_bytes", _("Bytes"), Kind.INTEGER),
    Column("journal", _("Journal"), Kind.CODE),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("opportunities", _("Opportunities"), Kind.INTEGER),
    Column("orders", _("Orders"), Kind.INTEGER),
    Column("last_change", _("Last change"), Kind.DATETIME),
)

FINDING_COLUMNS: Final = (
    Column("check", _("Check"), Kind.CODE),
    Column("key", _("Where")),
    Column("detail", _("What")),
)

CHECK_COLUMNS: Final = (
    Column("what", _("What")),
    Column("state", _("State"), Kind.CODE),
    Column("detail", _("Detail")),
    Column("hint", _("Remedy")),
)
