"""Quotas in a plan: new ones, changed ones, and ones that go; each change ends a row and adds another."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any, Final

from sqlalchemy import Table, case, insert, literal, null, select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, plan_lines, quota_loads, quota_policy, quota_words, run_changes
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names
from sfactl.services.quota_loads import Load
from sfactl.services.quota_words import Held, Key, Keys, current, key_of

NAME: Final = "quota"
PART: Final = 2000
_KINDS: Final = ("import", "allocate", "adjust", "undo")


def _parts(session: Session, batch: Batch) -> Iterator[list[Mapping[str, Any]]]:
    """The lines, some at a time."""
    lines = iter(list(plan_changes.said_lines(session, batch, NAME)))
    while part := list(islice(lines, PART)):
        yield part


def _here(session: Session, part: list[Mapping[str, Any]]) -> dict[Key, Held]:
    """The quotas that begin when those of the lines do."""
    return current(session, {date.fromisoformat(_fields(line)["starts_on"]) for line in part})


def _fields(line: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = line["after"] or line["before"] or {}
    return found


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Quotas that are no longer as the plan says, or name what is not there."""
    keys, policy = Keys.load(session, batch.names), quota_policy.current(session)
    for part in _parts(session, batch):
        here = _here(session, part)
        for line in part:
            reason = keys.missing(_fields(line)) or _unknown_terms(line, policy) or _stale(line, here)
            if reason:
                yield Left(NAME, line["key"], reason)


def _unknown_terms(line: Mapping[str, Any], policy: quota_policy.QuotaPolicy) -> str | None:
    after = line["after"] or {}
    for name, known in (("seasonality", policy.curves), ("ramp", policy.ramps)):
        if after.get(name) is not None and after[name] not in known:
            return _("the policy has no {what} of this name").format(what=name)
    return None


def _stale(line: Mapping[str, Any], here: Mapping[Key, Held]) -> str | None:
    held = here.get(key_of(_fields(line)))
    if line["before"] is None:
        return _("there is such a quota already") if held else None
    return plan_lines.differing(line["before"], held.fields) if held else _("there is no such quota any more")


def write(session: Session, batch: Batch) -> int:
    """End the quotas that change, and add those that take their places."""
    keys, count, load = Keys.load(session, batch.names), 0, None
    for part in _parts(session, batch):
        load = load or load_of(session, batch, part[0]["cause"])
        here = _here(session, part)
        ended = [here.get(key_of(_fields(line))) for line in part if line["before"] is not None]
        end(session, t.quota, ended, load)
        rows = [_row(line, here, keys, session, load) for line in part if line["after"] is not None]
        if rows:
            session.sql.execute(insert(t.quota), rows)
        count += len(part)
    if load is not None:
        keep(session, batch, t.quota, load)
    return count


def load_of(session: Session, batch: Batch, cause: str) -> Load:
    """The load of a plan: one for all that it changes."""
    reason = session.execute(select(t.run.c.reason).where(t.run.c.id == batch.run_id)).scalar()
    kind = cause if cause in _KINDS else "move"
    return quota_loads.begin(session, kind, day=batch.effective, reason=reason, run_key=batch.run_key)


def end(session: Session, table: Table, held: Sequence[Held | None], load: Load) -> None:
    """End rows that are in force.

    Raises:
        Conflict: somebody else was faster, or they are not his to change.
    """
    ending: dict[str, Any] = dict(load.ending)
    if "version" in table.c:
        ending |= {"updated_at": session.now, "version": table.c.version + 1}
    row_ids = [each.id for each in held if each is not None]
    rows = table.c
    done = session.run(update(table).where(rows.id.in_(row_ids), rows.replaced_by.is_(None)).values(ending))
    plan_changes.require_all(done, len(held))


def _row(line: Mapping[str, Any], here: Mapping[Key, Held], keys: Keys, session: Session, load: Load) -> dict[str, Any]:
    """The columns of the quota that a line makes: what it says, over what there was."""
    held = here.get(key_of(line["after"])) if line["before"] is not None else None
    blank = dict.fromkeys(("user", "team", "territory", "product_family", *quota_words.TERMS))
    fields = blank | (dict(held.fields) if held else {}) | dict(line["after"])
    times = {"created_at": session.now, "updated_at": session.now, "version": 1}
    return {**keys.columns(fields), **load.fresh, **times}


def keep(session: Session, batch: Batch, table: Table, load: Load) -> None:
    """Keep in `run_change` which rows a load added and which it ended, without what only the rows themselves say."""
    rows, added = table.c, table.c.load_id == load.id
    fresh = run_changes.as_object(session, {"load_id": rows.load_id, "amount_minor": rows.amount_minor})
    before = run_changes.as_object(session, {"replaced_by": null()})
    after = run_changes.as_object(session, {"replaced_by": rows.replaced_by})
    kept = select(
        literal(batch.run_id), literal(table.name), rows.id, rows.territory_id,
        case((added, null()), else_=before), case((added, fresh), else_=after),
    ).where(added | (rows.replaced_by == load.id)).order_by(rows.id)  # fmt: skip
    names = ("run_id", "entity", "row_id", "territory_id", "before", "after")
    session.sql.execute(insert(t.run_change).from_select(names, kept))


def undo(session: Session, run_id: int, since: date | None, _names: Names) -> Iterator[Line | Left]:
    """Quotas as they were before a run, unless they were changed since."""
    added, ended = rows_of(session, run_id, t.quota)
    here = current(session)
    in_force = {held.id: held for held in here.values()}
    before = _held_of(session, ended)
    back = {key_of(held.fields): held for held in before}
    for row_id in added:
        held = in_force.get(row_id)
        if held is None:
            yield plan_changes.changed_since(NAME, f"#{row_id}")
            continue
        was = back.pop(key_of(held.fields), None)
        if was is None:
            yield quota_words.gone(held, "undo")._replace(since=since)
        else:
            yield from quota_words.changes(here, [was.fields], "undo")
    for key, was in back.items():
        if key in here:
            yield plan_changes.changed_since(NAME, key.name)
        else:
            yield from quota_words.changes({}, [was.fields], "undo")


def rows_of(session: Session, run_id: int, table: Table) -> tuple[list[int], list[int]]:
    """The rows that a run added, and those that it ended."""
    kept = list(plan_lines.kept(session, run_id, table))
    added = [row_id for row_id, before, _after in kept if before is None]
    return added, [row_id for row_id, before, _after in kept if before is not None]


def _held_of(session: Session, row_ids: list[int]) -> list[Held]:
    quota = t.quota.c
    columns = [quota[name] for name in (
        "measure", "product_family", "starts_on", "ends_on", "amount_minor", "currency", *quota_words.TERMS,
    )]  # fmt: skip
    statement = quota_words.with_names(t.quota, *columns).where(session.among(quota.id, row_ids)).order_by(quota.id)
    return [Held(row.id, quota_words.fields_of(row._mapping)) for row in session.execute(statement)]


ENTITY = Entity(NAME, "quota.edit", plan_lines.stage, None, conflicts, write, undo)
