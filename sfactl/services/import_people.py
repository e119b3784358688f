"""Territories, people and teams on their way in."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, literal, select, true

from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import import_stage, territories, territory_tree
from sfactl.services.import_stage import NAME_KEY, Staged, stage
from sfactl.services.import_target import (
    BEGINNING,
    Batch,
    Outcome,
    by_names,
    day,
    or_default,
    referred,
    rematch,
    supplied,
    upsert,
)
from sfactl.transfer.faults import Fault


def put_territories(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Territories; parents may stand below their children in the file."""
    on = by_names(rows, t.territory)
    values = supplied(rows, {"code": "code", "name": "name", "external_id": "external_id", "kind": "kind"})
    values |= {"name_key": rows.raw(NAME_KEY)}
    if rows.has("priority"):
        values["priority"] = or_default(rows, "priority", 0)
    new = {"tree_left": literal(0), "tree_right": literal(1), "depth": literal(0)}
    if not rows.has("priority"):
        new["priority"] = literal(0)
    outcome = upsert(session, rows, t.territory, values, on=on, new=new)
    rematch(session, rows, t.territory, on)
    outcome.faults += _settle_reference(session, rows, "parent", t.territory, "parent_id", outcome)
    if outcome.added or outcome.changed:
        outcome.faults += _replant(session, rows)
    return outcome


def _settle_reference(
    session: Session, rows: Staged, key: str, table: Any, column: str, outcome: Outcome
) -> list[Fault]:
    """References within the noun itself, once all its rows are in."""
    field = rows.noun.field(key)
    if not rows.has(key) or field is None:
        return []
    code = "login" if table is t.user else "code"
    import_stage.resolve(session, rows, field, table, ("external_id", code))
    faults = import_stage.unresolved(session, rows, field)
    changed = import_stage.update_rows(session, rows, table, {column: rows.reference(key)})
    outcome.changed = max(outcome.changed, changed - outcome.added)
    return faults


def _replant(session: Session, rows: Staged) -> list[Fault]:
    looped = territory_tree.replant(session)
    if not looped:
        return []
    condition = rows.raw("code").in_(sorted(looped))
    return import_stage.mark(session, rows, condition, "parent", _("the territory would lie below itself"))


def put_users(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """People, with the roles and the sign-in names that the file gives them."""
    on = by_names(rows, t.user, "login")
    columns = ("login", "name", "external_id", "email", "title", "hired_on")
    values = supplied(rows, {name: name for name in columns}) | {"name_key": rows.raw(NAME_KEY)}
    values |= supplied(rows, {"latitude_e6": "latitude", "longitude_e6": "longitude"})
    if rows.has("active"):
        values["active"] = func.coalesce(rows.value("active"), true())
    new = {} if rows.has("active") else {"active": true()}
    faults = _unknown_roles(session, rows)
    outcome = upsert(session, rows, t.user, values, on=on, new=new)
    outcome.faults += faults
    rematch(session, rows, t.user, on)
    outcome.faults += _settle_reference(session, rows, "manager", t.user, "manager_id", outcome)
    granted = _grant_roles(session, rows) + _know(session, rows, "os_user", "os")
    granted += _know(session, rows, "database_role", "postgresql")
    if granted and not (outcome.added or outcome.changed):
        outcome.changed = granted
    return outcome


def _role_words(session: Session, rows: Staged) -> list[tuple[int, int, str]]:
    """Line, user's key and role for each role that the file gives somebody."""
    if not rows.has("role"):
        return []
    found = session.execute(
        select(stage.c.line, stage.c.row_id, rows.raw("role")).where(rows.good, rows.raw("role").is_not(None))
    )
    return [(line, key, word) for line, key, text in found for word in text.replace(",", " ").split()]


def _unknown_roles(session: Session, rows: Staged) -> list[Fault]:
    known = set(session.execute(select(t.role.c.code).where(t.role.c.active)).scalars())
    wrong = {line for line, _key, word in _role_words(session, rows) if word not in known}
    if not wrong:
        return []
    reason = _("there is no such role; roles are {roles}").format(roles=", ".join(sorted(known)))
    return import_stage.mark(session, rows, stage.c.line.in_(wrong), "role", reason)


def _grant_roles(session: Session, rows: Staged) -> int:
    roles = {row.code: row.id for row in session.execute(select(t.role.c.code, t.role.c.id))}
    held = {
        (row.user_id, row.role_id)
        for row in session.execute(
            select(t.role_grant.c.user_id, t.role_grant.c.role_id).where(
                (t.role_grant.c.valid_to.is_(None)) | (t.role_grant.c.valid_to > session.today)
            )
        )
    }
    wanted = {(key, roles[word]) for _line, key, word in _role_words(session, rows)} - held
    for user_id, role_id in sorted(wanted):
        session.actor.require("access.edit")
        session.sql.execute(
            insert(t.role_grant).values(
                user_id=user_id, role_id=role_id, valid_from=min(session.today, BEGINNING), granted_at=session.now,
                reason="import",
            )
        )  # fmt: skip
    return len(wanted)


def _know(session: Session, rows: Staged, key: str, kind: str) -> int:
    if not rows.has(key):
        return 0
    known = select(t.user_identity.c.id).where(
        t.user_identity.c.kind == kind,
        t.user_identity.c.name == rows.raw(key),
        t.user_identity.c.user_id == stage.c.row_id,
    )
    chosen = select(stage.c.row_id, literal(kind), rows.raw(key)).where(
        rows.good, rows.raw(key).is_not(None), ~known.exists()
    )
    statement = insert(t.user_identity).from_select(["user_id", "kind", "name"], chosen)
    return session.run(statement)


def put_teams(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Teams; one without a territory belongs to `UNASSIGNED`."""
    values = supplied(rows, {"code": "code", "name": "name", "external_id": "external_id"})
    values |= {"name_key": rows.raw(NAME_KEY)} | referred(rows, {"lead_id": "lead"})
    nowhere = territories.unassigned_id(session)
    new: dict[str, ColumnElement[Any]] = {}
    if rows.has("territory"):
        values["territory_id"] = func.coalesce(rows.reference("territory"), nowhere)
    else:
        new["territory_id"] = literal(nowhere)
    return upsert(session, rows, t.team, values, on=by_names(rows, t.team), new=new)


def put_team_members(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Who is in which team; the same person from the same day is the same row."""
    start = or_default(rows, "valid_from", day(BEGINNING))
    keys = {"team_id": rows.reference("team"), "user_id": rows.reference("user"), "valid_from": start}
    values = keys | supplied(rows, {"role": "role", "valid_to": "valid_to"})
    return upsert(session, rows, t.team_member, values, on=[_same(t.team_member, keys)], new=_open_end(rows))


def put_members(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Who works in which territory; the same person in the same role from the same day is the same row."""
    start = or_default(rows, "valid_from", day(BEGINNING))
    keys = {
        "territory_id": rows.reference("territory"), "user_id": rows.reference("user"),
        "role": rows.raw("role"), "valid_from": start,
    }  # fmt: skip
    values = keys | supplied(rows, {"valid_to": "valid_to"})
    return upsert(session, rows, t.territory_member, values, on=[_same(t.territory_member, keys)], new=_open_end(rows))


def put_skills(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """What people may know and accounts may need."""
    values = supplied(rows, {name: name for name in ("code", "name", "external_id")}) | {"name_key": rows.raw(NAME_KEY)}
    return upsert(session, rows, t.skill, values, on=by_names(rows, t.skill))


def put_user_skills(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """How well people know something."""
    keys = {"user_id": rows.reference("user"), "skill_id": rows.reference("skill")}
    values = keys | {"level": rows.value("level")}
    return upsert(session, rows, t.user_skill, values, on=[_same(t.user_skill, keys)])


def _open_end(rows: Staged) -> dict[str, ColumnElement[Any]]:
    return {} if rows.has("valid_to") else {"valid_to": rows.value("valid_to")}


def _same(table: Any, keys: dict[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in keys.items()))
