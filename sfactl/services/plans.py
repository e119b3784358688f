"""Plans put into force: whole or not at all, once however often, now or on their day."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import delete, select, update

from sfactl.core import plans
from sfactl.core.plans import Header, Left
from sfactl.db import upkeep
from sfactl.db.session import Door, Session
from sfactl.errors import Conflict, SfaError, Unavailable, UsageFault
from sfactl.i18n import _, ngettext
from sfactl.models import tables as t
from sfactl.services import plan_entities, plan_letters, plan_names, plan_stage, run_changes
from sfactl.services.plan_entities import Batch
from sfactl.services.plan_files import PlanFile

APPLIED, SCHEDULED, CANCELLED = "applied", "scheduled", "cancelled"

CHUNK: Final = 100_000
"""So many lines are staged in one transaction."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""


@dataclass(frozen=True)
class Outcome:
    """What became of a plan."""

    run: str
    kind: str
    rows: int
    "How many rows were changed."
    status: str
    "applied, scheduled, or already: it had been applied before."
    effective: date
    at: datetime
    mails: int = 0


class Stale(Conflict):
    """Rows that a plan is about are no longer as it says."""

    def __init__(self, rows: list[Left]) -> None:
        shown = len(rows)
        more = "+" if shown >= plan_entities.MOST_CONFLICTS else ""
        super().__init__(
            ngettext(
                "{count} row is no longer as the plan says; nothing was changed.",
                "{count} rows are no longer as the plan says; nothing was changed.",
                shown,
            ).format(count=f"{shown}{more}"),
            _("Make the plan again, and look at what it says."),
        )
        self.rows = rows


def apply(door: Door, plan: PlanFile, *, progress: Progress | None = None) -> Outcome:
    """Do exactly what a plan says, in one transaction, or put it off until its day.

    Applying it again changes nothing and says so.

    Raises:
        Stale: a row is no longer as the plan says; the rows are named.
        NotAllowed: the role does not allow a kind of change.
        UsageFault: the plan names a kind of row that this program does not know.
    """
    header = plan.header
    with door.read() as session:
        _require_permissions(session, header)
        done = _outcome_of(session, header)
        left_behind = plan_stage.left_behind(session)
    _sweep(door, left_behind)
    return done or _apply_once(door, plan, progress)


def _sweep(door: Door, left_behind: list[int]) -> None:
    """Take away what the person's killed commands left staged."""
    for stage_id in left_behind:
        door.write(plan_stage.clear, stage_id)


def _apply_once(door: Door, plan: PlanFile, progress: Progress | None) -> Outcome:
    try:
        if plan.header.effective_on > door.today:
            return door.write(_schedule, plan)
        return _apply_now(door, plan, progress)
    except Conflict:
        with door.read() as session:
            done = _outcome_of(session, plan.header)
        if done is None:
            raise
        return done  # another process applied it at the same time


def _apply_now(door: Door, plan: PlanFile, progress: Progress | None) -> Outcome:
    with plan_stage.new_number(door.now) as stage_id:
        try:
            _stage(door, plan, stage_id, progress)
            outcome = door.write(_apply_staged, plan.header, plan.digest, stage_id, progress)
            _clear(door, stage_id)
        except BaseException:
            door.abandon()
            _clear(door, stage_id)
            raise
    if plan.header.lines >= upkeep.MANY:
        upkeep.refresh_statistics(door.url)
    return outcome


def _clear(door: Door, stage_id: int) -> None:
    """Take the staged lines away. What came of the plan is what the person must hear: what stays, the next command takes."""
    with suppress(SfaError):
        door.write(plan_stage.clear, stage_id)


def _require_permissions(session: Session, header: Header) -> None:
    session.actor.require("run.create")
    for entity in plan_entities.in_order(header.counts):
        session.actor.require(entity.permission)


def _outcome_of(session: Session, header: Header) -> Outcome | None:
    """What became of the plan, if it was applied before."""
    run = t.run.c
    row = session.execute(select(run.status, run.started_at, run.summary).where(run.key == header.key)).first()
    if row is None:
        return None
    if row.status == APPLIED:
        require_not_taken_back(session, header.key)
    if row.status == CANCELLED:
        raise Conflict(_("The plan {key} was cancelled.").format(key=header.key), _("Make the plan again."))
    status = "already" if row.status == APPLIED else row.status
    rows = int(json.loads(row.summary).get("rows", 0))
    return Outcome(header.key, header.kind, rows, status, header.effective_on, row.started_at)


def require_not_taken_back(session: Session, key: str) -> None:
    """Refuse a run that was taken back.

    Raises:
        Conflict: it was, and by which run is said.
    """
    taken_back = select(t.run.c.key).where(t.run.c.undoes == key, t.run.c.status.in_((APPLIED, SCHEDULED)))
    by = session.execute(taken_back).scalar()
    if by is not None:
        raise Conflict(
            _("{run} was taken back already, by {other}.").format(run=key, other=by),
            _("`sfactl plan undo {other}` puts it in force again.").format(other=by),
        )


def _stage(door: Door, plan: PlanFile, stage_id: int, progress: Progress | None) -> None:
    """Stage the lines before the rows they are about are locked."""
    lines, count = plan.lines(), 0
    with door.read() as session:
        names = plan_names.load(session)
    while chunk := list(islice(lines, CHUNK)):
        door.write(plan_stage.load, stage_id, chunk, names, count)
        count += len(chunk)
        if progress is not None:
            progress(_("reading the plan"), count, plan.header.lines)
    if count != plan.header.lines:
        raise UsageFault(_("{file} does not hold as many lines as it says.").format(file=plan.name))


def _apply_staged(session: Session, header: Header, digest: str, stage_id: int, progress: Progress | None) -> Outcome:
    done = _outcome_of(session, header)
    if done is not None:
        return done
    run_id = _begin(session, header, digest, APPLIED)
    outcome = _carry_out(session, header, run_id, stage_id, progress)
    _require_whole(session, stage_id, header.lines)
    return outcome


def _require_whole(session: Session, stage_id: int, lines: int) -> None:
    """Refuse a plan of which lines went while it was carried out: they were taken for those of a killed command.

    Lines never come back, so that a look at the end is enough.
    """
    if plan_stage.count(session, stage_id) != lines:
        raise Unavailable(_("The staged lines of the plan were taken away meanwhile."), _("Try again."))


def _carry_out(session: Session, header: Header, run_id: int, stage_id: int, progress: Progress | None) -> Outcome:
    names = plan_names.load(session)
    batch = Batch(header.key, run_id, header.effective_on, names, stage_id, header.lines, progress)
    entities = plan_entities.in_order(header.counts)
    if header.undoes:  # what came first goes last
        entities.reverse()
    _require_none(left for entity in entities for left in entity.conflicts(session, batch))
    mails = plan_letters.write(session, batch, header)
    rows = sum(entity.write(session, batch) for entity in entities)
    _require_none(left for entity in entities if entity.check for left in entity.check(session, batch))
    return _end(session, header, batch, rows, mails)


def _require_none(found: Iterator[Left]) -> None:
    if stale := list(islice(found, plan_entities.MOST_CONFLICTS)):
        raise Stale(stale)


def _begin(session: Session, header: Header, digest: str, status: str) -> int:
    values = {
        "key": header.key, "kind": "undo" if header.undoes else "plan", "user_id": session.actor.user_id,
        "started_at": session.now, "reason": header.reason, "digest": digest, "summary": _summary(header, 0),
        "status": status, "effective_on": header.effective_on, "undoes": header.undoes, "said": header.text(),
    }  # fmt: skip
    new = session.insert_new(t.run).values(values).on_conflict_do_nothing().returning(t.run.c.id)
    run_id = session.sql.execute(new).scalar()
    if run_id is None:
        raise Conflict(_("The plan {key} was applied before, by somebody else.").format(key=header.key))
    return int(run_id)


def _summary(header: Header, rows: int) -> str:
    said = {"command": header.kind, "counts": dict(header.counts), "lines": header.lines, "rows": rows}
    return json.dumps(said)


def _end(session: Session, header: Header, batch: Batch, rows: int, mails: int) -> Outcome:
    done = update(t.run).where(t.run.c.id == batch.run_id)
    session.sql.execute(done.values(summary=_summary(header, rows), status=APPLIED))
    changed = run_changes.summary(session, batch.run_id)
    after = {
        "plan": header.kind, "counts": dict(header.counts), "rows": rows, "undoes": header.undoes,
        "changes": changed.count, "digest": changed.digest,
    }  # fmt: skip
    action = "undo" if header.undoes else "apply"
    session.record(action, "plan", header.key, run_key=header.key, reason=header.reason, after=after)
    return Outcome(header.key, header.kind, rows, APPLIED, header.effective_on, session.now, mails)


def _schedule(session: Session, plan: PlanFile) -> Outcome:
    """Keep a plan in the database until its day."""
    header = plan.header
    done = _outcome_of(session, header)
    if done is not None:
        return done
    run_id = _begin(session, header, plan.digest, SCHEDULED)
    plan_stage.load(session, run_id, plan.lines(), plan_names.load(session))
    after = {"plan": header.kind, "counts": dict(header.counts), "effective": header.effective}
    session.record("schedule", "plan", header.key, run_key=header.key, reason=header.reason, after=after)
    return Outcome(header.key, header.kind, 0, SCHEDULED, header.effective_on, session.now)


def due(
    door: Door, *, skips_changed: bool = False, progress: Progress | None = None
) -> Iterator[tuple[Outcome, list[Left]]]:
    """Carry out the person's own plans whose day has come, each in a transaction of its own, the earliest first.

    Args:
        skips_changed: leave rows alone that are no longer as their plan says, instead of leaving the whole plan.

    Yields:
        What became of a plan, and the rows that kept it from being carried out or were left alone.
    """
    with door.read() as session:
        session.actor.require("run.create")
        run = t.run.c
        wanted = select(run.key).where(run.status == SCHEDULED, run.effective_on <= session.today)
        mine = wanted.where(run.user_id == session.actor.user_id).order_by(run.effective_on, run.id)
        keys = list(session.execute(mine).scalars())
        left_behind = plan_stage.left_behind(session)
    _sweep(door, left_behind)
    for key in keys:
        try:
            yield door.write(_carry_out_scheduled, key, skips_changed, progress)
        except Stale as stale:
            yield Outcome(key, "", 0, SCHEDULED, door.today, door.now), stale.rows


def _carry_out_scheduled(
    session: Session, key: str, skips_changed: bool, progress: Progress | None
) -> tuple[Outcome, list[Left]]:
    row = session.execute(select(t.run).where(t.run.c.key == key).with_for_update()).one()
    header = _header_of(row)
    if row.status != SCHEDULED:
        return Outcome(key, header.kind, 0, row.status, header.effective_on, row.started_at), []
    for entity in plan_entities.in_order(header.counts):
        session.actor.require(entity.permission)
    left = _drop_changed(session, header, row.id) if skips_changed else []
    outcome = _carry_out(session, header, row.id, row.id, progress)
    plan_stage.clear(session, row.id)
    return outcome, left


def _header_of(row: Any) -> Header:
    """What a scheduled plan said of itself, or as much of it as is left once somebody in it was erased."""
    if row.said:
        return plans.header_of(row.said)
    said = json.loads(row.summary)
    return Header(
        row.key, said["command"], row.started_at.isoformat(), "", row.started_at.date().isoformat(),
        row.effective_on.isoformat(), said["lines"], row.reason, row.undoes, said["counts"],
    )  # fmt: skip


def _drop_changed(session: Session, header: Header, run_id: int) -> list[Left]:
    """Take those lines out of a scheduled plan whose rows are no longer as it says."""
    names = plan_names.load(session)
    batch = Batch(header.key, run_id, header.effective_on, names, run_id, header.lines)
    left: list[Left] = []
    for entity in plan_entities.in_order(header.counts):
        while found := list(entity.conflicts(session, batch)):
            keys = [each.key for each in found]
            session.sql.execute(delete(t.plan_stage).where(batch.of(entity.name), t.plan_stage.c.key.in_(keys)))
            left += found
    return left
