"""Critical mass: how many people the territories below one need, and where one more helps most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from sqlalchemy import case, func, select

from sfactl.core.money import Money
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import assignment_policy, balancing_accounts, balancing_people, naming, territory_tree, workspaces
from sfactl.services.assignment_policy import AssignmentPolicy
from sfactl.services.balancing_people import Area, Sellers
from sfactl.services.balancing_request import Request


@dataclass(frozen=True)
class StaffingRow:
    """What a territory with all below it asks for, and who is there."""

    territory: str
    name: str
    people: int
    accounts: int
    work: int
    "Thousandths of the hours that its accounts ask for in a year."
    hours: int
    "Thousandths of the hours that its people have for them."
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


def staffing(session: Session, request: Request, effective: date, *, load_bp: int, least: int) -> list[StaffingRow]:
    """A territory, or all, and those below it in which somebody sells, the one first in which one more helps most.

    Accounts and people are those of the same balance.

    Args:
        load_bp: how much of the hours should be work.
        least: so many accounts a person should have; 0 says nothing.

    Raises:
        NotFound: there is no such territory or person, or it is not the person's to see.
    """
    session.actor.require("territory.read")
    session.actor.require("account.read")
    policy, currency = assignment_policy.current(session), workspaces.current(session).currency
    nodes = territory_tree.nodes(session, effective)
    top = naming.find_id_or_none(session, t.territory, request.territory)
    area = balancing_people.area_of(session, nodes, top)
    own, people = _read(session, request, effective, policy, area)
    standard = _Standard(policy.capacity_hours * 1000, Fraction(load_bp, 10_000), least)
    found = []
    for node in nodes:
        below = frozenset(territory_tree.below(nodes, node.id)) if node.id in area.keys else frozenset[int]()
        here = [each for each in people if node.id == top or below & each.homes]
        if not node.is_archived and (node.id == top or (here and below)):
            sums = [own[place] for place in sorted(below) if place in own]
            found.append(_row(node, [each.hours_e3 for each in here], sums, standard, currency))
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


@dataclass(frozen=True)
class _Member:
    """Somebody who takes part."""

    homes: frozenset[int]
    hours_e3: int


def _read(
    session: Session, request: Request, day: date, policy: AssignmentPolicy, area: Area
) -> tuple[dict[int, _Sums], list[_Member]]:
    """By territory, its accounts that are shared out; and who takes part, with his hours less what his others ask for."""
    found = Sellers(session, request, day, policy, area)
    sellers, gone = found.read(), found.leavers()
    own: dict[int, _Sums] = {}
    works: dict[int | None, int] = {}
    for place, owner, *figures in _sums(session, request, policy, [each.key for each in (*sellers, *gone)], area):
        count, work, revenue = map(int, figures)
        known = own.get(place, (0, 0, 0))
        own[place] = known[0] + count, known[1] + work, known[2] + revenue
        works[owner] = works.get(owner, 0) + work
    all_ = balancing_people.elsewhere(session, sellers, (), policy)
    others = {each.key: all_.get(each.key, (0, 0))[1] - works.get(each.key, 0) for each in sellers}
    return own, [_Member(frozenset(each.homes), max(each.hours_e3 - others[each.key], 0)) for each in sellers]


def _sums(
    session: Session, request: Request, policy: AssignmentPolicy, owners: Sequence[int], area: Area
) -> Iterable[Any]:
    """By territory and owner, the accounts that are shared out, what they ask for, and their revenue."""
    account, currency = t.account.c, workspaces.current(session).currency
    revenue = case((account.currency == currency, func.coalesce(account.annual_revenue_minor, 0)), else_=0)
    return session.execute(
        select(account.territory_id, account.owner_id, func.count(), func.sum(policy.work()), func.sum(revenue))
        .where(balancing_accounts.are_shared_out(session, request, owners, area.keys))
        .group_by(account.territory_id, account.owner_id)
    )


def _row(node: Any, people: Sequence[int], sums: Sequence[_Sums], standard: _Standard, currency: str) -> StaffingRow:
    """What a territory comes to; `people` are the hours of each."""
    accounts, work, revenue = (sum(each[n] for each in sums) for n in range(3))
    hours, usual = sum(people), standard.hours_e3
    now = Fraction(work, hours) if hours else None
    then = Fraction(work, hours + usual) if hours + usual else Fraction(0)
    needed = ceil(Fraction(work) / (usual * standard.load)) if usual * standard.load else 0
    return StaffingRow(
        node.code, node.name, len(people), accounts, work, hours, now, needed, needed - len(people),
        accounts // standard.least if standard.least else None, then, None if now is None else now - then,
        Money(revenue, currency), currency,
    )  # fmt: skip
