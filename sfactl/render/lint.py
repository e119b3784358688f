"""The columns of what is wrong with assignments."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

FINDING_COLUMNS: Final = (
    Column("finding", _("Finding"), Kind.CODE),
    Column("key", _("What"), Kind.CODE),
    Column("name", _("Name")),
    Column("territory", _("Territory"), Kind.CODE),
    Column("detail", _("Detail")),
)
