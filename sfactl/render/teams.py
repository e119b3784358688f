"""The columns of teams."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

TEAM_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("territory", _("Territory"), Kind.CODE),
    Column("lead", _("Lead"), Kind.CODE),
    Column("members", _("Members"), Kind.INTEGER),
)
