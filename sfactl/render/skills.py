"""The columns of skills, of what people know, and of what accounts need."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

SKILL_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("people", _("People"), Kind.INTEGER),
    Column("accounts", _("Accounts"), Kind.INTEGER),
)

LEVEL_COLUMNS: Final = (
    Column("skill", _("Skill"), Kind.CODE),
    Column("name", _("Name")),
    Column("level", _("Level"), Kind.INTEGER),
)

NEED_COLUMNS: Final = (
    Column("skill", _("Skill"), Kind.CODE),
    Column("name", _("Name")),
    Column("level", _("Level wanted"), Kind.INTEGER),
    Column("owner", _("Owner"), Kind.CODE),
    Column("owner_level", _("Owner's level"), Kind.INTEGER),
    Column("weight", _("Weight"), Kind.INTEGER, wide=True),
)
