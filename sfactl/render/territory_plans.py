"""The columns of planned trees, and of what they would change."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

PLAN_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("status", _("Status")),
    Column("by", _("By"), Kind.CODE),
    Column("created_at", _("Drawn up"), Kind.DATETIME),
    Column("territories", _("Territories"), Kind.INTEGER),
    Column("accounts", _("Accounts placed"), Kind.INTEGER),
    Column("activated_on", _("Active from"), Kind.DATE),
    Column("run", _("Run"), Kind.CODE, wide=True),
)

PLANNED_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("parent", _("Parent"), Kind.CODE),
    Column("kind", _("Kind")),
    Column("change", _("Change")),
    Column("into", _("Goes into"), Kind.CODE),
    Column("manager", _("Manager"), Kind.CODE),
    Column("members", _("Members"), Kind.INTEGER),
    Column("accounts", _("Accounts"), Kind.INTEGER),
)

COMPARE_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("name", _("Name")),
    Column("change", _("Change")),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("accounts_then", _("Then"), Kind.INTEGER),
    Column("revenue", _("Annual revenue"), Kind.MONEY),
    Column("revenue_then", _("Then"), Kind.MONEY),
    Column("pipeline", _("Open pipeline"), Kind.MONEY, wide=True),
    Column("pipeline_then", _("Then"), Kind.MONEY, wide=True),
    Column("quota", _("Quota"), Kind.MONEY, wide=True),
    Column("quota_then", _("Then"), Kind.MONEY, wide=True),
    Column("come", _("Come")),
    Column("go", _("Go")),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)
