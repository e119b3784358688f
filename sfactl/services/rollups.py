"""Credit of months that are over, stored: summed once, and told from then on without reading a single booking.

What is stored of a person and territory holds until one of its credits changes, whoever changes it and however: triggers
of the database mark it then, and from that moment it is summed from the credits again. A stored figure is never trusted
beyond that, and `db check` sums all of them anew.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
)

from sfactl.core.periods import FiscalCalendar, Period, Unit, parts
from sfactl.core.roles import Scope
from sfactl.db.session import Session
from sfactl.errors import NotAllowed, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t

_month, _stored, _touched, _credit = t.rollup_month.c, t.rollup.c, t.rollup_touched.c, t.credit.c
_CALENDAR = FiscalCalendar()


@dataclass(frozen=True)
class StoredMonth:
    """A month whose credit is stored."""

    month: str
    rows: int
    "How many persons, territories, kinds and currencies it has."
    bookings: int
    "How many credits they are the sums of."
    made_at: datetime
    touched: int
    "How many persons and territories are summed anew, because a credit of theirs changed since."


@dataclass(frozen=True)
class Difference:
    """A stored figure that is not what the credits say."""

    month: str
    user: str
    territory: str
    stored_minor: int
    credits_minor: int


def store(session: Session, period: Period) -> list[StoredMonth]:
    """Store the credit of each month of a period, in the place of what is stored of it.

    Raises:
        NotAllowed: the person does not see all credit, so that he would store too little.
        UsageFault: the period is no whole months, or one of them is not over.
    """
    session.actor.require("rollup.create")
    if session.actor.scope("credit.read") is not Scope.ALL:
        raise NotAllowed(_("Only somebody who sees all credit can store its sums."))
    months = _whole_months(period, session.today)
    _hold_still(session)
    for month in months:
        _store_month(session, month)
    session.record("store", "rollup", period.label, after={"months": [month.label for month in months]})
    first, last = months[0].start, months[-1].start
    return [row for row in find(session) if first <= date.fromisoformat(f"{row.month}-01") <= last]


def _whole_months(period: Period, today: date) -> list[Period]:
    months = parts(period, Unit.MONTH, _CALENDAR)
    if any(month.start.day != 1 or month.end.day != 1 for month in months):
        raise UsageFault(
            _("{period} is no whole months.").format(period=period.label), _("For example: 2026Q3, 2026-10, FY2026.")
        )
    if months[-1].end > today:
        raise UsageFault(
            _("{month} is not over.").format(month=months[-1].label),
            _("What is still being booked is not stored: name a period that has ended."),
        )
    return months


def _hold_still(session: Session) -> None:
    """On a server, wait for those who write credit, and let nobody write any until this is over.

    A credit that is written meanwhile would neither be in the sums nor mark them: its trigger does not see the month yet.
    """
    if not session.is_sqlite:
        session.execute(text("LOCK TABLE credit IN SHARE MODE"))


def _store_month(session: Session, month: Period) -> None:
    old = select(_month.id).where(_month.month == month.start).scalar_subquery()
    session.sql.execute(delete(t.rollup).where(_stored.month_id == old))
    session.sql.execute(delete(t.rollup_month).where(_month.month == month.start))
    new = insert(t.rollup_month).values(month=month.start, made_at=session.now).returning(_month.id)
    month_id = session.sql.execute(new).scalar_one()
    names = ("month_id", *_KEY, "amount_minor", "bookings")
    sums = _sums(month.start, month.end).subquery()
    values = select(cast(month_id, _stored.month_id.type), *sums.c).order_by(*(sums.c[name] for name in _KEY))
    session.sql.execute(insert(t.rollup).from_select(names, values))


_KEY = ("kind", "user_id", "territory_id", "currency")


def _sums(start: date, end: date) -> Select[Any]:
    """The credits of some days, by kind, person, territory and currency."""
    key = [_credit[name] for name in _KEY]
    return (
        select(*key, func.sum(_credit.amount_minor).label("amount_minor"), func.count().label("bookings"))
        .where(_credit.credited_on >= start, _credit.credited_on < end)
        .group_by(*key)
    )


def find(session: Session) -> list[StoredMonth]:
    """The months that are stored, as far as the person sees them, the latest first."""
    session.actor.require("credit.read")
    counts = select(
        _stored.month_id, func.count().label("rows"), func.sum(_stored.bookings).label("bookings")
    ).group_by(_stored.month_id).subquery()  # fmt: skip
    touched = select(_touched.month_id, func.count().label("touched")).group_by(_touched.month_id).subquery()
    rows = session.execute(
        select(
            _month.month, func.coalesce(counts.c.rows, 0), func.coalesce(counts.c.bookings, 0), _month.made_at,
            func.coalesce(touched.c.touched, 0),
        )
        .outerjoin(counts, counts.c.month_id == _month.id)
        .outerjoin(touched, touched.c.month_id == _month.id)
        .order_by(_month.month.desc())
    )  # fmt: skip
    return [
        StoredMonth(f"{month:%Y-%m}", rows_, int(bookings), made_at, marked)
        for month, rows_, bookings, made_at, marked in rows
    ]


def forget(session: Session, period: Period) -> int:
    """Take away what is stored of a period's months; returns of how many.

    Raises:
        NotAllowed: the person may not store sums.
    """
    session.actor.require("rollup.create")
    if session.actor.scope("credit.read") is not Scope.ALL:
        raise NotAllowed(_("Only somebody who sees all credit can store its sums."))
    within = and_(_month.month >= period.start, _month.month < period.end)
    session.sql.execute(delete(t.rollup).where(_stored.month_id.in_(select(_month.id).where(within))))
    gone = session.run(delete(t.rollup_month).where(within))
    session.record("forget", "rollup", period.label, after={"months": gone})
    return gone


def credited(session: Session, kind: str, start: date, end: date, cuts: Collection[date] = ()) -> CTE:
    """The credit of some days: rows of `user_id`, `currency`, `day`, `amount_minor` and `bookings`.

    Stored months give one row a person and month, dated on its first day; every other day is summed from the credits.

    Args:
        cuts: days at which the answer is cut into parts: a month with one inside it is summed from the credits.
    """
    months = _months(session, start, end, cuts)
    found = [_live(kind, days) for days in _between(months, start, end)]
    if months:
        found += [_of_stored(kind, months), _summed_anew(kind, months)]
    return union_all(*found).cte("credited") if len(found) > 1 else found[0].cte("credited")


def _months(session: Session, start: date, end: date, cuts: Collection[date]) -> list[date]:
    """The stored months that lie within some days, and within one part of them."""
    rows = session.execute(select(_month.month).where(_month.month >= start, _month.month < end).order_by(_month.month))
    return [
        month for month in rows.scalars() if _next(month) <= end and not any(month < cut < _next(month) for cut in cuts)
    ]


def _next(month: date) -> date:
    return _CALENDAR.containing(month, Unit.MONTH).end


def _between(months: Sequence[date], start: date, end: date) -> Iterator[tuple[date, date]]:
    """The days that no stored month holds, as ranges without their last day."""
    for month in months:
        if start < month:
            yield start, month
        start = _next(month)
    if start < end or not months:
        yield start, end


def _live(kind: str, days: tuple[date, date]) -> Select[Any]:
    """Credits by person and day: what covers them is an index."""
    return (
        select(
            _credit.user_id, _credit.currency, _credit.credited_on.label("day"),
            func.sum(_credit.amount_minor).label("amount_minor"), func.count().label("bookings"),
        )
        .where(_credit.kind == kind, _credit.credited_on >= days[0], _credit.credited_on < days[1])
        .group_by(_credit.user_id, _credit.credited_on, _credit.currency)
    )  # fmt: skip


def _of_stored(kind: str, months: Sequence[date]) -> Select[Any]:
    return (
        select(
            _stored.user_id, _stored.currency, _month.month.label("day"), _stored.amount_minor, _stored.bookings,
        )
        .join(t.rollup_month, _month.id == _stored.month_id)
        .where(_stored.kind == kind, _month.month.in_(months), ~_is_touched())
    )  # fmt: skip


def _is_touched() -> ColumnElement[bool]:
    return exists().where(
        _touched.month_id == _stored.month_id, _touched.user_id == _stored.user_id,
        _touched.territory_id == _stored.territory_id,
    )  # fmt: skip


def _summed_anew(kind: str, months: Sequence[date]) -> Select[Any]:
    """The credits, of stored months, of those whose stored sums hold no more."""
    ends = case(*((_month.month == month, cast(_next(month), _month.month.type)) for month in months))
    return (
        select(
            _credit.user_id, _credit.currency, _month.month.label("day"),
            func.sum(_credit.amount_minor).label("amount_minor"), func.count().label("bookings"),
        )
        .select_from(t.rollup_touched)
        .join(t.rollup_month, _month.id == _touched.month_id)
        .join(t.credit, and_(_credit.user_id == _touched.user_id, _credit.territory_id == _touched.territory_id))
        .where(_credit.kind == kind, _month.month.in_(months))
        .where(_credit.credited_on >= _month.month, _credit.credited_on < ends)
        .group_by(_credit.user_id, _credit.currency, _month.month)
    )  # fmt: skip


def differences(session: Session) -> Iterator[Difference]:
    """Stored figures that were not marked and are not what the credits say; each month is summed anew."""
    months = session.execute(select(_month.id, _month.month).order_by(_month.month)).all()
    for month_id, month in months:
        yield from _differences_of(session, month_id, month)


def _differences_of(session: Session, month_id: int, month: date) -> Iterator[Difference]:
    key = [_stored[name] for name in _KEY]
    kept = select(*key, _stored.amount_minor, _stored.bookings, literal(1).label("sign")).where(
        _stored.month_id == month_id
    )
    sums = _sums(month, _next(month)).subquery()
    both = union_all(kept, select(*sums.c, literal(-1))).subquery()
    side = both.c
    was = func.sum(case((side.sign == 1, side.amount_minor), else_=0))
    becomes = func.sum(case((side.sign == -1, side.amount_minor), else_=0))
    marked = exists().where(
        _touched.month_id == month_id, _touched.user_id == side.user_id, _touched.territory_id == side.territory_id
    )
    rows = session.execute(
        select(t.user.c.login, t.territory.c.code, was, becomes)
        .select_from(both)
        .outerjoin(t.user, t.user.c.id == side.user_id)
        .outerjoin(t.territory, t.territory.c.id == side.territory_id)
        .where(~marked)
        .group_by(*(side[name] for name in _KEY), t.user.c.login, t.territory.c.code)
        .having(or_(was != becomes, func.sum(side.bookings * side.sign) != 0))
        .order_by(t.user.c.login, t.territory.c.code)
    )
    for login, code, stored, summed in rows:
        yield Difference(f"{month:%Y-%m}", login, code, int(stored), int(summed))
