"""What opportunities said at the end of a day, from the rows that the database keeps of their changes."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, FromClause, func, or_, select, true

from sfactl.db.session import Session
from sfactl.models import tables as t

KEPT = (
    "amount_minor", "currency", "close_on", "closed_on", "stage_id", "status", "probability_bp", "credited_id",
    "credited_territory_id",
)  # fmt: skip
"""What is kept of an opportunity over time."""


def start_of(day: date) -> datetime:
    """When a day begins, in UTC, as all that is kept over time is counted: the same for everybody, wherever he is."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def end_of(day: date) -> datetime:
    """When a day ends."""
    return start_of(day) + timedelta(days=1)


def states(session: Session, as_of: date | None) -> FromClause:
    """Opportunities as they stood at the end of a day, or now: `opportunity_id`, `opened_on` and what is kept.

    One that was not there yet has no row. What is known of a day is the newest row that was recorded by its end.
    """
    opportunity = t.opportunity.c
    if as_of is None or as_of >= session.today:
        now = [opportunity[column] for column in KEPT]
        return select(opportunity.id.label("opportunity_id"), opportunity.opened_on, *now).subquery("then")
    change = t.opportunity_change.c
    last = newest(change.recorded_at < end_of(as_of))
    then = [change[column] for column in KEPT]
    return (
        select(change.opportunity_id, opportunity.opened_on, *then)
        .select_from(last)
        .join(t.opportunity_change, change.id == last.c.id)
        .join(t.opportunity, opportunity.id == change.opportunity_id)
        .subquery("then")
    )


def newest(*where: ColumnElement[bool]) -> FromClause:
    """The newest row of each opportunity among those for which the conditions hold: its `opportunity_id` and `id`."""
    change = t.opportunity_change.c
    return (
        select(change.opportunity_id, func.max(change.id).label("id"))
        .where(*where)
        .group_by(change.opportunity_id)
        .subquery("newest")
    )


def strays(session: Session) -> list[str]:
    """The codes of opportunities of which the newest kept row says something else than they say."""
    opportunity, change, last = t.opportunity.c, t.opportunity_change.c, newest(true())
    differs = [change[column].is_distinct_from(opportunity[column]) for column in KEPT]
    rows = session.execute(
        select(opportunity.code)
        .outerjoin(last, last.c.opportunity_id == opportunity.id)
        .outerjoin(t.opportunity_change, change.id == last.c.id)
        .where(or_(change.id.is_(None), *differs))
        .order_by(opportunity.code)
    )
    return list(rows.scalars())
