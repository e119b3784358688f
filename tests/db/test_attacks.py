"""Statements that try to get round the guard of a SQLite connection; each is run by sam, who works the Southwest."""

from __future__ import annotations

import random
import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sfactl.db import connect, sqlite_guard
from sfactl.db.sqlite_guard import GuardedConnection, names_a_schema
from sfactl.db.url import DatabaseUrl
from tests.db.company import TABLES, Company, Row, world_of
from tests.db.who_sees_what import person, visible
from tests.organisation import TODAY
from tests.workspace import TestWorkspace

SECRETS = (
    "Elm Hospital",
    "Drizzle Coffee",
    "Gone Missing",
    "Drizzle line",
    "Dieter",
    "700000000",
    "500000000",
    "199999",
)
"""What stands in rows that sam may not see, and nowhere else."""

_NEW = "(code, name, name_key, kind, currency, territory_id, created_at, updated_at, version)"
_NEW_VALUES = (
    "'mine', 'mine', 'customer', 'USD', territory_id, created_at, updated_at, 1 FROM account WHERE code = 'A-SW1'"
)
_SHARE = "(opportunity_id, user_id, kind, share_bp)"
_ME = "(SELECT id FROM app_user WHERE login = 'sam')"

ATTACKS: dict[str, list[str]] = {
    # other names for the tables
    "the schema by name": ["SELECT name FROM main.account"],
    "the schema in double quotes": ['SELECT name FROM "main".account'],
    "the schema in brackets": ["SELECT name FROM [main].account"],
    "the schema in backticks": ["SELECT name FROM `main`.account"],
    "the schema as a text": ["SELECT name FROM 'main'.account"],
    "the schema as a text, table too": ["SELECT name FROM 'main'.'account'"],
    "the schema in capitals": ["SELECT name FROM MAIN.account"],
    "blanks round the dot": ["SELECT name FROM main \t\n . account"],
    "a comment before the dot": ["SELECT name FROM main/**/.account"],
    "a comment to the line's end before the dot": ["SELECT name FROM main--x\n.account"],
    "a comment that hides a quote": ["SELECT name /*'*/ FROM main.account /*'*/"],
    "a line comment that hides a quote": ["SELECT name --'\n FROM main.account --'"],
    "a name that hides a quote": ["SELECT name AS \"'\" FROM main.account WHERE '' = ''"],
    "a name in brackets that hides a quote": ["SELECT name AS ['] FROM main.account WHERE '' = ''"],
    "a name in backticks that hides a quote": ["SELECT name AS `'` FROM main.account WHERE '' = ''"],
    "the other schema": ["SELECT name FROM temp.account WHERE name NOT IN (SELECT name FROM account)"],
    "the guard's table": ["INSERT INTO _scope_territory SELECT id FROM territory"],
    "the guard's table in another schema": ["INSERT INTO temp._scope_territory VALUES (5)", "SELECT name FROM account"],
    "the guard's table as texts": ["INSERT INTO 'temp'.'_scope_territory' VALUES (5)", "SELECT name FROM account"],
    "the guard's table, quoted": ['INSERT INTO "_scope_territory" VALUES (5)', "SELECT name FROM account"],
    "the guard's table emptied": ["DELETE FROM _scope_territory"],
    # a change reads its own table where it stands, and nothing else may
    "an update that reads the table": [
        "UPDATE account SET name = (SELECT max(name) FROM account WHERE annual_revenue_minor > 200000000) WHERE code = 'A-SW1'",
        "SELECT name FROM account",
    ],
    "an update that reads the schema": [
        "UPDATE account SET name = (SELECT name FROM main.account WHERE code = 'A-NE1') WHERE code = 'A-SW1' RETURNING name"
    ],
    "an update that reads the schema, as a text": [
        "UPDATE account SET name = (SELECT name FROM 'main'.account WHERE code = 'A-NE1') WHERE code = 'A-SW1' RETURNING name"
    ],
    "an update that reads the schema, in a comment's shade": [
        "UPDATE account SET name = (SELECT name /*'*/ FROM main.account /*'*/ WHERE code = 'A-NE1')"
        " WHERE code = 'A-SW1' RETURNING name"
    ],
    "an update that reads the schema, in a name's shade": [
        "UPDATE account SET name = (SELECT name AS \"'\" FROM main.account WHERE code = 'A-NE1')"
        " WHERE code = 'A-SW1' AND '' = '' RETURNING name"
    ],
    "an update that reads the schema, in brackets": [
        "UPDATE account SET name = (SELECT name FROM [main].[account] WHERE code = 'A-NE1') WHERE code = 'A-SW1' RETURNING name"
    ],
    "a delete that asks the schema": [
        "DELETE FROM activity WHERE EXISTS (SELECT 1 FROM \"main\" . account WHERE code = 'A-NE1') RETURNING subject"
    ],
    "an insert from the schema": [
        f"INSERT INTO account {_NEW} SELECT 'Z', name, 'z', 'customer', 'USD', 5, created_at, updated_at, 1"
        " FROM [main].account WHERE code = 'A-NE1'",
        "SELECT name FROM account",
    ],
    "an insert from the view": [
        f"INSERT INTO account {_NEW} SELECT code || 'x', name, 'z', 'customer', 'USD', territory_id, created_at,"
        " updated_at, 1 FROM account",
        "SELECT name FROM account",
    ],
    "an update from a hidden row": [
        "UPDATE account SET name = b.name FROM account AS b WHERE b.code = 'A-NE1' AND account.code = 'A-SW1'",
        "SELECT name FROM account",
    ],
    "an update that returns all": ["UPDATE account SET version = version RETURNING name, annual_revenue_minor"],
    "an update that returns the largest": [
        "UPDATE account SET version = version RETURNING (SELECT max(annual_revenue_minor) FROM account)"
    ],
    "a delete that returns all": ["DELETE FROM contact RETURNING name"],
    "an insert that returns a hidden row": [
        f"INSERT INTO account {_NEW} SELECT 'A-NE1', {_NEW_VALUES} AND 1 ON CONFLICT (code) DO UPDATE SET version = 1"
        " RETURNING name"
    ],
    # hidden rows, changed
    "a hidden row": ["UPDATE account SET segment = 'x' WHERE code = 'A-NE1'"],
    "every row": ["UPDATE account SET segment = 'x'"],
    "every row, after a common table": ["WITH z AS (SELECT 1) UPDATE account SET segment = 'x'"],
    "every row, after a comment": ["/* x */ UPDATE account SET segment = 'x'"],
    "every row, after a semicolon": ["; UPDATE account SET segment = 'x'"],
    "every row, or ignore": ["UPDATE OR IGNORE account SET segment = 'x'"],
    "every row, or rollback": ["UPDATE OR ROLLBACK account SET territory_id = 5"],
    "every row deleted": ["DELETE FROM contact"],
    "every row of the orders": ["DELETE FROM sales_order_line"],
    "a hidden row taken": ["UPDATE account SET territory_id = (SELECT id FROM territory WHERE code = 'SW')"],
    "a row given away": [
        "UPDATE account SET territory_id = (SELECT territory_id FROM account WHERE code = 'A-NE2'),"
        " owner_id = (SELECT id FROM app_user WHERE login = 'eve') WHERE code = 'A-SW1'"
    ],
    "an activity given away": [
        "UPDATE activity SET account_id = NULL, opportunity_id = NULL, owner_id = (SELECT id FROM app_user WHERE login ="
        " 'eve'), territory_id = (SELECT territory_id FROM account WHERE code = 'A-NE2') WHERE external_id = 'V-1'"
    ],
    "a contact replaced by its number": [
        "INSERT OR REPLACE INTO contact (external_id, account_id, territory_id, name, name_key, created_at, updated_at,"
        " version) SELECT 'C-2', id, territory_id, 'n', 'n', 'x', 'x', 1 FROM account WHERE code = 'A-SW1'"
    ],
    "a row replaced by its key": [
        "INSERT OR REPLACE INTO account (id, code, name, name_key, kind, currency, territory_id, created_at, updated_at,"
        " version) SELECT 5, 'ZZ', " + _NEW_VALUES
    ],
    "a row replaced by its code": [f"INSERT OR REPLACE INTO account {_NEW} SELECT 'A-NE1', {_NEW_VALUES}"],
    "a row replaced, the short way": [f"REPLACE INTO account {_NEW} SELECT 'A-NE1', {_NEW_VALUES}"],
    "a row taken over in conflict": [
        f"INSERT INTO account {_NEW} SELECT 'A-NE1', {_NEW_VALUES} ON CONFLICT (code) DO UPDATE SET name = 'x',"
        " territory_id = excluded.territory_id"
    ],
    "a code stolen": ["UPDATE OR REPLACE account SET code = 'A-NE1' WHERE code = 'A-SW1'"],
    "a key stolen": ["UPDATE OR REPLACE account SET id = 5 WHERE code = 'A-SW3'"],
    "a row put elsewhere": [
        f"INSERT INTO account {_NEW} SELECT 'Z', 'z', 'z', 'customer', 'USD', t.territory_id, created_at, updated_at, 1"
        " FROM account AS t WHERE code = 'A-NE2'"
    ],
    "a parent deleted under its children": ["DELETE FROM account WHERE code = 'A-SW1'"],
    # children of hidden rows
    "a contact of a hidden account": [
        "INSERT INTO contact (account_id, territory_id, owner_id, name, name_key, created_at, updated_at, version)"
        f" VALUES (5, (SELECT territory_id FROM account WHERE code = 'A-NE2'), {_ME}, 'n', 'n', 'x', 'x', 1)"
    ],
    "an activity of a hidden opportunity": [
        "UPDATE activity SET opportunity_id = 4 WHERE owner_id = " + _ME
    ],
    "a share in a hidden opportunity": [
        f"INSERT INTO opportunity_split {_SHARE} VALUES (4, {_ME}, 'overlay', 1)", "SELECT name FROM opportunity"
    ],
    "a hidden account as the parent": ["UPDATE account SET parent_id = 5 WHERE code = 'A-SW1'"],
    # common tables named like what is trusted
    "a common table named like a table": ["WITH account AS (SELECT name FROM main.account) SELECT * FROM account"],
    "a common table named like a trigger of the file": [
        "WITH guard_x AS (SELECT name FROM account) SELECT * FROM guard_x",
        "UPDATE account SET name = (WITH guard_x AS (SELECT name FROM 'main'.account WHERE code = 'A-NE1')"
        " SELECT name FROM guard_x) WHERE code = 'A-SW1' RETURNING name",
    ],
    "a common table named like a view of the guard": [
        "WITH _0000000000000000_account AS (SELECT name FROM main.account) SELECT * FROM _0000000000000000_account"
    ],
    "a common table that walks": [
        "WITH RECURSIVE x (id, n) AS (SELECT 1, 0 UNION ALL SELECT id + 1, n + 1 FROM x WHERE n < 20)"
        " SELECT a.name FROM x JOIN account AS a ON a.id = x.id"
    ],
    "a table of the guard, guessed": ["SELECT name FROM _0000000000000000_account"],
    # the catalogue
    "the catalogue": ["SELECT sql FROM sqlite_master"],
    "the catalogue by its new name": ["SELECT sql FROM sqlite_schema"],
    "the catalogue, quoted": ['SELECT sql FROM "sqlite_master"'],
    "the catalogue as a text": ["SELECT sql FROM 'sqlite_master'"],
    "the guard's catalogue": ["SELECT sql FROM sqlite_temp_master"],
    "the guard's catalogue by its new name": ["SELECT sql FROM sqlite_temp_schema"],
    "statistics": ["SELECT * FROM sqlite_stat1", "SELECT * FROM sqlite_sequence"],
    "pages": ["SELECT * FROM dbstat", "SELECT data FROM sqlite_dbpage"],
    "columns as a table": ["SELECT * FROM pragma_table_info('account')"],
    "databases as a table": ["SELECT file FROM pragma_database_list"],
    "functions as a table": ["SELECT * FROM pragma_function_list"],
    "a catalogue, written": ["DELETE FROM sqlite_master", "UPDATE sqlite_master SET sql = ''"],
    # settings
    "a writable catalogue": ["PRAGMA writable_schema = 1"],
    "no foreign keys": ["PRAGMA foreign_keys = OFF", "DELETE FROM account WHERE code = 'A-SW1'"],
    "no recursive triggers": [
        "PRAGMA recursive_triggers = OFF", f"INSERT OR REPLACE INTO account {_NEW} SELECT 'A-NE1', {_NEW_VALUES}"
    ],
    "a journal elsewhere": ["PRAGMA journal_mode = OFF"],
    "a setting in capitals and brackets": ["PRAGMA main.[table_info](account)"],
    "a setting after a semicolon": ["SELECT 1; PRAGMA foreign_keys = OFF"],
    # other objects, files and code
    "the view dropped": ["DROP VIEW account", "SELECT name FROM account"],
    "the view dropped by its full name": ["DROP VIEW temp.account", "SELECT name FROM account"],
    "a table dropped": ["DROP TABLE contact"],
    "a table renamed": ["ALTER TABLE contact RENAME TO other", "SELECT * FROM other"],
    "a column added": ["ALTER TABLE contact ADD COLUMN x"],
    "an index made": ["CREATE INDEX i ON account (name)"],
    "a table made": ["CREATE TABLE t AS SELECT * FROM account", "SELECT * FROM t"],
    "a temporary table made": ["CREATE TEMP TABLE t AS SELECT name FROM main.account", "SELECT name FROM t"],
    "a view made": ["CREATE VIEW v AS SELECT name FROM account", "SELECT name FROM v"],
    "a temporary view made": ["CREATE TEMP VIEW v AS SELECT name FROM main.account", "SELECT name FROM v"],
    "a trigger made": ["CREATE TRIGGER z AFTER UPDATE ON account BEGIN DELETE FROM contact; END"],
    "a temporary trigger made": ["CREATE TEMP TRIGGER z AFTER UPDATE ON account BEGIN SELECT 1; END"],
    "a virtual table made": ["CREATE VIRTUAL TABLE f USING fts5 (name, content = 'account')", "SELECT * FROM f"],
    "the same file again": ["ATTACH '{path}' AS x", "SELECT name FROM x.account"],
    "the same file again, by a parameter's name": ["ATTACH DATABASE '{path}' AS [x]", "SELECT name FROM x.account"],
    "a database let go": ["DETACH temp"],
    "a copy of the file": ["VACUUM INTO '{path}.copy'"],
    "code from a file": ["SELECT load_extension('{path}')"],
    "a file written": ["SELECT writefile('{path}.copy', 'x')"],
    "a file read": ["SELECT readfile('{path}')"],
    "a tokenizer's address": ["SELECT hex(fts3_tokenizer('simple'))"],
    "statistics made": ["ANALYZE"],
    "indexes made again": ["REINDEX"],
    # asking how
    "the plan": ["EXPLAIN SELECT name FROM main.account"],
    "the plan of the plan": ["EXPLAIN QUERY PLAN SELECT name FROM account WHERE name = 'Elm Hospital'"],
    "the plan of a change": ["EXPLAIN UPDATE product SET name = name", "EXPLAIN UPDATE account SET name = name"],
    # sums and joins
    "a sum over a join": [
        "SELECT sum(a.annual_revenue_minor), max(a.name) FROM opportunity AS o JOIN account AS a ON a.id = o.account_id"
    ],
    "a window": ["SELECT name, sum(annual_revenue_minor) OVER () FROM account"],
    "everything grouped": ["SELECT group_concat(name), total(annual_revenue_minor) FROM account"],
    "the row's hidden number": ["SELECT rowid, name FROM account WHERE rowid = 5"],
    "counts of what is hidden": ["SELECT 'hidden:' || count(*) FROM main.account WHERE code = 'A-NE1'"],
    # the trail, and what is another's own
    "an event in another's name": [
        "INSERT INTO audit_event (seq, at, user_id, actor_id, action, entity, details, previous_hash, hash)"
        " SELECT 900, 'x', id, id, 'a', 'b', 'c', 'd', 'e' FROM app_user WHERE login = 'eve'"
    ],
    "an event by another hand": [
        "INSERT INTO audit_event (seq, at, user_id, actor_id, action, entity, details, previous_hash, hash)"
        f" SELECT 900, 'x', {_ME}, id, 'a', 'b', 'c', 'd', 'e' FROM app_user WHERE login = 'eve'"
    ],
    "events changed": ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"],
    "details erased": ["UPDATE audit_detail SET salt = NULL, key = NULL, content = NULL"],
    "details rewritten": ["UPDATE audit_detail SET content = 'x'", "DELETE FROM audit_detail"],
    "details put in another's place": ["INSERT OR REPLACE INTO audit_detail SELECT seq, 'x', 'x' FROM audit_event"],
    "details read past the view": ["SELECT content FROM audit_detail WHERE seq IN (SELECT seq FROM main.audit_detail)"],
    "a role taken for an emergency": [
        "INSERT INTO emergency_grant (user_id, role_id, day, granted_at, reason)"
        f" VALUES ({_ME}, (SELECT id FROM role WHERE code = 'emergency'), '2026-05-20', 'x', 'x')"
    ],
    "a role made one for emergencies": ["UPDATE role SET is_emergency = 1"],
    "a deputyship stolen": [
        "INSERT INTO deputy (user_id, deputy_id, valid_from, valid_to)"
        f" VALUES ((SELECT id FROM app_user WHERE login = 'dora'), {_ME}, '2026-01-01', '2027-01-01')"
    ],
    "a deputyship prolonged": ["UPDATE deputy SET valid_to = '2099-01-01'"],
    "rights given": [
        "INSERT INTO role_grant (user_id, role_id, valid_from, granted_at)"
        f" VALUES ({_ME}, (SELECT id FROM role WHERE code = 'admin'), '2020-01-01', 'x')"
    ],
    "rights widened": ["UPDATE role_permission SET scope = 'all'"],
    "territories joined": [
        "INSERT INTO territory_member (territory_id, user_id, role, valid_from)"
        f" SELECT id, {_ME}, 'manager', '2020-01-01' FROM territory"
    ],
    "somebody else's login": [
        f"INSERT INTO user_identity (user_id, kind, name) VALUES ({_ME}, 'os', 'root2')",
        "UPDATE app_user SET active = 0 WHERE login = 'eve'",
    ],
}  # fmt: skip

Manoeuvre = Callable[[GuardedConnection, Path], Any]


def _stale_target(raw: GuardedConnection, _path: Path) -> Any:
    raw.execute("UPDATE account SET version = version WHERE 1 = 0")
    return sqlite3.Cursor(raw).execute("SELECT name FROM main.account").fetchall()


def _stale_target_after_a_failure(raw: GuardedConnection, _path: Path) -> Any:
    try:
        raw.execute("UPDATE account SET nothing = 1")
    except sqlite3.Error:
        return sqlite3.Cursor(raw).execute("SELECT name FROM main.account").fetchall()


def _cached_statement(raw: GuardedConnection, _path: Path) -> Any:
    sql = "SELECT name FROM account"
    before = raw.execute(sql).fetchall()
    raw.execute("UPDATE account SET version = version WHERE code = 'A-SW1'")
    return [before, raw.execute(sql).fetchall(), raw.cursor().execute(sql).fetchall()]


def _second_cursor(raw: GuardedConnection, _path: Path) -> Any:
    first = raw.cursor().execute("UPDATE account SET version = version RETURNING name")
    second = raw.cursor().execute("SELECT name FROM account")
    return [first.fetchone(), second.fetchall(), first.fetchall()]


def _in_the_middle_of_many(raw: GuardedConnection, _path: Path) -> Any:
    found: list[Any] = []

    def rows() -> Iterator[tuple[str]]:
        for code in ("A-SW1", "A-NE1"):
            found.extend(sqlite3.Cursor(raw).execute("SELECT name FROM main.account"))
            yield (code,)

    raw.executemany("UPDATE account SET version = version WHERE code = ?", rows())
    return found


def _copy_elsewhere(raw: GuardedConnection, path: Path) -> Any:
    raw.execute("ROLLBACK")
    with sqlite3.connect(f"{path}.copy") as other:
        raw.backup(other)
        return other.execute("SELECT name FROM account").fetchall()


MANOEUVRES: dict[str, Manoeuvre] = {
    "a plain cursor": lambda raw, _path: sqlite3.Cursor(raw).execute("SELECT name FROM main.account").fetchall(),
    "a plain cursor, asked for": lambda raw, _path: raw.cursor(sqlite3.Cursor).execute("SELECT name FROM main.account").fetchall(),
    "a plain cursor that counts": lambda raw, _path: sqlite3.Cursor(raw).execute("SELECT 'hidden:' || count(*) FROM main.account").fetchall(),
    "a plain cursor after a change": _stale_target,
    "a plain cursor after a change that failed": _stale_target_after_a_failure,
    "a plain cursor in the middle of many": _in_the_middle_of_many,
    "a statement kept": _cached_statement,
    "a second cursor": _second_cursor,
    "a script": lambda raw, _path: raw.executescript("DROP VIEW account"),
    "a script of a cursor": lambda raw, _path: raw.cursor().executescript("DELETE FROM contact;"),
    "many at once": lambda raw, _path: raw.executemany("DELETE FROM contact WHERE id = ?", [(n,) for n in range(9)]),
    "a copy through the driver": _copy_elsewhere,
    "the bytes of the file": lambda raw, _path: raw.serialize(),
    "a value as a file": lambda raw, _path: raw.blobopen("account", "name", 5, readonly=True).read(),
    "a dump": lambda raw, _path: "".join(raw.iterdump()),
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """The file under attack, and what sam must not see of it."""

    path: Path
    before: dict[str, list[Row]]
    hidden: dict[str, set[Any]]
    mine: dict[str, set[Any]]


@pytest.fixture(scope="module")
def target(sqlite_template: Path) -> Target:
    world = world_of(_workspace(sqlite_template))
    mine = visible(world, person(world, "sam", TODAY))
    return Target(
        sqlite_template,
        dict(world),
        {table: _keys(world[table]) - _keys(mine[table]) for table in TABLES},
        {table: _keys(mine[table]) for table in TABLES},
    )


def _workspace(path: Path) -> TestWorkspace:
    where = DatabaseUrl("sqlite", path=path)
    return TestWorkspace(where, where, "main")


def _keys(rows: list[Row]) -> set[Any]:
    return {tuple(row.items()) for row in rows}


def breach(target: Target, folder: Path, attack: Callable[[GuardedConnection, Path], Any]) -> str | None:
    """Run an attack on a copy of the file; says what it got, or None when the guard held."""
    path = folder / "sales.db"
    shutil.copy(target.path, path)
    raw = connect.connect(DatabaseUrl("sqlite", path=path), today=TODAY, as_user="sam", writing=True)
    said: Any = None
    try:
        raw.execute("BEGIN IMMEDIATE")
        said = attack(raw, path)
        if raw.in_transaction:
            raw.execute("COMMIT")
    except sqlite3.Error as fault:
        said = f"{said} {type(fault).__name__}: {fault}"
    finally:
        raw.close()
    found = next(_damages(target, path, repr(said)), None)
    for left in folder.iterdir():
        left.unlink()
    return found


def run_all(statements: list[str]) -> Callable[[GuardedConnection, Path], Any]:
    """Run statements one after another, past those that are refused, and say all they answered."""

    def attack(raw: GuardedConnection, path: Path) -> Any:
        answers: list[Any] = []
        for statement in statements:
            try:
                answers.append(raw.execute(statement.replace("{path}", str(path))).fetchall())
            except (sqlite3.Error, sqlite3.Warning) as fault:
                answers.append(str(fault))
        return answers

    return attack


def _damages(target: Target, path: Path, said: str) -> Iterator[str]:
    yield from (f"it said {word}" for word in (*SECRETS, "hidden:") if word in said)
    if Path(f"{path}.copy").exists() and Path(f"{path}.copy").stat().st_size:
        yield "it made a file"
    after = world_of(_workspace(path))
    for table in TABLES:
        rows = _keys(after[table])
        if not target.hidden[table] <= rows:
            yield f"hidden rows of {table} changed"
        new = rows - _keys(target.before[table])
        yield from (f"{word} was copied into {table}" for word in SECRETS if word in repr(new))
    yield from _intrusions(target, dict(after))
    with sqlite3.connect(path) as raw:
        if raw.execute("PRAGMA foreign_key_check").fetchall():
            yield "rows hang on nothing"
        with sqlite3.connect(target.path) as whole:
            if set(raw.execute("SELECT * FROM sqlite_master")) != set(whole.execute("SELECT * FROM sqlite_master")):
                yield "the tables changed"


def _intrusions(target: Target, after: dict[str, list[Row]]) -> Iterator[str]:
    """Rows that are where sam may put none: out of his sight, on hidden parents, or in another's name."""
    seen = visible(after, person(after, "sam", TODAY))
    for table in TABLES:
        lost = (_keys(after[table]) - _keys(seen[table])) - target.hidden[table]
        if lost and table not in ("audit_event", "idempotency_key"):
            yield f"rows of {table} went out of sight: {sorted(lost)[0]}"
        if len(seen[table]) > len(target.mine[table]) and table not in ("account", "contact", "activity"):
            yield f"more of {table} is seen than before"
    hidden = {table: {dict(row).get("id") for row in target.hidden[table]} for table in ("account", "opportunity")}
    for table, column, above in (
        ("contact", "account_id", "account"), ("activity", "opportunity_id", "opportunity"),
        ("opportunity_split", "opportunity_id", "opportunity"), ("account", "parent_id", "account"),
    ):  # fmt: skip
        old = {row["id"] for row in target.before[table] if row[column] in hidden[above]}
        if {row["id"] for row in after[table] if row[column] in hidden[above]} - old:
            yield f"a row of {table} hangs on a hidden one"
    events = _keys(after["audit_event"]) - _keys(target.before["audit_event"])
    yield from ("an event is signed by another" for row in events if dict(row)["actor_id"] != 1)


# case 43
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_nothing(target: Target, tmp_path: Path, name):
    assert breach(target, tmp_path, run_all(ATTACKS[name])) is None


@pytest.mark.parametrize("name", MANOEUVRES)
def test_a_manoeuvre_through_the_driver_gets_nothing(target: Target, tmp_path: Path, name):
    assert breach(target, tmp_path, MANOEUVRES[name]) is None


# What must still work

HARMLESS = {
    "words in a text": "SELECT 'main. temp pragma attach sqlite_master _scope_x' AS x",
    "words in a text with quotes": "SELECT 'it''s main.account' AS x",
    "words in a comment": "SELECT 1 /* main.account */ -- pragma",
    "a text before an operator and a number": "SELECT 'a' || .5",
    "a text compared": "SELECT count(*) FROM account WHERE name <> 'temp' AND 'main' = 'main'",
    "a column of a quoted table": 'SELECT "account"."name" FROM "account"',
    "words inside longer words": "SELECT 1 AS domain_main_x, 2 AS temperature, 3 AS attachment",
    "a savepoint": "SAVEPOINT s",
    "a text that ends in a quote": "SELECT '''' AS x",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_statement_that_means_no_harm_is_run(sqlite_company: Company, name):
    raw = connect.connect(sqlite_company.workspace.url, today=TODAY, as_user="sam")
    try:
        raw.execute(HARMLESS[name]).fetchall()
    finally:
        raw.close()


def test_parameters_may_hold_any_words(sqlite_company: Company):
    raw = connect.connect(sqlite_company.workspace.url, today=TODAY, as_user="sam")
    try:
        said = raw.execute("SELECT ? || :main", ("main.account; PRAGMA x", "temp")).fetchone()
    finally:
        raw.close()

    assert said == ("main.account; PRAGMA xtemp",)


def test_sam_still_sees_and_changes_what_is_his(target: Target, tmp_path: Path):
    said: list[Any] = []

    def work(raw: GuardedConnection, _path: Path) -> None:
        said.append(raw.execute("SELECT count(*) FROM account").fetchone())
        said.append(raw.execute("UPDATE account SET segment = 'x' WHERE code = 'A-SW1'").rowcount)
        said.append(raw.execute("INSERT INTO contact (account_id, territory_id, name, name_key, created_at, updated_at,"
                                " version) SELECT id, territory_id, 'n', 'n', 'x', 'x', 1 FROM account"
                                " WHERE code = 'A-SW1'").rowcount)  # fmt: skip
        said.append(raw.execute("DELETE FROM contact WHERE name = 'n'").rowcount)

    assert breach(target, tmp_path, work) is None
    assert said == [(4,), 1, 1, 1]


# A part of the guard taken away: the attacks above notice

Take = Callable[[pytest.MonkeyPatch], None]


def _without_triggers(ending: str) -> Take:
    whole = sqlite_guard._triggers

    def some(*args: Any) -> list[Any]:
        return [made for made in whole(*args) if not made.name.endswith(ending)]

    return lambda patch: patch.setattr(sqlite_guard, "_triggers", some)


def _without_setting(name: str) -> Take:
    whole = GuardedConnection.guard

    def guard(self: GuardedConnection, *args: Any, **options: Any) -> None:
        self.execute(f"PRAGMA {name} = OFF")
        whole(self, *args, **options)

    return lambda patch: patch.setattr(GuardedConnection, "guard", guard)


def _plain_words(sql: str) -> bool:
    """The check as it is often written: texts out, then a search for the words."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", sql)
    return bool(re.search(r"\b(main|temp|pragma|attach|sqlite_\w+|_scope_\w+)\b", bare, re.IGNORECASE))


def _known_prefix(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(secrets, "token_hex", lambda size: "0" * 16)
    patch.setattr(sqlite_guard, "names_a_schema", lambda sql: False)


MUTANTS: dict[str, tuple[Take, str]] = {
    "no views": (lambda p: p.setattr(sqlite_guard, "_views", lambda *a: []), "everything grouped"),
    "no authorizer": (
        lambda p: p.setattr(GuardedConnection, "_authorize", lambda *a: sqlite3.SQLITE_OK), "the view dropped"
    ),
    "no authorizer, and no word names the schema": (
        lambda p: p.setattr(GuardedConnection, "_authorize", lambda *a: sqlite3.SQLITE_OK), "a plain cursor"
    ),
    "no check of words": (
        lambda p: p.setattr(sqlite_guard, "names_a_schema", lambda sql: False), "an update that reads the schema"
    ),
    "a plain check of words: texts": (
        lambda p: p.setattr(sqlite_guard, "names_a_schema", _plain_words), "an update that reads the schema, as a text"
    ),
    "a plain check of words: comments": (
        lambda p: p.setattr(sqlite_guard, "names_a_schema", _plain_words),
        "an update that reads the schema, in a comment's shade",
    ),
    "a plain check of words: names": (
        lambda p: p.setattr(sqlite_guard, "names_a_schema", _plain_words),
        "an update that reads the schema, in a name's shade",
    ),
    "a view whose name is known": (_known_prefix, "a common table named like a view of the guard"),
    "no look at what is added": (_without_triggers("_insert_new"), "a row put elsewhere"),
    "no look at what a row was": (_without_triggers("_update_old"), "every row"),
    "no look at what a row becomes": (_without_triggers("_update_new"), "an activity given away"),
    "no look at what is deleted": (_without_triggers("_delete_old"), "every row of the orders"),
    "no look at links": (lambda p: p.setattr(sqlite_guard, "_links", lambda *a: []), "a contact of a hidden account"),
    "no look at shares": (lambda p: p.setattr(sqlite_guard, "_links", lambda *a: []), "a share in a hidden opportunity"),
    "no signature": (
        lambda p: p.setattr(sqlite_guard, "_signed", lambda rule, actor: f"$row.user_id = {actor.user_id}"),
        "an event by another hand",
    ),
    "no recursive triggers": (_without_setting("recursive_triggers"), "a contact replaced by its number"),
    "no foreign keys": (_without_setting("foreign_keys"), "a parent deleted under its children"),
    "no forgetting": (lambda p: p.setattr(GuardedConnection, "forget", lambda self: None), "a plain cursor after a change"),
    "copies from any connection": (
        lambda p: p.setattr(GuardedConnection, "_require_unscoped", lambda self: None), "a copy through the driver"
    ),
    "values from any connection": (
        lambda p: p.setattr(GuardedConnection, "_require_unscoped", lambda self: None), "a value as a file"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_the_attacks_notice_when_a_part_of_the_guard_is_missing(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name
):
    take, attack = MUTANTS[name]
    work = run_all(ATTACKS[attack]) if attack in ATTACKS else MANOEUVRES[attack]
    take(monkeypatch)

    assert breach(target, tmp_path, work) is not None


def test_a_reading_connection_needs_no_triggers_to_change_nothing(sqlite_company: Company):
    """Twice over: the engine is told not to write, and the authorizer refuses."""
    raw = connect.connect(sqlite_company.workspace.url, today=TODAY, as_user="sam")
    try:
        raw.set_authorizer(None)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            raw.execute("UPDATE product SET name = 'x'")
    finally:
        raw.close()


def test_the_authorizer_of_a_reading_connection_refuses_changes(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite_guard, "_triggers", lambda *args: [])
    raw = connect.connect(sqlite_company.workspace.url, today=TODAY, as_user="sam", writing=True)
    raw._is_writing = False
    try:
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
            raw.execute("UPDATE product SET name = 'x'")
    finally:
        raw.close()


def test_what_a_failing_condition_tells_of_hidden_rows_is_known(target: Target, tmp_path: Path):
    """A residue: a change evaluates its condition on every row, and an error in it shows. So a change in a person's
    own words never reaches the database; PostgreSQL has no such gap."""
    sql = (
        "UPDATE account SET version = version WHERE code = '{code}'"
        " AND abs(CASE WHEN name LIKE 'Elm%' THEN -9223372036854775807 - 1 ELSE 0 END) > 0"
    )
    said: list[Any] = []

    for code in ("A-NE1", "A-NW1"):
        breach(target, tmp_path, lambda raw, path, code=code: said.extend(run_all([sql.format(code=code)])(raw, path)))

    assert said == ["integer overflow", []]


# The words of a statement


@pytest.mark.parametrize("sql", [
    "SELECT 1 FROM main", "main", '"main"', "[main]", "`main`", '"MAIN"', "'main'.x", "'x' /* */ . y", "'a'--\n.b",
    "x'00'.y", "_scope_territory", "_0123456789abcdef_account", "pragma_table_info", "attach", "sqlite_schema",
])  # fmt: skip
def test_a_name_that_reaches_round_the_guard_is_seen(sql):
    assert names_a_schema(sql)


@pytest.mark.parametrize("sql", [
    "'main'", "'it''s main'", "-- main", "/* main", "/* main */ x", ":main", "$temp", "@main", "mainly", "a.domain",
    "'a' || b.c", "\"it's\"", "1.5", "'a', b.c", "x.'main'", "",
])  # fmt: skip
def test_a_word_that_is_no_such_name_is_let_be(sql):
    assert not names_a_schema(sql)


_GAPS = [
    "",
    " ",
    "\n",
    "\x0c",
    "/**/",
    "/*'*/",
    '/*"*/',
    "/*`*/",
    "/*[*/",
    "/*]*/",
    "/*--*/",
    "--'\n",
    '--"\n',
    "--/*\n",
    "/*/*/",
]
_SCHEMAS = ["main", "Main", "'main'", '"main"', "[main]", "`main`"]
_NAMES = ["account", "'account'", '"account"', "[account]", "`account`"]
_VALUES = ["name", "'it''s'", "''", "'\"'", "'`'", "'['", "'/*'", "'--'", "'.'", "1.5", ".5", "x'00'", "'a' || 'b'"]
_ALIASES = [
    "",
    'AS "\'"',
    "AS [']",
    "AS `'`",
    "AS '\"'",
    'AS """"',
    'AS "a\'b"',
    'AS [a"b]',
    "AS `a``'`",
    "AS [/*]",
    'AS "--"',
]
_ENDS = [
    "",
    "WHERE '' = ''",
    "WHERE '''' <> \"'\"",
    "ORDER BY 1 --'",
    "/*'",
    "WHERE name <> '*/'",
    'LIMIT 1 -- "',
    'AS "\'"',
]


def test_no_disguise_of_the_schemas_name_is_missed():
    """Random statements; the engine itself says which of them reach the table past a view of its name."""
    rnd, reached = random.Random(43), []
    raw = sqlite3.connect(":memory:")
    raw.execute("CREATE TABLE account (name)")
    raw.execute("CREATE TEMP VIEW account AS SELECT 'x' AS name")
    raw.set_authorizer(
        lambda action, table, _column, schema, _source: reached.append((table, schema)) or sqlite3.SQLITE_OK
    )
    missed, fooled, number = [], 0, 0

    for _turn in range(4000):
        gap = [rnd.choice(_GAPS) + rnd.choice(_GAPS) for _part in range(4)]
        values = ", ".join(f"{rnd.choice(_VALUES)} {rnd.choice(_ALIASES)}" for _part in range(rnd.randint(1, 3)))
        schema, name, end = rnd.choice(_SCHEMAS), rnd.choice(_NAMES), rnd.choice(_ENDS)
        sql = f"SELECT {values}{gap[0]} FROM{gap[1]} {schema}{gap[2]}.{gap[3]}{name} {end}"
        reached.clear()
        try:
            raw.execute(f"EXPLAIN {sql}")
        except sqlite3.Error:
            continue
        if ("account", "main") in reached:
            number += 1
            fooled += not _plain_words(sql)
            missed += [] if names_a_schema(sql) else [sql]
    raw.close()

    assert missed == []
    assert number > 1000
    assert fooled > 100, "else these disguises are none"


def test_the_attacks_are_more_than_those_of_the_prototype():
    assert len(ATTACKS) + len(MANOEUVRES) >= 100
