"""The lines of a plan on their way into the database: staged in batches, with the rows that they mean."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select

from sfactl.core.plans import Line
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_entities, processes
from sfactl.services.plan_entities import Entity
from sfactl.services.plan_names import Names

BATCH: Final = 10_000
STALE_AFTER: Final = timedelta(days=1)
"""Whatever is staged longer than this was left behind by a process that was killed."""
_UNIT_S: Final = 8
_MACHINE_BITS, _PROCESS_BITS = 12, 22
_FIRST: Final = 1 << (_MACHINE_BITS + _PROCESS_BITS)
"""Numbers of stagings begin here; below it, they are keys of runs that wait for their day."""
_HOLDING: Final = Lock()
_held: set[int] = set()
"""The numbers of what this process stages now, in whichever of its threads."""
_TEXTS: Final = ("key", "said", "cause", "since")
_KEYS: Final = ("was_person", "to_person", "was_place", "to_place")
_COLUMNS: Final = ("n", *_KEYS, *_TEXTS)

stage = t.plan_stage


def load(session: Session, stage_id: int, lines: Iterable[Line], names: Names, done: int = 0) -> int:
    """Stage lines of a plan in this transaction, numbered after those that are done, and return how many there were.

    Raises:
        UsageFault: a line is of a kind that this program does not know.
        NotFound: a line names a person or a territory that is not there, or not in sight.
    """
    count = done
    for batch in _batches(lines):
        for entity, rows in _by_entity(batch, count, names):
            _put(session, stage_id, entity, rows)
        count += len(batch)
    return count - done


@contextmanager
def new_number(now: datetime) -> Iterator[int]:
    """A number for a staging, which tells the time, the machine and the process; held here, it is not taken for a dead one's."""
    with _HOLDING:
        number = _number(now)
        while number in _held:
            number += 1 << (_MACHINE_BITS + _PROCESS_BITS)
        _held.add(number)
    try:
        yield number
    finally:
        _held.discard(number)


def _number(now: datetime) -> int:
    time = int(now.timestamp()) // _UNIT_S
    return (time << _MACHINE_BITS | _machine()) << _PROCESS_BITS | os.getpid()


def _machine() -> int:
    return processes.machine() % (1 << _MACHINE_BITS)


def left_behind(session: Session) -> list[int]:
    """Numbers of what the person's killed commands left staged; what waits for its day is none of it."""
    oldest_kept = _number(session.now - STALE_AFTER)
    found, last = [], _FIRST - 1
    while (number := _next_after(session, last)) is not None:
        found += [number] if number < oldest_kept or _is_over(number) else []
        last = number
    return found


def _next_after(session: Session, number: int) -> int | None:
    following = select(stage.c.stage_id).where(stage.c.stage_id > number).order_by(stage.c.stage_id).limit(1)
    return session.execute(following).scalar()


def _is_over(number: int) -> bool:
    """Whether its process is gone, or has the number that this one has now."""
    process = number % (1 << _PROCESS_BITS)
    is_here = number >> _PROCESS_BITS & ((1 << _MACHINE_BITS) - 1) == _machine()
    return is_here and number not in _held and (process == os.getpid() or processes.is_gone(process))


def count(session: Session, stage_id: int) -> int:
    """How many lines are staged under a number."""
    return session.execute(select(func.count()).select_from(stage).where(stage.c.stage_id == stage_id)).scalar_one()


def clear(session: Session, stage_id: int) -> None:
    """Take a plan's staged lines away."""
    session.sql.execute(delete(stage).where(stage.c.stage_id == stage_id))


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, BATCH)):
        yield batch


Rows = list[tuple[Any, ...]]


def _by_entity(batch: Sequence[Line], first: int, names: Names) -> Iterator[tuple[Entity, Rows]]:
    rows: dict[str, Rows] = {}
    entities: dict[str, Entity] = {}
    for number, line in enumerate(batch, first + 1):
        if line.entity not in entities:
            entities[line.entity] = _known(line.entity, number)
        staged = entities[line.entity].stage(line, names)
        since = line.since.isoformat() if line.since else None
        row = (
            number, staged.was_person, staged.to_person, staged.was_place, staged.to_place, staged.key, staged.said,
            line.cause, since,
        )  # fmt: skip
        rows.setdefault(line.entity, []).append(row)
    for name, found in rows.items():
        yield entities[name], found


def _known(name: str, number: int) -> Entity:
    try:
        return plan_entities.entity(name)
    except KeyError:
        raise UsageFault(
            _("Line {line} of the plan changes a {entity}, which this sfactl does not know.").format(
                line=number + 1, entity=name
            ),
            _("Make it again with this sfactl."),
        ) from None


def _put(session: Session, stage_id: int, entity: Entity, rows: Rows) -> None:
    put = _put_sqlite if session.is_sqlite else _put_postgres
    put(session, stage_id, entity, rows)


def _put_sqlite(session: Session, stage_id: int, entity: Entity, rows: Rows) -> None:
    found = f"({entity.lookup.format(key='?6')})" if entity.lookup else "NULL"
    marks = ", ".join(f"?{index + 1}" for index in range(len(_COLUMNS)))
    names = ", ".join(_COLUMNS)
    head = (stage_id, session.actor.user_id, entity.name)
    session.sql.exec_driver_sql(
        f"INSERT INTO plan_stage ({names}, stage_id, user_id, entity, row_id)"  # noqa: S608 - names are ours
        f" VALUES ({marks}, ?10, ?11, ?12, {found})",
        [(*row, *head) for row in rows],
    )


def _put_postgres(session: Session, stage_id: int, entity: Entity, rows: Rows) -> None:
    """The columns go over as arrays, since COPY is refused on a table with row-level security."""
    kinds = ["bigint"] * 5 + ["text", "text", "text", "date"]
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    names = ", ".join(_COLUMNS)
    found = f"({entity.lookup.format(key='u.key')})" if entity.lookup else "NULL"
    session.sql.exec_driver_sql(
        f"INSERT INTO plan_stage ({names}, stage_id, user_id, entity, row_id)"  # noqa: S608 - names are ours
        f" SELECT {', '.join(f'u.{name}' for name in _COLUMNS)}, %s, %s, %s, {found}"
        f" FROM unnest({arrays}) AS u ({names})",
        (stage_id, session.actor.user_id, entity.name, *map(list, zip(*rows, strict=True))),
    )


def row(column: str) -> ColumnElement[Any]:
    """A column of the staged lines."""
    found: ColumnElement[Any] = stage.c[column]
    return found
