"""The columns of territories, their members and their report."""

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
    Column("total_due", _("Total due"), Kind.MONEY, wide=True),
    Column("currency", _("Currency"), Kind.CODE),
)


def territory_report_columns(by_channel: bool, by_family: bool) -> tuple[Column, ...]:
    """The report's columns; channel and product family only when it is broken down by them."""
    left_out = {key for key, shown in (("channel", by_channel), ("family", by_family)) if not shown}
    return tuple(column for column in TERRITORY_REPORT_COLUMNS if column.key not in left_out)
