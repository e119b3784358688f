"""The columns of territories, their members and their report."""

from operator import attrgetter
from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

TERRITORY_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("parent", _("Parent"), Kind.CODE),
    Column("kind", _("Kind")),
    Column("manager", _("Manager"), Kind.CODE),
    Column("members", _("Members"), Kind.INTEGER),
    Column("accounts", _("Accounts"), Kind.INTEGER),
)

_ARCHIVED: Final = Column("archived_on", _("Archived"), Kind.DATE)


def territory_columns(with_archived: bool) -> tuple[Column, ...]:
    """The columns of territories; since when one is out of use only where such are shown."""
    return (*TERRITORY_COLUMNS, _ARCHIVED) if with_archived else TERRITORY_COLUMNS


MEMBER_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("user", _("User"), Kind.CODE),
    Column("name", _("Name")),
    Column("role", _("Role")),
    Column("valid_from", _("From"), Kind.DATE),
    Column("valid_to", _("Until"), Kind.DATE),
)

TERRITORY_REPORT_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("period", _("Period"), Kind.CODE),
    Column("channel", _("Channel")),
    Column("family", _("Family")),
    Column("orders", _("Orders"), Kind.INTEGER),
    Column("revenue", _("Revenue"), Kind.MONEY),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("average_order", _("Average order"), Kind.MONEY),
    Column("prior_revenue", _("Year before"), Kind.MONEY),
    Column("growth", _("Growth"), Kind.SHARE),
    Column("won", _("Won"), Kind.INTEGER),
    Column("lost", _("Lost"), Kind.INTEGER),
    Column("win_rate", _("Win rate"), Kind.SHARE),
    Column("open_pipeline", _("Open pipeline"), Kind.MONEY),
    Column("weighted", _("Weighted"), Kind.MONEY),
    Column("quota", _("Quota"), Kind.MONEY),
    Column("attainment", _("Attainment"), Kind.SHARE),
    Column("won_amount", _("Won amount"), Kind.MONEY, wide=True),
    Column("average_sale", _("Average sale"), Kind.MONEY, wide=True),
    Column("sales_cycle", _("Sales cycle, days"), Kind.QUANTITY, value=attrgetter("sales_cycle_e3"), wide=True),
    Column("activities_before", _("Activities before"), Kind.INTEGER, wide=True),
    Column("activities_during", _("During"), Kind.INTEGER, wide=True),
    Column("activities_after", _("After"), Kind.INTEGER, wide=True),
    Column("people", _("People"), Kind.INTEGER, wide=True),
    Column("load", _("Load"), Kind.SHARE, wide=True),
    Column("total_due", _("Total due"), Kind.MONEY, wide=True),
    Column("currency", _("Currency"), Kind.CODE),
)


def territory_report_columns(by_channel: bool, by_family: bool) -> tuple[Column, ...]:
    """The report's columns; channel and product family only when it is broken down by them."""
    left_out = {key for key, shown in (("channel", by_channel), ("family", by_family)) if not shown}
    return tuple(column for column in TERRITORY_REPORT_COLUMNS if column.key not in left_out)


MIX_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("period", _("Period"), Kind.CODE),
    Column("family", _("Family")),
    Column("orders", _("Orders"), Kind.INTEGER),
    Column("revenue", _("Revenue"), Kind.MONEY),
    Column("share", _("Share"), Kind.SHARE),
    Column("bar", _("Of all"), Kind.BAR, value=attrgetter("share"), wide=True),
    Column("prior_revenue", _("Year before"), Kind.MONEY),
    Column("growth", _("Growth"), Kind.SHARE),
    Column("currency", _("Currency"), Kind.CODE),
)

TOP_ACCOUNT_COLUMNS: Final = (
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name")),
    Column("owner", _("Owner"), Kind.CODE),
    Column("orders", _("Orders"), Kind.INTEGER),
    Column("revenue", _("Revenue"), Kind.MONEY),
    Column("share", _("Share"), Kind.SHARE),
    Column("prior_revenue", _("Year before"), Kind.MONEY, wide=True),
    Column("growth", _("Growth"), Kind.SHARE),
    Column("last_order_on", _("Last order"), Kind.DATE, wide=True),
    Column("currency", _("Currency"), Kind.CODE),
)

RISK_COLUMNS: Final = (
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name")),
    Column("owner", _("Owner"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("why", _("At risk by")),
    Column("last_activity_on", _("Last activity"), Kind.DATE, wide=True),
    Column("idle_days", _("Idle"), Kind.INTEGER),
    Column("last_order_on", _("Last order"), Kind.DATE),
    Column("revenue", _("Revenue"), Kind.MONEY),
    Column("prior_revenue", _("Year before"), Kind.MONEY),
    Column("growth", _("Growth"), Kind.SHARE),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)

PEOPLE_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("user", _("User"), Kind.CODE),
    Column("name", _("Name")),
    Column("role", _("Role")),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("work_hours", _("Work"), Kind.QUANTITY, value=attrgetter("work_e3"), wide=True),
    Column("hours", _("Hours"), Kind.INTEGER, wide=True),
    Column("load", _("Load"), Kind.SHARE),
    Column("open_pipeline", _("Open pipeline"), Kind.MONEY),
    Column("quota", _("Quota"), Kind.MONEY),
    Column("credit", _("Credit"), Kind.MONEY),
    Column("attainment", _("Attainment"), Kind.SHARE),
    Column("currency", _("Currency"), Kind.CODE),
)
