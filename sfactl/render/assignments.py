"""The columns of assignments: who works which account, now and before."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

ASSIGNMENT_COLUMNS: Final = (
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name")),
    Column("owner", _("Owner"), Kind.CODE),
    Column("owner_name", _("Owner's name")),
    Column("territory", _("Territory"), Kind.CODE),
    Column("role", _("Role")),
    Column("since", _("Since"), Kind.DATE),
    Column("cause", _("Cause")),
    Column("until", _("Until"), Kind.DATE, wide=True),
)

OWNER_HISTORY_COLUMNS: Final = (
    Column("owner", _("Owner"), Kind.CODE),
    Column("owner_name", _("Owner's name")),
    Column("territory", _("Territory"), Kind.CODE),
    Column("role", _("Role")),
    Column("since", _("Since"), Kind.DATE),
    Column("until", _("Until"), Kind.DATE),
    Column("cause", _("Cause")),
    Column("by", _("By"), Kind.CODE),
    Column("reason", _("Reason")),
    Column("run", _("Run"), Kind.CODE, wide=True),
)

HOLDOVER_COLUMNS: Final = (
    Column("opportunity", _("Opportunity"), Kind.CODE),
    Column("account", _("Account")),
    Column("seller", _("Stays with"), Kind.CODE),
    Column("goes_to", _("Goes to"), Kind.CODE),
    Column("until", _("Until"), Kind.DATE),
    Column("share", _("Share of the new owner"), Kind.SHARE),
    Column("is_overdue", _("Overdue"), Kind.BOOL),
)
