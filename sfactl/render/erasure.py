"""The columns of what an erasure left."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

TRACE_COLUMNS: Final = (
    Column("table", _("Table"), Kind.CODE),
    Column("row", _("Row"), Kind.CODE),
    Column("column", _("Column"), Kind.CODE),
)
