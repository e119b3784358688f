"""Credit and bookings of months that are over, stored: summed once, and told from then on without reading one of them.

What is stored of a person and territory holds until one of its credits changes, whoever changes it and however: triggers
of the database mark it then, and from that moment it is summed from the credits again. A stored figure is never trusted
beyond that, and `db check` sums all of them anew.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

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
from sfactl.models.types import Words

_month, _stored, _touched = t.rollup_month.c, t.rollup.c, t.rollup_touched.c
_credit, _order = t.credit.c, t.order.c
_CALENDAR: Final = FiscalCalendar()
BOOKED: Final = "booked"
"""The kind of what was booked; the kinds of credit are its own."""
_NOBODY: Final = 0
"""Stands for the person where a mark is of a territory's orders."""


@dataclass(frozen=True)
class _Book:
    """Rows of which sums are stored, and what they are summed by."""

    kind: ColumnElement[Any]
    user: ColumnElement[Any]
    place: ColumnElement[Any]
    currency: ColumnElement[Any]
    day: ColumnElement[Any]
    amount: ColumnElement[Any]


_CREDIT: Final = _Book(
    _credit.kind, _credit.user_id, _credit.territory_id, _credit.currency, _credit.credited_on, _credit.amount_minor
)
_BOOKINGS: Final = _Book(
    literal(BOOKED, Words), _order.credited_id, _order.credited_territory_id, _order.currency, _order.booked_on,
    _order.amount_minor,
)  # fmt: skip


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
    """A stored figure that is not what the credits or orders say."""

    month: str
    kind: str
    user: str
    territory: str
    stored_minor: int
    summed_minor: int


def store(session: Session, period: Period) -> list[StoredMonth]:
    """Store the credit of each month of a period, in the place of what is stored of it.

    Raises:
        NotAllowed: the person does not see all credit, so that he would store too little.
        UsageFault: the period is no whole months, or one of them is not over.
    """
    session.actor.require("rollup.create")
    _require_all(session)
    months = _whole_months(period, session.today)
    _hold_still(session)
    for month in months:
        _store_month(session, month)
    session.record("store", "rollup", period.label, after={"months": [month.label for month in months]})
    first, last = months[0].start, months[-1].start
    return [row for row in find(session) if first <= date.fromisoformat(f"{row.month}-01") <= last]


def _require_all(session: Session) -> None:
    if {session.actor.scope("credit.read"), session.actor.scope("order.read")} != {Scope.ALL}:
        raise NotAllowed(_("Only somebody who sees all credit and orders can store their sums."))


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
    """On a server, wait for those who write credit or orders, and let nobody write any until this is over.

    What is written meanwhile would neither be in the sums nor mark them: its trigger does not see the month yet.
    """
    if not session.is_sqlite:
        session.execute(text("LOCK TABLE sales_order, credit IN SHARE MODE"))


def _store_month(session: Session, month: Period) -> None:
    old = select(_month.id).where(_month.month == month.start).scalar_subquery()
    session.sql.execute(delete(t.rollup).where(_stored.month_id == old))
    session.sql.execute(delete(t.rollup_month).where(_month.month == month.start))
    new = insert(t.rollup_month).values(month=month.start, made_at=session.now).returning(_month.id)
    month_id = session.sql.execute(new).scalar_one()
    names = ("month_id", *_KEY, "amount_minor", "bookings")
    for book in (_CREDIT, _BOOKINGS):
        sums = _sums(book, month.start, month.end).subquery()
        values = select(cast(month_id, _stored.month_id.type), *sums.c)
        session.sql.execute(insert(t.rollup).from_select(names, values))


_KEY: Final = ("kind", "user_id", "territory_id", "currency")


def _sums(book: _Book, start: date, end: date) -> Select[Any]:
    """The sums of some days, by kind, person, territory and currency."""
    key = [book.user, book.place, book.currency]
    key = key if book is _BOOKINGS else [book.kind, *key]
    return (
        select(
            book.kind.label("kind"), book.user.label("user_id"), book.place.label("territory_id"),
            book.currency.label("currency"), func.sum(book.amount).label("amount_minor"), func.count().label("bookings"),
        )
        .where(book.day >= start, book.day < end)
        .group_by(*key)
    )  # fmt: skip


def find(session: Session) -> list[StoredMonth]:
    """The months that are stored, as far as the person sees them, the latest first."""
    session.actor.require("credit.read")
    counts = select(
        _stored.month_id, func.count().label("rows"), func.sum(_stored.bookings).label("bookings")
    ).where(_stored.kind != BOOKED).group_by(_stored.month_id).subquery()  # fmt: skip
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
    _require_all(session)
    within = and_(_month.month >= period.start, _month.month < period.end)
    session.sql.execute(delete(t.rollup).where(_stored.month_id.in_(select(_month.id).where(within))))
    gone = session.run(delete(t.rollup_month).where(within))
    session.record("forget", "rollup", period.label, after={"months": gone})
    return gone


def credited(
    session: Session, kind: str, start: date, end: date, cuts: Collection[date] = (), *, by_day: bool = True
) -> CTE:
    """The credit of some days: rows of `user_id`, `currency`, `day`, `amount_minor` and `bookings`.

    Stored months give one row a person and month, dated on its first day; every other day is summed from the credits.

    Args:
        cuts: days at which the answer is cut into parts: a month with one inside it is summed from the credits.
        by_day: each day by itself; otherwise days without a stored month are summed at once, and dated on the first.
    """
    months = _months(session, start, end, cuts)
    found = [_live(kind, days, by_day=by_day) for days in _between(months, start, end)]
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


def _live(kind: str, days: tuple[date, date], *, by_day: bool) -> Select[Any]:
    """Credits by person and, where it is asked for, by day: what covers them is an index."""
    day = _credit.credited_on if by_day else cast(literal(days[0], _month.month.type), _month.month.type)
    return (
        select(
            _credit.user_id, _credit.currency, day.label("day"),
            func.sum(_credit.amount_minor).label("amount_minor"), func.count().label("bookings"),
        )
        .where(_credit.kind == kind, _credit.credited_on >= days[0], _credit.credited_on < days[1])
        .group_by(_credit.user_id, *((_credit.credited_on,) if by_day else ()), _credit.currency)
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
    return (
        select(
            _credit.user_id, _credit.currency, _month.month.label("day"),
            func.sum(_credit.amount_minor).label("amount_minor"), func.count().label("bookings"),
        )
        .select_from(t.rollup_touched)
        .join(t.rollup_month, _month.id == _touched.month_id)
        .join(t.credit, and_(_credit.user_id == _touched.user_id, _credit.territory_id == _touched.territory_id))
        .where(_credit.kind == kind, _month.month.in_(months))
        .where(_credit.credited_on >= _month.month, _credit.credited_on < _end_of(months))
        .group_by(_credit.user_id, _credit.currency, _month.month)
    )  # fmt: skip


def booked(session: Session, start: date, end: date, currency: str) -> tuple[int, int]:
    """What was booked in some days in one currency, and how much of it is credited to nobody; in minor units.

    Stored months are taken only for somebody who sees all orders: who sees an order is said by more than one of its columns.
    """
    months = _months(session, start, end, ()) if session.actor.scope("order.read") is Scope.ALL else []
    rows = [
        _orders(currency, _order.booked_on >= first, _order.booked_on < last)
        for first, last in _between(months, start, end)
    ]
    if months:
        rows += [_stored_orders(currency, months), _orders_anew(currency, months)]
    both = union_all(*rows).subquery() if len(rows) > 1 else rows[0].subquery()
    found = session.execute(select(func.sum(both.c.booked), func.sum(both.c.alone))).one()
    return int(found[0] or 0), int(found[1] or 0)


def _orders(currency: str, *conditions: ColumnElement[bool]) -> Select[Any]:
    return _booked(_order.credited_id, _order.amount_minor, _order.currency == currency, *conditions)


def _booked(user: ColumnElement[Any], amount: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    """What was booked, and what of it is nobody's: in one row, so that nothing has to be sorted."""
    alone = func.sum(case((user.is_(None), amount), else_=0))
    return select(func.sum(amount).label("booked"), alone.label("alone")).where(*conditions)


def _stored_orders(currency: str, months: Sequence[date]) -> Select[Any]:
    marked = exists().where(
        _touched.month_id == _stored.month_id, _touched.user_id == _NOBODY,
        _touched.territory_id == _stored.territory_id,
    )  # fmt: skip
    return _booked(
        _stored.user_id, _stored.amount_minor, _stored.kind == BOOKED, _stored.currency == currency,
        _month.month.in_(months), ~marked,
    ).join(t.rollup_month, _month.id == _stored.month_id)  # fmt: skip


def _orders_anew(currency: str, months: Sequence[date]) -> Select[Any]:
    """The orders, of stored months, of territories whose stored sums hold no more."""
    is_marked = and_(_order.booked_on >= _month.month, _order.booked_on < _end_of(months), _month.month.in_(months))
    return (
        _orders(currency, is_marked, _touched.user_id == _NOBODY)
        .select_from(t.rollup_touched)
        .join(t.rollup_month, _month.id == _touched.month_id)
        .join(t.order, _order.credited_territory_id == _touched.territory_id)
    )


def _end_of(months: Sequence[date]) -> ColumnElement[Any]:
    """The day after a stored month."""
    return case(*((_month.month == month, cast(_next(month), _month.month.type)) for month in months))


def differences(session: Session) -> Iterator[Difference]:
    """Stored figures that were not marked and are not what the credits say; each month is summed anew."""
    months = session.execute(select(_month.id, _month.month).order_by(_month.month)).all()
    for month_id, month in months:
        yield from _differences_of(session, month_id, month)


def _differences_of(session: Session, month_id: int, month: date) -> Iterator[Difference]:
    names = ("user_id", "territory_id", "currency", "amount_minor", "bookings")
    kept = select(_stored.kind, *(_stored[name] for name in names), literal(1).label("sign"))
    summed = (_sums(book, month, _next(month)).subquery() for book in (_CREDIT, _BOOKINGS))
    sides = [kept.where(_stored.month_id == month_id), *(select(*sums.c, literal(-1)) for sums in summed)]
    side = union_all(*sides).subquery().c
    was = func.sum(case((side.sign == 1, side.amount_minor), else_=0))
    becomes = func.sum(case((side.sign == -1, side.amount_minor), else_=0))
    marked = exists().where(
        _touched.month_id == month_id, _touched.territory_id == side.territory_id,
        _touched.user_id == case((side.kind == BOOKED, _NOBODY), else_=side.user_id),
    )  # fmt: skip
    rows = session.execute(
        select(side.kind, t.user.c.login, t.territory.c.code, was, becomes)
        .select_from(side.kind.table)
        .outerjoin(t.user, t.user.c.id == side.user_id)
        .outerjoin(t.territory, t.territory.c.id == side.territory_id)
        .where(~marked)
        .group_by(side.kind, side.user_id, side.territory_id, side.currency, t.user.c.login, t.territory.c.code)
        .having(or_(was != becomes, func.sum(side.bookings * side.sign) != 0))
        .order_by(side.kind, t.user.c.login, t.territory.c.code)
    )
    for kind, login, code, *amounts in rows:
        yield Difference(f"{month:%Y-%m}", kind, login or "–", code, *map(int, amounts))
