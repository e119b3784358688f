"""The columns of stored figures."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

STORED_COLUMNS: Final = (
    Column("month", _("Month"), Kind.CODE),
    Column("bookings", _("Credits"), Kind.INTEGER),
    Column("rows", _("Sums"), Kind.INTEGER),
    Column("touched", _("Summed anew"), Kind.INTEGER),
    Column("made_at", _("Stored at"), Kind.DATETIME),
)
