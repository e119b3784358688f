"""How long opportunities stayed in stages, from the rows that are kept of their changes."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, Integer, Select, case, cast, func, select, type_coerce

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services.pipeline_history import end_of


def entries(session: Session, as_of: date | None, *, among: Select[Any] | None = None) -> FromClause:
    """Each time an opportunity entered a stage until the end of a day: `id` of the change, `opportunity_id`, `stage_id`, `at`.

    Args:
        among: keys of the opportunities that are asked for; all of them when it is left out.
    """
    change = t.opportunity_change.c
    was = func.lag(change.stage_id).over(partition_by=change.opportunity_id, order_by=change.id)
    kept = select(change.id, change.opportunity_id, change.stage_id, change.recorded_at, was.label("was_stage_id"))
    if as_of is not None and as_of < session.today:
        kept = kept.where(change.recorded_at < end_of(as_of))
    if among is not None:
        kept = kept.where(change.opportunity_id.in_(among))
    row = kept.subquery("kept").c
    entered = select(row.id, row.opportunity_id, row.stage_id, row.recorded_at.label("at"))
    return entered.where(row.stage_id.is_distinct_from(row.was_stage_id)).subquery("entry")


def stays(session: Session, as_of: date | None) -> FromClause:
    """The entries with when each stay ended: `change_id`, `opportunity_id`, `stage_id`, `entered_at`, `left_at`, `furthest`.

    `left_at` is nothing where it is still there; `furthest` is the highest position of a stage that it entered later
    without being lost there.
    """
    entry = entries(session, as_of).c
    place = select(t.stage.c.id, t.stage.c.position, t.stage.c.status).subquery("place").c
    after: dict[str, Any] = {"partition_by": entry.opportunity_id, "order_by": entry.id}
    reached = func.max(case((place.status != "lost", place.position)))  # SQLite ignores a FILTER before such a frame
    return (
        select(
            entry.id.label("change_id"), entry.opportunity_id, entry.stage_id, entry.at.label("entered_at"),
            _left(entry).label("left_at"), reached.over(**after, rows=(1, None)).label("furthest"),
        )
        .join_from(entry.id.table, place.id.table, place.id == entry.stage_id)
        .subquery("stay")
    )  # fmt: skip


def _left(entry: Any) -> ColumnElement[Any]:
    """When the opportunity entered its next stage."""
    left = func.lead(entry.at).over(partition_by=entry.opportunity_id, order_by=entry.id)
    return type_coerce(left, entry.at.type)


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
    entry = entries(session, as_of).c
    stay = select(entry.stage_id, entry.at, _left(entry).label("left_at")).subquery("stay").c
    rows = session.execute(
        select(stay.stage_id, func.sum(days_between(session, stay.at, stay.left_at)), func.count())
        .where(stay.left_at.is_not(None), stay.stage_id.is_not(None))
        .group_by(stay.stage_id)
    )
    return {stage_id: (int(days), count) for stage_id, days, count in rows}
