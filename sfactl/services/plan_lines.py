"""The lines of a plan as they were staged, for kinds of rows that are written one by one."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Table, select

from sfactl.core.plans import Line, read_line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services.plan_entities import Batch, Staged
from sfactl.services.plan_names import Names


def stage(line: Line, _names: Names) -> Staged:
    """The whole line as JSON: what it names may come into being with the plan itself."""
    return Staged(line.key, said=line.text())


def of(session: Session, batch: Batch, entity: str) -> list[Line]:
    """The staged lines of one kind, in their order."""
    staged = t.plan_stage.c
    rows = session.execute(select(staged.n, staged.said).where(batch.of(entity)).order_by(staged.n))
    return [read_line((text or "").encode(), n, batch.run_key) for n, text in rows]


def keys(session: Session, batch: Batch, entity: str) -> set[str]:
    """The rows of one kind that the plan changes."""
    return set(session.execute(select(t.plan_stage.c.key).where(batch.of(entity))).scalars())


def day_of(line: Line, batch: Batch) -> date:
    """From which day a line holds."""
    return line.since or batch.effective


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """What a person is told of a row that is not as the plan found it; None where it is."""
    parts = [
        _("{field} is {now}, not {before}").format(field=name, now=_shown(now.get(name)), before=_shown(value))
        for name, value in before.items()
        if now.get(name) != value
    ]
    return "; ".join(parts) or None


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)


def kept(
    session: Session, run_id: int, table: Table
) -> Iterator[tuple[int, Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    """Key, before and after of the rows of a table that a run changed; without those that were erased since."""
    change = t.run_change.c
    rows = session.execute(
        select(change.row_id, change.before, change.after)
        .where(change.run_id == run_id, change.entity == table.name)
        .order_by(change.id)
    ).all()
    for row_id, before, after in rows:
        if before or after:
            yield row_id, json.loads(before) if before else None, json.loads(after) if after else None


def iso(day: date | None) -> str | None:
    """A day as a plan says it."""
    return None if day is None else day.isoformat()


def day(text: str | None) -> date | None:
    """A day that a plan says."""
    return None if text is None else date.fromisoformat(text)
