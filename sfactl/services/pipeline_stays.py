"""How long opportunities stayed in stages, from the rows that are kept of their changes."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, Integer, Select, cast, func, select, type_coerce

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services.pipeline_history import end_of


def stays(session: Session, as_of: date | None, *, among: Select[Any] | None = None) -> FromClause:
    """Each time an opportunity entered a stage until the end of a day, and when it left it.

    Columns: `opportunity_id`, `stage_id`, `entered_at`, `left_at` (nothing where it is still there), `furthest`, the
    highest position of a stage that it entered later without being lost there, and whose it was when it entered:
    `credited_id`, `credited_territory_id`, `currency`.

    Args:
        among: keys of the opportunities that are asked for; all of them when it is left out.
    """
    change = t.opportunity_change.c
    was = func.lag(change.stage_id).over(partition_by=change.opportunity_id, order_by=change.id)
    kept = select(t.opportunity_change, was.label("was_stage_id"))
    if as_of is not None and as_of < session.today:
        kept = kept.where(change.recorded_at < end_of(as_of))
    if among is not None:
        kept = kept.where(change.opportunity_id.in_(among))
    row = kept.subquery("kept").c
    place = select(t.stage.c.id, t.stage.c.position, t.stage.c.status).subquery("place").c
    after: dict[str, Any] = {"partition_by": row.opportunity_id, "order_by": row.id}
    left_at = type_coerce(func.lead(row.recorded_at).over(**after), row.recorded_at.type)
    reached = func.max(place.position).filter(place.status != "lost")
    return (
        select(
            row.opportunity_id, row.stage_id, row.recorded_at.label("entered_at"), row.credited_id,
            row.credited_territory_id, row.currency, left_at.label("left_at"),
            reached.over(**after, rows=(1, None)).label("furthest"),
        )
        .join_from(row.id.table, place.id.table, place.id == row.stage_id)
        .where(row.stage_id.is_distinct_from(row.was_stage_id))
        .subquery("stay")
    )  # fmt: skip


def days_between(session: Session, since: ColumnElement[Any], until: ColumnElement[Any]) -> ColumnElement[int]:
    """Whole days from the day of a moment to the day of another, both in UTC."""
    if session.is_sqlite:
        return cast(
            func.julianday(func.substr(until, 1, 10)) - func.julianday(func.substr(since, 1, 10)), Integer
        )  # fmt: skip
    days = cast(func.timezone("UTC", until), Date) - cast(func.timezone("UTC", since), Date)
    return type_coerce(days, Integer)


def usual_days(session: Session, as_of: date | None) -> dict[int, tuple[int, int]]:
    """Of each stage: how many days opportunities stayed that left it, and how many stays those were."""
    stay = stays(session, as_of).c
    rows = session.execute(
        select(stay.stage_id, func.sum(days_between(session, stay.entered_at, stay.left_at)), func.count())
        .where(stay.left_at.is_not(None))
        .group_by(stay.stage_id)
    )
    return {stage_id: (int(days), count) for stage_id, days, count in rows}
