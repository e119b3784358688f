"""Territories in a plan: new ones, moved, renamed and archived ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import and_, func, insert, or_, select, update

from sfactl.core.plans import Left, Line
from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import plan_changes, plan_lines, territory_tree
from sfactl.services.plan_entities import Batch, Entity, Staged
from sfactl.services.plan_names import Names

NAME: Final = "territory"
FIELDS: Final = ("name", "parent", "kind", "priority", "archived_on")
"""What a plan may change of a territory."""


@dataclass(frozen=True)
class Held:
    """A territory as it is now, in the words of a plan."""

    id: int
    fields: Mapping[str, Any]
    since: date
    "Since when it lies where it lies, and is in use or not."


def current(session: Session) -> dict[str, Held]:
    """Every territory in sight, archived ones too, by code."""
    node, place, parent = t.territory.c, t.territory_place.c, t.territory.alias("parent")
    rows = session.execute(
        select(
            node.id, node.code, node.name, parent.c.code.label("parent"), node.kind, node.priority, node.archived_on,
            place.valid_from,
        )
        .select_from(t.territory)
        .outerjoin(parent, parent.c.id == node.parent_id)
        .outerjoin(t.territory_place, and_(place.territory_id == node.id, place.valid_to.is_(None)))
        .order_by(node.code)
    )  # fmt: skip
    return {row.code: Held(row.id, _fields(row), row.valid_from or territory_tree.BEGINNING) for row in rows}


def _fields(row: Any) -> dict[str, Any]:
    return {
        "name": row.name, "parent": row.parent, "kind": row.kind, "priority": row.priority,
        "archived_on": plan_lines.iso(row.archived_on),
    }  # fmt: skip


def _stage(line: Line, names: Names) -> Staged:
    """The line as JSON; a new territory gets a number, so that later lines can put something into it."""
    return Staged(line.key, to_place=names.expect(line.key) if line.before is None else None, said=line.text())


def _conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    lines = plan_lines.of(session, batch, NAME)
    if not lines:
        return
    here = current(session)
    will: dict[str, Mapping[str, Any]] = {code: held.fields for code, held in here.items()}
    for line in lines:
        will[line.key] = {**will.get(line.key, {}), **(line.after or {})}
    for line in lines:
        reason = _stale(line, here.get(line.key), plan_lines.day_of(line, batch)) or _misplaced(line.key, will)
        if reason:
            yield Left(NAME, line.key, reason)


def _stale(line: Line, held: Held | None, day: date) -> str | None:
    """Why a line does not fit what there is now."""
    if line.after is None or not line.after.keys() <= set(FIELDS):
        return _("this cannot be done to a territory")
    if line.before is None:
        return _("there is a territory of that code already") if held else unusable(line.key)
    if held is None:
        return _("there is no such territory")
    if line.key == UNASSIGNED and line.after.keys() & {"parent", "archived_on"}:
        return _("it holds what has no territory, and stays where it is")
    if line.after.keys() & {"parent", "archived_on"} and day < held.since:
        return _("it lies where it lies since {day}; choose that day or a later one").format(day=held.since)
    return plan_lines.differing(line.before, held.fields)


def unusable(code: str) -> str | None:
    """Why a text cannot be the code of a territory."""
    from sfactl.transfer.cleaning import LONGEST_CODE

    if not code.strip() or len(code) > LONGEST_CODE or not code.isprintable() or code != code.strip():
        return _("this cannot be a code")
    return None


def _misplaced(code: str, will: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Why a territory cannot lie where the plan puts it."""
    parent = will[code].get("parent")
    if parent is None:
        return None
    if parent not in will:
        return _("there is no territory {code} to put it below").format(code=parent)
    if will[parent].get("archived_on") and not will[code].get("archived_on"):
        return _("{code} is archived, and nothing can lie below it").format(code=parent)
    if parent == UNASSIGNED:
        return _("nothing lies below {code}").format(code=UNASSIGNED)
    seen: set[str | None] = set()
    above: str | None = parent
    while above is not None and above not in seen:
        if above == code:
            return _("it would lie below itself")
        seen.add(above)
        above = will.get(above, {}).get("parent")
    return None


def _check(session: Session, batch: Batch) -> Iterator[Left]:
    """Territories that the plan archives although something still lies in them."""
    for line in plan_lines.of(session, batch, NAME):
        if line.after and line.after.get("archived_on"):
            counts = _contents(session, line.key, plan_lines.day_of(line, batch))
            said = [f"{count} {what}" for what, count in counts.items() if count]
            if said:
                yield Left(NAME, line.key, _("it still has {what}").format(what=", ".join(said)))


def _contents(session: Session, code: str, day: date) -> dict[str, int]:
    """How much of what lies in a territory, by what it is."""
    key = session.execute(select(t.territory.c.id).where(t.territory.c.code == code)).scalar_one()
    sale, member, node = t.opportunity.c, t.territory_member.c, t.territory.c
    held = {
        _("accounts"): t.account.c.territory_id == key,
        _("open opportunities"): and_(sale.credited_territory_id == key, sale.status == "open"),
        _("members"): and_(member.territory_id == key, or_(member.valid_to.is_(None), member.valid_to > day)),
        _("teams"): t.team.c.territory_id == key,
        _("territories below it"): and_(node.parent_id == key, node.archived_on.is_(None)),
    }
    tables = (t.account, t.opportunity, t.territory_member, t.team, t.territory)
    return {
        what: int(session.execute(select(func.count()).select_from(table).where(condition)).scalar_one())
        for (what, condition), table in zip(held.items(), tables, strict=True)
    }


def _write(session: Session, batch: Batch) -> int:
    lines = plan_lines.of(session, batch, NAME)
    for line in lines:
        if line.before is None:
            _add(session, line)
    keys = dict(session.execute(select(t.territory.c.code, t.territory.c.id)).all())
    for line in lines:
        _change(session, batch, line, keys)
    _settle_coming(session, batch, keys)
    if lines:
        territory_tree.replant(session, {keys[line.key]: plan_lines.day_of(line, batch) for line in lines})
    return len(lines)


def _settle_coming(session: Session, batch: Batch, keys: Mapping[str, int]) -> None:
    """Lines of the plan that put something into a new territory get its key."""
    staged = t.plan_stage.c
    coming = session.execute(select(staged.key, staged.to_place).where(batch.of(NAME), staged.to_place < 0)).all()
    for code, number in coming:
        mine = and_(staged.stage_id == batch.stage_id, staged.to_place == number)
        session.sql.execute(update(t.plan_stage).where(mine).values(to_place=keys[code]))


def _add(session: Session, line: Line) -> None:
    """A new territory, for now below nothing: what it lies below may be new as well."""
    said = line.after or {}
    name = said.get("name") or line.key
    session.sql.execute(
        insert(t.territory).values(
            code=line.key, name=name, name_key=match_key(name), kind=said.get("kind"),
            priority=said.get("priority") or 0, tree_left=0, tree_right=1, depth=0,
            created_at=session.now, updated_at=session.now, version=1,
        )
    )  # fmt: skip


def _change(session: Session, batch: Batch, line: Line, keys: Mapping[str, int]) -> None:
    row_id, node = keys[line.key], t.territory.c
    after = _columns(line.after or {}, keys)
    before = None if line.before is None else _columns(line.before, keys)
    plan_changes.keep_row(
        session, batch, t.territory, row_id,
        before, after, territory_id=row_id,
    )  # fmt: skip
    values = dict(after)
    if "name" in values:
        values["name_key"] = match_key(values["name"])
    if before is not None:
        values |= {"updated_at": session.now, "version": node.version + 1}
    session.sql.execute(update(t.territory).where(node.id == row_id).values(values))


def _columns(said: Mapping[str, Any], keys: Mapping[str, int]) -> dict[str, Any]:
    """Fields of a plan as the columns of the table."""
    values = {name: value for name, value in said.items() if name in ("name", "kind", "priority")}
    if "parent" in said:
        values["parent_id"] = None if said["parent"] is None else keys[said["parent"]]
    if "archived_on" in said:
        values["archived_on"] = plan_lines.day(said["archived_on"])
    return values


def _undo(session: Session, run_id: int, since: date | None, _names: Names) -> Iterator[Line | Left]:
    """Put territories back; a new one is archived from its first day, since the past may speak of it."""
    here = current(session)
    codes = {held.id: code for code, held in here.items()}
    for row_id, before, after in plan_lines.kept(session, run_id, t.territory):
        code = codes.get(row_id)
        if code is not None and after is not None:
            yield _back(session, run_id, code, here[code], (before, after), codes, since)


def _back(
    session: Session,
    run_id: int,
    code: str,
    held: Held,
    change: tuple[Mapping[str, Any] | None, Mapping[str, Any]],
    codes: Mapping[int, str],
    since: date | None,
) -> Line | Left:
    before, after = change
    became = _said(after, codes)
    changed = plan_lines.differing(became, held.fields)
    if changed:
        return Left(NAME, code, _("changed since: {what}").format(what=changed))
    day = max(since or held.since, held.since)
    if before is not None:
        was = _said(before, codes)
        if was.get("archived_on"):
            was["archived_on"] = day.isoformat()
        return Line(NAME, code, became, was, "territory", day)
    if _is_in_use(session, run_id, held.id):
        return Left(NAME, code, _("it is in use by now"))
    return Line(NAME, code, {"archived_on": None}, {"archived_on": day.isoformat()}, "territory", day)


def _said(columns: Mapping[str, Any], codes: Mapping[int, str]) -> dict[str, Any]:
    said = {name: value for name, value in columns.items() if name != "parent_id"}
    if "parent_id" in columns:
        said["parent"] = codes.get(columns["parent_id"])
    return {name: said[name] for name in FIELDS if name in said}


def _is_in_use(session: Session, run_id: int, key: int) -> bool:
    """Whether something lies in a territory that another run, or a person, put there."""
    account, holds, change = t.account.c, t.assignment.c, t.run_change.c
    mine = select(holds.id).where(
        holds.account_id == account.id, holds.role == "owner", holds.valid_to.is_(None), holds.run_id == run_id
    )
    of_run = select(change.row_id).where(change.run_id == run_id, change.entity == "territory_member")
    member = t.territory_member.c
    questions = (
        select(account.id).where(account.territory_id == key, ~mine.exists()),
        select(member.id).where(member.territory_id == key, member.id.not_in(of_run)),
    )
    return any(session.execute(question.limit(1)).first() for question in questions)


ENTITY = Entity(NAME, "territory.edit", _stage, None, _conflicts, _write, _undo, _check)
