"""The tree of territories over time: where each one lay on a day, and the one place that writes it down."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, delete, insert, or_, select, update

from sfactl.core.roles import Scope
from sfactl.db.session import Session
from sfactl.errors import NotAllowed
from sfactl.i18n import _
from sfactl.models import tables as t

BEGINNING: Final = date(2000, 1, 1)
"""Since when a territory lies where it lies, where nobody says."""


@dataclass(frozen=True)
class Node:
    """A territory as it lay on a day."""

    id: int
    code: str
    name: str
    kind: str | None
    priority: int
    parent_id: int | None
    archived_on: date | None
    "Since when it was out of use on that day."

    @property
    def is_archived(self) -> bool:
        """Whether it was out of use."""
        return self.archived_on is not None


def nodes(session: Session, day: date) -> list[Node]:
    """The territories in sight that there were at the end of a day, archived ones too, by code."""
    place, node = t.territory_place.c, t.territory.c
    columns: tuple[ColumnElement[Any], ...] = (node.id, node.code, node.name, node.kind, node.priority)
    if day >= session.today:
        statement = select(*columns, node.parent_id, node.archived_on)
    else:
        since = case((place.is_archived, place.valid_from))
        lay = and_(place.territory_id == node.id, valid_on(day))
        statement = select(*columns, place.parent_id, since).join(t.territory_place, lay)
    rows: Iterable[Any] = session.execute(statement)
    found = [Node(*row) for row in rows]
    return sorted(found, key=lambda each: each.code)


def valid_on(day: date) -> ColumnElement[bool]:
    """Places in which territories lay at the end of a day."""
    place = t.territory_place.c
    return and_(place.valid_from <= day, or_(place.valid_to.is_(None), place.valid_to > day))


def children_of(tree: Iterable[Any]) -> dict[int | None, list[Any]]:
    """What lies directly below each; below None what has no parent, or none in sight."""
    found = list(tree)
    known = {node.id for node in found}
    below: dict[int | None, list[Any]] = {}
    for node in found:
        below.setdefault(node.parent_id if node.parent_id in known else None, []).append(node)
    return below


def walk(tree: Sequence[Node]) -> Iterator[tuple[Node, int]]:
    """Each territory and its depth, a node before what lies below it; without recursion, since it may be deep."""
    below = children_of(tree)
    work = [(node, 0) for node in reversed(below.get(None, []))]
    while work:
        node, depth = work.pop()
        yield node, depth
        work += [(child, depth + 1) for child in reversed(below.get(node.id, []))]


def below(tree: Sequence[Node], key: int) -> list[int]:
    """The keys of a territory and all that lay below it, lowest key first."""
    children = children_of(tree)
    found, work = {key}, [key]
    while work:
        lower = [node.id for node in children.get(work.pop(), []) if node.id not in found]
        found.update(lower)
        work += lower
    return sorted(found)


def subtree_of(session: Session, key: int, *, only: bool = False, as_of: date | None = None) -> Select[Any]:
    """Keys of a territory and all below it, now or at the end of a day, as a sub-select."""
    node, top = t.territory.c, t.territory.alias("top")
    if only:
        return select(node.id).where(node.id == key)
    if as_of is not None and as_of < session.today:
        return select(node.id).where(node.id.in_(below(nodes(session, as_of), key)))
    within = and_(top.c.id == key, node.tree_left.between(top.c.tree_left, top.c.tree_right))
    return select(node.id).join(top, within)


def replant(session: Session, since: Mapping[int, date] | None = None) -> set[str]:
    """Number the tree anew after nodes came or moved, and write down since when; returns codes that lie below themselves.

    Nodes are numbered in a walk, children by code: a node's number on the way in and on the way out bracket those of
    all below it (a nested set). This is the only function that writes `territory_place`.

    Args:
        since: from which day what changed holds, by territory; otherwise a new one lies where it lies from the
            beginning, and one that moved from today on.

    Raises:
        NotAllowed: the person does not see enough of the tree to number it.
    """
    node = t.territory.c
    rows = session.execute(
        select(node.id, node.parent_id, node.code, node.archived_on, node.tree_left, node.tree_right, node.depth)
    ).all()
    rows = sorted(rows, key=lambda row: row.code)
    places = _numbered(session, rows)
    for row in rows:
        if row.id in places and places[row.id] != (row.tree_left, row.tree_right, row.depth):
            left, right, depth = places[row.id]
            session.sql.execute(
                update(t.territory).where(node.id == row.id).values(tree_left=left, tree_right=right, depth=depth)
            )
    _write_down(session, rows, since or {})
    return {row.code for row in rows if row.id not in places}


_Place = tuple[int, int, int]
"""Number on the way in, on the way out, and depth."""


def require_whole(session: Session) -> None:
    """Refuse what only somebody can do who sees and changes the whole tree: new territories, and new ones at the top.

    Raises:
        NotAllowed: the person's role reaches a part of it.
    """
    if any(session.actor.scope(name) is not Scope.ALL for name in ("territory.read", "territory.edit")):
        raise NotAllowed(
            _("Only somebody who sees the whole tree can change it so."),
            _("Ask somebody whose role reaches all territories."),
        )


def _numbered(session: Session, rows: Sequence[Any]) -> dict[int, _Place]:
    """The number of each node; who sees only parts of the tree numbers them within the room that they have."""
    children = children_of(rows)
    places: dict[int, _Place] = {}
    if session.actor.scope("territory.read") is Scope.ALL:
        _number(children, children.get(None, []), places, 1, 0)
        return places
    for root in children.get(None, []):
        past = _number(children, [root], places, root.tree_left, root.depth)
        if root.parent_id is None or past > root.tree_right + 1:
            require_whole(session)
    return places


def _number(
    children: Mapping[int | None, list[Any]], roots: Sequence[Any], places: dict[int, _Place], first: int, top: int
) -> int:
    """Number the trees of some roots from `first` on, and return the next number."""
    count = first
    entered: dict[int, int] = {}
    work: list[tuple[Any, int, bool]] = [(row, top, False) for row in reversed(roots)]
    while work:
        row, depth, is_left = work.pop()
        if is_left:
            places[row.id] = (entered[row.id], count, depth)
        else:
            entered[row.id] = count
            work.append((row, depth, True))
            work += [(child, depth + 1, False) for child in reversed(children.get(row.id, []))]
        count += 1
    return count


def _write_down(session: Session, rows: Sequence[Any], since: Mapping[int, date]) -> None:
    """Make the dated places agree with what each territory says of itself."""
    place = t.territory_place.c
    held = {row.territory_id: row for row in session.execute(select(t.territory_place).where(place.valid_to.is_(None)))}
    fresh = []
    for row in rows:
        now = {"parent_id": row.parent_id, "is_archived": row.archived_on is not None}
        open_place = held.get(row.id)
        if open_place is None:
            fresh.append({"territory_id": row.id, "valid_from": since.get(row.id, BEGINNING), **now})
        elif now != {"parent_id": open_place.parent_id, "is_archived": bool(open_place.is_archived)}:
            _replace(session, open_place, now, since.get(row.id, session.today))
    if fresh:
        session.sql.execute(insert(t.territory_place), fresh)


def _replace(session: Session, held: Any, now: Mapping[str, Any], day: date) -> None:
    """End a place on a day and begin another; one that began on that day is corrected, or gives way to the one before."""
    place = t.territory_place.c
    if held.valid_from < day:
        session.sql.execute(update(t.territory_place).where(place.id == held.id).values(valid_to=day))
        session.sql.execute(insert(t.territory_place).values(territory_id=held.territory_id, valid_from=day, **now))
        return
    before = session.execute(
        select(place.id).where(
            place.territory_id == held.territory_id, place.valid_to == held.valid_from,
            place.parent_id.is_not_distinct_from(now["parent_id"]), place.is_archived == now["is_archived"],
        )
    ).scalar()  # fmt: skip
    if before is None:
        session.sql.execute(update(t.territory_place).where(place.id == held.id).values(now))
        return
    session.sql.execute(delete(t.territory_place).where(place.id == held.id))
    session.sql.execute(update(t.territory_place).where(place.id == before).values(valid_to=None))
