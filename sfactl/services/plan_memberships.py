"""Memberships in a plan, of territories and of teams: who is where, from when to when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Table, delete, insert, null, select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.types import FOREVER
from sfactl.services import plan_changes, plan_lines
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names


@dataclass(frozen=True)
class Kind:
    """Of what people are members."""

    name: str
    "What plans call a membership."
    table: Table
    place: Table
    column: str
    "The column of `table` that holds the key of a `place`."
    permission: str

    @property
    def has_role(self) -> bool:
        """Whether the same person may be there in several roles, so that the key says which."""
        return self.table is t.territory_member

    def entity(self) -> Entity:
        """What a plan does with memberships of this kind."""
        return Entity(
            self.name, self.permission, plan_lines.stage, None,
            lambda session, batch: conflicts(session, batch, self),
            lambda session, batch: write(session, batch, self),
            lambda session, run_id, since, names: undo(session, run_id, since, names, self),
        )  # fmt: skip


@dataclass(frozen=True)
class Membership:
    """Somebody somewhere, in the words of a plan."""

    place: str
    user: str
    role: str | None
    valid_from: date
    valid_to: date | None = None
    id: int = 0

    @property
    def key(self) -> str:
        """What plans call it."""
        return " ".join(filter(None, (self.place, self.user, self.role, self.valid_from.isoformat())))

    @property
    def same(self) -> tuple[str, str, str | None]:
        """Of several of these, only one can hold on a day."""
        return self.place, self.user, self.role

    @property
    def fields(self) -> dict[str, str | None]:
        """What a plan may change of it."""
        return {"valid_to": plan_lines.iso(self.valid_to)}

    def holds_after(self, day: date) -> bool:
        """Whether it holds on a day or later."""
        return self.valid_to is None or self.valid_to > day


def current(session: Session, kind: Kind, places: Iterable[str] | None = None) -> dict[str, Membership]:
    """Memberships in sight, of all places or of some, by what plans call them."""
    member = kind.table.c
    role = member.role if kind.has_role else null()
    statement = (
        select(kind.place.c.code, t.user.c.login, role, member.valid_from, member.valid_to, member.id)
        .select_from(kind.table)
        .join(kind.place, kind.place.c.id == member[kind.column])
        .join(t.user, t.user.c.id == member.user_id)
        .order_by(kind.place.c.code, t.user.c.login, *([role] if kind.has_role else []), member.valid_from)
    )
    if places is not None:
        statement = statement.where(kind.place.c.code.in_(list(places)))
    found = (Membership(*row) for row in session.execute(statement))
    return {each.key: each for each in found}


def named(key: str, kind: Kind, places: Mapping[str, Any], people: Mapping[str, Any]) -> Membership | None:
    """What a key names, if it names a place and a person that there are; codes and logins may hold blanks."""
    words = key.split(" ")
    last = 2 if kind.has_role else 1
    try:
        since = date.fromisoformat(words[-1])
    except ValueError:
        return None
    role = words[-2] if kind.has_role and len(words) > last else None
    rest = words[:-last]
    for cut in range(1, len(rest)):
        place, user = " ".join(rest[:cut]), " ".join(rest[cut:])
        if place in places and user in people:
            return Membership(place, user, role, since)
    return None


def line(kind: Kind, member: Membership, valid_to: date | None, *, is_new: bool = False, **said: Any) -> Line:
    """A line that begins a membership, or lets it end on a day."""
    before = None if is_new else member.fields
    return Line(kind.name, member.key, before, {"valid_to": plan_lines.iso(valid_to)}, "territory", **said)


def ended(kind: Kind, member: Membership, day: date) -> Line:
    """A line after which somebody is no longer a member from a day on; as if he never had been, if it began then."""
    if member.valid_from >= day:
        return Line(kind.name, member.key, member.fields, None, "territory", day)
    return line(kind, member, day, since=day)


def conflicts(session: Session, batch: Batch, kind: Kind) -> Iterator[Left]:
    """Memberships that are not as the plan found them, cannot be, or would hold twice on one day."""
    lines = plan_lines.of(session, batch, kind.name)
    if not lines:
        return
    here = current(session, kind)
    places = _places(session, kind) | plan_lines.keys(session, batch, "territory")
    will = dict(here)
    for each in lines:
        member = here.get(each.key) or named(each.key, kind, dict.fromkeys(places), batch.names.people)
        reason = _("there is no such member, place or person") if member is None else _stale(each, here.get(each.key))
        if member is None or reason:
            yield Left(kind.name, each.key, reason or "")
        elif each.after is None:
            will.pop(each.key)
        else:
            will[each.key] = replace(member, valid_to=plan_lines.day(each.after["valid_to"]))
    yield from _impossible(kind, will, {each.key for each in lines})


def _places(session: Session, kind: Kind) -> set[str]:
    statement = select(kind.place.c.code)
    if kind.place is t.territory:
        statement = statement.where(t.territory.c.archived_on.is_(None))
    return set(session.execute(statement).scalars())


def _stale(each: Line, held: Membership | None) -> str | None:
    if each.after is not None and set(each.after) != {"valid_to"}:
        return _("this cannot be done to a membership")
    if each.before is None:
        return _("he is a member already") if held else None
    if held is None:
        return _("he is no member any more")
    return plan_lines.differing(each.before, held.fields)


def _impossible(kind: Kind, will: Mapping[str, Membership], changed: set[str]) -> Iterator[Left]:
    by_place: dict[tuple[str, str, str | None], list[Membership]] = {}
    for member in will.values():
        by_place.setdefault(member.same, []).append(member)
    for key in sorted(changed & will.keys()):
        member = will[key]
        if not _is_role(kind, member.role):
            yield Left(kind.name, key, _("there is no such role"))
        elif member.valid_to is not None and member.valid_to <= member.valid_from:
            yield Left(kind.name, key, _("it would end before it begins"))
        elif any(_overlap(member, other) for other in by_place[member.same] if other is not member):
            yield Left(kind.name, key, _("he is a member in that time already"))


def _is_role(kind: Kind, role: str | None) -> bool:
    return role in ("manager", "account_manager", "specialist") if kind.has_role else True


def _overlap(one: Membership, other: Membership) -> bool:
    return one.valid_from < (other.valid_to or FOREVER) and other.valid_from < (one.valid_to or FOREVER)


def write(session: Session, batch: Batch, kind: Kind) -> int:
    """Begin, change and end memberships."""
    lines = plan_lines.of(session, batch, kind.name)
    if not lines:
        return 0
    here = current(session, kind)
    keys = dict(session.execute(select(kind.place.c.code, kind.place.c.id)).all())
    for each in sorted(lines, key=lambda each: each.after is not None):
        held = here.get(each.key)
        if held is None:
            _begin(session, batch, kind, each, keys)
        elif each.after is None:
            _forget(session, batch, kind, held, keys[held.place])
        else:
            _let_end(session, batch, kind, held, each, keys[held.place])
    return len(lines)


def _begin(session: Session, batch: Batch, kind: Kind, each: Line, keys: Mapping[str, int]) -> None:
    member = named(each.key, kind, keys, batch.names.people)
    if member is None or each.after is None:
        return
    columns = {
        kind.column: keys[member.place], "user_id": batch.names.people[member.user], "valid_from": member.valid_from,
        "valid_to": plan_lines.day(each.after["valid_to"]),
    }  # fmt: skip
    if kind.has_role:
        columns["role"] = member.role
    session.sql.execute(insert(kind.table).values(columns))
    same = {name: value for name, value in columns.items() if name != "valid_to"}
    row_id = session.execute(select(kind.table.c.id).filter_by(**same)).scalar_one()
    place = _territory(session, kind, keys[member.place])
    plan_changes.keep_row(session, batch, kind.table, row_id, None, columns, territory_id=place)


def _forget(session: Session, batch: Batch, kind: Kind, held: Membership, place: int) -> None:
    row = session.execute(select(kind.table).where(kind.table.c.id == held.id)).mappings().one()
    columns = {name: value for name, value in row.items() if name != "id"}
    where = _territory(session, kind, place)
    plan_changes.keep_row(session, batch, kind.table, held.id, columns, None, territory_id=where)
    session.sql.execute(delete(kind.table).where(kind.table.c.id == held.id))


def _let_end(session: Session, batch: Batch, kind: Kind, held: Membership, each: Line, place: int) -> None:
    after = {"valid_to": plan_lines.day((each.after or {})["valid_to"])}
    before = {"valid_to": held.valid_to}
    where = _territory(session, kind, place)
    plan_changes.keep_row(session, batch, kind.table, held.id, before, after, territory_id=where)
    session.sql.execute(update(kind.table).where(kind.table.c.id == held.id).values(after))


def _territory(session: Session, kind: Kind, place: int) -> int:
    if kind.place is t.territory:
        return place
    return int(session.execute(select(t.team.c.territory_id).where(t.team.c.id == place)).scalar_one())


def undo(session: Session, run_id: int, since: date | None, names: Names, kind: Kind) -> Iterator[Line | Left]:
    """End what a run began, begin again what it ended; from the same day, or from the one that is said."""
    here = current(session, kind)
    by_id = {member.id: member for member in here.values()}
    codes = dict(session.execute(select(kind.place.c.id, kind.place.c.code)).all())
    for row_id, before, after in plan_lines.kept(session, run_id, kind.table):
        held = by_id.get(row_id)
        if before is not None and after is None:
            yield from _again(kind, before, codes, names, here, since)
        elif held is None:
            yield Left(kind.name, f"{kind.name} {row_id}", _("it is gone"))
        elif after is not None and held.fields["valid_to"] != after["valid_to"]:
            yield Left(kind.name, held.key, _("changed since"))
        else:
            yield from _back(kind, held, before, here, since)


def _again(
    kind: Kind,
    before: Mapping[str, Any],
    codes: Mapping[int, str],
    names: Names,
    here: Mapping[str, Membership],
    since: date | None,
) -> Iterator[Line | Left]:
    place, user = codes.get(before[kind.column]), names.logins.get(before["user_id"])
    if place is None or user is None:
        return
    began, until = date.fromisoformat(before["valid_from"]), plan_lines.day(before["valid_to"])
    member = Membership(place, user, before.get("role") if kind.has_role else None, max(began, since or began), until)
    yield from _begun(kind, member, here)


def _begun(kind: Kind, member: Membership, here: Mapping[str, Membership]) -> Iterator[Line | Left]:
    """A line for a membership that is to be there, unless it is already, or would be over."""
    if member.valid_to is not None and member.valid_to <= member.valid_from:
        return
    if any(_overlap(member, other) for other in here.values() if other.same == member.same):
        yield Left(kind.name, member.key, _("he is a member in that time already"))
    else:
        yield line(kind, member, member.valid_to, is_new=True)


def _back(
    kind: Kind,
    held: Membership,
    before: Mapping[str, Any] | None,
    here: Mapping[str, Membership],
    since: date | None,
) -> Iterator[Line | Left]:
    if before is None:
        yield ended(kind, held, max(since or held.valid_from, held.valid_from))
        return
    until = plan_lines.day(before["valid_to"])
    if since is not None and held.valid_to is not None and since > held.valid_to:
        yield from _begun(kind, replace(held, valid_from=since, valid_to=until), here)
    else:
        yield line(kind, held, until)
