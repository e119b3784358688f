"""What people call rows of any table: their codes and logins instead of internal keys."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, Table, select

from sfactl.db.session import Session
from sfactl.models.registry import metadata

_CALLED: Final = ("code", "login")
"""Columns by which people name a row, where a table has one."""
_BELONGS: Final = ("account_id", "opportunity_id", "order_id", "team_id", "territory_id", "user_id")
"""Otherwise a row is named by the first of those that it belongs to."""
_TOGETHER: Final = 500

Wanted = Iterable[tuple[str, int]]
Names = Mapping[tuple[str, int], str]


def find(session: Session, wanted: Wanted) -> Names:
    """The names of rows, given as table and key; one that is gone, or not in sight, has none."""
    keys: dict[str, set[int]] = {}
    for table, key in wanted:
        keys.setdefault(table, set()).add(key)
    return {(name, key): called for name, of in keys.items() for key, called in _in_table(session, name, sorted(of))}


def _in_table(session: Session, name: str, keys: list[int]) -> Iterator[tuple[int, str]]:
    table = metadata.tables.get(name)
    column = None if table is None or "id" not in table.c else _naming(table)
    if table is None or column is None:
        return
    above = table_of(name, column.name)
    for start in range(0, len(keys), _TOGETHER):
        here = table.c.id.in_(keys[start : start + _TOGETHER])
        rows: list[Any] = list(session.execute(select(table.c.id, column).where(here, column.is_not(None))))
        if above is None:
            yield from ((row, called) for row, called in rows)
        else:
            names = find(session, ((above, key) for _row, key in rows))
            yield from ((row, names[above, key]) for row, key in rows if (above, key) in names)


def _naming(table: Table) -> Column[Any] | None:
    """The column that names a row, or says to what it belongs."""
    return next((table.c[name] for name in (*_CALLED, *_BELONGS) if name in table.c), None)


def table_of(name: str, column: str) -> str | None:
    """The table whose keys a column of a table holds; None of a column that holds something else."""
    table = metadata.tables.get(name)
    if table is None or column not in table.c:
        return None
    named = (key.column for key in table.c[column].foreign_keys)
    return next((found.table.name for found in named if found.name == "id"), None)
