"""The columns of what an import did, and of what was wrong with its files."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

SOURCE_COLUMNS: Final = (
    Column("file", _("File")),
    Column("noun", _("Noun"), Kind.CODE),
    Column("rows", _("Rows"), Kind.INTEGER),
    Column("added", _("Added"), Kind.INTEGER),
    Column("changed", _("Changed"), Kind.INTEGER),
    Column("unchanged", _("Unchanged"), Kind.INTEGER),
    Column("rejected", _("Rejected"), Kind.INTEGER),
)

FAULT_COLUMNS: Final = (
    Column("file", _("File")),
    Column("line", _("Line"), Kind.INTEGER),
    Column("column", _("Column")),
    Column("value", _("Value")),
    Column("reason", _("Reason")),
)
