"""Critical mass: how many people the territories below one need, and where one more helps most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from sqlalchemy import case, func, select

from sfactl.core.money import Money
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import (
    assignment_policy,
    balancing_people,
    conditions,
    distribution,
    naming,
    territory_tree,
    workspaces,
)


@dataclass(frozen=True)
class StaffingRow:
    """What a territory with all below it asks for, and who is there."""

    territory: str
    name: str
    people: int
    accounts: int
    work: int
    "Thousandths of the hours that its accounts ask for in a year, those of nobody, too."
    hours: int
    "Thousandths of the hours that its people can do."
    load: Fraction | None
    needed: int
    "People of usual hours who could do the work at the load that is wanted."
    missing: int
    "Below zero where there are more than needed."
    most: int | None
    "So many people find enough accounts there, where a least number is said."
    load_with_one_more: Fraction
    relief: Fraction | None
    "How much the load falls with one more person of usual hours; nothing where nobody is there."
    revenue: Money
    currency: str


def staffing(
    session: Session, territory: str | None, effective: date, *, load_bp: int, least: int, where: str | None = None
) -> list[StaffingRow]:
    """A territory, or all, and those below it in which somebody sells, the one first in which one more helps most.

    Args:
        load: how much of the hours should be work.
        least: so many accounts a person should have; 0 says nothing.
        where: a condition; only accounts for which it holds count.

    Raises:
        NotFound: there is no such territory, or it is not the person's to see.
    """
    session.actor.require("territory.read")
    session.actor.require("account.read")
    nodes = [node for node in territory_tree.nodes(session, effective) if not node.is_archived]
    top = naming.find_id_or_none(session, t.territory, territory)
    within = {node.id for node in nodes} if top is None else set(territory_tree.below(nodes, top))
    members, own = _members(session, effective), _own(session, where)
    standard = _Standard(assignment_policy.current(session).capacity_hours * 1000, Fraction(load_bp, 10_000), least)
    found = []
    for node in nodes:
        below = territory_tree.below(nodes, node.id) if node.id in within else []
        people = {user for place in below for user in members.get(place, ())}
        if people or node.id == top:
            sums = [own[place] for place in below if place in own]
            found.append(_row(node, people, sums, standard, workspaces.current(session).currency))
    return sorted(found, key=_rank)


def _rank(row: StaffingRow) -> tuple[bool, Fraction, str]:
    """Work that nobody is there to do comes first, then where one more takes most off the others."""
    is_undone = row.relief is None and row.work > 0
    return not is_undone, -(row.relief or Fraction(0)), row.territory


@dataclass(frozen=True)
class _Standard:
    """What one person should do."""

    hours_e3: int
    load: Fraction
    least: int


_Sums = tuple[int, int, int]
"""Accounts, thousandths of hours, revenue."""


def _members(session: Session, day: date) -> dict[int, list[tuple[int, int]]]:
    """By territory, who sells there, and his hours."""
    member, usual = t.territory_member.c, assignment_policy.current(session).capacity_hours
    rows = session.execute(
        select(member.territory_id, member.user_id, func.coalesce(t.capacity.c.hours, usual))
        .join(t.user, t.user.c.id == member.user_id)
        .outerjoin(t.capacity, t.capacity.c.user_id == member.user_id)
        .where(member.role == distribution.SELLING, balancing_people.holds_on(member, day), t.user.c.active)
        .distinct()
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for place, user, hours in rows:
        found.setdefault(place, []).append((user, hours))
    return found


def _own(session: Session, where: str | None) -> dict[int, _Sums]:
    """By territory, its own accounts, what they ask for, and their revenue."""
    account, policy = t.account.c, assignment_policy.current(session)
    currency = workspaces.current(session).currency
    revenue = case((account.currency == currency, func.coalesce(account.annual_revenue_minor, 0)), else_=0)
    statement = select(account.territory_id, func.count(), func.sum(policy.work()), func.sum(revenue))
    if where is not None:
        statement = statement.where(conditions.parse(session, where))
    rows = session.execute(statement.group_by(account.territory_id))
    return {place: (count, int(work), int(minor)) for place, count, work, minor in rows}


def _row(
    node: Any, people: set[tuple[int, int]], sums: Sequence[_Sums], standard: _Standard, currency: str
) -> StaffingRow:
    accounts, work, revenue = (sum(each[n] for each in sums) for n in range(3))
    hours, usual = sum(own for _user, own in people) * 1000, standard.hours_e3
    now = Fraction(work, hours) if hours else None
    then = Fraction(work, hours + usual) if hours + usual else Fraction(0)
    needed = ceil(Fraction(work) / (usual * standard.load)) if usual * standard.load else 0
    return StaffingRow(
        node.code, node.name, len(people), accounts, work, hours, now, needed, needed - len(people),
        accounts // standard.least if standard.least else None, then, None if now is None else now - then,
        Money(revenue, currency), currency,
    )  # fmt: skip
