"""What is open of whom, and how often he wins: for the coverage of what is left of a quota."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import quota_figures
from sfactl.services.attainment_credit import Key, Whose

_YEAR = timedelta(days=365)
_sale = t.opportunity.c


@dataclass(frozen=True)
class Pipeline:
    """What is open by whose it is, part and currency; what was won and lost by whose it is."""

    open_minor: Mapping[Key, int]
    closed: Mapping[int, tuple[int, int]]


def load(session: Session, whose: Whose, parts: Sequence[Period], day: date, family: str | None) -> Pipeline:
    """Open opportunities that are expected to close in each part, and how many closed in the year until a day."""
    return Pipeline(_open(session, whose, parts, day, family), _closed(session, whose, day, family))


def _of(whose: Whose, day: date) -> tuple[Any, ColumnElement[Any]]:
    """Opportunities, and whose they are; a team has those of its members of today."""
    if whose is Whose.TERRITORY:
        return t.opportunity, _sale.credited_territory_id
    if whose is Whose.PERSON:
        return t.opportunity, _sale.credited_id
    member = t.team_member.c
    holds = and_(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))
    return t.opportunity.join(t.team_member, and_(member.user_id == _sale.credited_id, holds)), member.team_id


def _open(session: Session, whose: Whose, parts: Sequence[Period], day: date, family: str | None) -> dict[Key, int]:
    borders = quota_figures.sequence(parts)
    inner = borders[1:-1]
    part = (
        case(*((_sale.close_on < border, n) for n, border in enumerate(inner)), else_=len(inner))
        if inner
        else literal(0)
    )
    rows, who = _of(whose, day)
    is_open = and_(_sale.status == "open", _sale.close_on >= borders[0], _sale.close_on < borders[-1])
    statement = (
        select(who, part, _sale.currency, func.sum(_sale.amount_minor))
        .select_from(rows)
        .where(is_open, who.is_not(None), *_in_family(family))
        .group_by(who, *((part,) if inner else ()), _sale.currency)
    )
    return {(key, n, currency): int(minor) for key, n, currency, minor in session.execute(statement)}


def _closed(session: Session, whose: Whose, day: date, family: str | None) -> dict[int, tuple[int, int]]:
    rows, who = _of(whose, day)
    statement = (
        select(who, func.count(case((_sale.status == "won", 1))), func.count())
        .select_from(rows)
        .where(_sale.status.in_(("won", "lost")), _sale.closed_on > day - _YEAR, _sale.closed_on <= day)
        .where(who.is_not(None), *_in_family(family))
        .group_by(who)
    )
    return {key: (int(won), int(count) - int(won)) for key, won, count in session.execute(statement)}


def _in_family(family: str | None) -> list[ColumnElement[bool]]:
    return [] if family is None else [_sale.product_family == family]
