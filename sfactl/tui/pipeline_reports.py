"""The pipeline in figures: its funnel, what it promises, and how it became what it is."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.i18n import _
from sfactl.render.opportunities import CHANGE_COLUMNS, FUNNEL_COLUMNS, forecast_columns
from sfactl.tui import sheets
from sfactl.tui.activity_forms import day_of
from sfactl.tui.forms import Answers, Field, Form, Kind
from sfactl.tui.periods import period_of
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Door, Session

DAYS: Final = 7
_FUNNEL: Final = ("stage", "count", "amount", "weighted", "entered", "went_on", "conversion", "average_days")
_FORECAST: Final = (
    "closed", "commit_forecast", "best_case_forecast", "open_pipeline", "weighted", "quota", "coverage", "cover", "currency",
)  # fmt: skip
_CHANGES: Final = ("figure", "count", "amount", "currency")


def figures(session: "Session", since: date, locale: str) -> Sequence[Section]:
    """Funnel and forecast of this quarter, and the changes since a day.

    Raises:
        UsageFault: the day is still to come.
    """
    period = period_of(session, "this-quarter")
    wanted = services.pipeline.Filter()
    funnel = services.pipeline_funnel.funnel(session, wanted, period)
    changes = services.pipeline_changes.since(session, services.pipeline_changes.Question(since)).rows
    return [
        sheets.table(_("Funnel, {period}").format(period=period.label), funnel, FUNNEL_COLUMNS, _FUNNEL, locale),
        *_forecast(session, period, wanted, locale),
        sheets.table(_("Changes since {day}").format(day=since), changes, CHANGE_COLUMNS, _CHANGES, locale),
    ]


def _forecast(session: "Session", period: object, wanted: object, locale: str) -> list[Section]:
    if not session.actor.may("quota.read"):
        return []
    question = services.pipeline_forecast.Question(wanted, period)  # type: ignore[arg-type]
    rows = services.pipeline_forecast.forecast(session, question)
    return [sheets.table(_("Forecast"), rows, forecast_columns(""), _FORECAST, locale)]


def since_form(today: date) -> Form:
    """Ask for the first day whose changes count."""
    since = (today - timedelta(days=DAYS)).isoformat()

    def act(_door: "Door", answers: Answers) -> date:
        return day_of(answers["since"] or since) or today

    return Form(
        _("Funnel, forecast and changes"),
        (Field("since", _("Changes since"), since, hint=_("a week ago"), kind=Kind.DAY, option="--since"),), act,
        lambda answers: ["pipeline", "changes", "--since", answers["since"] or since], lambda _day: "",
        verb=_("show them"),
    )  # fmt: skip
