"""How the open pipeline became what it is since a day, with a proof that nothing was lost or counted twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, literal, null, or_, select, true, union_all

from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.core.pipeline_changes import FIGURES, Movement, effects
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, pipeline_history, territories, workspaces


@dataclass(frozen=True)
class Question:
    """Since when, and whose pipeline; what is None does not narrow."""

    since: date
    "The first day whose changes count."
    as_of: date | None = None
    "The last one; today when it is left out."
    territory: str | None = None
    only: bool = False
    seller: str | None = None
    closing: Period | None = None


@dataclass(frozen=True)
class FigureRow:
    """One figure of the sum; all of a currency but the last add up to the last."""

    figure: str
    count: int
    amount: Money
    "With its sign: what left the pipeline is less than nothing."
    currency: str


@dataclass(frozen=True)
class DetailRow:
    """An opportunity in one of the figures; it may be in several."""

    figure: str
    opportunity: str
    name: str
    account_name: str
    seller: str | None
    territory: str | None
    amount: Money
    currency: str


@dataclass(frozen=True)
class Proof:
    """That the figures of a currency add up to what is open at the end, which is counted by itself."""

    currency: str
    amounts: dict[str, Money]
    "By figure, each with its sign."

    @property
    def holds(self) -> bool:
        """Whether they agree to the minor unit."""
        return sum(self.amounts[figure].minor for figure in FIGURES[:-1]) == self.amounts["now"].minor


@dataclass(frozen=True)
class Changes:
    """The figures, and a proof for each currency."""

    rows: list[FigureRow]
    proofs: list[Proof]


def since(session: Session, question: Question) -> Changes:
    """What came into the pipeline, what changed in it and what left, of the days from `since` to `as_of`.

    Something is *new* when it was not open before; *pulled in* and *pushed out* are close dates that came into the
    period of `closing`, or left it; *transferred* is what went to or came from another territory, seller or currency.
    Which territories lie below one is told by the tree of the last day.

    Raises:
        UsageFault: the days are the wrong way round.
        NotFound: the territory or seller does not exist, or is not the person's to see.
    """
    session.actor.require("opportunity.read")
    asked = _asked(session, question)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for figure, day in (("start", question.since - timedelta(1)), ("now", question.as_of)):
        for unit, count, minor in session.execute(_open(session, asked, day)):
            found[unit, figure] = (count, int(minor))
    for unit, movement in _movements(session, asked):
        for figure, count, minor in effects(movement):
            before = found.get((unit, figure), (0, 0))
            found[unit, figure] = (before[0] + count, before[1] + minor)
    units = sorted({unit for unit, _figure in found}) or [workspaces.current(session).currency]
    rows = [_row(unit, figure, found.get((unit, figure), (0, 0))) for unit in units for figure in FIGURES]
    return Changes(
        rows, [Proof(unit, {row.figure: row.amount for row in rows if row.currency == unit}) for unit in units]
    )


def _row(unit: str, figure: str, counted: tuple[int, int]) -> FigureRow:
    count, minor = counted
    return FigureRow(figure, count, Money(minor, unit), unit)


def details(session: Session, question: Question) -> Iterator[DetailRow]:
    """The opportunities of each figure that moved, in the order of the sum; start and now are lists of their own."""
    session.actor.require("opportunity.read")
    ways, sale = _ways(_asked(session, question), session).subquery("way"), t.opportunity.c
    rows = session.execute(
        select(
            ways.c.unit, ways.c.entry, ways.c.leaving, ways.c.before, ways.c.after, sale.code, sale.name,
            sale.account_name, t.user.c.login, t.territory.c.code,
        )
        .select_from(ways)
        .join(t.opportunity, sale.id == ways.c.opportunity_id)
        .outerjoin(t.user, t.user.c.id == sale.credited_id)
        .outerjoin(t.territory, t.territory.c.id == sale.credited_territory_id)
        .where(_moved(ways.c))
        .order_by(ways.c.unit, sale.code)
    ).all()  # fmt: skip
    found = [
        DetailRow(*[figure, *words, Money(minor, unit), unit])
        for unit, entry, leaving, before, after, *words in rows
        for figure, _count, minor in effects(Movement(entry, leaving, 1, before, after))
    ]
    return iter(sorted(found, key=lambda row: (row.currency, FIGURES.index(row.figure), row.opportunity)))


def _moved(way: Any) -> ColumnElement[bool]:
    return or_(way.entry != "start", way.leaving != "now", way.before != way.after)


@dataclass(frozen=True)
class _Asked:
    """The question with its names found."""

    question: Question
    below: Select[Any] | None
    seller_id: int | None

    def is_ours(self, state: Any) -> ColumnElement[bool]:
        """Whether a state is of the territories and the seller."""
        said: list[ColumnElement[bool]] = [true()]
        if self.below is not None:
            said.append(state.credited_territory_id.in_(self.below))
        if self.seller_id is not None:
            said.append(func.coalesce(state.credited_id, 0) == self.seller_id)
        return and_(*said)

    def is_due(self, state: Any) -> ColumnElement[bool]:
        """Whether a state closes in the period: is expected to, or did."""
        if self.question.closing is None:
            return true()
        day = case((state.status == "open", state.close_on), else_=func.coalesce(state.closed_on, state.close_on))
        return and_(day >= self.question.closing.start, day < self.question.closing.end)


def _asked(session: Session, question: Question) -> _Asked:
    last = min(question.as_of or session.today, session.today)
    if question.since > last:
        raise UsageFault(
            _("There are no days from {since} to {last}.").format(since=question.since, last=last),
            _("Name a day that is over, or today."),
        )
    below = None
    if question.territory is not None:
        below = territories.subtree(session, question.territory, only=question.only, as_of=question.as_of)
    return _Asked(question, below, naming.find_id_or_none(session, t.user, question.seller, code="login"))


def _open(session: Session, asked: _Asked, day: date | None) -> Select[Any]:
    """Count and sum of what was open at the end of a day, by currency."""
    state = pipeline_history.states(session, day).c
    return (
        select(state.currency, func.count(), func.sum(state.amount_minor))
        .where(state.status == "open", asked.is_ours(state), asked.is_due(state))
        .group_by(state.currency)
    )


def _movements(session: Session, asked: _Asked) -> Iterator[tuple[str, Movement]]:
    """The ways that opportunities took, counted: for each currency, entry, exit and direction of the amount."""
    way = _ways(asked, session).subquery("way").c
    direction = case((way.after > way.before, 1), (way.after < way.before, -1), else_=0)
    rows = session.execute(
        select(way.unit, way.entry, way.leaving, func.count(), func.sum(way.before), func.sum(way.after))
        .where(_moved(way))
        .group_by(way.unit, way.entry, way.leaving, direction)
    )
    for unit, entry, leaving, count, before, after in rows:
        yield unit, Movement(entry, leaving, count, int(before), int(after))


def _ways(asked: _Asked, session: Session) -> Any:
    """Of each opportunity that was changed in these days, and is in the pipeline at either end: how it came, and left."""
    question, change = asked.question, t.opportunity_change.c
    first = change.recorded_at < pipeline_history.end_of(question.since - timedelta(1))
    is_over = question.as_of is not None and question.as_of < session.today
    last = change.recorded_at < pipeline_history.end_of(question.as_of or session.today) if is_over else true()
    changed = select(change.opportunity_id).where(~first, last)
    keys = (
        select(func.max(case((first, change.id))).label("was_id"), func.max(change.id).label("now_id"))
        .where(last, change.opportunity_id.in_(changed))
        .group_by(change.opportunity_id)
        .cte("keys")
    )
    return union_all(_in_one_currency(asked, keys), _in_another_currency(asked, keys))


_WAS, _NOW = t.opportunity_change.alias("was"), t.opportunity_change.alias("now")


def _in_one_currency(asked: _Asked, keys: FromClause) -> Select[Any]:
    was, now = _WAS.c, _NOW.c
    was_open = func.coalesce(was.status, "") == "open"
    keeps_unit = or_(~was_open, func.coalesce(was.currency, "") == now.currency)
    was_in = and_(was_open, asked.is_ours(was), asked.is_due(was))
    is_ours = and_(asked.is_ours(now), keeps_unit)
    is_in = and_(is_ours, asked.is_due(now))
    entry = case(
        (was_in, "start"),
        (~is_in, null()),
        (was_open, case((asked.is_ours(was), "pulled_in"), else_="transferred_in")),
        (now.status != func.coalesce(was.status, ""), "new"),
    )
    leaving = case(
        (~is_ours, "transferred_out"),
        (now.status != "open", now.status),
        (is_in, "now"),
        else_="pushed_out",
    )
    unit = case((was_open, was.currency), else_=now.currency)
    ways = (
        select(
            now.opportunity_id, unit.label("unit"), entry.label("entry"), leaving.label("leaving"),
            func.coalesce(was.amount_minor, 0).label("before"), now.amount_minor.label("after"),
        )
        .select_from(keys)
        .join(_NOW, now.id == keys.c.now_id)
        .outerjoin(_WAS, was.id == keys.c.was_id)
        .subquery("one")
    )  # fmt: skip
    return select(ways).where(ways.c.entry.is_not(None))


def _in_another_currency(asked: _Asked, keys: FromClause) -> Select[Any]:
    """What was open and is now told in another currency comes into that one at its amount there."""
    was, now = _WAS.c, _NOW.c
    return (
        select(
            now.opportunity_id, now.currency, literal("transferred_in"),
            case((now.status == "open", "now"), else_=now.status), now.amount_minor, now.amount_minor,
        )
        .select_from(keys)
        .join(_NOW, now.id == keys.c.now_id)
        .join(_WAS, was.id == keys.c.was_id)
        .where(was.status == "open", was.currency != now.currency, asked.is_ours(now), asked.is_due(now))
    )  # fmt: skip
