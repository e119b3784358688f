"""Who is asking is what the system says; and a connection is set up so that it stays whole."""

from __future__ import annotations

import ast
import os
import sqlite3
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from sfactl.db import connect, sqlite_guard
from sfactl.db.connect import os_login, system_connection, wal_is_safe
from sfactl.db.session import Door
from sfactl.db.url import DatabaseUrl, parse
from sfactl.errors import NotAllowed, NotFound, SfaError, Unavailable
from tests.db.company import STAYING, Company, system
from tests.db.conftest import who
from tests.db.who_sees_what import visible
from tests.organisation import NOW, TODAY
from tests.workspace import TestWorkspace, role_of

SOURCE = Path(connect.__file__).parents[1]


@pytest.fixture
def at_keyboard(company: Company, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Door]:
    """The door as it opens for somebody who signed in himself."""

    def door(login: str, as_user: str | None = None) -> Door:
        workspace = company.workspace
        if workspace.is_sqlite:
            monkeypatch.setattr(connect, "os_login", lambda: f"os-{login}" if login != "ana" else os_login())
            return Door(workspace.url, as_user=as_user, now=NOW, today=TODAY)
        where = workspace.system_url.for_login(role_of(workspace.worker, login))
        return Door(where, as_user=as_user, now=NOW, today=TODAY)

    return door


# Who is asking


# case 45
@pytest.mark.parametrize("name", ["USER", "LOGNAME", "SUDO_USER", "SUDO_UID", "USERNAME", "LNAME", "HOME", "PGUSER"])
def test_no_variable_says_who_somebody_is(sqlite_company: Company, monkeypatch: pytest.MonkeyPatch, name):
    monkeypatch.setenv(name, "os-sam")

    with Door(sqlite_company.workspace.url, now=NOW, today=TODAY).read() as session:
        assert session.actor.login == "ana"
        assert session.actor.signed_in_as == "ana"
    assert os_login() != "os-sam"


def test_the_owner_of_the_process_counts_not_the_rights_it_borrowed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "getuid", lambda: 424242)

    assert os_login() == "uid:424242"


# case 28, case 119
@pytest.mark.parametrize("uid", [65534, 424242])
def test_somebody_unknown_is_told_whom_to_ask(sqlite_company: Company, monkeypatch: pytest.MonkeyPatch, uid):
    monkeypatch.setattr(os, "getuid", lambda: uid)
    name = os_login()

    with pytest.raises(NotAllowed) as refusal, Door(sqlite_company.workspace.url).read():
        pass

    assert name in refusal.value.message
    assert refusal.value.hint == f"Ask an administrator to run: sfactl user map LOGIN {name}"
    assert refusal.value.exit_code == 4


def test_somebody_who_left_is_as_unknown_as_a_stranger(sqlite_workspace: TestWorkspace):
    with system(sqlite_workspace) as run:
        run("UPDATE app_user SET active = 0 WHERE login = 'ana'")

    with pytest.raises(NotAllowed), sqlite_workspace.door().read():
        pass


# Acting for another


@pytest.mark.parametrize("login, other", [
    ("ana", "sam"), ("ana", "cron"), ("cron", "mike"), ("cron", "dora"), ("cron", "nils"), ("olga", "aldo"),
    ("olga", "nora"), ("sam", "nils"), ("sam", "sam"),
])  # fmt: skip
def test_acting_for_another_shows_his_rows_and_keeps_both_names(company: Company, at_keyboard, login, other):
    mine = {row["code"] for row in visible(company.world, who(company, other))["account"]}

    with at_keyboard(login, other).read() as session:
        assert (session.actor.login, session.actor.signed_in_as) == (other, login)
        assert session.actor.is_acting_for_another == (login != other)
        assert set(session.execute(text("SELECT code FROM account")).scalars()) == mine


# case 14
@pytest.mark.parametrize("login, other", [
    ("sam", "eve"), ("sam", "mike"), ("mike", "dora"), ("mike", "eve"), ("dora", "ana"), ("olga", "ana"),
    ("olga", "dora"), ("cron", "ana"), ("aldo", "sam"), ("nils", "sam"),
])  # fmt: skip
def test_nobody_acts_for_somebody_with_more_rights(company: Company, at_keyboard, login, other):
    with pytest.raises(NotAllowed) as refusal, at_keyboard(login, other).read():
        pass

    assert refusal.value.message == f"You may not act as {other}: their rights do not lie within your own."


@pytest.mark.parametrize("login", ["ana", "cron", "sam"])
def test_a_leaver_and_nobody_at_all_are_not_found_alike(company: Company, at_keyboard, login):
    said = []

    for other in ("leo", "leonie"):
        with pytest.raises(NotFound) as refusal, at_keyboard(login, other).read():
            pass
        said.append((refusal.value.message.replace(other, "…"), refusal.value.hint))

    assert said[0] == said[1]


def test_everybody_in_the_company_has_the_rights_that_the_data_say(company: Company, at_keyboard):
    for login in STAYING:
        me = who(company, login)
        with at_keyboard(login).read() as session:
            actor = session.actor
        assert (actor.login, actor.user_id) == (login, me.key)
        assert dict(actor.permissions) == me.scopes
        assert actor.territories == me.territories
        assert actor.subtree == me.subtree


# How a file is opened


def settings_of(raw: Any) -> dict[str, Any]:
    raw.set_authorizer(None)
    names = (
        "foreign_keys",
        "recursive_triggers",
        "trusted_schema",
        "synchronous",
        "temp_store",
        "query_only",
        "journal_mode",
        "writable_schema",
    )
    return {name: sqlite3.Cursor(raw).execute(f"PRAGMA {name}").fetchone()[0] for name in names}


# case 44, case 47
@pytest.mark.parametrize("writing", [False, True])
@pytest.mark.parametrize("as_user", [None, "sam"])
def test_every_connection_is_set_up_alike(sqlite_company: Company, writing, as_user):
    wanted = {
        "foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0, "temp_store": 2,
        "synchronous": 3, "journal_mode": "wal" if wal_is_safe() else "delete",
        "query_only": int(not writing), "writable_schema": 0,
    }  # fmt: skip

    for _again in range(2):
        raw = connect.connect(sqlite_company.workspace.url, today=TODAY, as_user=as_user, writing=writing)
        assert settings_of(raw) == wanted
        raw.close()


def test_a_guard_made_all_at_once_is_the_one_that_its_statements_make(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch
):
    def made() -> list[tuple[object, ...]]:
        raw = connect.connect(sqlite_company.workspace.url, today=TODAY, as_user="sam", writing=True)
        raw.set_authorizer(None)
        found = (
            sqlite3.Cursor(raw).execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_temp_master").fetchall()
        )
        raw.close()
        prefix = next(str(row[1]) for row in found if str(row[1]).endswith("_account"))[:17]
        return [tuple(str(cell).replace(prefix, "_") for cell in row) for row in found]

    at_once = made()
    monkeypatch.setattr(sqlite_guard, "_INTO_CATALOGUE", "INSERT INTO sqlite_nowhere VALUES (?, ?, ?, ?)")

    assert len(at_once) > 300
    assert made() == at_once


def test_the_connections_of_a_door_are_set_up_so_too(sqlite_company: Company):
    door = sqlite_company.workspace.door("sam")

    for _again in range(2):
        with door.read() as session:
            raw: Any = session.sql.connection.dbapi_connection
            found = settings_of(raw)
            assert (found["foreign_keys"], found["recursive_triggers"], found["trusted_schema"]) == (1, 1, 0)


def test_an_unscoped_connection_is_set_up_so_too(sqlite_company: Company):
    raw = system_connection(sqlite_company.workspace.url, "a test looks")
    found = settings_of(raw)
    raw.close()

    assert (found["foreign_keys"], found["recursive_triggers"], found["trusted_schema"]) == (1, 1, 0)


# case 47
@pytest.mark.parametrize("version, is_safe", [
    ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 49, 9), False),
    ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True),
    ((4, 0, 0), True),
])  # fmt: skip
def test_a_write_ahead_log_is_kept_only_where_it_is_safe(version, is_safe):
    assert wal_is_safe(version) is is_safe


# case 46
def test_a_link_in_the_files_place_is_refused(sqlite_workspace: TestWorkspace, tmp_path: Path):
    link = tmp_path / "link.db"
    link.symlink_to(sqlite_workspace.url.path or Path())

    for open_it in (lambda where: connect.connect(where, today=TODAY), lambda where: system_connection(where, "test")):
        with pytest.raises(SfaError, match="is a link"):
            open_it(DatabaseUrl("sqlite", path=link))


# case 46
def test_a_file_is_made_for_its_owner_alone(tmp_path: Path):
    before = os.umask(0)
    try:
        system_connection(DatabaseUrl("sqlite", path=tmp_path / "new.db"), "a test makes one").close()
        assert os.umask(0) == 0, "the process's own mask is put back"
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path):
    with pytest.raises(Unavailable, match="There is no database") as refusal:
        connect.connect(DatabaseUrl("sqlite", path=tmp_path / "no.db"), today=TODAY)

    assert refusal.value.hint == "`sfactl init` makes one."
    assert not (tmp_path / "no.db").exists()


@pytest.mark.parametrize(
    "content",
    [b"no database, but a text that is longer than the header of one" * 20, b"SQLite format 3\0" + b"x" * 4096],
)
def test_a_file_that_is_something_else_is_not_opened(tmp_path: Path, content):
    (tmp_path / "x.db").write_bytes(content)

    with pytest.raises(SfaError, match=r"is no sfactl database|cannot be opened|damaged"):
        connect.connect(DatabaseUrl("sqlite", path=tmp_path / "x.db"), today=TODAY)


def test_a_folder_is_not_opened(tmp_path: Path):
    with pytest.raises(Unavailable):
        connect.connect(DatabaseUrl("sqlite", path=tmp_path), today=TODAY)


# case 58
@pytest.mark.parametrize("version, words", [
    ("9999", "newer version"), ("0000", "brought up to date"), (None, "holds no sfactl workspace"),
])  # fmt: skip
def test_a_database_of_another_version_is_refused(workspace: TestWorkspace, version, words):
    with system(workspace) as run:
        if version is None:
            run("DROP TABLE alembic_version")
        else:
            run(f"UPDATE alembic_version SET version_num = '{version}'")

    with pytest.raises(SfaError, match=words) as refusal, workspace.door().read():
        pass

    assert refusal.value.hint


def test_an_empty_file_holds_no_workspace(tmp_path: Path):
    (tmp_path / "empty.db").touch()

    with pytest.raises(Unavailable, match="holds no sfactl workspace"):
        connect.connect(DatabaseUrl("sqlite", path=tmp_path / "empty.db"), today=TODAY)


def test_an_empty_database_holds_no_workspace(postgres_server: Any, worker: str):
    name = f"empty_{worker}"
    postgres_server.create_database(name)
    try:
        where = parse(postgres_server.url(name, user=role_of(worker, "nobody_yet")))
        with pytest.raises(Unavailable, match="cannot be reached"):
            connect.connect(where, today=TODAY)
        with pytest.raises(NotAllowed, match="stands above all rules"):
            connect.connect(parse(postgres_server.url(name)), today=TODAY)
    finally:
        postgres_server.drop_database(name)


def test_a_server_that_is_not_there_is_named_without_the_password():
    where = parse("postgresql+psycopg://me:secret@127.0.0.1:1/db")

    with pytest.raises(Unavailable) as refusal:
        connect.connect(where, today=TODAY)

    assert "cannot be reached" in refusal.value.message
    assert "secret" not in refusal.value.message
    assert refusal.value.exit_code == 6


# case 56
def test_a_file_that_somebody_holds_is_unavailable_in_time(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_S", 0.05)
    holder = sqlite3.connect(str(sqlite_workspace.url.path), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(Unavailable, match="Somebody else is writing") as refusal:
            connect.connect(sqlite_workspace.url, today=TODAY)
    finally:
        holder.close()

    assert refusal.value.exit_code == 6


def test_a_connection_that_was_refused_is_closed(sqlite_company: Company, monkeypatch: pytest.MonkeyPatch):
    opened: list[Any] = []
    whole = connect.open_file

    def noted(*args: Any, **options: Any) -> Any:
        opened.append(whole(*args, **options))
        return opened[-1]

    monkeypatch.setattr(connect, "open_file", noted)
    monkeypatch.setattr(os, "getuid", lambda: 424242)
    with pytest.raises(NotAllowed):
        connect.connect(sqlite_company.workspace.url, today=TODAY)

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_an_unscoped_connection_needs_a_reason(sqlite_company: Company):
    with pytest.raises(ValueError, match="why"):
        system_connection(sqlite_company.workspace.url, "")


# Who else opens one


CALLERS = {
    "system_connection": {
        "db/migrate.py", "db/session.py", "db/upkeep.py", "services/access_logins.py", "services/databases.py",
    },
    "system_session": {"services/workspace_making.py"},
    "open_file": {"db/connect.py", "services/databases.py"},
}  # fmt: skip
"""Everybody who works outside all rules: sign-in, a new workspace, migrations, logins, copies and checks of a file."""

OPENERS = {
    "sqlite3.connect": {"db/connect.py"},
    "psycopg.connect": {"db/connect.py"},
    "create_engine": {"db/engine.py"},
    "engine_over": {"db/migrate.py", "db/session.py", "services/access_logins.py", "services/databases.py"},
    "GuardedConnection": set(),
    "set_authorizer": {"db/sqlite_guard.py"},
}


@cache
def _nodes() -> list[tuple[str, ast.AST]]:
    """All of the program, as it is parsed; the surroundings of the migrations aside."""
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
    return [
        (path.relative_to(SOURCE).as_posix(), node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Call, ast.Import, ast.ImportFrom))
    ]


@pytest.mark.parametrize("function", [*CALLERS, *OPENERS])
def test_few_call_what_opens_an_unscoped_connection(function):
    calls = {(name, ast.unparse(node.func)) for name, node in _nodes() if isinstance(node, ast.Call)}

    assert {name for name, call in calls if call == function or call.endswith(f".{function}")} == {
        **CALLERS, **OPENERS
    }[function]  # fmt: skip


def test_nobody_takes_what_opens_a_connection_under_another_name():
    """The test above reads names; so they may not be hidden."""
    hidden = []
    for name, node in _nodes():
        taken = node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        source = node.module if isinstance(node, ast.ImportFrom) else None
        for alias in taken:
            renamed = alias.asname and (source or alias.name) in (
                "sqlite3",
                "psycopg",
                "sqlalchemy",
                "sfactl.db.connect",
            )
            if renamed or (source in ("sqlite3", "psycopg") and "connect" in alias.name.lower()):
                hidden.append((name, alias.name))

    assert hidden == []


def test_only_the_layer_of_the_data_and_those_who_look_after_it_know_a_driver():
    found = set()
    for name, node in _nodes():
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if {"sqlite3", "psycopg"} & {module.partition(".")[0] for module in modules}:
            found.add(name)

    assert found == {
        "db/connect.py", "db/faults.py", "db/questions.py", "db/sqlite_guard.py", "db/upkeep.py", "services/access_logins.py", "services/databases.py",
        "services/doctor.py",
    }  # fmt: skip


def test_a_connection_that_is_closed_lets_go_of_its_locks_whatever_still_runs_on_it(sqlite_workspace: TestWorkspace):
    door = sqlite_workspace.door()
    raw = connect.connect(door.url, today=TODAY, as_user=None, writing=True)
    cursor = raw.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    cursor.execute("UPDATE account SET name = name")
    cursor.execute("SELECT account.id FROM account, account AS other")
    cursor.fetchone()

    raw.close()

    assert door.write(lambda session: session.run(text("UPDATE account SET name = name"))) > 0
    assert cursor.connection is raw, "it lived to the end"
