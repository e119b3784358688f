"""The overview: what waits, and the lists below it."""

from operator import attrgetter
from typing import Any, Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind
from sfactl.render.detail import Section
from sfactl.render.opportunities import CHANGE_COLUMNS, PIPELINE_COLUMNS, forecast_columns
from sfactl.render.quotas import ATTAINMENT_COLUMNS

OVERVIEW_COLUMNS: Final = (
    Column("workspace", _("Workspace")),
    Column("login", _("As"), Kind.CODE),
    Column("on", _("On"), Kind.DATE),
    Column("period", _("Period"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("booked", _("Booked"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
    *(
        Column(key, header, Kind.INTEGER, value=attrgetter(f"waiting.{key}"))
        for key, header in {
            "approvals": _("Approvals for you"), "handoffs": _("Hand-offs for you"),
            "activities_due": _("Activities due"), "activities_overdue": _("Of them overdue"),
        }.items()
    ),
)  # fmt: skip
_LEAGUE: Final = ("user", "name", "quota", "credit", "attainment", "bar", "gap", "currency")
_FORECAST: Final = ("closed", "commit_forecast", "best_case_forecast", "open_pipeline", "quota", "currency")


def overview_sections(found: Any) -> tuple[Section, ...]:
    """The lists of an overview that hold something."""
    sections = (
        Section("pipeline", _("Pipeline"), found.stages, PIPELINE_COLUMNS),
        Section("changes", _("The last seven days"), found.changes, CHANGE_COLUMNS),
        Section("league", _("League"), found.league, _chosen(ATTAINMENT_COLUMNS, _LEAGUE)),
        Section("forecast", _("Forecast"), found.forecast, _chosen(forecast_columns(""), _FORECAST)),
    )
    return tuple(section for section in sections if section.rows)


def _chosen(columns: tuple[Column, ...], keys: tuple[str, ...]) -> tuple[Column, ...]:
    known = {column.key: column for column in columns}
    return tuple(known[key] for key in keys)
