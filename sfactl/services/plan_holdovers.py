"""Lines of a plan by which open opportunities stay with their sellers for a time, and by which that time ends.

A line is called after its opportunity. One that begins a holdover has no `before`; one that ends it says when.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update

from sfactl.core.plans import Fields, Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, run_changes
from sfactl.services.plan_entities import Batch, Entity, Staged
from sfactl.services.plan_names import Names

_holdover, _opportunity = t.holdover.c, t.opportunity.c


def stage(line: Line, names: Names) -> Staged:
    """The line as it is; its people and territory are looked up at once."""
    for fields in (line.before, line.after):
        if fields and "until" in fields:
            _values(fields, names)
    return Staged(line.key, said=line.text())


def _values(fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The columns of a holdover."""
    return {
        "held_by_id": names.person(fields["held_by"]), "to_id": names.person(fields["to"]),
        "to_territory_id": names.place(fields["territory"]), "until": date.fromisoformat(fields["until"]),
        "to_share_bp": int(Decimal(fields["share"]) * 10000), "began_on": date.fromisoformat(fields["began"]),
    }  # fmt: skip


def fields_of(row: Any, names: Names) -> Fields:
    """A holdover as a plan says it."""
    return {
        "held_by": names.login(row.held_by_id), "to": names.login(row.to_id), "territory": names.code(row.to_territory_id),
        "until": row.until.isoformat(), "share": f"{Decimal(row.to_share_bp) / 10000:.4f}", "began": row.began_on.isoformat(),
    }  # fmt: skip


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Holdovers that are there already, or no longer."""
    for line in plan_changes.said_lines(session, batch, "holdover"):
        code, before, after = line["key"], line["before"], line["after"]
        is_open = _open_id(session, code) is not None
        begins = before is None or (after is not None and after.get("ended_on", "") is None)
        if begins and is_open:
            yield Left("holdover", code, _("is held over already"))
        elif not begins and not is_open:
            yield Left("holdover", code, _("is not held over any more"))


def _open_id(session: Session, code: str) -> int | None:
    statement = select(_holdover.id).join(t.opportunity, _opportunity.id == _holdover.opportunity_id)
    return session.execute(statement.where(_opportunity.code == code, _holdover.ended_on.is_(None))).scalar()


def write(session: Session, batch: Batch) -> int:
    """Begin, end and take away holdovers."""
    count = 0
    for line in plan_changes.said_lines(session, batch, "holdover"):
        if line["before"] is None:
            _begin(session, batch, line["key"], line["after"])
        elif line["after"] is None:
            _take_away(session, batch, line["key"])
        else:
            _end(session, batch, line["key"], line["after"]["ended_on"])
        count += 1
    return count


def _begin(session: Session, batch: Batch, code: str, fields: Mapping[str, Any]) -> None:
    found = session.execute(select(_opportunity.id, _opportunity.territory_id).where(_opportunity.code == code)).first()
    if found is None:
        plan_changes.require_all(0, 1)
        return
    values = {"opportunity_id": found.id, **_values(fields, batch.names)}
    row_id = session.sql.execute(
        insert(t.holdover).values({**values, "run_id": batch.run_id}).returning(_holdover.id)
    ).scalar_one()
    plan_changes.keep_row(session, batch, t.holdover, row_id, None, {**values, "ended_on": None}, found.territory_id)


def _take_away(session: Session, batch: Batch, code: str) -> None:
    row = _row(session, _open_id(session, code))
    plan_changes.require_all(session.run(delete(t.holdover).where(_holdover.id == row.id)), 1)
    plan_changes.keep_row(session, batch, t.holdover, row.id, _kept(row), None)


def _end(session: Session, batch: Batch, code: str, ended_on: str | None) -> None:
    row_id = _open_id(session, code) if ended_on else _last_id(session, code)
    row, day = _row(session, row_id), date.fromisoformat(ended_on) if ended_on else None
    done = session.run(update(t.holdover).where(_holdover.id == row.id).values(ended_on=day))
    plan_changes.require_all(done, 1)
    before = _kept(row)
    plan_changes.keep_row(session, batch, t.holdover, row.id, before, {**before, "ended_on": ended_on})


def _last_id(session: Session, code: str) -> int | None:
    """The holdover that ended last."""
    statement = select(_holdover.id).join(t.opportunity, _opportunity.id == _holdover.opportunity_id)
    statement = statement.where(_opportunity.code == code, _holdover.ended_on.is_not(None))
    return session.execute(statement.order_by(_holdover.ended_on.desc(), _holdover.id.desc()).limit(1)).scalar()


def _row(session: Session, row_id: int | None) -> Any:
    row = session.execute(select(t.holdover).where(_holdover.id == row_id)).first()
    if row is None:
        plan_changes.require_all(0, 1)
    return row


def _kept(row: Any) -> dict[str, Any]:
    names = ("opportunity_id", "held_by_id", "to_id", "to_territory_id", "until", "to_share_bp", "began_on", "ended_on")
    return {name: getattr(row, name) for name in names}


def undo(session: Session, run_id: int, since: date | None, names: Names) -> Iterator[Line | Left]:
    """Holdovers as they were, unless something became of them since."""
    columns = [column for column in t.holdover.c if column.name != "id"]
    rows = session.execute(plan_changes.of_run(run_id, t.holdover, _opportunity.code, *columns).outerjoin(
        t.opportunity, _opportunity.id == _holdover.opportunity_id
    ))  # fmt: skip
    for row in rows:
        before, after = run_changes.read(row.before), run_changes.read(row.after)
        now = row.ended_on.isoformat() if row.ended_on else None
        if row.id is None or now != after.get("ended_on"):
            yield plan_changes.changed_since("holdover", row.code)
        elif row.before is None:
            yield Line("holdover", row.code, fields_of(row, names), None, "undo", since)
        else:
            yield Line("holdover", row.code, {"ended_on": now}, {"ended_on": before.get("ended_on")}, "undo", since)


ENTITY = Entity("holdover", "opportunity.reassign", stage, None, conflicts, write, undo)
