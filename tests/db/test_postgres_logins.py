"""Logins of people on a PostgreSQL server: made, refused, taken away, and never left half-done."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from sfactl.db import postgres_guard, url
from sfactl.db.session import Door
from sfactl.errors import NotAllowed, NotFound, SfaError, Unavailable
from sfactl.services import access_logins, databases, users
from tests.cli import Run
from tests.db.company import TABLES, Company, system
from tests.db.test_postgres_direct import answer, signed_in
from tests.organisation import NOW
from tests.postgres import PostgresServer
from tests.postgres_keeper import installed_programs
from tests.workspace import TestWorkspace, role_of, system_rows


@pytest.fixture
def newcomer(postgres_workspace: TestWorkspace) -> Iterator[str]:
    """The database role of lena, whom nobody else knows."""
    with somebody_new(postgres_workspace, "lena", "account_manager") as role:
        yield role


@contextmanager
def somebody_new(workspace: TestWorkspace, login: str, *roles: str) -> Iterator[str]:
    """A person and the name of his database role; roles belong to the server and so are taken away."""
    name = f"t_{workspace.worker}_{login}_{os.urandom(3).hex()}"
    door = workspace.door()
    door.write(users.add, users.NewUser(login, login.title(), roles=roles))
    door.write(users.map_identity, login, name, kind="postgresql")
    try:
        yield name
    finally:
        with system(workspace) as run:
            run(f"DROP ROLE IF EXISTS {name}")


# case 33
def test_a_second_sync_has_nothing_to_do(postgres_workspace: TestWorkspace, newcomer: str):
    where = postgres_workspace.system_url

    first = access_logins.sync(where)

    assert {newcomer in step.statement for step in first} == {True}
    assert access_logins.sync(where, is_trial=True) == []
    assert access_logins.sync(where) == []
    assert access_logins.check(where) == []


class Cut(BaseException):
    """An interruption, as of a signal."""


def cut_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement of this number, counted from here, is never sent."""
    execute = psycopg.Cursor.execute
    sent = 0

    def counted(self: Any, *args: Any, **options: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == number:
            raise Cut
        return execute(self, *args, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)


def state_of(workspace: TestWorkspace, *roles: str) -> str:
    """What a synchronising changes on the server."""
    names = ", ".join(f"'{role}'" for role in roles)
    with system(workspace) as run:
        parts = [
            f"SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname IN ({names}) ORDER BY 1",
            "SELECT m.rolname, g.rolname FROM pg_auth_members AS a JOIN pg_roles AS m ON m.oid = a.member"
            f" JOIN pg_roles AS g ON g.oid = a.roleid WHERE m.rolname IN ({names}) OR g.rolname IN ({names}) ORDER BY 1, 2",
            "SELECT relname, relforcerowsecurity, relacl::text FROM pg_class WHERE relkind IN ('r', 'S')"
            " AND relnamespace = 'public'::regnamespace ORDER BY 1",
            "SELECT polrelid::regclass::text, polname FROM pg_policy ORDER BY 1, 2",
            f"SELECT DISTINCT usename FROM pg_stat_activity WHERE usename IN ({names}) AND NOT EXISTS ("
            f"SELECT 1 FROM pg_roles AS r WHERE r.rolname = usename AND r.rolcanlogin)",
        ]
        return repr([run(part).fetchall() for part in parts])


# case 33
def test_a_sync_that_is_interrupted_did_all_or_nothing(
    postgres_workspace: TestWorkspace, newcomer: str, monkeypatch: pytest.MonkeyPatch
):
    where = postgres_workspace.system_url
    with somebody_new(postgres_workspace, "otto", "account_manager") as leaver:
        access_logins.sync(where)
        with system(postgres_workspace) as run:
            run(f"ALTER ROLE {newcomer} NOLOGIN")
            run(f"REVOKE sfa_user FROM {newcomer}")
            run("ALTER TABLE account NO FORCE ROW LEVEL SECURITY")
            run("DROP POLICY sfa_update ON contact")
        session = psycopg.connect(where.for_login(leaver).conninfo, autocommit=True)
        postgres_workspace.door().write(users.deactivate, "otto")
        before = state_of(postgres_workspace, newcomer, leaver)
        states, is_whole = [], False
        while not is_whole:
            with monkeypatch.context() as patched:
                cut_at(len(states) + 1, patched)
                is_whole = _is_done(where)
            states.append(state_of(postgres_workspace, newcomer, leaver))

        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
        session.close()
        assert access_logins.check(where) == []

    assert len(states) > 10
    assert set(states[:-2]) == {before}, "nothing is done before all is"
    assert states[-1] not in states[:-2]


def _is_done(where: url.DatabaseUrl) -> bool:
    try:
        access_logins.sync(where)
    except Cut:
        return False
    return True


# case 33
@pytest.mark.parametrize("place", [0, 300, -1])
def test_a_guard_that_fails_half_way_did_nothing(
    postgres_workspace: TestWorkspace, newcomer: str, monkeypatch: pytest.MonkeyPatch, place: int
):
    whole = postgres_guard.guard_sql
    before = state_of(postgres_workspace, newcomer)

    def failing(*args: Any) -> list[str]:
        statements = whole(*args)
        statements.insert(place, "SELECT 1 / 0")
        return statements

    with monkeypatch.context() as patched:
        patched.setattr(postgres_guard, "guard_sql", failing)
        with pytest.raises(SfaError, match="The server refused: division by zero"):
            access_logins.sync(postgres_workspace.system_url)

    assert state_of(postgres_workspace, newcomer) == before
    access_logins.sync(postgres_workspace.system_url)
    assert access_logins.check(postgres_workspace.system_url) == []


# case 36
def test_a_leaver_is_put_out_and_stays_out(postgres_workspace: TestWorkspace, newcomer: str):
    system_url = postgres_workspace.system_url
    hers = Door(system_url.for_login(newcomer), now=NOW)
    access_logins.sync(system_url)
    with hers.read() as session:
        assert session.actor.login == "lena"

    open_one = psycopg.connect(system_url.for_login(newcomer).conninfo, autocommit=True)
    with system(postgres_workspace) as run:
        run("UPDATE account SET owner_id = (SELECT id FROM app_user WHERE login = 'lena') WHERE code = 'A-NE2'")
    postgres_workspace.door().write(users.deactivate, "lena")
    assert open_one.execute("SELECT count(*) FROM product").fetchone() == (0,)
    with pytest.raises(NotAllowed), hers.read():
        pass
    access_logins.sync(system_url)

    with pytest.raises(psycopg.OperationalError):
        open_one.execute("SELECT 1")
    open_one.close()
    with pytest.raises(Unavailable, match="not permitted to log in"), hers.read():
        pass
    assert access_logins.check(system_url) == []
    with system(postgres_workspace) as run:
        owner = run("SELECT login FROM account JOIN app_user AS u ON u.id = owner_id WHERE code = 'A-NE2'").fetchall()
    assert owner == [("lena",)], "what was hers stays until somebody gives it to another"


def test_nobody_acts_as_a_leaver(postgres_workspace: TestWorkspace, newcomer: str):
    access_logins.sync(postgres_workspace.system_url)
    ana = postgres_workspace.url
    with Door(ana, as_user="lena", now=NOW).read() as session:
        assert session.actor.login == "lena"

    postgres_workspace.door().write(users.deactivate, "lena")

    with pytest.raises(NotFound), Door(ana, as_user="lena", now=NOW).read():
        pass
    with signed_in(postgres_workspace, "ana") as connection:
        assert answer(connection, f"SET ROLE {newcomer}", "SELECT name FROM product") == []


# case 36
def test_a_leaver_who_comes_back_is_let_in_again(postgres_workspace: TestWorkspace, newcomer: str):
    where = postgres_workspace.system_url
    access_logins.sync(where)
    for is_active in (False, True):
        with system(postgres_workspace) as run:
            run(f"UPDATE app_user SET active = {is_active} WHERE login = 'lena'")
        access_logins.sync(where)

    with Door(where.for_login(newcomer), now=NOW).read() as session:
        assert session.actor.login == "lena"
    assert access_logins.check(where) == []


# case 30
def test_two_with_the_same_rights_are_no_members_of_each_other(postgres_workspace: TestWorkspace):
    """The server knows no circles of membership."""
    where = postgres_workspace.system_url
    with (
        somebody_new(postgres_workspace, "zoe", "admin") as zoe,
        somebody_new(postgres_workspace, "batch", "service") as batch,
    ):
        access_logins.sync(where)

        assert access_logins.check(where) == []
        assert members(where, zoe) == set()
        assert role_of(postgres_workspace.worker, "cron") not in members(where, batch)
        assert zoe in members(where, batch)
        with Door(where.for_login(zoe), as_user="sam", now=NOW).read() as session:
            assert session.actor.login == "sam"


def members(where: url.DatabaseUrl, role: str) -> set[str]:
    """Who may take a role."""
    with psycopg.connect(where.conninfo) as raw:
        rows = raw.execute(
            "SELECT m.rolname FROM pg_auth_members AS a JOIN pg_roles AS m ON m.oid = a.member"
            " WHERE a.roleid = %s::regrole",
            (role,),
        )
        return {row[0] for row in rows}


# case 30
def test_a_deputy_is_let_in_by_the_server_for_as_long_as_he_is_one(postgres_workspace: TestWorkspace, newcomer: str):
    """lena stands for olga, who may otherwise act for lena: both at once would be a circle, and the deputy comes first."""
    where = postgres_workspace.system_url
    olga = role_of(postgres_workspace.worker, "olga")
    access_logins.sync(where)
    assert olga in members(where, newcomer)

    with system(postgres_workspace) as run:
        run(
            "INSERT INTO deputy (user_id, deputy_id, valid_from, valid_to) SELECT u.id, d.id, current_date, current_date + 9"
            " FROM app_user AS u, app_user AS d WHERE u.login = 'olga' AND d.login = 'lena'"
        )
    try:
        access_logins.sync(where)
        assert newcomer in members(where, olga)
        assert olga not in members(where, newcomer)
        assert access_logins.check(where) == []
        with Door(where.for_login(newcomer), as_user="olga", now=NOW).read() as session:
            assert (session.actor.login, session.actor.signed_in_as) == ("olga", "lena")
    finally:
        with system(postgres_workspace) as run:
            run("DELETE FROM deputy")
        access_logins.sync(where)

    assert newcomer not in members(where, olga)
    assert olga in members(where, newcomer)
    assert access_logins.check(where) == []


# case 32
def test_a_right_that_ended_ends_on_the_server_too(postgres_workspace: TestWorkspace, newcomer: str):
    where = postgres_workspace.system_url
    olga = role_of(postgres_workspace.worker, "olga")
    access_logins.sync(where)
    assert olga in members(where, newcomer)

    with system(postgres_workspace) as run:
        run(
            "UPDATE role_grant SET valid_to = current_date WHERE user_id = (SELECT id FROM app_user WHERE login = 'olga')"
        )
    try:
        found = {(one.finding, one.place) for one in access_logins.check(where)}
        assert ("due: no longer acting for another", f"{olga} in {newcomer}") in found
        access_logins.sync(where)
        assert olga not in members(where, newcomer)
        assert access_logins.check(where) == []
    finally:
        with system(postgres_workspace) as run:
            run("UPDATE role_grant SET valid_to = NULL")
        access_logins.sync(where)


@contextmanager
def login_of_the_server(workspace: TestWorkspace, clause: str) -> Iterator[str]:
    name = f"t_{workspace.worker}_x_{os.urandom(3).hex()}"
    with system(workspace) as run:
        run(f"CREATE ROLE {name} LOGIN {clause}")
    try:
        yield name
    finally:
        with system(workspace) as run:
            run(f"DROP ROLE {name}")


# case 37
@pytest.mark.parametrize("clause", [
    "SUPERUSER", "BYPASSRLS", "IN ROLE sfa_owner", "NOINHERIT IN ROLE sfa_owner", "IN ROLE sfa_guard",
    "NOINHERIT IN ROLE postgres",
])  # fmt: skip
def test_a_login_above_the_rules_is_refused(postgres_company: Company, clause):
    workspace = postgres_company.workspace

    with login_of_the_server(workspace, clause) as name:
        door = Door(workspace.system_url.for_login(name), now=NOW)
        with pytest.raises(NotAllowed) as refusal, door.read():
            pass

    assert f"{name} stands above all rules" in refusal.value.message
    assert refusal.value.hint is not None
    assert "Sign in as yourself" in refusal.value.hint
    assert refusal.value.exit_code == 4


# case 28
@pytest.mark.parametrize("clause", ["", "IN ROLE sfa_user"])
def test_a_login_that_nobody_mapped_is_refused_and_told_whom_to_ask(postgres_company: Company, clause):
    workspace = postgres_company.workspace

    with login_of_the_server(workspace, clause) as name:
        with pytest.raises(NotAllowed) as refusal, Door(workspace.system_url.for_login(name), now=NOW).read():
            pass
        with psycopg.connect(workspace.system_url.for_login(name).conninfo, autocommit=True) as connection:
            assert answer(connection, "SELECT name FROM product") in ([], "InsufficientPrivilege")
            assert answer(connection, "SELECT login FROM app_user") in ([], "InsufficientPrivilege")

    assert f"{name} is not known" in refusal.value.message
    assert refusal.value.hint is not None
    assert "administrator" in refusal.value.hint
    assert refusal.value.exit_code == 4


def test_a_login_that_nobody_mapped_sees_nothing_under_another_role_either(postgres_company: Company):
    workspace = postgres_company.workspace
    mike = role_of(workspace.worker, "mike")

    with login_of_the_server(workspace, f"IN ROLE sfa_user, {mike}") as name:
        where = workspace.system_url.for_login(name).conninfo
        with psycopg.connect(where, autocommit=True) as connection:
            assert answer(connection, f"SET ROLE {mike}", "SELECT name FROM account") == []
            assert answer(connection, f"SET ROLE {mike}", "SELECT name FROM product") == []


# case 35
@pytest.mark.parametrize("odd", ['x"; DROP TABLE account; --', "x y", "Ünï", "x;--", "x'y", "50%", "x%sy", "%(x)s"])
def test_an_odd_name_of_a_login_is_quoted(postgres_workspace: TestWorkspace, odd):
    name = f"{odd}{os.urandom(3).hex()}"
    with system(postgres_workspace) as run:
        run("DELETE FROM user_identity WHERE user_id = (SELECT id FROM app_user WHERE login = 'nils')")
        literal = name.replace("'", "''")
        run(
            "INSERT INTO user_identity (user_id, kind, name)"
            f" SELECT id, 'postgresql', '{literal}' FROM app_user WHERE login = 'nils'"
        )
    try:
        access_logins.sync(postgres_workspace.system_url)
        where = url.parse(str(postgres_workspace.system_url)).for_login(name)
        with Door(where, now=NOW).read() as session:
            assert session.actor.login == "nils"
            assert session.execute(text("SELECT count(*) FROM account")).scalar() == 0
        assert access_logins.check(postgres_workspace.system_url) == []
        with psycopg.connect(where.conninfo), system(postgres_workspace) as run:
            run("UPDATE app_user SET active = false WHERE login = 'nils'")
            run("COMMIT")
            access_logins.sync(postgres_workspace.system_url)
        assert access_logins.check(postgres_workspace.system_url) == []
    finally:
        with psycopg.connect(postgres_workspace.system_url.conninfo, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


# case 35
@pytest.mark.parametrize("name", [
    "", " ", "x" * 64, "é" * 32, "pg_monitor", "pg_read_all_data", "public", "none", "sfa_owner", "sfa_guard", "sfa_user",
    "two\nlines", "bell\x07", "tab\t", "right\u202eleft", " before", "after ",
])  # fmt: skip
def test_a_name_that_no_role_can_have_is_refused(postgres_workspace: TestWorkspace, sfactl: Run, name: str):
    before = system_rows(postgres_workspace, "SELECT name FROM user_identity ORDER BY name")

    result = sfactl("user", "map", "--", "nils", name, workspace=postgres_workspace)

    assert result.code == 2
    assert "cannot be somebody's role on the server" in result.err
    assert "Traceback" not in result.err
    assert system_rows(postgres_workspace, "SELECT name FROM user_identity ORDER BY name") == before


# case 35
def test_a_workspace_is_not_made_for_a_name_that_no_role_can_have(postgres_server: PostgresServer, sfactl: Run):
    where = postgres_server.url("postgres")

    result = sfactl("init", "--database", where, "--admin", "pg_me", "--yes")

    assert result.code == 2
    assert "cannot be somebody's role on the server" in result.err
    with psycopg.connect(postgres_server.dsn("postgres")) as raw:
        assert raw.execute("SELECT to_regclass('public.workspace')").fetchone() == (None,)


# A server that was restored


@pytest.fixture
def programs(postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of PostgreSQL's own programs, of the server's version."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # the wheel asks for it, and warns
    folder = installed_programs(int(postgres_server.version.partition(".")[0]))
    if not (folder / "pg_dump").exists() or not (folder / "pg_restore").exists():
        pytest.skip("the wheel that holds PostgreSQL has no pg_dump or pg_restore")
    return folder


def counts(where: url.DatabaseUrl) -> dict[str, int]:
    """How many rows each table has."""
    with psycopg.connect(where.conninfo) as raw:
        return {table: raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # type: ignore


# case 42
@pytest.mark.parametrize("options", [[], ["--no-owner", "--no-privileges"]])
def test_a_restored_database_is_guarded_again_by_a_sync(
    postgres_workspace: TestWorkspace,
    postgres_server: PostgresServer,
    programs: Path,
    tmp_path: Path,
    options: list[str],
):
    name = f"restored_{postgres_workspace.worker}_{os.urandom(3).hex()}"
    source, target = postgres_workspace.system_url, url.parse(postgres_server.url(name))
    postgres_server.create_database(name)
    try:
        dump = str(tmp_path / "all.dump")
        subprocess.run(
            [str(programs / "pg_dump"), "--format=custom", f"--file={dump}", f"--dbname={source.conninfo}"], check=True
        )
        subprocess.run([str(programs / "pg_restore"), *options, f"--dbname={target.conninfo}", dump], check=True)
        assert bool(access_logins.check(target)) is bool(options)

        access_logins.sync(target)

        assert access_logins.check(target) == []
        assert counts(target) == counts(source)
        assert sum(counts(target).values()) > 100
        assert codes_of(target, postgres_workspace, "sam") == codes_of(source, postgres_workspace, "sam") != set()
    finally:
        postgres_server.drop_database(name)


def codes_of(where: url.DatabaseUrl, workspace: TestWorkspace, login: str) -> set[str]:
    """The accounts that a person sees."""
    with Door(where.for_login(role_of(workspace.worker, login)), now=NOW).read() as session:
        return set(session.execute(text("SELECT code FROM account")).scalars())


# case 42, case 59
def test_a_backup_of_a_server_is_an_administrators(
    postgres_workspace: TestWorkspace, programs: Path, tmp_path: Path, sfactl: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(databases, "_programs", lambda: str(programs))
    mine, whole = tmp_path / "mine.dump", tmp_path / "whole.dump"

    refused = sfactl("db", "backup", str(mine), workspace=postgres_workspace)
    done = sfactl("db", "backup", str(whole), "--database", str(postgres_workspace.system_url))

    assert refused.code == 1
    assert refused.err.startswith("sfactl: pg_dump failed: ")
    assert not mine.exists(), "a part is never taken for the whole"
    assert done.code == 0, done.err
    assert whole.read_bytes().startswith(b"PGDMP")


# case 42
def test_a_guard_that_is_gone_is_named_and_made_again(postgres_workspace: TestWorkspace):
    where = postgres_workspace.system_url
    before = codes_of(where, postgres_workspace, "sam")
    with system(postgres_workspace) as run:
        run("DROP SCHEMA sfa_sec CASCADE")

    places = {one.place for one in access_logins.check(where)}
    assert {"account.sfa_select", "actor(who name)", "sfa_sec: sfa_user"} <= places
    assert access_logins.sync(where, is_trial=True) == []
    access_logins.sync(where)

    assert access_logins.check(where) == []
    assert codes_of(where, postgres_workspace, "sam") == before


# What the administrator is told


# case 32
def test_the_check_is_a_list_with_an_exit_code(postgres_workspace: TestWorkspace, newcomer: str, sfactl: Run):
    where = str(postgres_workspace.system_url)
    fresh = sfactl("access", "sync", "--check", "-o", "json", "--database", where)
    done = sfactl("access", "sync", "--yes", "--database", where)
    clean = sfactl("access", "sync", "--check", "-o", "json", "--database", where)
    with system(postgres_workspace) as run:
        run("CREATE VIEW everything AS SELECT * FROM account")
        run("GRANT SELECT ON everything TO sfa_user")
    open_again = sfactl("access", "sync", "--check", "-o", "csv", "--database", where)

    assert fresh.code == 1
    assert {"finding": "due: a new login", "place": newcomer, "remedy": "sfactl access sync"} in fresh.rows
    assert "things on the server are not as they should be" in fresh.err
    assert done.code == 0
    assert (clean.code, clean.rows, clean.err) == (0, [], "Logins and guard are as they should be.\n")
    assert open_again.code == 1
    assert open_again.err == "sfactl: 1 thing on the server is not as it should be.\n"
    assert open_again.out.splitlines() == [
        "finding,place,remedy",
        "a view shows what its owner sees,everything,ALTER VIEW public.everything SET (security_invoker = true)",
    ]


def test_what_would_be_done_is_said_and_not_done(postgres_workspace: TestWorkspace, newcomer: str, sfactl: Run):
    where = str(postgres_workspace.system_url)

    said = sfactl("access", "sync", "--dry-run", "-o", "json", "--database", where)

    assert said.code == 0
    assert said.rows[0] == {"statement": f'CREATE ROLE "{newcomer}" LOGIN', "purpose": "a new login"}
    assert access_logins.check(postgres_workspace.system_url) != []


@pytest.mark.parametrize("words", [("--check",), ("--dry-run",), ("--yes",)])
def test_somebody_else_than_an_administrator_is_told_so(
    postgres_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...]
):
    result = sfactl("access", "sync", *words, workspace=postgres_workspace, as_="sam")

    assert result.code == 4
    assert "is no database administrator." in result.err
    assert "--database postgresql+psycopg://ADMINISTRATOR@HOST/NAME" in result.err


def test_a_file_has_no_logins(sqlite_workspace: TestWorkspace, sfactl: Run):
    assert sfactl("access", "sync", "--check", workspace=sqlite_workspace).code == 2


def test_an_empty_database_has_none_either(postgres_server: PostgresServer, sfactl: Run):
    result = sfactl("access", "sync", "--check", "--database", postgres_server.url("postgres"))

    assert result.code == 6
    assert "holds no sfactl workspace" in result.err


def test_who_may_act_anyway_may_so_again_after_having_been_a_deputy(postgres_workspace: TestWorkspace):
    """olga covers sam; as his deputy she could act for him until a day that is over."""
    with system(postgres_workspace) as run:
        run(
            "INSERT INTO deputy (user_id, deputy_id, valid_from, valid_to)"
            " SELECT his.id, hers.id, '2020-01-01', '2020-02-01' FROM app_user AS his, app_user AS hers"
            " WHERE his.login = 'sam' AND hers.login = 'olga'"
        )
    sam = role_of(postgres_workspace.worker, "sam")
    olgas = postgres_workspace.system_url.for_login(role_of(postgres_workspace.worker, "olga"))
    with pytest.raises(NotAllowed), Door(olgas, as_user="sam").read():
        pass

    steps = access_logins.sync(postgres_workspace.system_url)

    assert any("deputy" in step.statement and sam in step.place for step in steps), steps
    with Door(olgas, as_user="sam").read() as session:
        assert session.actor.login == "sam"
    assert access_logins.sync(postgres_workspace.system_url) == []
