"""The columns of activities."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

ACTIVITY_COLUMNS: Final = (
    Column("number", _("No."), Kind.INTEGER),
    Column("kind", _("Kind")),
    Column("subject", _("Subject")),
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name")),
    Column("opportunity", _("Opportunity"), Kind.CODE),
    Column("owner", _("Owner"), Kind.CODE),
    Column("planned_on", _("Planned"), Kind.DATE),
    Column("done_on", _("Done"), Kind.DATE),
)
