"""The small company after somebody has planted a hostile name in every field of every table that takes text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import Table, UniqueConstraint

from sfactl.models import registry
from sfactl.services import territory_tree
from tests.hostile import HOSTILE, WEB
from tests.workspace import TestWorkspace

PLANTED = {
    **{name: text for name, text in HOSTILE.items() if name not in ("lone surrogate", "nul", "empty")},
    **{f"web: {name}": text for name, text in WEB.items() if "\0" not in text},
}
"""What a database can hold; imports keep most of it out, but a file of SQLite may come from anywhere."""
MARK = "§"
"""Ends each planted text, so that it is told from the company's own."""

_UNTOUCHED = {"workspace", "role_permission", "user_identity", "policy_version", "idempotency_key", "import_stage"}
"""Tables that decide who somebody is and what is done, or are read by nobody."""
_ONLY = {
    "price_rule": {"name"},
    "process": {"name"},
    "stage": {"name", "guidance"},
    "role": {"title"},
}
"""Tables whose codes decide what is done."""
_FROM_A_LIST = {
    "kind", "status", "outcome", "role", "cause", "measure", "currency", "part", "name_key", "channel", "before", "after", "hash",
    "previous_hash", "category", "digest", "summary", "action", "condition", "from_currency", "to_currency", "method", "step",
    "origin", "choices",
}  # fmt: skip
"""Columns that hold one word of a list, or what the program made."""
_ADMINISTRATOR = "ana"


def plant(workspace: TestWorkspace) -> dict[str, list[str]]:
    """Plant the names, copying rows until there is one for each; answers the codes by table."""
    with closing(sqlite3.connect(str(workspace.url.path))) as raw, raw:
        raw.row_factory = sqlite3.Row
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f'DROP TRIGGER "{name}"')
        for table in registry.metadata.sorted_tables:
            if table.name not in _UNTOUCHED and len(table.primary_key.columns) == 1:
                _plant_in(raw, table, table.primary_key.columns[0].name)
        codes = {table: _codes(raw, table, column) for table, column in _CODES.items()}
    workspace.door().write(territory_tree.replant)
    return codes


_CODES = {
    "handoff": "code",
    "account": "code", "territory": "code", "team": "code", "app_user": "login", "sales_order": "code",
    "opportunity": "code", "product": "code", "message": "code", "quote": "code",
    "territory_plan": "code",
}  # fmt: skip


def _codes(raw: sqlite3.Connection, table: str, column: str) -> list[str]:
    return [row[0] for row in raw.execute(f"SELECT {column} FROM {table} WHERE {column} LIKE '%{MARK}' ORDER BY id")]


def _plant_in(raw: sqlite3.Connection, table: Table, key: str) -> None:
    rows = [dict(row) for row in raw.execute(f'SELECT * FROM "{table.name}"')]
    free = [row for row in rows if row.get("login") != _ADMINISTRATOR]
    texts = _ONLY.get(table.name) or {column.name for column in table.columns if _takes_text(column)}
    for number, text in enumerate(PLANTED.values() if free and texts else ()):
        words = {name: f"{text}{number}{MARK}" if _is_unique(table, name) else f"{text}{MARK}" for name in texts}
        if number < len(free):
            _run(
                raw, f'UPDATE "{table.name}" SET {_settings(words)} WHERE {key} = ?', *words.values(), free[number][key]
            )
        elif table.name not in _ONLY:
            row = free[number % len(free)] | words | {key: 1000 + number}
            marks = ", ".join("?" * len(row))
            _run(raw, f'INSERT OR IGNORE INTO "{table.name}" ({_quoted(row)}) VALUES ({marks})', *row.values())


def _run(raw: sqlite3.Connection, statement: str, *values: Any) -> None:
    raw.execute(statement, values)


def _quoted(row: dict[str, Any]) -> str:
    return ", ".join(f'"{name}"' for name in row)


def _settings(words: dict[str, str]) -> str:
    return ", ".join(f'"{name}" = ?' for name in words)


def _takes_text(column: Any) -> bool:
    return column.type.python_type is str and column.name not in _FROM_A_LIST and not column.foreign_keys


def _is_unique(table: Table, name: str) -> bool:
    rules = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    indexes = [index for index in table.indexes if index.unique]
    return bool(table.columns[name].unique) or any(name in rule.columns for rule in (*rules, *indexes))
