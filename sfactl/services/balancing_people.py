"""The people of a balance: who takes part, where each sells, and what he can do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from sfactl.core.balancing import Position
from sfactl.core.plans import Left
from sfactl.core.roles import Scope
from sfactl.core.text import match_key
from sfactl.core.workload import ramped
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import distribution, naming, territories, territory_tree
from sfactl.services.assignment_policy import AssignmentPolicy
from sfactl.services.balancing_request import Request, position

MANAGING = "manager"
"""The role in a territory that gets no accounts."""


@dataclass(frozen=True)
class Seller:
    """A person who takes part."""

    key: int
    "Below zero for somebody who is not there yet."
    login: str
    hours_e3: int
    most_accounts: int | None
    homes: tuple[int, ...]
    "Territories in which he sells, the first of the tree first."
    position: Position | None
    full_e3: int
    "Hours once he is no longer new."
    is_usual: bool = False
    "Whether his hours are what the policy says."


@dataclass(frozen=True)
class Area:
    """The territories that a balance is about: one with all below it, the team's, or all there are."""

    top: int | None
    "None where it is about everything."
    keys: frozenset[int]
    ranks: Mapping[int, int]
    "The place of each territory in sight in a walk of the tree."


def area_of(session: Session, nodes: Sequence[Any], top: int | None) -> Area:
    """A territory with all below it, or all there are, but for the one of what has none."""
    ranks = {node.id: rank for rank, (node, _depth) in enumerate(territory_tree.walk(nodes))}
    keys = [node.id for node in nodes] if top is None else territory_tree.below(nodes, top)
    return Area(top, frozenset(keys) - {territories.unassigned_id(session)}, ranks)


class Sellers:
    """Who takes part, read once."""

    def __init__(self, session: Session, request: Request, day: date, policy: AssignmentPolicy, area: Area) -> None:
        self._session, self._request, self._day = session, request, day
        self._policy, self._area = policy, area
        self.left: list[Left] = []
        "Those who would take part and cannot."
        self.idle: list[int] = []
        "Their keys."

    def read(self) -> list[Seller]:
        """Who takes part, by login; those who are not there yet come last."""
        rows = self._session.execute(self._statement(self._chosen())).all()
        homes = self._homes([row.id for row in rows])
        hours = self._hours([row.id for row in rows])
        found = [self._seller(row, homes[row.id], hours.get(row.id)) for row in rows]
        return [each for each in [*found, *self._newcomers()] if self._can_work(each)]

    def leavers(self) -> list[Seller]:
        """Those whose accounts go to the others, by login."""
        keys = [person(self._session, name) for name in self._request.scenario.without]
        rows = self._session.execute(self._statement(keys, is_here=False)).all()
        return [self._seller(row, (), None) for row in rows]

    def _hours(self, keys: Sequence[int]) -> dict[int, int]:
        """What a scenario says of people's hours.

        Raises:
            NotFound: there is no such person.
            UsageFault: he takes no part.
        """
        found = {}
        for name, hours in self._request.scenario.hours.items():
            key = person(self._session, name)
            if key not in keys:
                raise UsageFault(
                    _("{user} takes no part, so his hours change nothing.").format(user=name),
                    _("Add him with --with, or in the scenario: with={user}").format(user=name),
                )
            found[key] = hours
        return found

    def _chosen(self) -> list[int]:
        """Keys of the members, with those who come and without those who go."""
        scenario = self._request.scenario
        of_team = self._request.team is not None
        members = self._session.execute(self._of_team() if of_team else self._of_territory()).scalars()
        gone = {person(self._session, name) for name in scenario.without}
        added = [person(self._session, name) for name in scenario.comers]
        return [key for key in dict.fromkeys([*members, *added]) if key not in gone]

    def _of_team(self) -> Select[Any]:
        member, key = t.team_member.c, naming.find_id(self._session, t.team, self._request.team or "")
        return select(member.user_id).where(member.team_id == key, holds_on(member, self._day)).distinct()

    def _of_territory(self) -> Select[Any]:
        member = t.territory_member.c
        return (
            select(member.user_id)
            .where(member.role == distribution.SELLING, holds_on(member, self._day))
            .where(member.territory_id.in_(sorted(self._area.keys)))
            .distinct()
        )

    def _statement(self, keys: Sequence[int], *, is_here: bool = True) -> Select[Any]:
        user, own = t.user.c, t.capacity.c
        found = (
            select(user.id, user.login, user.hired_on, user.latitude_e6, user.longitude_e6, own.hours, own.accounts)
            .outerjoin(t.capacity, own.user_id == user.id)
            .where(user.id.in_(keys))
            .order_by(user.login)
        )
        return found.where(user.active) if is_here else found

    def _homes(self, keys: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Where each sells; who is a member of no territory at all sells where the others do.

        Whoever sees but a part of the tree cannot tell that somebody is a member of none.
        """
        member = t.territory_member.c
        rows = self._session.execute(
            select(member.user_id, member.territory_id, member.role)
            .where(member.user_id.in_(keys), holds_on(member, self._day))
        ).all()  # fmt: skip
        found: dict[int, set[int]] = {key: set() for key in keys}
        for row in rows:
            if row.role != MANAGING and row.territory_id in self._area.ranks:
                found[row.user_id].add(row.territory_id)
        known = {row.user_id for row in rows}
        sees_all = self._session.actor.scope("territory.read") is Scope.ALL
        here = (self._area.top,) if self._area.top is not None and sees_all else ()
        return {
            key: tuple(sorted(places, key=lambda place: self._area.ranks[place])) if key in known else here
            for key, places in found.items()
        }

    def _seller(self, row: Any, homes: tuple[int, ...], said: int | None) -> Seller:
        policy = self._policy
        usual = policy.capacity_hours if row.hours is None else row.hours
        hours_e3 = ramped(usual, row.hired_on, self._day, policy.ramp) if said is None else said * 1000
        most = policy.capacity_accounts if row.accounts is None else row.accounts
        place = position(row.latitude_e6, row.longitude_e6) or self._request.places.get(match_key(row.login))
        is_usual = said is None and row.hours is None
        full_e3 = (usual if said is None else said) * 1000
        return Seller(row.id, row.login, hours_e3, most, homes, place, full_e3, is_usual)

    def _newcomers(self) -> Iterator[Seller]:
        """People who are not there yet."""
        for number, name in enumerate(self._request.scenario.newcomers, 1):
            place, login = naming.find_id(self._session, t.territory, name), f"new-{number}"
            hours_e3 = self._policy.capacity_hours * 1000
            yield Seller(-number, login, hours_e3, self._policy.capacity_accounts, (place,), None, hours_e3)

    def _can_work(self, seller: Seller) -> bool:
        is_able = bool(seller.homes) and seller.hours_e3 > 0
        if not is_able:
            self.idle.append(seller.key)
        if not seller.homes:
            self.left.append(Left("user", seller.login, _("sells in no territory that you see")))
        elif seller.hours_e3 <= 0:
            self.left.append(Left("user", seller.login, _("has no hours for accounts")))
        return is_able


def person(session: Session, name: str) -> int:
    """The key of a person.

    Raises:
        NotFound: there is none.
    """
    return naming.find_id(session, t.user, name, code="login")


def holds_on(member: Any, day: date) -> ColumnElement[bool]:
    """Memberships of a day."""
    return and_(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))


def elsewhere(
    session: Session, sellers: Sequence[Seller], rows: Sequence[Any], policy: AssignmentPolicy
) -> dict[int, tuple[int, int]]:
    """By person, how many accounts he has that are not among the rows, and the thousandths of hours that they ask for."""
    owner = t.account.c.owner_id
    found = {
        key: (count, int(work))
        for key, count, work in session.execute(
            select(owner, func.count(), func.sum(policy.work()))
            .where(owner.in_([each.key for each in sellers]))
            .group_by(owner)
        )
    }
    for row in rows:
        if row.owner_id in found:
            count, work = found[row.owner_id]
            found[row.owner_id] = count - 1, work - int(row.work)
    return found
