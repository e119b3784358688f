"""A planned tree in a plan: it becomes the active one with the changes that it asked for."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, plan_lines
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names

NAME = "territory_plan"


def _conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    lines = plan_lines.of(session, batch, NAME)
    held = dict(session.execute(select(t.territory_plan.c.code, t.territory_plan.c.status)).all())
    for line in lines:
        if line.before is None or line.after is None or line.after.get("status") not in ("draft", "active"):
            yield Left(NAME, line.key, _("this cannot be done to a planned tree"))
        elif line.key not in held:
            yield Left(NAME, line.key, _("there is no such planned tree"))
        elif changed := plan_lines.differing(line.before, {"status": held[line.key]}):
            yield Left(NAME, line.key, changed)


def _write(session: Session, batch: Batch) -> int:
    plan = t.territory_plan.c
    lines = plan_lines.of(session, batch, NAME)
    for line in lines:
        row = session.execute(select(t.territory_plan).where(plan.code == line.key)).one()
        is_active = (line.after or {})["status"] == "active"
        after = {
            "status": "active" if is_active else "draft", "activated_on": batch.effective if is_active else None,
            "run_key": batch.run_key if is_active else None,
        }  # fmt: skip
        before = {"status": row.status, "activated_on": row.activated_on, "run_key": row.run_key}
        plan_changes.keep_row(session, batch, t.territory_plan, row.id, before, after)
        session.sql.execute(update(t.territory_plan).where(plan.id == row.id).values(after))
    return len(lines)


def _undo(session: Session, run_id: int, _since: date | None, _names: Names) -> Iterator[Line | Left]:
    plan = t.territory_plan.c
    rows = {row.id: row for row in session.execute(select(plan.id, plan.code, plan.status))}
    for row_id, before, after in plan_lines.kept(session, run_id, t.territory_plan):
        row = rows.get(row_id)
        if row is None or before is None or after is None:
            continue
        if row.status != after["status"]:
            yield Left(NAME, row.code, _("changed since: {what}").format(what=row.status))
        else:
            yield Line(NAME, row.code, {"status": row.status}, {"status": before["status"]}, "territory")


ENTITY = Entity(NAME, "territory_plan.edit", plan_lines.stage, None, _conflicts, _write, _undo)
