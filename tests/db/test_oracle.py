"""Random organisations and statements: the answer in scope is that of a copy which holds only what may be seen.

Writes do to what may be changed what they do in the copy, or nothing at all; hidden rows are equal to the byte after.
A run prints its seed; SFACTL_SEED repeats it, SFACTL_STATEMENTS lengthens it.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sfactl.db import connect, migrate, sqlite_guard
from sfactl.db.url import DatabaseUrl
from tests.db.company import COLUMNS, Row, World, in_order, plain
from tests.db.random_worlds import RandomWorld, in_insert_order, random_world, statements
from tests.db.who_sees_what import (
    GUARDED,
    Person,
    may_change,
    may_insert,
    may_move,
    person,
    points_to,
    reaches,
    sees,
    visible,
)
from tests.workspace import TestWorkspace, role_of

SEED = int(os.environ.get("SFACTL_SEED") or random.SystemRandom().randrange(10**6))
STATEMENTS = int(os.environ.get("SFACTL_STATEMENTS") or 1600)
A_WORLD = 16
TODAY = date(2026, 5, 20)
_UNASKED = ("policy_version", "product_cost", "run", "audit_event", "audit_detail", "run_change", "opportunity_change")
_SCOPED = tuple(table for table in GUARDED if table not in _UNASKED)
_KNOWN = (*_SCOPED, "app_user", "role", "role_permission", "process", "stage", "skill", "product")


@dataclass
class Tally:
    """What was asked, and what was wrong."""

    reads: int = 0
    writes: int = 0
    refused: int = 0
    wrong: list[Any] = field(default_factory=list)


class File:
    """A random organisation in a file."""

    today = TODAY

    def __init__(self, template: Path, folder: Path, world: RandomWorld) -> None:
        self.path = folder / "world.db"
        shutil.copy(template, self.path)
        self._system = sqlite3.connect(self.path, isolation_level=None)
        self._system.execute("PRAGMA synchronous = OFF")
        self._system.execute("BEGIN")
        for table, rows in in_insert_order(world):
            marks = ", ".join("?" * len(COLUMNS[table]))
            self._system.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row.values()) for row in rows])
        self._system.execute("COMMIT")
        self.connection = connect.connect(DatabaseUrl("sqlite", path=self.path), today=TODAY, writing=True)

    def rows(self) -> World:
        return {table: _rows(self._system, table) for table in _KNOWN}

    def run(self, statement: str) -> Any:
        cursor = self.connection.cursor().execute(statement)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    def close(self) -> None:
        self.connection.close()
        self._system.close()


class Server:
    """A random organisation on the server, in place of the one before; a server's day is its own."""

    today = datetime.now(UTC).date()

    def __init__(self, workspace: TestWorkspace, world: RandomWorld) -> None:
        self._system = psycopg.connect(workspace.system_url.conninfo, autocommit=True)
        with self._system.transaction(), self._system.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("TRUNCATE app_user, role, process, product, skill, territory CASCADE")
            for table, rows in in_insert_order(world):
                marks = ", ".join(["%s"] * len(COLUMNS[table]))
                values = [tuple(None if value is None else str(value) for value in row.values()) for row in rows]
                names = ", ".join(f'"{name}"' for name in COLUMNS[table])
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # type: ignore[arg-type]
        where = workspace.system_url.for_login(role_of(workspace.worker, "sam"))
        self.connection = connect.connect(where, today=TODAY, writing=True)
        self.connection.autocommit = True

    def rows(self) -> World:
        return {table: _rows(self._system, table) for table in _KNOWN}

    def run(self, statement: str) -> Any:
        cursor = self.connection.execute(statement)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    def close(self) -> None:
        self.connection.close()
        self._system.close()


def _rows(run: Any, table: str) -> list[Row]:
    names = ", ".join(f'"{name}"' for name in COLUMNS[table])
    found = run.execute(f"SELECT {names} FROM {table}").fetchall()
    return [dict(zip(COLUMNS[table], plain(row), strict=True)) for row in found]


class Copy:
    """What may be seen, alone; a change skips what may not be changed."""

    def __init__(self, world: World, login: str, today: date) -> None:
        self.world = world
        self.me = person(world, login, today)
        self.mine = visible(world, self.me)
        self._raw = sqlite3.connect(":memory:", isolation_level=None)
        self._raw.execute("BEGIN")
        for table in _KNOWN:
            columns = ["id INTEGER PRIMARY KEY" if name == "id" else f'"{name}"' for name in COLUMNS[table]]
            self._raw.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            marks, rows = ", ".join("?" * len(columns)), [tuple(row.values()) for row in self.mine[table]]
            self._raw.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def read(self, statement: str) -> Any:
        return self._raw.execute(statement).fetchall()

    def write(self, table: str, statement: str) -> tuple[int, dict[int, Row]]:
        """How many rows a change touches, and what the table holds then; the copy stays as it was."""
        actions = ("edit",) if statement.startswith("DELETE") else ("edit", "reassign")
        rows = self.mine[table]
        kept = [str(row["id"]) for row in rows if not may_change(self.world, self.me, table, row, actions)]
        self._raw.execute("SAVEPOINT s")
        for verb in ("UPDATE", "DELETE"):
            self._raw.execute(
                f"CREATE TRIGGER kept_{verb} BEFORE {verb} ON {table} WHEN OLD.id IN ({', '.join(kept)})"
                " BEGIN SELECT RAISE(IGNORE); END"
            )
        number = self._raw.execute(statement).rowcount
        after = {row["id"]: row for row in _rows(self._raw, table)}
        self._raw.execute("ROLLBACK TO s")
        return number, after

    def close(self) -> None:
        self._raw.close()


def put_to(organisation: File | Server, asked: Iterator[tuple[bool, str]], tally: Tally, login: str) -> None:
    """Put statements to an organisation, and compare each with its copy."""
    copy = Copy(organisation.rows(), login, organisation.today)
    for is_write, statement in asked:
        if is_write:
            after = _compare_write(organisation, copy, statement, tally)
            if after != copy.world:
                copy.close()
                copy = Copy(after, login, organisation.today)
            continue
        tally.reads += 1
        got, wanted = in_order(organisation.run(statement)), in_order(copy.read(statement))
        if got != wanted:
            tally.wrong.append((statement, got, wanted))
    copy.close()


def _compare_write(organisation: File | Server, copy: Copy, statement: str, tally: Tally) -> World:
    world, mine, me = copy.world, copy.mine, copy.me
    tally.writes += 1
    table = next(word for word in statement.split() if word in _SCOPED)
    number, expected = copy.write(table, statement)
    is_legal = _is_legal(world, me, table, {row["id"]: row for row in mine[table]}, expected)
    try:
        done, fault = organisation.run(statement), None
    except (sqlite3.Error, psycopg.Error) as error:
        done, fault = None, error
    after = organisation.rows()
    hidden = [row for row in world[table] if row not in mine[table]]
    wanted = in_order(row.values() for row in [*hidden, *expected.values()])
    if fault is not None:
        tally.refused += 1
        if after != world:
            tally.wrong.append(("changed though refused", statement))
        if is_legal and not _is_of_the_table(fault):
            tally.wrong.append(("refused though legal", statement, str(fault)))
    elif not is_legal:
        tally.wrong.append(("done though not legal", statement))
    elif done != number or in_order(row.values() for row in after[table]) != wanted:
        tally.wrong.append(("another effect", statement, done, number))
    elif any(after[other] != world[other] for other in _KNOWN if other != table):
        tally.wrong.append(("an effect elsewhere", statement))
    return after


def _is_of_the_table(fault: Exception) -> bool:
    """A constraint speaks of rows that the copy does not know: children, owners of a name, other periods."""
    said = str(fault).lower()
    return any(word in said for word in ("foreign key", "unique", "duplicate", "one owner", "check constraint"))


def _is_legal(world: World, me: Person, table: str, before: dict[int, Row], after: dict[int, Row]) -> bool:
    for key, row in after.items():
        if key not in before:
            if not may_insert(world, me, 1, table, row):
                return False
        elif row != before[key] and not _may_become(world, me, table, before[key], row):
            return False
    return True


def _may_become(world: World, me: Person, table: str, old: Row, new: Row) -> bool:
    moved = [
        column for column in points_to(table) if new[column] != old[column] or table in ("opportunity_split", "credit")
    ]
    return (
        sees(world, me, table, new)
        and may_move(me, table, old, new)
        and (reaches(world, me, table, new, "edit") or reaches(world, me, table, new, "reassign"))
        and all(new[column] is None or _there(world, me, points_to(table)[column], new[column]) for column in moved)
    )


def _there(world: World, me: Person, table: str, key: int) -> bool:
    return any(row["id"] == key and sees(world, me, table, row) for row in world[table])


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    migrate.upgrade(DatabaseUrl("sqlite", path=path))
    return path


def ask_files(template: Path, folder: Path, seed: int, number: int) -> Tally:
    """Put statements to random organisations in files."""
    rnd, tally = random.Random(seed), Tally()
    while tally.reads + tally.writes < number and not tally.wrong:
        world = random_world(rnd, ("os", connect.os_login()), File.today)
        organisation = File(template, folder, world)
        with closing(organisation):
            put_to(organisation, statements(rnd, world, A_WORLD), tally, "u1")
    return tally


# case 2
def test_in_a_file_a_thousand_statements_read_and_change_only_what_is_seen(empty_file: Path, tmp_path: Path):
    tally = ask_files(empty_file, tmp_path, SEED, STATEMENTS)
    print(f"seed {SEED}: {tally.reads} read, {tally.writes} wrote, {tally.refused} of them refused")

    assert tally.wrong == [], f"SFACTL_SEED={SEED}"
    assert tally.reads + tally.writes >= 1500
    assert 0.02 < tally.refused / tally.writes < 0.6


# case 2
def test_on_the_server_hundreds_of_statements_read_and_change_only_what_is_seen(postgres_workspace: TestWorkspace):
    rnd, tally = random.Random(SEED), Tally()
    identity = ("postgresql", role_of(postgres_workspace.worker, "sam"))
    while tally.reads + tally.writes < STATEMENTS / 5 and not tally.wrong:
        world = random_world(rnd, identity, Server.today)
        organisation = Server(postgres_workspace, world)
        with closing(organisation):
            put_to(organisation, statements(rnd, world, A_WORLD), tally, "u1")
    print(f"seed {SEED}: {tally.reads} read, {tally.writes} wrote, {tally.refused} of them refused")

    assert tally.wrong == [], f"SFACTL_SEED={SEED}"
    assert tally.reads + tally.writes >= 300


_whole_triggers, _whole_condition = sqlite_guard._triggers, sqlite_guard.condition


def _triggers_but(ending: str) -> Callable[..., Any]:
    return lambda *args: [made for made in _whole_triggers(*args) if not made.name.endswith(ending)]


def _people_see_all(rule: Any, action: str, terms: Any, row: str) -> str:
    return _whole_condition(rule, action, terms, row).replace(" OR ", " OR 1 OR ", 1)


MUTANTS = {
    "no views": ("_views", lambda *args: []),
    "what a row was": ("_triggers", _triggers_but("_old")),
    "what a row becomes": ("_triggers", _triggers_but("_update_new")),
    "what is added": ("_triggers", _triggers_but("_insert_new")),
    "links": ("_links", lambda *args: []),
    "rights to read, when changing": ("_readable", lambda *args: None),
    "a condition that is too wide": ("condition", _people_see_all),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_comparison_notices_a_guard_that_forgets_something(
    empty_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name
):
    monkeypatch.setattr(sqlite_guard, *MUTANTS[name])

    assert ask_files(empty_file, tmp_path, 1, 3000).wrong != []
