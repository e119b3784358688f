"""The accounts of a territory that bring most, and those that are at risk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select

from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import territories
from sfactl.services.territory_report import year_before

IDLE_DAYS = 90
DROP_PERCENT = 20
"""An account is at risk without an activity or an order for so many days, or when its orders fell by as much."""


@dataclass(frozen=True)
class TopRow:
    """An account that ordered, by what it brought a territory."""

    account: str | None
    account_name: str
    owner: str | None
    orders: int
    revenue: Money
    share: Fraction | None
    "Of all revenue of the territory in the same currency."
    prior_revenue: Money
    growth: Fraction | None
    last_order_on: date
    "Within the period."
    currency: str


@dataclass(frozen=True)
class RiskRow:
    """A customer that may be lost."""

    account: str
    account_name: str
    owner: str | None
    territory: str | None
    last_activity_on: date | None
    last_order_on: date | None
    idle_days: int | None
    "Since the later of the two."
    revenue: Money
    prior_revenue: Money
    growth: Fraction | None
    why: tuple[str, ...]
    "idle: neither an activity nor an order for too long; falling: it orders less than in the same days a year before."
    currency: str


@dataclass(frozen=True)
class Risk:
    """What counts as a risk."""

    idle_days: int = IDLE_DAYS
    drop_percent: int = DROP_PERCENT


def top(session: Session, territory: str, period: Period, *, number: int, only: bool = False) -> list[TopRow]:
    """The accounts by what was booked for the territory in the period, the largest first, so many a currency.

    Raises:
        NotFound: the territory does not exist, or is not the person's to see.
    """
    session.actor.require("order.read")
    below = territories.subtree(session, territory, only=only)
    now = _sums(period, below).subquery("now")
    before = _sums(year_before(period, session.today), below).subquery("before")
    ranked = select(
        now,
        func.sum(now.c.revenue).over(partition_by=now.c.currency).label("total"),
        func.row_number()
        .over(partition_by=now.c.currency, order_by=(now.c.revenue.desc(), now.c.account_id))
        .label("rank"),
    ).subquery("ranked")
    row = ranked.c
    rows = session.execute(
        select(
            t.account.c.code, row.name, t.user.c.login, row.orders, row.revenue, row.total,
            func.coalesce(before.c.revenue, 0), row.last_on, row.currency,
        )
        .select_from(ranked)
        .outerjoin(before, and_(before.c.account_id == row.account_id, before.c.currency == row.currency))
        .outerjoin(t.account, t.account.c.id == row.account_id)
        .outerjoin(t.user, t.user.c.id == t.account.c.owner_id)
        .where(row.rank <= number)
        .order_by(row.currency, row.rank)
    )  # fmt: skip
    return [_top_row(*found) for found in rows]


def _top_row(*found: Any) -> TopRow:
    code, name, owner, orders, revenue, total, before, last_on, unit = found
    share = Fraction(int(revenue), int(total)) if total > 0 else None
    return TopRow(
        code, name, owner, orders, Money(int(revenue), unit), share, Money(int(before), unit),
        _growth(int(revenue), int(before)), last_on, unit,
    )  # fmt: skip


def _growth(now: int, before: int) -> Fraction | None:
    return Fraction(now - before, before) if before > 0 else None


def _sums(period: Period, below: Select[Any]) -> Select[Any]:
    """What was booked for the territory in a period, by account and currency."""
    order = t.order.c
    return (
        select(
            order.account_id, order.currency, func.max(order.account_name).label("name"), func.count().label("orders"),
            func.sum(order.amount_minor).label("revenue"), func.max(order.booked_on).label("last_on"),
        )
        .where(order.credited_territory_id.in_(below), order.booked_on >= period.start, order.booked_on < period.end)
        .group_by(order.account_id, order.currency)
    )  # fmt: skip


def at_risk(
    session: Session, territory: str, period: Period, risk: Risk, *, only: bool = False, limit: int = 0
) -> Iterator[RiskRow]:
    """Customers that lie in the territory and are idle or falling, those that brought most the year before first.

    Raises:
        NotFound: the territory does not exist, or is not the person's to see.
    """
    for name in ("account.read", "order.read", "activity.read"):
        session.actor.require(name)
    here = t.account.c.territory_id.in_(territories.subtree(session, territory, only=only))
    statement = _risky(session, here, period, risk)
    if limit:
        statement = statement.limit(limit)
    for row in session.execute(statement.execution_options(yield_per=2000)):
        last = max(filter(None, (row.active_on, row.last_on)), default=None)
        idle = None if last is None else (session.today - last).days
        is_so = {"idle": idle is None or idle > risk.idle_days, "falling": _falls(row, risk)}
        yield RiskRow(
            row.code, row.name, row.login, row.place, row.active_on, row.last_on, idle, Money(int(row.now), row.unit),
            Money(int(row.before), row.unit), _growth(int(row.now), int(row.before)),
            tuple(reason for reason, holds in is_so.items() if holds), row.unit,
        )  # fmt: skip


def _falls(row: Any, risk: Risk) -> bool:
    """Whether an account orders so much less."""
    return bool(row.before > 0 and row.now * 100 <= row.before * (100 - risk.drop_percent))


def _risky(session: Session, here: ColumnElement[bool], period: Period, risk: Risk) -> Select[Any]:
    account = t.account.c
    booked, last, active = _both_years(session, period), _last_orders(session), _last_activities(session)
    now, before = func.coalesce(booked.c.now, 0), func.coalesce(booked.c.before, 0)
    earliest = session.today - timedelta(risk.idle_days)
    is_idle = and_(*(or_(each.c.on.is_(None), each.c.on < earliest) for each in (active, last)))
    falls = and_(before > 0, now * 100 <= before * (100 - risk.drop_percent))
    return (
        select(
            account.code, account.name, t.user.c.login, t.territory.c.code.label("place"), active.c.on.label("active_on"),
            last.c.on.label("last_on"), now.label("now"), before.label("before"),
            func.coalesce(booked.c.currency, account.currency).label("unit"),
        )
        .select_from(t.account)
        .outerjoin(booked, booked.c.account_id == account.id)
        .outerjoin(last, last.c.account_id == account.id)
        .outerjoin(active, active.c.account_id == account.id)
        .outerjoin(t.user, t.user.c.id == account.owner_id)
        .outerjoin(t.territory, t.territory.c.id == account.territory_id)
        .where(here, account.kind == "customer", or_(is_idle, falls))
        .order_by(before.desc(), account.code)
    )  # fmt: skip


def _both_years(session: Session, period: Period) -> FromClause:
    """What each account ordered in the period, as far as it is over, and in the same days a year before."""
    order, earlier = t.order.c, year_before(period, session.today)
    is_now = and_(order.booked_on >= period.start, order.booked_on < period.end)
    is_before = and_(order.booked_on >= earlier.start, order.booked_on < earlier.end)
    return (
        select(
            order.account_id, order.currency,
            func.sum(case((is_now, order.amount_minor), else_=0)).label("now"),
            func.sum(case((is_before, order.amount_minor), else_=0)).label("before"),
        )
        .where(or_(is_now, is_before))
        .group_by(order.account_id, order.currency)
        .subquery("booked")
    )  # fmt: skip


def _last_orders(session: Session) -> FromClause:
    order = t.order.c
    return (
        select(order.account_id, func.max(order.booked_on).label("on"))
        .where(order.booked_on <= session.today)
        .group_by(order.account_id)
        .subquery("last_order")
    )


def _last_activities(session: Session) -> FromClause:
    done = t.activity.c
    return (
        select(done.account_id, func.max(done.done_on).label("on"))
        .where(done.done_on <= session.today, done.account_id.is_not(None))
        .group_by(done.account_id)
        .subquery("last_activity")
    )
