"""The sales behind a figure of the league: the bookings whose credit it is, and what they come to."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal, or_, select

from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import attainment_groups, naming, territories
from sfactl.services.attainment_groups import By

_order, _credit, _member, _line = t.order.c, t.credit.c, t.team_member.c, t.order_line.c
_WHOLE = 10_000


@dataclass(frozen=True)
class Question:
    """Whose figure, of which days."""

    by: str
    key: str
    "Login of a person or manager, code of a team or territory."
    period: Period
    currency: str
    family: str | None = None


@dataclass(frozen=True)
class SaleRow:
    """A booking, and what of it is counted."""

    order: str | None
    "Nothing where the order itself is not the person's to see."
    booked_on: date
    account_name: str | None
    user: str | None
    "Who is credited; nobody where a territory's own figure is told."
    share: Fraction
    amount: Money
    currency: str


@dataclass(frozen=True)
class Sales:
    """The latest of them, how many there are, and their sum: the credit of the figure."""

    rows: list[SaleRow]
    count: int
    total: Money


def behind(session: Session, question: Question, *, limit: int = 0) -> Sales:
    """The bookings behind a figure of revenue, the latest first.

    Raises:
        NotFound: there is nobody and nothing of this name, or it is not in sight.
    """
    session.actor.require("credit.read")
    session.actor.require("order.read")
    found = _of_territory(session, question) if question.by == By.TERRITORY else _of_people(session, question)
    part = found.subquery().c
    count, total = session.execute(select(func.count(), func.sum(part.amount))).one()
    rows = session.execute(
        select(part.code, part.day, part.account_name, part.login, part.share, part.amount)
        .order_by(part.day.desc(), part.code.desc(), part.login)
        .limit(limit or None)
    )
    return Sales([_row(question.currency, *row) for row in rows], count, _money(total, question.currency))


def _row(currency: str, code: str, day: date, account: str, login: str, share: int, amount: Any) -> SaleRow:
    return SaleRow(code, day, account, login, Fraction(share, _WHOLE), _money(amount, currency), currency)


def _money(ten_thousandths: Any, currency: str) -> Money:
    return Money(round_half_up(Fraction(int(ten_thousandths or 0), _WHOLE)), currency)


def _of_territory(session: Session, question: Question) -> Select[Any]:
    """All of each order that is credited to the territory or one below it."""
    below = territories.subtree(session, question.key)
    days = _order.booked_on >= question.period.start, _order.booked_on < question.period.end
    share = literal(_WHOLE)
    statement = _counted(question, share, t.order, _order.booked_on, _order.amount_minor * share).outerjoin(
        t.user, t.user.c.id == _order.credited_id
    )
    return statement.where(_order.credited_territory_id.in_(below), _order.currency == question.currency, *days)


def _of_people(session: Session, question: Question) -> Select[Any]:
    """What of each order is credited to somebody, to those who work for him, or to those who are in a team on the day."""
    rows: FromClause = t.credit.outerjoin(t.order, _order.id == _credit.order_id)
    people: ColumnElement[bool]
    if question.by == By.TEAM:
        holds = and_(
            _member.valid_from <= _credit.credited_on,
            or_(_member.valid_to.is_(None), _member.valid_to > _credit.credited_on),
        )
        rows = rows.join(t.team_member, and_(_member.user_id == _credit.user_id, holds))
        people = _member.team_id == naming.find_id(session, t.team, question.key)
    else:
        user = naming.find_id(session, t.user, question.key, code="login")
        below = attainment_groups.people_of(session, user) if question.by == By.MANAGER else set()
        people = session.among(_credit.user_id, sorted({user, *below}))
    days = _credit.credited_on >= question.period.start, _credit.credited_on < question.period.end
    amount = _credit.amount_minor * literal(_WHOLE)
    statement = _counted(question, _credit.share_bp, rows, _credit.credited_on, amount)
    statement = statement.join(t.user, t.user.c.id == _credit.user_id)
    return statement.where(people, _credit.kind == "revenue", _credit.currency == question.currency, *days)


def _counted(
    question: Question, share: ColumnElement[Any], rows: FromClause, day: ColumnElement[Any], amount: ColumnElement[Any]
) -> Select[Any]:
    """A row a booking and person, the amount in ten-thousandths; of a product family, that of its lines."""
    columns = (_order.code, day.label("day"), _order.account_name, t.user.c.login, share.label("share"))
    if question.family is None:
        return select(*columns, amount.label("amount")).select_from(rows)
    rows = rows.join(t.order_line, _line.order_id == _order.id).join(
        t.product, and_(t.product.c.id == _line.product_id, t.product.c.family == question.family)
    )
    of_lines = func.sum(_line.amount_minor * share).label("amount")
    grouped = (_order.id, _order.code, day, _order.account_name, t.user.c.login)
    own_share = () if question.by == By.TERRITORY else (share,)
    return select(*columns, of_lines).select_from(rows).group_by(*grouped, *own_share)
