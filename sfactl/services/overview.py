"""What a manager wants to see at a glance: pipeline, league, forecast, and what waits for somebody."""

from dataclasses import dataclass
from datetime import date, timedelta

from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.services import (
    activities,
    approvals,
    attainment,
    handoffs,
    pipeline,
    pipeline_changes,
    pipeline_forecast,
    territory_report,
    workspaces,
)
from sfactl.services.attainment import AttainmentRow
from sfactl.services.pipeline import StageRow
from sfactl.services.pipeline_changes import FigureRow
from sfactl.services.pipeline_forecast import ForecastRow

WEEK_DAYS = 7


@dataclass(frozen=True)
class Waiting:
    """What waits for the person who looks."""

    approvals: int
    handoffs: int
    activities_due: int
    activities_overdue: int


@dataclass(frozen=True)
class Overview:
    """A workspace at a glance, as far as somebody sees it; a part that he may not see is empty."""

    workspace: str
    login: str
    on: date
    period: str
    territory: str | None
    "To which everything but what waits is narrowed, with all below it."
    waiting: Waiting
    stages: list[StageRow]
    changes: list[FigureRow]
    "Of the last seven days."
    league: list[AttainmentRow]
    booked: Money | None
    currency: str
    "The workspace's."
    forecast: list[ForecastRow]


def look(session: Session, period: Period, *, territory: str | None = None, most: int = 10) -> Overview:
    """Everything at once.

    Args:
        territory: only this one and those below it.
        most: so many people of the league.

    Raises:
        NotFound: there is no such territory, or it is not the person's to see.
    """
    may, here = session.actor.may, workspaces.current(session)
    wanted = pipeline.Filter(territory=territory)
    sees_pipeline, sees_league = may("opportunity.read"), may("quota.read") and may("order.read")
    question = attainment.Question(period, territory=territory, has_trend=True, has_proof=territory is None)
    found = attainment.attainment(session, question) if sees_league else None
    return Overview(
        here.name,
        session.actor.login,
        session.today,
        period.label,
        territory,
        waiting(session),
        pipeline.by_stage(session, wanted) if sees_pipeline else [],
        _changes(session, territory) if sees_pipeline else [],
        found.rows[:most] if found else [],
        found.proof.booked if found and found.proof else _booked(session, period, territory, here.currency),
        here.currency,
        _forecast(session, wanted, period) if sees_pipeline and may("quota.read") else [],
    )


def waiting(session: Session) -> Waiting:
    """How much waits for the person who looks."""
    may, today = session.actor.may, session.today
    due: list[activities.ActivityRow] = []
    if may("activity.read"):
        own = activities.Filter(owner=session.actor.login, is_open=True, until=today)
        due = activities.find(session, own)
    return Waiting(
        approvals.count_mine(session) if may("approval.read") else 0,
        len(handoffs.find(session, mine=True)) if may("handoff.read") else 0,
        len(due),
        sum(row.planned_on is not None and row.planned_on < today for row in due),
    )


def _booked(session: Session, period: Period, territory: str | None, currency: str) -> Money | None:
    """What was booked in a territory and below it; None where nothing narrows, or for somebody who may not know."""
    if territory is None or not (session.actor.may("order.read") and session.actor.may("territory.read")):
        return None
    question = territory_report.Question(territories=(territory,), periods=(period,), in_full=False)
    rows = territory_report.report(session, question)
    return next((row.revenue for row in rows if row.currency == currency), Money(0, currency))


def _changes(session: Session, territory: str | None) -> list[FigureRow]:
    since = session.today - timedelta(days=WEEK_DAYS)
    return pipeline_changes.since(session, pipeline_changes.Question(since, territory=territory)).rows


def _forecast(session: Session, wanted: pipeline.Filter, period: Period) -> list[ForecastRow]:
    return pipeline_forecast.forecast(session, pipeline_forecast.Question(wanted, period))
