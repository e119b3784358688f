"""What a run changed, row by row: as it was and as it became."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, Table, cast, func, insert, literal, null, select

from sfactl.db import trail
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.types import Words
from sfactl.services import row_names


@dataclass(frozen=True)
class ChangeRow:
    """One row that a run changed."""

    entity: str
    key: str | None
    "What people call the row, or that to which it belongs; None when it is gone or out of sight."
    changes: str | None
    "Each field that differs, before and after, in names."


@dataclass(frozen=True)
class Summary:
    """How many rows a run changed, and a digest of all they were and became."""

    count: int
    digest: str


Values = Mapping[str, ColumnElement[Any]]


def keep(
    session: Session,
    run_id: ColumnElement[Any],
    table: Table,
    values: Values,
    source: FromClause,
    condition: ColumnElement[bool],
    *,
    extra: tuple[Values, Values] | None = None,
) -> int:
    """Keep what rows are and what they will become, before they are changed; returns how many rows that is.

    Args:
        extra: what else is kept of the rows before and after, for whoever takes the run back.
        values: column and value of what is about to be written.
        source: where the values come from, besides the table itself.
        condition: which rows of the table, and of the source.
    """
    names = ("run_id", "entity", "row_id", "territory_id", "before", "after")
    place = table.c.id if table is t.territory else table.c.get("territory_id", null())
    more_before, more_after = extra or ({}, {})
    rows = (
        select(
            run_id, literal(table.name), table.c.id, place,
            as_object(session, {**{name: table.c[name] for name in values}, **more_before}),
            as_object(session, {**values, **more_after}),
        )
        .select_from(table).join(source, condition)
    )  # fmt: skip
    return session.run(insert(t.run_change).from_select(names, rows))


def as_object(session: Session, values: Values) -> ColumnElement[Any]:
    """Columns and values as one text of JSON."""
    pairs = [part for name, value in values.items() for part in (literal(name), value)]
    if session.is_sqlite:
        return func.json_object(*pairs)
    return cast(func.json_build_object(*pairs), Words)


def summary(session: Session, run_id: int) -> Summary:
    """What a run's event in the trail keeps of its rows."""
    digest, count = hashlib.sha256(), 0
    for part in session.execute(_as_lines(run_id)).scalars().partitions(2000):
        digest.update("\n".join([*part, ""]).encode())
        count += len(part)
    return Summary(count, digest.hexdigest())


def _as_lines(run_id: int) -> Select[Any]:
    """Each row a run changed as a line of text; neither JSON nor the names of tables hold a tab or a line end."""
    change = t.run_change.c
    row = (change.entity, cast(change.row_id, Words), func.coalesce(change.before, ""), func.coalesce(change.after, ""))
    line = row[0] + "\t" + row[1] + "\t" + row[2] + "\t" + row[3]
    return select(line).where(change.run_id == run_id).order_by(change.id).execution_options(yield_per=2000)


def find(session: Session, run_key: str, *, limit: int = 0) -> list[ChangeRow]:
    """The rows in sight that a run changed."""
    change = t.run_change.c
    statement = (
        select(change.entity, change.row_id, change.before, change.after)
        .join(t.run, t.run.c.id == change.run_id)
        .where(t.run.c.key == run_key)
        .order_by(change.id)
    )
    if limit:
        statement = statement.limit(limit)
    found = [(row.entity, row.row_id, read(row.before), read(row.after)) for row in session.execute(statement)]
    names = row_names.find(session, _meant(found))
    return [
        ChangeRow(
            entity, names.get((entity, row_id)),
            differences(_in_names(entity, before, names), _in_names(entity, after, names)) or None,
        )
        for entity, row_id, before, after in found
    ]  # fmt: skip


_Found = tuple[str, int, Mapping[str, Any], Mapping[str, Any]]


def _meant(found: Sequence[_Found]) -> Iterator[tuple[str, int]]:
    """Table and key of every row that is spoken of."""
    for entity, row_id, before, after in found:
        yield entity, row_id
        for values in (before, after):
            for name, value in values.items():
                table = row_names.table_of(entity, name)
                if table is not None and isinstance(value, int):
                    yield table, value


def _in_names(entity: str, values: Mapping[str, Any], names: row_names.Names) -> Mapping[str, Any]:
    """What was kept of a row, with names in the place of keys."""
    said = {}
    for name, value in values.items():
        table = row_names.table_of(entity, name)
        if table is None:
            said[name] = value
        else:
            said[name.removesuffix("_id")] = None if value is None else names.get((table, value), _OUT_OF_SIGHT)
    return said


_OUT_OF_SIGHT: Final = "?"
"""Stands for a row that is gone, or that the person does not see."""


def read(text: str | None) -> Mapping[str, Any]:
    """An object that was kept as JSON; an empty one where it is erased, or where somebody wrote something else there."""
    try:
        said = json.loads(text) if text else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def written(values: Mapping[str, Any] | None) -> str | None:
    """An object as it is kept; `read` reads it."""
    return None if values is None else trail.canonical(values)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Each field that differs, before and after, as a line of text."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return "; ".join(f"{name}: {_said(before.get(name))} → {_said(after.get(name))}" for name in names)


def _said(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else trail.canonical(value)
