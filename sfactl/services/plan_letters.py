"""Who is touched by a plan gets one mail: which accounts come to him, and which go."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import CTE, Column, ColumnElement, Select, func, literal, select, union_all

from sfactl.core.money import Money
from sfactl.core.plans import Header
from sfactl.db.session import Session
from sfactl.mail import moves
from sfactl.mail.addresses import is_address
from sfactl.mail.moves import Moved, Moves, Part
from sfactl.models import tables as t
from sfactl.services import assignment_policy, outbox
from sfactl.services.outbox import Letter
from sfactl.services.plan_entities import Batch

KIND: Final = "moves"
MOST_SHOWN: Final = 20
"""So many accounts are named, the first by code."""
_COMING, _GOING = "coming", "going"


def write(session: Session, batch: Batch, header: Header) -> int:
    """Write one mail to each person whom the staged lines touch, if the policy says so; returns how many.

    Told are those who are still here and have an address. Each sees what comes to him and what was his, and no more.
    It is to be called while the accounts are still in sight of whoever applies the plan.
    """
    if not assignment_policy.current(session).notifies:
        return 0
    return outbox.put_all(session, _letters(session, batch, header))


def _letters(session: Session, batch: Batch, header: Header) -> Iterator[Letter]:
    told = _parts(session, batch)
    person = t.user.c
    rows = session.execute(
        select(person.id, person.login, person.name, person.email)
        .where(person.active, person.email.is_not(None))
        .order_by(person.login)
    )
    for key, login, name, email in rows:
        if key in told and is_address(email):
            parts = told[key].parts
            letter = Moves(
                login, name, parts[_COMING], parts[_GOING], batch.effective, session.actor.name, batch.run_key,
                header.reason,
            )  # fmt: skip
            written = moves.body(letter)
            yield Letter(
                f"{batch.run_key} {key}", KIND, email, moves.subject(letter), written.text, written.html,
                recipient_id=key, run_key=batch.run_key, about=batch.run_key,
            )  # fmt: skip


@dataclass
class _Told:
    """What one person is told, as it is gathered."""

    parts: dict[str, Part] = field(default_factory=lambda: {_COMING: Part(), _GOING: Part()})


def _parts(session: Session, batch: Batch) -> dict[int, _Told]:
    """By person: how many accounts come and go, what they bring in, and the first of them."""
    told: dict[int, _Told] = {}
    moved = _moved(batch)
    for person, side, currency, count, revenue in session.execute(_totals(moved)):
        parts = told.setdefault(person, _Told()).parts
        sums = parts[side].revenue if revenue is None else (*parts[side].revenue, Money(int(revenue), currency))
        parts[side] = replace(parts[side], count=parts[side].count + count, revenue=sums)
    for person, side, code, name, other, revenue, currency in session.execute(_first(moved)):
        part = told[person].parts[side]
        account = Moved(code, name, other, None if revenue is None else Money(revenue, currency))
        told[person].parts[side] = replace(part, first=(*part.first, account))
    return told


def _moved(batch: Batch) -> CTE:
    """Each account twice: for the person to whom it comes, and for the one from whom it goes."""
    was, becomes = t.plan_stage.c.was_person, t.plan_stage.c.to_person
    return union_all(
        _side(batch, _COMING, becomes, was), _side(batch, _GOING, was, becomes)
    ).cte("moved")  # fmt: skip


def _side(batch: Batch, side: str, person: Column[Any], other: Column[Any]) -> Select[Any]:
    account = t.account.c
    return (
        select(
            person.label("person"), literal(side).label("side"), other.label("other"), account.code, account.name,
            account.annual_revenue_minor.label("revenue"), account.currency,
        )
        .join(t.account, account.id == t.plan_stage.c.row_id)
        .where(batch.of("account"), person.is_not(None), person.is_distinct_from(other))
    )  # fmt: skip


def _totals(moved: CTE) -> Select[Any]:
    each = moved.c
    return (
        select(each.person, each.side, each.currency, func.count(), func.sum(each.revenue))
        .group_by(each.person, each.side, each.currency)
        .order_by(each.person, each.side, each.currency)
    )


def _first(moved: CTE) -> Select[Any]:
    each = moved.c
    place: ColumnElement[int] = func.row_number().over(partition_by=(each.person, each.side), order_by=each.code)
    ranked = select(moved, place.label("place")).subquery()
    other, row = t.user.alias("other"), ranked.c
    return (
        select(row.person, row.side, row.code, row.name, other.c.name, row.revenue, row.currency)
        .outerjoin(other, other.c.id == row.other)
        .where(row.place <= MOST_SHOWN)
        .order_by(row.person, row.side, row.place)
    )
