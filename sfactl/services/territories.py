"""The tree of territories: its nodes, who works there, and what lies below a node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming, territory_tree


@dataclass(frozen=True)
class TerritoryRow:
    """A territory with its manager and how much lies in its subtree."""

    code: str
    name: str
    parent: str | None
    kind: str | None
    manager: str | None
    members: int
    "People who are members of the territory itself."
    accounts: int
    "Accounts in the subtree."
    depth: int
    archived_on: date | None = None
    "From this day on it is out of use."


@dataclass(frozen=True)
class MemberRow:
    """A person in a territory."""

    territory: str
    user: str
    name: str
    role: str
    valid_from: date
    valid_to: date | None


def unassigned_id(session: Session) -> int:
    """The key of the territory for what has none; 0, which is no territory's, where the person does not see it."""
    found = session.execute(select(t.territory.c.id).where(t.territory.c.code == UNASSIGNED)).scalar()
    return int(found or 0)


def subtree(session: Session, name: str, *, only: bool = False, as_of: date | None = None) -> Select[Any]:
    """Keys of a territory and all below it, now or at the end of a day, as a sub-select; of itself alone with `only`.

    Raises:
        NotFound: there is no such territory, or it is not the person's to see.
    """
    return territory_tree.subtree_of(session, naming.find_id(session, t.territory, name), only=only, as_of=as_of)


def tree(
    session: Session, *, root: str | None = None, as_of: date | None = None, archived: bool = False
) -> list[TerritoryRow]:
    """Territories in the order of the tree, now or at the end of a day: a node, then what lies below it.

    Args:
        archived: also those that are out of use; their accounts count above them in any case.

    Raises:
        NotFound: the root does not exist, or is not the person's to see.
    """
    session.actor.require("territory.read")
    day = as_of or session.today
    nodes = territory_tree.nodes(session, day)
    if root is not None:
        key = naming.find_id(session, t.territory, root)
        within = set(territory_tree.below(nodes, key))
        nodes = [node for node in nodes if node.id in within]
    walked = list(territory_tree.walk(nodes))
    codes = dict(session.execute(select(t.territory.c.id, t.territory.c.code)).all())
    managers, members = _people(session, day)
    accounts = _summed(walked, _accounts(session, day))
    return [
        TerritoryRow(
            code=node.code, name=node.name, parent=codes.get(node.parent_id or 0), kind=node.kind,
            manager=managers.get(node.id), members=members.get(node.id, 0), accounts=accounts[node.id], depth=depth,
            archived_on=node.archived_on,
        )
        for node, depth in walked
        if archived or not node.is_archived
    ]  # fmt: skip


def _summed(walked: Sequence[tuple[territory_tree.Node, int]], accounts: Mapping[int, int]) -> dict[int, int]:
    """How many accounts lie in each node and below it."""
    total = {node.id: accounts.get(node.id, 0) for node, _depth in walked}
    for node, _depth in reversed(walked):
        if node.parent_id in total:
            total[node.parent_id] += total[node.id]
    return total


def find(
    session: Session,
    *,
    search: str | None = None,
    as_of: date | None = None,
    archived: bool = False,
    limit: int = 0,
) -> list[TerritoryRow]:
    """Territories by code, now or at the end of a day."""
    rows = sorted(tree(session, as_of=as_of, archived=archived), key=lambda row: row.code)
    if search:
        words = naming.folded(search)
        rows = [row for row in rows if words in match_key(f"{row.code} {row.name}")]
    return rows[:limit] if limit else rows


def named(session: Session, search: str, *, limit: int = 0) -> list[tuple[str, str, str | None]]:
    """Code, name and kind of the territories in use whose code or name holds the words, by code."""
    session.actor.require("territory.read")
    node = t.territory.c
    statement = (
        select(node.code, node.name, node.kind)
        .where(naming.says(t.territory, search), or_(node.archived_on.is_(None), node.archived_on > session.today))
        .order_by(node.code)
        .limit(limit or None)
    )
    return [(code, name, kind) for code, name, kind in session.execute(statement)]


def one(session: Session, name: str) -> TerritoryRow:
    """A territory by code or name, archived or not."""
    key = naming.find_id(session, t.territory, name)
    code = session.execute(select(t.territory.c.code).where(t.territory.c.id == key)).scalar_one()
    return next(row for row in tree(session, archived=True) if row.code == code)


def members(
    session: Session,
    *,
    territory: str | None = None,
    user: str | None = None,
    as_of: date | None = None,
    everybody: bool = False,
) -> list[MemberRow]:
    """Who works in which territory on a day; with `everybody`, whenever.

    Until when it is to be is not told of a day that is named: what is known of that now was not known then.
    """
    session.actor.require("territory.read")
    nodes = territory_tree.nodes(session, as_of or session.today)
    member = t.territory_member.c
    statement = (
        select(t.territory.c.code, t.user.c.login, t.user.c.name, member.role, member.valid_from, member.valid_to)
        .select_from(t.territory_member)
        .join(t.user, t.user.c.id == member.user_id)
        .outerjoin(t.territory, t.territory.c.id == member.territory_id)
        .order_by(member.role.desc(), t.user.c.login, member.valid_from)
    )
    if not everybody:
        statement = statement.where(_holds(as_of or session.today))
    if territory is not None:
        statement = statement.where(member.territory_id.in_(subtree(session, territory, as_of=as_of)))
    if user is not None:
        statement = statement.where(member.user_id == naming.find_id(session, t.user, user, code="login"))
    order = {node.code: place for place, (node, _depth) in enumerate(territory_tree.walk(nodes))}
    rows = sorted((MemberRow(*row) for row in session.execute(statement)), key=lambda row: order.get(row.territory, -1))
    return rows if as_of is None else [replace(row, valid_to=None) for row in rows]


def _holds(day: date) -> Any:
    member = t.territory_member.c
    return and_(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))


def _people(session: Session, day: date) -> tuple[Mapping[int, str], Mapping[int, int]]:
    """Managers' logins and the number of members, by territory."""
    member = t.territory_member.c
    rows = session.execute(
        select(member.territory_id, member.role, t.user.c.login)
        .select_from(t.territory_member)
        .join(t.user, t.user.c.id == member.user_id)
        .where(_holds(day))
        .order_by(member.territory_id, t.user.c.login)
    ).all()
    managers: dict[int, str] = {}
    people: dict[int, set[str]] = {}
    for territory_id, role, login in rows:
        people.setdefault(territory_id, set()).add(login)
        if role == "manager":
            managers.setdefault(territory_id, login)
    return managers, {key: len(logins) for key, logins in people.items()}


def _accounts(session: Session, day: date) -> Mapping[int, int]:
    if day >= session.today:
        place, statement = t.account.c.territory_id, select(t.account.c.territory_id, func.count())
        return dict(session.execute(statement.group_by(place)).all())
    holds = t.assignment.c
    statement = select(holds.territory_id, func.count()).where(
        holds.role == "owner", holds.valid_from <= day, or_(holds.valid_to.is_(None), holds.valid_to > day)
    )
    return dict(session.execute(statement.group_by(holds.territory_id)).all())
