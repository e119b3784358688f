"""The columns of opportunities, their way through the stages, and the pipeline."""

from dataclasses import replace
from operator import attrgetter
from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

OPPORTUNITY_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name")),
    Column("seller", _("Seller"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("stage", _("Stage")),
    Column("status", _("Status")),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("probability", _("Probability"), Kind.SHARE),
    Column("weighted", _("Weighted"), Kind.MONEY),
    Column("close_on", _("Closes"), Kind.DATE),
    Column("age_days", _("Age in days"), Kind.INTEGER, wide=True),
    Column("next_step", _("Next step"), wide=True),
    Column("currency", _("Currency"), Kind.CODE),
)

STAGE_HISTORY_COLUMNS: Final = (
    Column("stage", _("Stage")),
    Column("entered_on", _("Entered"), Kind.DATE),
    Column("by", _("By"), Kind.CODE),
)

PIPELINE_COLUMNS: Final = (
    Column("stage", _("Stage"), value=lambda row: row.stage or None),
    Column("category", _("Category"), value=lambda row: row.category or None),
    Column("count", _("Opportunities"), Kind.INTEGER),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("weighted", _("Weighted"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
)

CHANGE_COLUMNS: Final = (
    Column("figure", _("Figure")),
    Column("count", _("Opportunities"), Kind.INTEGER),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
)

CHANGE_DETAIL_COLUMNS: Final = (
    Column("figure", _("Figure")),
    Column("opportunity", _("Opportunity"), Kind.CODE),
    Column("name", _("Name")),
    Column("account_name", _("Account's name")),
    Column("seller", _("Seller"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
)

FUNNEL_COLUMNS: Final = (
    *PIPELINE_COLUMNS[:-1],
    Column("entered", _("Entered"), Kind.INTEGER),
    Column("went_on", _("Went on"), Kind.INTEGER),
    Column("conversion", _("Conversion"), Kind.SHARE),
    Column("average_days", _("Average days"), Kind.QUANTITY, value=attrgetter("average_days_e3")),
    Column("currency", _("Currency"), Kind.CODE),
)

_FORECAST: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("seller", _("Seller"), Kind.CODE),
    Column("period", _("Period"), Kind.CODE),
    Column("closed", _("Closed"), Kind.MONEY),
    Column("commit", _("Commit"), Kind.MONEY, wide=True),
    Column("best_case", _("Best case"), Kind.MONEY, wide=True),
    Column("pipeline", _("Pipeline"), Kind.MONEY, wide=True),
    Column("commit_forecast", _("With commit"), Kind.MONEY),
    Column("best_case_forecast", _("With best case"), Kind.MONEY),
    Column("open_pipeline", _("Open pipeline"), Kind.MONEY),
    Column("weighted", _("Weighted"), Kind.MONEY, wide=True),
    Column("quota", _("Quota"), Kind.MONEY),
    Column("coverage", _("Coverage"), Kind.SHARE),
    Column("needed_coverage", _("Coverage needed"), Kind.SHARE),
    Column("cover", _("Cover")),
    Column("win_rate", _("Win rate"), Kind.SHARE, wide=True),
    Column("owner_forecast", _("Owners"), Kind.MONEY, wide=True),
    Column("manager_forecast", _("Managers"), Kind.MONEY, wide=True),
    Column("owner_says", _("Owner says"), Kind.MONEY, wide=True),
    Column("manager_says", _("Manager says"), Kind.MONEY, wide=True),
    Column("currency", _("Currency"), Kind.CODE),
)


_JUDGED: Final = ("owner_forecast", "manager_forecast", "owner_says", "manager_says")


def forecast_columns(shown: str, *, is_judged: bool = False) -> tuple[Column, ...]:
    """The columns of a forecast: with territory, seller, or neither; what people say also where it is narrow."""
    return tuple(
        replace(column, wide=False) if is_judged and column.key in _JUDGED else column
        for column in _FORECAST
        if column.key not in ("territory", "seller") or column.key == shown
    )


AGING_COLUMNS: Final = (
    Column("opportunity", _("Opportunity"), Kind.CODE),
    Column("name", _("Name")),
    Column("account_name", _("Account's name"), wide=True),
    Column("seller", _("Seller"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("stage", _("Stage"), Kind.CODE),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("days_open", _("Days open"), Kind.INTEGER, wide=True),
    Column("days_in_stage", _("In stage"), Kind.INTEGER),
    Column("usual_days", _("Usual"), Kind.QUANTITY, value=attrgetter("usual_days_e3")),
    Column("idle_days", _("Idle"), Kind.INTEGER),
    Column("close_on", _("Closes"), Kind.DATE),
    Column("stuck", _("Stuck"), Kind.BOOL, wide=True),
    Column("why", _("Stuck by")),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)

SPLIT_COLUMNS: Final = (
    Column("login", _("Who"), Kind.CODE),
    Column("name", _("Name")),
    Column("kind", _("Kind"), Kind.CODE),
    Column("share", _("Share"), Kind.DISCOUNT),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)
JUDGEMENT_COLUMNS: Final = (
    Column("opportunity", _("Opportunity"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("seller", _("Seller"), Kind.CODE),
    Column("starts_on", _("From"), Kind.DATE),
    Column("ends_on", _("Until"), Kind.DATE),
    Column("level", _("Said by")),
    Column("category", _("Category")),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("close_on", _("Closes"), Kind.DATE),
    Column("note", _("Note")),
    Column("by", _("By"), Kind.CODE),
    Column("made_at", _("When"), Kind.DATETIME, wide=True),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)
