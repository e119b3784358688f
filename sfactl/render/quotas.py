"""The columns of quotas and of their attainment."""

from operator import attrgetter
from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

QUOTA_COLUMNS: Final = (
    Column("user", _("User"), Kind.CODE),
    Column("name", _("Name")),
    Column("team", _("Team"), Kind.CODE, wide=True),
    Column("territory", _("Territory"), Kind.CODE),
    Column("measure", _("Measure")),
    Column("product_family", _("Product family")),
    Column("starts_on", _("From"), Kind.DATE),
    Column("ends_on", _("Until"), Kind.DATE),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
    Column("seasonality", _("Seasonality"), Kind.CODE, wide=True),
    Column("ramp", _("Ramp"), Kind.CODE, wide=True),
    Column("active_from", _("Active from"), Kind.DATE, wide=True),
    Column("active_until", _("Active until"), Kind.DATE, wide=True),
    Column("load", _("Load"), Kind.INTEGER, wide=True),
)

ATTAINMENT_COLUMNS: Final = (
    Column("user", _("User"), Kind.CODE),
    Column("name", _("Name")),
    Column("territory", _("Territory"), Kind.CODE),
    Column("period", _("Period"), Kind.CODE),
    Column("measure", _("Measure")),
    Column("quota", _("Quota"), Kind.MONEY),
    Column("credit", _("Credit"), Kind.MONEY),
    Column("attainment", _("Attainment"), Kind.SHARE),
    Column("bar", _("Of quota"), Kind.BAR, value=attrgetter("attainment"), wide=True),
    Column("reached", _("Reached"), Kind.BOOL),
    Column("orders", _("Orders"), Kind.INTEGER, wide=True),
    Column("gap", _("Gap"), Kind.MONEY),
    Column("on_track", _("On track"), Kind.MONEY, wide=True),
    Column("projected", _("Projected"), Kind.MONEY, wide=True),
    Column("needed_per_day", _("Needed a day"), Kind.MONEY, wide=True),
    Column("starts_on", _("From"), Kind.DATE, wide=True),
    Column("ends_on", _("Until"), Kind.DATE, wide=True),
    Column("currency", _("Currency"), Kind.CODE),
)
