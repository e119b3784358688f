"""The columns of opportunities, their way through the stages, and the pipeline."""

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
    Column("stage", _("Stage")),
    Column("category", _("Category")),
    Column("count", _("Opportunities"), Kind.INTEGER),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("weighted", _("Weighted"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
)
