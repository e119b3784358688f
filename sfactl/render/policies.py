"""The columns of policies: what one would change, and those that were applied."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

DIFFERENCE_COLUMNS: Final = (
    Column("what", _("What"), Kind.CODE),
    Column("name", _("Name")),
    Column("now", _("Now")),
    Column("then", _("Then")),
)

VERSION_COLUMNS: Final = (
    Column("number", _("Number"), Kind.INTEGER),
    Column("applied_at", _("Applied"), Kind.DATETIME),
    Column("user", _("By"), Kind.CODE),
    Column("reason", _("Reason")),
    Column("digest", _("Digest"), wide=True),
)
