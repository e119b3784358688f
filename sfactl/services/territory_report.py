"""How territories do: bookings, growth, wins and losses, pipeline and quota, by period, channel or family."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, select

from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period
from sfactl.core.quota import attainment
from sfactl.core.workload import load
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import (
    activity_phases,
    naming,
    pipeline_history,
    pipeline_quotas,
    territory_sums,
    territory_tree,
    territory_work,
    workspaces,
)
from sfactl.services.territory_sums import Booked, Bookings, Forest


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
    won_amount: Money | None
    average_sale: Money | None
    "Amount of what was won by how many."
    sales_cycle_e3: int | None
    "Days from opening to winning, of what was won, in thousandths."
    activities_before: int | None
    "Done in the period, before a purchase order; during and after one likewise (`core.phases`)."
    activities_during: int | None
    activities_after: int | None
    people: int | None
    "Different people who work there."
    load: Fraction | None
    "Work that the accounts there ask for, over the hours of the account managers and specialists who work there."
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
    """As things were known at the end of this day: the tree of that day, what was booked, closed and expected by then.

    Activities and load are left out then, since they follow the accounts, wherever those go later.
    """
    in_full: bool = True
    "Also activities by phase, people and load, which take longer."


@dataclass(frozen=True)
class _Sales:
    """What closed in a territory and below it, in a currency, and what is open."""

    won: int = 0
    lost: int = 0
    won_minor: int = 0
    won_days: int = 0
    open_minor: int = 0
    weighted_e4: int = 0


@dataclass
class _Sums:
    """All that is counted for a period; by territory, with all that lies below it."""

    period: Period
    now: Mapping[int, Mapping[Any, Booked]]
    before: Mapping[int, Mapping[Any, Booked]]
    "By (part, currency), as `now`."
    sales: Mapping[tuple[int, str], _Sales] = field(default_factory=dict)
    quotas: Mapping[tuple[int, str], int] = field(default_factory=dict)
    activities: Mapping[tuple[int, str], list[int]] | None = None
    "Number by phase; nothing of a day that is over."


def report(session: Session, question: Question) -> list[ReportRow]:
    """Figures per territory and period, the territories in the order of the tree.

    Revenue is what was booked in the period and credited to the territory or one below it. Won and lost count what
    closed in the period; the open pipeline is what is expected to close in it. The database is asked once a period,
    however many territories there are.

    Raises:
        NotFound: a territory does not exist, or is not the person's to see.
    """
    session.actor.require("territory.read")
    session.actor.require("order.read")
    asked = _Asked.of(session, question)
    sums = [_sums(session, asked, period) for period in question.periods]
    works = territory_work.of_territories(session, asked.forest, question.as_of) if asked.is_full else {}
    rows: list[ReportRow] = []
    for node in asked.nodes:
        for each in sums:
            if node.is_named or node.archived_on is None or each.period.start < node.archived_on:
                rows += _rows(asked, node, each, works.get(node.id))
    return rows


@dataclass(frozen=True)
class _Node:
    id: int
    code: str
    archived_on: date | None = None
    is_named: bool = False


@dataclass(frozen=True)
class _Asked:
    """The question with its names found, and the tree of its day."""

    question: Question
    nodes: Sequence[_Node]
    forest: Forest
    subtrees: Sequence[Select[Any]]
    "Of the territories that are named; none where all are asked for."
    today: date
    "The day of the question, or today."
    currency: str

    @classmethod
    def of(cls, session: Session, question: Question) -> "_Asked":
        """What a question asks of the tree of its day."""
        day = question.as_of or session.today
        tree = territory_tree.nodes(session, day)
        named = _named(session, question.territories)
        subtrees = [
            territory_tree.subtree_of(session, node.id, only=question.only, as_of=question.as_of) for node in named
        ]
        nodes = named or [
            _Node(each.id, each.code, each.archived_on)
            for each in territory_sums.walked(tree)
            if each.code != UNASSIGNED
        ]
        forest = Forest.of(tree, only=question.only)
        currency = workspaces.current(session).currency
        return cls(question, nodes, forest, subtrees, min(day, session.today), currency)

    @property
    def is_whole(self) -> bool:
        """Whether figures are not divided by channel or family, so that sales and quotas stand beside them."""
        return not (self.question.by_channel or self.question.by_family)

    @property
    def subtree(self) -> int | None:
        """The one territory that is asked for: all rows are its own, and nothing is added up along the tree."""
        return self.nodes[0].id if len(self.subtrees) == 1 else None

    @property
    def is_full(self) -> bool:
        """Whether activities, people and load are asked for."""
        return self.is_whole and self.question.in_full

    def here(self, place: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Rows of the territories that are asked for."""
        return territory_sums.within(place, self.subtrees)


def _named(session: Session, names: Sequence[str]) -> list[_Node]:
    """The territories that are named, each once."""
    node = t.territory.c
    keys = list(dict.fromkeys(naming.find_id(session, t.territory, name) for name in names))
    codes = dict(session.execute(select(node.id, node.code).where(node.id.in_(keys))).all()) if keys else {}
    return [_Node(key, codes[key], is_named=True) for key in keys]


def _sums(session: Session, asked: _Asked, period: Period) -> _Sums:
    before = year_before(period, asked.today)
    found = _Sums(
        period, _booked(session, asked, period), _booked(session, asked, before, accounts=False)
    )  # fmt: skip
    if asked.is_whole:
        found.sales = _sales(session, asked, period)
        found.quotas = pipeline_quotas.of_territories(session, period, asked.question.as_of)
    if asked.is_full and asked.today == session.today:
        found.activities = _activities(session, asked, period)
    return found


def year_before(period: Period, today: date) -> Period:
    """What a period is compared with: the same a year earlier; for one still running, the same days of it."""
    tomorrow = today + timedelta(days=1)
    elapsed = replace(period, end=tomorrow) if period.start < tomorrow < period.end else period
    return elapsed.year_before()


def _booked(session: Session, asked: _Asked, period: Period, *, accounts: bool = True) -> dict[int, dict[Any, Booked]]:
    """What was booked in a period, by territory and (part, currency); how many accounts that were, takes longer."""
    order = t.order.c
    where = [_within(order.booked_on, period, asked.question.as_of), *asked.here(order.credited_territory_id)]
    place = order.credited_territory_id if asked.subtree is None else literal(asked.subtree)
    bookings = Bookings(
        t.order, where, order.channel if asked.question.by_channel else null(), place,
        order.account_id, order.currency, (func.count(), func.sum(order.amount_minor), func.sum(order.total_minor)),
    )  # fmt: skip
    if asked.question.by_family:
        bookings = _by_family(bookings)
    is_plain = asked.subtree is not None or not accounts
    statement = (
        territory_sums.plain_rows(bookings, accounts=accounts) if is_plain else territory_sums.booked_rows(bookings)
    )
    rows = session.execute(statement)
    found: dict[int, dict[Any, Booked]] = {}
    for (node, key), booked in territory_sums.added_up(asked.forest, rows).items():
        found.setdefault(node, {})[key] = booked
    return found


def _by_family(bookings: Bookings) -> Bookings:
    """The same by product family: amounts of lines, and orders that have one of the family."""
    order, line, product = t.order.c, t.order_line.c, t.product.c
    source = t.order.join(t.order_line, line.order_id == order.id).join(t.product, product.id == line.product_id)
    amount = func.sum(line.amount_minor)
    return replace(bookings, source=source, part=product.family, sums=(func.count(order.id.distinct()), amount, amount))


def _within(day: ColumnElement[Any], period: Period, as_of: date | None) -> ColumnElement[bool]:
    """Days of the period, as far as they were over at the end of a day."""
    within = and_(day >= period.start, day < period.end)
    return within if as_of is None else and_(within, day <= as_of)


def _sales(session: Session, asked: _Asked, period: Period) -> dict[tuple[int, str], _Sales]:
    """What closed in a period and what is expected to close in it, by territory and currency."""
    closed = [
        (place, unit, (*counts, 0, 0)) for place, unit, *counts in session.execute(_closed(session, asked, period))
    ]
    is_open = [
        (place, unit, (0, 0, 0, 0, *sums)) for place, unit, *sums in session.execute(_open(session, asked, period))
    ]
    rolled = asked.forest.rolled_up(
        (place, unit, [int(n or 0) for n in numbers]) for place, unit, numbers in closed + is_open
    )
    return {key: _Sales(*numbers) for key, numbers in rolled.items()}


def _closed(session: Session, asked: _Asked, period: Period) -> Select[Any]:
    """Territory, currency, how many were won and lost, the amount of the won, and the days from opening to winning."""
    sale = t.opportunity.c
    won = sale.status == "won"
    days = activity_phases.days_from(session, sale.opened_on, sale.closed_on)
    return (
        select(
            sale.credited_territory_id, sale.currency, func.sum(case((won, 1), else_=0)),
            func.sum(case((sale.status == "lost", 1), else_=0)), func.sum(case((won, sale.amount_minor), else_=0)),
            func.sum(case((won, days), else_=0)),
        )
        .where(sale.status.in_(("won", "lost")), _within(sale.closed_on, period, asked.question.as_of))
        .where(*asked.here(sale.credited_territory_id))
        .group_by(sale.credited_territory_id, sale.currency)
    )  # fmt: skip


def _open(session: Session, asked: _Asked, period: Period) -> Select[Any]:
    """Territory, currency, what is open and expected to close in the period, and the same weighted."""
    state = pipeline_history.states(session, asked.question.as_of)
    c = state.c
    probability = func.coalesce(c.probability_bp, t.stage.c.probability_bp, 0)
    return (
        select(
            c.credited_territory_id, c.currency, func.sum(c.amount_minor), func.sum(c.amount_minor * probability)
        )
        .join_from(state, t.stage, t.stage.c.id == c.stage_id, isouter=True)
        .where(c.status == "open", c.close_on >= period.start, c.close_on < period.end)
        .where(*asked.here(c.credited_territory_id))
        .group_by(c.credited_territory_id, c.currency)
    )  # fmt: skip


def _activities(session: Session, asked: _Asked, period: Period) -> dict[tuple[int, str], list[int]]:
    """How many activities were done in a period, by territory and phase."""
    done = t.activity.c
    where = [_within(done.done_on, period, asked.question.as_of), *asked.here(done.territory_id)]
    phased = activity_phases.phased(session, *where).c
    rows = session.execute(
        select(phased.territory_id, phased.phase, func.count())
        .where(phased.phase.is_not(None))
        .group_by(phased.territory_id, phased.phase)
    )
    return asked.forest.rolled_up((place, phase, [count]) for place, phase, count in rows)


def _rows(asked: _Asked, node: _Node, sums: _Sums, work: territory_work.Work | None) -> Iterator[ReportRow]:
    """A row for each part and currency in which something was booked; one of nothing where there is none."""
    now, before = sums.now.get(node.id, {}), sums.before.get(node.id, {})
    keys = sorted(now.keys() | before.keys(), key=lambda key: (key[0] or "", key[1])) or [(None, asked.currency)]
    for key in keys:
        row = _row(asked, node.code, sums.period, key, now.get(key, Booked()), before.get(key, Booked()))
        if asked.is_whole:
            row = _with_sales(row, sums.sales.get((node.id, key[1]), _Sales()), sums.quotas.get((node.id, key[1])))
        if asked.is_full:
            row = _in_full(row, node, sums, work)
        yield row


def _row(
    asked: _Asked, territory: str, period: Period, key: tuple[str | None, str], now: Booked, before: Booked
) -> ReportRow:
    (part, unit), has_begun = key, period.start <= asked.today
    average = Money(round_half_up(Fraction(now.revenue, now.orders)), unit) if now.orders else None
    return ReportRow(
        territory=territory,
        period=period.label,
        channel=part if asked.question.by_channel else None,
        family=part if asked.question.by_family else None,
        orders=now.orders,
        revenue=Money(now.revenue, unit),
        accounts=now.accounts,
        average_order=average,
        prior_revenue=Money(before.revenue, unit),
        growth=Fraction(now.revenue - before.revenue, before.revenue) if before.revenue > 0 and has_begun else None,
        won=None, lost=None, win_rate=None, open_pipeline=None, weighted=None, quota=None, attainment=None,
        won_amount=None, average_sale=None, sales_cycle_e3=None, activities_before=None, activities_during=None,
        activities_after=None, people=None, load=None,
        total_due=Money(now.total, unit),
        currency=unit,
    )  # fmt: skip


def _with_sales(row: ReportRow, sales: _Sales, quota: int | None) -> ReportRow:
    unit, closed = row.currency, sales.won + sales.lost

    def average(total: int) -> int | None:
        return round_half_up(Fraction(total, sales.won)) if sales.won else None

    sale = average(sales.won_minor)
    return replace(
        row, won=sales.won, lost=sales.lost, win_rate=Fraction(sales.won, closed) if closed else None,
        open_pipeline=Money(sales.open_minor, unit),
        weighted=Money(round_half_up(Fraction(sales.weighted_e4, 10000)), unit),
        quota=None if quota is None else Money(quota, unit), attainment=attainment(row.revenue.minor, quota),
        won_amount=Money(sales.won_minor, unit), average_sale=None if sale is None else Money(sale, unit),
        sales_cycle_e3=average(sales.won_days * 1000),
    )  # fmt: skip


def _in_full(row: ReportRow, node: _Node, sums: _Sums, work: territory_work.Work | None) -> ReportRow:
    def number(phase: str) -> int | None:
        return None if sums.activities is None else sums.activities.get((node.id, phase), [0])[0]

    share = load(work.work_e3, work.hours) if work and work.work_e3 is not None else None
    return replace(
        row, activities_before=number("before"), activities_during=number("during"), activities_after=number("after"),
        people=work.people if work else 0, load=share,
    )  # fmt: skip
