"""The columns of assignment rules, of what they say of an account, of exclusions, and of capacities."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

RULE_COLUMNS: Final = (
    Column("step", _("Step"), Kind.INTEGER),
    Column("code", _("Rule"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("priority", _("Priority"), Kind.INTEGER),
    Column("owner", _("Owner"), Kind.CODE),
    Column("condition", _("Condition")),
    Column("accounts", _("Accounts"), Kind.INTEGER),
)

WHY_COLUMNS: Final = (
    Column("step", _("Step"), Kind.INTEGER),
    Column("rule", _("Rule"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("owner", _("Owner"), Kind.CODE),
    Column("outcome", _("Outcome"), Kind.CODE),
    Column("reason", _("Why")),
)

EXCLUSION_COLUMNS: Final = (
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name")),
    Column("territory", _("Territory"), Kind.CODE),
    Column("since", _("Since"), Kind.DATE),
    Column("reason", _("Reason")),
)

CAPACITY_COLUMNS: Final = (
    Column("login", _("Login"), Kind.CODE),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("most_accounts", _("At most"), Kind.INTEGER),
    Column("work", _("Work in hours"), Kind.QUANTITY, value=lambda row: row.work_e3),
    Column("hours", _("Hours"), Kind.INTEGER),
    Column("load", _("Load"), Kind.SHARE),
    Column("own", _("Said of him"), Kind.BOOL),
)
