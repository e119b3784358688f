"""The runs that plans left: which there are, how one is taken back, and how one that waits is cancelled."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select, update

from sfactl.core import plans
from sfactl.core.plans import Header, Left, Line
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_entities, plan_names, plan_stage
from sfactl.services.plans import APPLIED, CANCELLED, SCHEDULED, require_not_taken_back

KINDS = ("plan", "undo")
"""The kinds of runs that plans leave."""


@dataclass(frozen=True)
class RunRow:
    """A plan that was applied, or will be."""

    run: str
    command: str
    by: str
    at: datetime
    status: str
    "applied, scheduled, cancelled or undone."
    effective: date | None
    rows: int
    reason: str | None
    undoes: str | None
    undone_by: str | None


def cancel(session: Session, key: str, *, reason: str | None = None) -> str:
    """Take a scheduled plan back before its day; returns its key.

    Raises:
        NotFound: there is no such run.
        Conflict: it is not scheduled any more.
    """
    session.actor.require("run.edit")
    row = find_run(session, key)
    if row.status != SCHEDULED:
        raise Conflict(
            _("{run} is not scheduled: it is {status}.").format(run=row.key, status=row.status),
            _("`sfactl plan undo {run}` takes back what was applied.").format(run=row.key),
        )
    session.sql.execute(update(t.run).where(t.run.c.id == row.id).values(status=CANCELLED))
    plan_stage.clear(session, row.id)
    session.record("cancel", "plan", row.key, run_key=row.key, reason=reason)
    return str(row.key)


def find_run(session: Session, key: str) -> Any:
    """The run that a person means, by its key or the beginning of it.

    Raises:
        NotFound: there is none in sight.
        UsageFault: several begin so.
    """
    rows = session.execute(
        select(t.run)
        .where(or_(t.run.c.key == key, and_(t.run.c.key.startswith(key, autoescape=True), t.run.c.kind.in_(KINDS))))
        .order_by(t.run.c.id)
        .limit(3)
    ).all()
    exact = [row for row in rows if row.key == key]
    if not rows:
        raise NotFound(_("There is no run {key}.").format(key=key), _("`sfactl plan runs` lists them."))
    if not exact and len(rows) > 1:
        raise UsageFault(_("{key} fits several runs.").format(key=key), _("Write more of it."))
    return (exact or rows)[0]


@dataclass(frozen=True)
class UndoRequest:
    """Which run is to be taken back."""

    run: str


def undo_lines(session: Session, request: UndoRequest, effective: date) -> Iterator[Line | Left]:
    """Lines that put back what a run changed and nobody changed since.

    Raises:
        Conflict: the run was no plan's, is not applied, or was taken back already.
    """
    session.actor.require("run.read")
    run = undoable(session, request.run)
    names = plan_names.load(session)
    counts = json.loads(run.summary).get("counts", {})
    for entity in reversed(plan_entities.in_order(counts)):
        yield from entity.undo(session, run.id, effective, names)


def undoable(session: Session, key: str) -> Any:
    """The run that can be taken back; errors as of `undo_lines`."""
    run = find_run(session, key)
    if run.kind not in KINDS:
        raise Conflict(
            _("{run} was no plan: only plans are taken back.").format(run=run.key),
            _("`sfactl plan runs` lists them."),
        )
    if run.status != APPLIED:
        raise Conflict(_("{run} is not applied: it is {status}.").format(run=run.key, status=run.status))
    require_not_taken_back(session, run.key)
    return run


def undo_day(run: Any, today: date) -> date:
    """From which day a run is taken back when nobody says: from today, so that what was in force meanwhile stays so.

    A run that reached back into the past, or was applied today, is taken back from its own day: the past is again what
    it was.
    """
    effective: date = run.effective_on or today
    applied: date = run.started_at.date()
    return effective if effective < applied or effective == today else today


def find(session: Session, *, limit: int = 0, status: str | None = None) -> list[RunRow]:
    """Plans that were applied or will be, latest first."""
    session.actor.require("run.read")
    run, undoing = t.run.c, t.run.alias("undoing")
    takes_back = and_(undoing.c.undoes == run.key, undoing.c.status == APPLIED)
    statement = (
        select(
            run.key,
            run.started_at,
            run.status,
            run.effective_on,
            run.summary,
            run.reason,
            run.undoes,
            t.user.c.login,
            undoing.c.key.label("undone_by"),
        )
        .join(t.user, t.user.c.id == run.user_id)
        .outerjoin(undoing, takes_back)
        .where(run.kind.in_(("plan", "undo")))
        .order_by(run.id.desc())
    )
    rows = (_run_row(row) for row in session.execute(statement))
    found = [row for row in rows if status is None or row.status == status]
    return found[:limit] if limit else found


def one(session: Session, key: str) -> tuple[RunRow, Header | None]:
    """What became of one plan, and what the plan said of itself; errors as of `find_run`."""
    session.actor.require("run.read")
    wanted = find_run(session, key)
    found = next((row for row in find(session) if row.run == wanted.key), None)
    if found is None:
        raise NotFound(_("There is no run {key}.").format(key=key), _("`sfactl plan runs` lists them."))
    return found, plans.header_of(wanted.said) if wanted.said else None


def _run_row(row: Any) -> RunRow:
    said = json.loads(row.summary)
    status = "undone" if row.undone_by else row.status
    return RunRow(
        row.key, said.get("command", ""), row.login, row.started_at, status, row.effective_on,
        int(said.get("rows", 0)), row.reason, row.undoes, row.undone_by,
    )  # fmt: skip
