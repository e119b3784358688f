"""Those whose attainment is told: people, teams, territories with all below them, managers with all who work for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import and_, or_, select

from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming, territories, territory_tree
from sfactl.services.attainment_credit import Key

Value = TypeVar("Value")


class By(StrEnum):
    """Whose attainment is told."""

    PERSON = "person"
    TEAM = "team"
    TERRITORY = "territory"
    MANAGER = "manager"


@dataclass(frozen=True)
class Group:
    """Somebody, or some place, in a row."""

    user: str | None
    name: str
    team: str | None
    territory: str | None


@dataclass(frozen=True)
class Narrowing:
    """Of whom alone."""

    user: str | None = None
    has_people: bool = False
    team: str | None = None
    territory: str | None = None


@dataclass(frozen=True)
class Groups:
    """Whose rows are shown, and to whom else each one's figures count."""

    wanted: Mapping[int, Group]
    above: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    "For managers and territories: all that lie above, from the nearest up."

    def rolled_up(self, found: Mapping[Key, Value], plus: Callable[[Value, Value], Value]) -> Mapping[Key, Value]:
        """The figures of each, with those of all below."""
        if not self.above:
            return found
        total = dict(found)
        for (key, part, currency), value in found.items():
            for upper in self.above.get(key, ()):
                place = (upper, part, currency)
                total[place] = plus(total[place], value) if place in total else value
        return total

    def gathered(self, found: Mapping[int, tuple[int, int]]) -> Mapping[int, tuple[int, int]]:
        """The same of counts that have no parts."""
        total = dict(found)
        for key, (won, lost) in found.items():
            for upper in self.above.get(key, ()):
                before = total.get(upper, (0, 0))
                total[upper] = (before[0] + won, before[1] + lost)
        return total


def load(session: Session, by: By, narrowing: Narrowing, day: date, as_of: date | None, period: Period) -> Groups:
    """Those of a kind that are asked for, as they stood on a day.

    Raises:
        NotFound: what narrows them is not there, or not in sight.
        UsageFault: they cannot be narrowed so.
    """
    if narrowing.has_people and narrowing.user is None:
        raise UsageFault(_("It is not said whose people."), _("Add --user USER."))
    if by is By.TERRITORY:
        return _territories(session, narrowing, day, period)
    within = _codes_within(session, narrowing.territory, as_of)
    if by is By.TEAM:
        return _teams(session, narrowing, within)
    return _people(session, by, narrowing, within, day)


def _codes_within(session: Session, territory: str | None, as_of: date | None) -> set[str] | None:
    """The territories that are asked for; None where all are."""
    if territory is None:
        return None
    below = territories.subtree(session, territory, as_of=as_of)
    return set(session.execute(select(t.territory.c.code).where(t.territory.c.id.in_(below))).scalars())


def _people(session: Session, by: By, narrowing: Narrowing, within: set[str] | None, day: date) -> Groups:
    everybody, managers = _everybody(session, day), _managers(session)
    above = {key: chain(key, managers) for key in everybody}
    chosen = set(everybody)
    if narrowing.user is not None:
        user = naming.find_id(session, t.user, narrowing.user, code="login")
        chosen &= {key for key, upper in above.items() if user in upper} if narrowing.has_people else {user}
    if narrowing.team is not None:
        chosen &= _members(session, naming.find_id(session, t.team, narrowing.team), day)
    if by is By.MANAGER:
        chosen &= {upper for chain in above.values() for upper in chain}
    found = {
        key: each for key, each in everybody.items() if key in chosen and (within is None or each.territory in within)
    }
    return Groups(found, above if by is By.MANAGER else {})


def _everybody(session: Session, day: date) -> dict[int, Group]:
    """Everybody, with the territory in which he worked on a day."""
    member = t.territory_member.c
    rows = session.execute(
        select(t.user.c.id, t.user.c.login, t.user.c.name, t.territory.c.code)
        .outerjoin(t.territory_member, and_(member.user_id == t.user.c.id, _holds(member, day)))
        .outerjoin(t.territory, t.territory.c.id == member.territory_id)
        .order_by(t.user.c.id, member.valid_from.desc(), t.territory.c.code)
    )
    found: dict[int, Group] = {}
    for key, login, name, territory in rows:
        found.setdefault(key, Group(login, name, None, territory))
    return found


def _holds(member: Any, day: date) -> Any:
    return and_(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))


def _managers(session: Session) -> dict[int, int]:
    has_one = t.user.c.manager_id.is_not(None)
    return dict(session.execute(select(t.user.c.id, t.user.c.manager_id).where(has_one)).all())


def chain(key: int, managers: Mapping[int, int]) -> tuple[int, ...]:
    """Those above somebody, from the nearest up; each once, should people be each other's managers."""
    found: list[int] = []
    at = managers.get(key)
    while at is not None and at not in found and at != key:
        found.append(at)
        at = managers.get(at)
    return tuple(found)


def people_of(session: Session, manager_id: int) -> set[int]:
    """Those who work for somebody, at any distance."""
    managers = _managers(session)
    return {key for key in managers if manager_id in chain(key, managers)}


def _members(session: Session, team_id: int, day: date) -> set[int]:
    member = t.team_member.c
    return set(session.execute(select(member.user_id).where(member.team_id == team_id, _holds(member, day))).scalars())


def _teams(session: Session, narrowing: Narrowing, within: set[str] | None) -> Groups:
    _refuse_user(narrowing)
    team = t.team.c
    statement = select(team.id, team.code, team.name, t.territory.c.code.label("place")).outerjoin(
        t.territory, t.territory.c.id == team.territory_id
    )
    if narrowing.team is not None:
        statement = statement.where(team.id == naming.find_id(session, t.team, narrowing.team))
    rows = session.execute(statement)
    return Groups({
        row.id: Group(None, row.name, row.code, row.place) for row in rows if within is None or row.place in within
    })  # fmt: skip


def _territories(session: Session, narrowing: Narrowing, day: date, period: Period) -> Groups:
    """Territories as the tree was on the day; one that is out of use has the periods that began before that."""
    _refuse_user(narrowing)
    if narrowing.team is not None:
        raise UsageFault(_("A team is no territory."), _("Leave --team out, or ask by person."))
    nodes = territory_tree.nodes(session, day)
    parents = {node.id: node.parent_id for node in nodes if node.parent_id is not None}
    chosen = {node.id for node in nodes}
    if narrowing.territory is not None:
        chosen = set(territory_tree.below(nodes, naming.find_id(session, t.territory, narrowing.territory)))
    wanted = {
        node.id: Group(None, node.name, None, node.code)
        for node in nodes
        if node.id in chosen
        and node.code != UNASSIGNED
        and (node.archived_on is None or period.start < node.archived_on)
    }
    return Groups(wanted, {node.id: chain(node.id, parents) for node in nodes})


def _refuse_user(narrowing: Narrowing) -> None:
    if narrowing.user is not None:
        raise UsageFault(_("A person is asked for by person or by manager."), _("Leave --user out, or --by."))
