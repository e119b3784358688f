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

TEAM_MEMBER_COLUMNS: Final = (
    Column("user", _("User"), Kind.CODE),
    Column("name", _("Name")),
    Column("role", _("Role")),
    Column("valid_from", _("From"), Kind.DATE),
    Column("valid_to", _("Until"), Kind.DATE),
)
