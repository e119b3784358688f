"""How territories do: bookings, growth, wins and losses, pipeline and quota, by period, channel or family."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select

from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period
from sfactl.core.quota import attainment
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming, territory_tree, workspaces


@dataclass(frozen=True)
class ReportRow:
    """A territory, with all below it, in a period; of one channel or product family where the report is so divided."""

    territory: str
    period: str
    channel: str | None
    family: str | None
    orders: int
    revenue: Money
    accounts: int
    "Different accounts that ordered."
    average_order: Money | None
    prior_revenue: Money
    "The same period a year before; while the period runs, the same days of it."
    growth: Fraction | None
    won: int | None
    lost: int | None
    win_rate: Fraction | None
    open_pipeline: Money | None
    weighted: Money | None
    quota: Money | None
    attainment: Fraction | None
    total_due: Money
    "Bookings with tax and freight; of lines, without."
    currency: str


@dataclass(frozen=True)
class Question:
    """Which report is asked for."""

    territories: tuple[str, ...] = ()
    "Codes or names; none asks for every territory one may see."
    periods: tuple[Period, ...] = ()
    by_channel: bool = False
    by_family: bool = False
    only: bool = False
    as_of: date | None = None
    """As things were known at the end of this day: the tree of that day, what was booked and closed by then.

    Open pipeline and weighted are left out then, since what an opportunity was expected to bring is not kept by day.
    """


@dataclass(frozen=True)
class _Figures:
    orders: int = 0
    revenue: int = 0
    accounts: int = 0
    total: int = 0


_Key = tuple[int, str | None, str]
"""Territory, part (a channel, a family, or nothing), currency."""


def report(session: Session, question: Question) -> list[ReportRow]:
    """Figures per territory and period, the territories in the order of the tree.

    Revenue is what was booked in the period and credited to the territory or one below it. Won and lost count what
    closed in the period; the open pipeline is what is expected to close in it.

    Raises:
        NotFound: a territory does not exist, or is not the person's to see.
    """
    session.actor.require("territory.read")
    session.actor.require("order.read")
    currency = workspaces.current(session).currency
    rows: list[ReportRow] = []
    for node in _nodes(session, question):
        below = territory_tree.subtree_of(session, node.id, only=question.only, as_of=question.as_of)
        for period in question.periods:
            if node.is_named or node.archived_on is None or period.start < node.archived_on:
                rows += _rows(session, question, _Place(node.id, node.code, below), period, currency)
    return rows


@dataclass(frozen=True)
class _Node:
    id: int
    code: str
    archived_on: date | None = None
    is_named: bool = False


@dataclass(frozen=True)
class _Place:
    id: int
    code: str
    below: Select[Any]
    "Keys of the territory and of all below it."


def _nodes(session: Session, question: Question) -> list[_Node]:
    """The territories that are named, or all there are; one that is out of use has the periods that began before that."""
    node = t.territory.c
    if question.territories:
        keys = list(dict.fromkeys(naming.find_id(session, t.territory, name) for name in question.territories))
        codes = dict(session.execute(select(node.id, node.code).where(node.id.in_(keys))).all())
        return [_Node(key, codes[key], is_named=True) for key in keys]
    tree = territory_tree.nodes(session, question.as_of or session.today)
    return [
        _Node(each.id, each.code, each.archived_on)
        for each, _depth in territory_tree.walk(tree)
        if each.code != UNASSIGNED
    ]


def _rows(session: Session, question: Question, node: _Place, period: Period, currency: str) -> list[ReportRow]:
    today = min(question.as_of or session.today, session.today)
    now = _figures(session, question, node, period)
    before = _figures(session, question, node, year_before(period, today))
    is_whole = not (question.by_channel or question.by_family)
    keys = sorted(now.keys() | before.keys(), key=lambda key: (key[0] or "", key[1])) or [(None, currency)]
    found = []
    for part, unit in keys:
        sales = _sales(session, question, node, period, unit) if is_whole else None
        found.append(_row(question, node.code, period, today, (part, unit), (now, before), sales))
    return found


def year_before(period: Period, today: date) -> Period:
    """What a period is compared with: the same a year earlier; for one still running, the same days of it."""
    tomorrow = today + timedelta(days=1)
    elapsed = replace(period, end=tomorrow) if period.start < tomorrow < period.end else period
    return elapsed.year_before()


@dataclass(frozen=True)
class _Sales:
    won: int
    lost: int
    open_minor: int | None
    weighted_minor: int | None
    quota_minor: int | None


def _row(
    question: Question, territory: str, period: Period, today: date, key: tuple[str | None, str],
    figures: tuple[dict[Any, _Figures], dict[Any, _Figures]], sales: _Sales | None,
) -> ReportRow:  # fmt: skip
    part, currency = key
    has_begun = period.start <= today
    now, before = figures[0].get(key, _Figures()), figures[1].get(key, _Figures())

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    closed = sales.won + sales.lost if sales else 0
    return ReportRow(
        territory=territory,
        period=period.label,
        channel=part if question.by_channel else None,
        family=part if question.by_family else None,
        orders=now.orders,
        revenue=Money(now.revenue, currency),
        accounts=now.accounts,
        average_order=money(round_half_up(Fraction(now.revenue, now.orders)) if now.orders else None),
        prior_revenue=Money(before.revenue, currency),
        growth=Fraction(now.revenue - before.revenue, before.revenue) if before.revenue > 0 and has_begun else None,
        won=sales.won if sales else None,
        lost=sales.lost if sales else None,
        win_rate=Fraction(sales.won, closed) if sales and closed else None,
        open_pipeline=money(sales.open_minor if sales else None),
        weighted=money(sales.weighted_minor if sales else None),
        quota=money(sales.quota_minor if sales else None),
        attainment=attainment(now.revenue, sales.quota_minor) if sales else None,
        total_due=Money(now.total, currency),
        currency=currency,
    )


def _figures(session: Session, question: Question, node: _Place, period: Period) -> dict[Any, _Figures]:
    order = t.order.c
    here = and_(
        order.credited_territory_id.in_(node.below), _within(order.booked_on, period, question.as_of)
    )  # fmt: skip
    statement = _by_family(here) if question.by_family else _by_channel(here, divided=question.by_channel)
    return {(part, unit): _Figures(*map(int, figures)) for part, unit, *figures in session.execute(statement)}


def _within(day: ColumnElement[Any], period: Period, as_of: date | None) -> ColumnElement[bool]:
    """Days of the period, as far as they were over at the end of a day."""
    within = and_(day >= period.start, day < period.end)
    return within if as_of is None else and_(within, day <= as_of)


def _by_channel(here: Any, *, divided: bool) -> Select[Any]:
    order = t.order.c
    part = order.channel if divided else literal(None)
    statement = select(
        part.label("part"), order.currency, func.count(), func.sum(order.amount_minor),
        func.count(order.account_id.distinct()), func.sum(order.total_minor),
    ).where(here)  # fmt: skip
    return statement.group_by(order.currency, order.channel) if divided else statement.group_by(order.currency)


def _by_family(here: Any) -> Select[Any]:
    order, line = t.order.c, t.order_line.c
    return (
        select(
            t.product.c.family, order.currency, func.count(order.id.distinct()), func.sum(line.amount_minor),
            func.count(order.account_id.distinct()), func.sum(line.amount_minor),
        )
        .select_from(t.order)
        .join(t.order_line, line.order_id == order.id)
        .join(t.product, t.product.c.id == line.product_id)
        .where(here)
        .group_by(t.product.c.family, order.currency)
    )  # fmt: skip


def _sales(session: Session, question: Question, node: _Place, period: Period, currency: str) -> _Sales:
    opportunity = t.opportunity.c
    here = and_(opportunity.credited_territory_id.in_(node.below), opportunity.currency == currency)
    won, lost = session.execute(
        select(
            func.count(case((opportunity.status == "won", 1))), func.count(case((opportunity.status == "lost", 1)))
        ).where(here, _within(opportunity.closed_on, period, question.as_of))
    ).one()
    quota = session.execute(
        select(func.sum(t.quota.c.amount_minor)).where(
            t.quota.c.user_id.is_(None), t.quota.c.territory_id == node.id, t.quota.c.measure == "revenue",
            t.quota.c.product_family.is_(None), t.quota.c.currency == currency,
            t.quota.c.starts_on >= period.start, t.quota.c.ends_on <= period.end,
        )
    ).scalar()  # fmt: skip
    open_minor, weighted = (None, None) if question.as_of else _pipeline(session, here, period)
    return _Sales(won, lost, open_minor, weighted, None if quota is None else int(quota))


def _pipeline(session: Session, here: ColumnElement[bool], period: Period) -> tuple[int, int]:
    """What is open and expected to close in the period, and the same weighted."""
    opportunity = t.opportunity.c
    probability = func.coalesce(opportunity.probability_bp, t.stage.c.probability_bp)
    amount, weighted = session.execute(
        select(func.sum(opportunity.amount_minor), func.sum(opportunity.amount_minor * probability))
        .select_from(t.opportunity)
        .join(t.stage, t.stage.c.id == opportunity.stage_id)
        .where(here, opportunity.status == "open")
        .where(opportunity.close_on >= period.start, opportunity.close_on < period.end)
    ).one()
    return int(amount or 0), round_half_up(Fraction(int(weighted or 0), 10000))
