"""The columns of settings."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

SETTING_COLUMNS: Final = (Column("key", _("Setting"), Kind.CODE), Column("value", _("Value")))
ORIGIN_COLUMNS: Final = (*SETTING_COLUMNS, Column("origin", _("From")))
