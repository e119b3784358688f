"""The columns of quotas and of their attainment."""

from dataclasses import replace
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

_PERSON: Final = (Column("user", _("User"), Kind.CODE), Column("name", _("Name")))
_PLACE: Final = Column("territory", _("Territory"), Kind.CODE)
_TEAM: Final = Column("team", _("Team"), Kind.CODE)
_SUMS: Final = (
    Column("period", _("Period"), Kind.CODE),
    Column("measure", _("Measure"), wide=True),
    Column("quota", _("Quota"), Kind.MONEY),
    Column("credit", _("Credit"), Kind.MONEY),
    Column("attainment", _("Attainment"), Kind.SHARE),
    Column("bar", _("Of quota"), Kind.BAR, value=attrgetter("attainment"), wide=True),
    Column("reached", _("Reached"), Kind.BOOL),
    Column("rank", _("Rank"), Kind.INTEGER, wide=True),
    Column("orders", _("Orders"), Kind.INTEGER, wide=True),
    Column("gap", _("Gap to pace"), Kind.MONEY),
    Column("on_track", _("On track"), Kind.MONEY, wide=True),
    Column("projected", _("Projected"), Kind.MONEY, wide=True),
    Column("needed_per_day", _("Needed a day"), Kind.MONEY, wide=True),
    Column("starts_on", _("From"), Kind.DATE, wide=True),
    Column("ends_on", _("Until"), Kind.DATE, wide=True),
)
_OVERLAY: Final = Column("overlay", _("Overlay"), Kind.MONEY)
_TREND: Final = (Column("prior_credit", _("Before"), Kind.MONEY), Column("trend", _("Trend"), Kind.SHARE))
_PIPELINE: Final = (
    Column("open_pipeline", _("Open pipeline"), Kind.MONEY, wide=True),
    Column("coverage", _("Coverage"), Kind.SHARE, wide=True),
    Column("needed_coverage", _("Coverage needed"), Kind.SHARE, wide=True),
    Column("covered", _("Covered"), wide=True),
)
_CURRENCY: Final = Column("currency", _("Currency"), Kind.CODE)
_ALL: Final = (*_PERSON, _TEAM, _PLACE, *_SUMS, _OVERLAY, *_TREND, *_PIPELINE, _CURRENCY)
_WHOSE: Final = {"team": ("team", "name", "territory"), "territory": ("territory", "name")}
_ASKED: Final = frozenset({"user", "name", "team", "territory", "overlay", "prior_credit", "trend"})
"""Columns that a table shows at once only where the question is about them."""


def attainment_columns(by: str, *, has_overlay: bool = False, has_trend: bool = False) -> tuple[Column, ...]:
    """All the columns of attainment, by whom it is told and what else is asked for."""
    near = {*_WHOSE.get(by, ("user", "name", "territory"))}
    near |= ({"overlay"} if has_overlay else set()) | ({"prior_credit", "trend"} if has_trend else set())
    return tuple(replace(column, wide=True) if column.key in _ASKED - near else column for column in _ALL)


ATTAINMENT_COLUMNS: Final = attainment_columns("person")

SALE_COLUMNS: Final = (
    Column("order", _("Order"), Kind.CODE),
    Column("booked_on", _("Booked"), Kind.DATE),
    Column("account_name", _("Account")),
    Column("user", _("Who"), Kind.CODE),
    Column("share", _("Share"), Kind.SHARE),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
)
"""The bookings behind a figure of attainment."""

LOAD_COLUMNS: Final = (
    Column("load", _("Load"), Kind.INTEGER),
    Column("loaded_on", _("Known since"), Kind.DATE),
    Column("loaded_at", _("Made at"), Kind.DATETIME),
    Column("user", _("By"), Kind.CODE),
    Column("kind", _("Kind")),
    Column("added", _("Added"), Kind.INTEGER),
    Column("ended", _("Ended"), Kind.INTEGER),
    Column("adjustments", _("Adjustments"), Kind.INTEGER),
    Column("reason", _("Reason")),
    Column("run", _("Run"), Kind.CODE, wide=True),
)
DIFF_COLUMNS: Final = (
    Column("change", _("Change")),
    Column("user", _("User"), Kind.CODE),
    Column("team", _("Team"), Kind.CODE, wide=True),
    Column("territory", _("Territory"), Kind.CODE),
    Column("measure", _("Measure"), wide=True),
    Column("product_family", _("Product family"), wide=True),
    Column("starts_on", _("From"), Kind.DATE),
    Column("before", _("Before"), Kind.MONEY),
    Column("after", _("After"), Kind.MONEY),
    Column("difference", _("Difference"), Kind.MONEY),
    Column("what", _("What else")),
    Column("currency", _("Currency"), Kind.CODE),
)
SUM_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("measure", _("Measure")),
    Column("added", _("Added"), Kind.INTEGER),
    Column("removed", _("Removed"), Kind.INTEGER),
    Column("changed", _("Changed"), Kind.INTEGER),
    Column("before", _("Before"), Kind.MONEY),
    Column("after", _("After"), Kind.MONEY),
    Column("difference", _("Difference"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
)
ROLLUP_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("name", _("Name")),
    Column("parent", _("Below"), Kind.CODE),
    Column("depth", _("Level"), Kind.INTEGER, wide=True),
    Column("quota", _("Quota"), Kind.MONEY),
    Column("children", _("Territories below"), Kind.MONEY),
    Column("over_assignment", _("Over-assigned"), Kind.SHARE),
    Column("people", _("People"), Kind.MONEY),
    Column("people_over_assignment", _("Over-assigned"), Kind.SHARE),
    Column("currency", _("Currency"), Kind.CODE),
)
