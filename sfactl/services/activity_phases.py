"""The phases of activities as SQL: the rule of `core.phases`, for counting very many."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, and_, case, cast, func, literal, or_, select

from sfactl.core.phases import BEFORE_DAYS, USUAL_DAYS, Phase
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.types import Day


def days_after(session: Session, day: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """The day so many days later."""
    if session.is_sqlite:
        return func.date(day, f"+{days} days", type_=Day())
    return cast(day, Day()) + literal(days, Integer())


def days_from(session: Session, since: ColumnElement[Any], until: ColumnElement[Any]) -> ColumnElement[int]:
    """How many days lie between two days."""
    if session.is_sqlite:
        return cast(func.julianday(until) - func.julianday(since), Integer)
    return cast(cast(until, Day()) - cast(since, Day()), Integer)


def phased(session: Session, *where: ColumnElement[bool]) -> FromClause:
    """Activities that were done, each with its phase: `id`, `territory_id`, `phase` (nothing where it has none)."""
    done, sale = t.activity.c, t.opportunity.c
    near = _near(session, *where)
    row = near.c
    in_sale = and_(done.opportunity_id.is_not(None), or_(sale.closed_on.is_(None), done.done_on <= sale.closed_on))
    to_next, since_past = days_from(session, row.day, row.next_on), days_from(session, row.past_on, row.day)
    is_before = and_(row.next_on.is_not(None), or_(row.past_on.is_(None), to_next <= since_past))
    phase = case(
        (in_sale, Phase.BEFORE.value),
        (row.past_on >= row.day, Phase.DURING.value),
        (is_before, Phase.BEFORE.value),
        (row.past_on.is_not(None), Phase.AFTER.value),
    )
    return (
        select(done.id, done.territory_id, phase.label("phase"))
        .join_from(near, t.activity, done.id == row.id)
        .outerjoin(t.opportunity, sale.id == done.opportunity_id)
        .subquery("phased")
    )


def _near(session: Session, *where: ColumnElement[bool]) -> FromClause:
    """Of each activity: until when the orders booked by its day were handled, and the next that is booked soon after."""
    done = t.activity.c
    return (
        select(
            done.id,
            done.done_on.label("day"),
            _past(session, done).label("past_on"),
            _next(session, done).label("next_on"),
        )
        .where(done.done_on.is_not(None), *where)
        .subquery("near")
    )


def _past(session: Session, done: Any) -> Any:
    order = t.order.c
    usual = days_after(session, order.booked_on, USUAL_DAYS)
    ends_on = case(
        (order.completed_on.is_(None), usual), (order.completed_on < order.booked_on, order.booked_on),
        else_=order.completed_on,
    )  # fmt: skip
    return _of_account(func.max(ends_on), done).where(order.booked_on <= done.done_on).scalar_subquery()


def _next(session: Session, done: Any) -> Any:
    booked, latest = t.order.c.booked_on, days_after(session, done.done_on, BEFORE_DAYS)
    return _of_account(func.min(booked), done).where(booked > done.done_on, booked <= latest).scalar_subquery()


def _of_account(column: ColumnElement[Any], done: Any) -> Select[Any]:
    return select(column).where(t.order.c.account_id == done.account_id).correlate(t.activity)
