"""The tree of territories: its nodes, who works there, and what lies below a node."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update

from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming


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


def subtree(session: Session, name: str, *, only: bool = False) -> Select[Any]:
    """Keys of a territory and all below it, as a sub-select; of itself alone with `only`.

    Raises:
        NotFound: there is no such territory, or it is not the person's to see.
    """
    key = naming.find_id(session, t.territory, name)
    if only:
        return select(t.territory.c.id).where(t.territory.c.id == key)
    left, right = session.execute(
        select(t.territory.c.tree_left, t.territory.c.tree_right).where(t.territory.c.id == key)
    ).one()
    return select(t.territory.c.id).where(t.territory.c.tree_left.between(left, right))


def tree(session: Session, *, root: str | None = None, as_of: date | None = None) -> list[TerritoryRow]:
    """Territories in the order of the tree: a node, then what lies below it."""
    session.actor.require("territory.read")
    day = as_of or session.today
    node, parent = t.territory, t.territory.alias("parent")
    statement = (
        select(
            node.c.id, node.c.code, node.c.name, parent.c.code.label("parent"), node.c.kind, node.c.depth,
            node.c.tree_left, node.c.tree_right,
        )
        .outerjoin(parent, parent.c.id == node.c.parent_id)
        .order_by(node.c.tree_left)
    )  # fmt: skip
    if root is not None:
        statement = statement.where(node.c.id.in_(subtree(session, root)))
    rows = session.execute(statement).all()
    top = min((row.depth for row in rows), default=0)
    managers, members = _people(session, day)
    accounts = _accounts(session, day)
    return [
        TerritoryRow(
            code=row.code, name=row.name, parent=row.parent, kind=row.kind, manager=managers.get(row.id),
            members=members.get(row.id, 0), depth=_depth(rows, row, top),
            accounts=sum(accounts.get(below.id, 0) for below in rows if row.tree_left <= below.tree_left <= row.tree_right),
        )
        for row in rows
    ]  # fmt: skip


def _depth(rows: Iterable[Any], row: Any, top: int) -> int:
    """Depth below the highest node that is shown, since somebody may not see what lies above his territory."""
    above = [node for node in rows if node.tree_left < row.tree_left and node.tree_right > row.tree_right]
    return len(above) if top >= 0 else 0


def find(session: Session, *, search: str | None = None, limit: int = 0) -> list[TerritoryRow]:
    """Territories by code."""
    rows = sorted(tree(session), key=lambda row: row.code)
    if search:
        words = naming.folded(search)
        rows = [row for row in rows if words in match_key(f"{row.code} {row.name}")]
    return rows[:limit] if limit else rows


def one(session: Session, name: str) -> TerritoryRow:
    """A territory by code or name."""
    key = naming.find_id(session, t.territory, name)
    code = session.execute(select(t.territory.c.code).where(t.territory.c.id == key)).scalar_one()
    return next(row for row in tree(session) if row.code == code)


def members(
    session: Session,
    *,
    territory: str | None = None,
    user: str | None = None,
    as_of: date | None = None,
    everybody: bool = False,
) -> list[MemberRow]:
    """Who works in which territory on a day; with `everybody`, whenever."""
    session.actor.require("territory.read")
    member = t.territory_member.c
    statement = (
        select(t.territory.c.code, t.user.c.login, t.user.c.name, member.role, member.valid_from, member.valid_to)
        .select_from(t.territory_member)
        .join(t.user, t.user.c.id == member.user_id)
        .outerjoin(t.territory, t.territory.c.id == member.territory_id)
        .order_by(t.territory.c.tree_left, member.role.desc(), t.user.c.login, member.valid_from)
    )
    if not everybody:
        statement = statement.where(_holds(as_of or session.today))
    if territory is not None:
        statement = statement.where(member.territory_id.in_(subtree(session, territory)))
    if user is not None:
        statement = statement.where(member.user_id == naming.find_id(session, t.user, user, code="login"))
    return [MemberRow(*row) for row in session.execute(statement)]


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


def replant(session: Session) -> set[str]:
    """Number the tree anew after nodes came or moved; returns the codes of nodes that lie below themselves.

    Nodes are numbered in a walk, children by code: a node's number on the way in and on the way out bracket those of
    all below it (a nested set).
    """
    node = t.territory.c
    rows = session.execute(
        select(node.id, node.parent_id, node.code, node.tree_left, node.tree_right, node.depth).order_by(node.code)
    ).all()
    children: dict[int | None, list[Any]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    places: dict[int, tuple[int, int, int]] = {}
    _number(children, places)
    for row in rows:
        if row.id in places and places[row.id] != (row.tree_left, row.tree_right, row.depth):
            left, right, depth = places[row.id]
            session.sql.execute(
                update(t.territory).where(node.id == row.id).values(tree_left=left, tree_right=right, depth=depth)
            )
    return {row.code for row in rows if row.id not in places}


def _number(children: Mapping[int | None, list[Any]], places: dict[int, tuple[int, int, int]]) -> None:
    """Walk the tree without recursion, since it may be deep."""
    count = 0
    entered: dict[int, int] = {}
    work: list[tuple[Any, int, bool]] = [(row, 0, False) for row in reversed(children.get(None, []))]
    while work:
        row, depth, is_left = work.pop()
        count += 1
        if is_left:
            places[row.id] = (entered[row.id], count, depth)
            continue
        entered[row.id] = count
        work.append((row, depth, True))
        work += [(child, depth + 1, False) for child in reversed(children.get(row.id, []))]
