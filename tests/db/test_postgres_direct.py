"""Somebody who connects to PostgreSQL under his own login, without sfactl, meets the same guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from tests.db.company import COLUMNS, STAYING, TABLES, Company, in_order, quoted, system
from tests.db.conftest import who
from tests.db.who_sees_what import visible
from tests.workspace import TestWorkspace, role_of

HIDDEN = ("Elm Hospital", "Drizzle Coffee", "Gone Missing")


@contextmanager
def signed_in(workspace: TestWorkspace, login: str, **options: Any) -> Iterator[psycopg.Connection[Any]]:
    """A connection of libpq's, as psql makes it."""
    where = workspace.system_url.for_login(role_of(workspace.worker, login)).conninfo
    with psycopg.connect(where, autocommit=True, **options) as connection:
        yield connection


def answer(connection: psycopg.Connection[Any], *statements: str) -> Any:
    """What the last statement gives; the name of the error when one is refused."""
    try:
        for statement in statements:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else cursor.rowcount
    except psycopg.Error as fault:
        return type(fault).__name__


# case 31
@pytest.mark.parametrize("login", STAYING)
def test_psql_sees_what_sfactl_shows(postgres_company: Company, login):
    mine = visible(postgres_company.world, who(postgres_company, login))
    workspace = postgres_company.workspace

    with signed_in(workspace, login) as connection, workspace.door(login).read() as session:
        for table in TABLES:
            statement = f"SELECT {', '.join(quoted(COLUMNS[table]))} FROM {table}"
            direct = in_order(connection.execute(statement).fetchall())  # type: ignore[call-overload]
            assert direct == in_order(session.execute(text(statement)))
            assert direct == in_order(row.values() for row in mine[table]), table


WAYS: dict[str, Callable[[psycopg.Connection[Any]], Any]] = {
    "copy": lambda c: _copied(c, "COPY account (name) TO STDOUT"),
    "copy of a query": lambda c: _copied(c, "COPY (SELECT name FROM account) TO STDOUT"),
    "a server's cursor": lambda c: [
        c.execute("BEGIN"), c.execute("DECLARE x SCROLL CURSOR FOR SELECT name FROM account"),
        c.execute("FETCH ALL x").fetchall(), c.execute("COMMIT"),
    ][2],
    "a named cursor": lambda c: _in_a_named_cursor(c),
    "a prepared statement": lambda c: [
        c.execute("PREPARE p AS SELECT name FROM account"), [c.execute("EXECUTE p").fetchall() for _n in range(8)][-1]
    ][1],
    "a driver's prepared statement": lambda c: [
        c.execute("SELECT name FROM account WHERE id > %s", (0,), prepare=True).fetchall() for _n in range(8)
    ][-1],
    "a function of his own": lambda c: [
        c.execute("CREATE FUNCTION pg_temp.f() RETURNS SETOF text LANGUAGE sql AS 'SELECT name FROM public.account'"),
        c.execute("SELECT * FROM pg_temp.f()").fetchall(),
    ][1],
    "a function with its maker's rights": lambda c: [
        c.execute("CREATE FUNCTION pg_temp.g() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER"
                  " AS 'SELECT name FROM public.account'"),
        c.execute("SELECT * FROM pg_temp.g()").fetchall(),
    ][1],
    "a view of his own": lambda c: [
        c.execute("CREATE TEMP VIEW v AS SELECT name FROM account"), c.execute("SELECT * FROM v").fetchall()
    ][1],
    "a table made from it": lambda c: [
        c.execute("CREATE TEMP TABLE made AS SELECT name FROM account"), c.execute("SELECT * FROM made").fetchall()
    ][1],
    "a table alone": lambda c: c.execute("SELECT name FROM ONLY account").fetchall(),
    "a sample": lambda c: c.execute("SELECT name FROM account TABLESAMPLE SYSTEM (100)").fetchall(),
    "rows locked": lambda c: c.execute("SELECT name FROM account FOR UPDATE").fetchall(),
    "a lateral join": lambda c: c.execute(
        "SELECT a.name FROM territory AS t, LATERAL (SELECT name FROM account WHERE territory_id = t.id) AS a"
        " UNION SELECT name FROM account"
    ).fetchall(),
    "as json": lambda c: c.execute("SELECT json_array_elements(json_agg(a)) ->> 'name' FROM account AS a").fetchall(),
    "in a block": lambda c: _in_a_block(c),
}  # fmt: skip


def _copied(connection: psycopg.Connection[Any], statement: str) -> Any:
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        return list(rows.rows())


def _in_a_named_cursor(connection: psycopg.Connection[Any]) -> Any:
    with connection.transaction(), connection.cursor("x") as cursor:
        return cursor.execute("SELECT name FROM account").fetchall()


def _in_a_block(connection: psycopg.Connection[Any]) -> Any:
    said: list[str] = []
    connection.add_notice_handler(lambda note: said.append(note.message_primary or ""))
    connection.execute(
        "DO $$ DECLARE r record; BEGIN FOR r IN EXECUTE 'SELECT name FROM public.account' LOOP"
        " RAISE NOTICE '%', r.name; END LOOP; END $$"
    )
    return said


# case 31
@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_asking_gives_the_same_rows(postgres_company: Company, way):
    mine = {row["name"] for row in visible(postgres_company.world, who(postgres_company, "sam"))["account"]}

    with signed_in(postgres_company.workspace, "sam") as connection:
        found = WAYS[way](connection)

    assert {row if isinstance(row, str) else row[0] for row in found} == mine


REFUSED = {
    "rules set aside": ["SET row_security = off", "SELECT name FROM account"],
    "another person": ["SET SESSION AUTHORIZATION postgres"],
    "the owner": ["SET ROLE sfa_owner"],
    "the guard": ["SET ROLE sfa_guard"],
    "the owner, by a setting": ["SELECT set_config('role', 'sfa_owner', false)"],
    "a table emptied": ["TRUNCATE contact"],
    "rules taken off": ["ALTER TABLE account DISABLE ROW LEVEL SECURITY"],
    "rules not forced": ["ALTER TABLE account NO FORCE ROW LEVEL SECURITY"],
    "a rule added": ["CREATE POLICY x ON account USING (true)"],
    "a rule dropped": ["DROP POLICY sfa_select ON account"],
    "a membership given": ["GRANT sfa_owner TO CURRENT_USER"],
    "a trigger made": ["CREATE TRIGGER x BEFORE INSERT ON account EXECUTE FUNCTION guard_audit()"],
    "a table made": ["CREATE TABLE public.x (id int)"],
    "a function made": ["CREATE FUNCTION sfa_sec.x() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
    "a function of the guard replaced": [
        "CREATE OR REPLACE FUNCTION sfa_sec.user_of(who name) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'"
    ],
    "a function let leak": [
        "CREATE FUNCTION pg_temp.spy(text) RETURNS bool LANGUAGE sql LEAKPROOF AS 'SELECT true'"
    ],
    "a program": ["COPY (SELECT 1) TO PROGRAM 'id'"],
    "a file": ["SELECT pg_read_file('/etc/passwd')"],
    "the trail changed": ["UPDATE audit_event SET action = 'x'"],
    "the trail deleted": ["DELETE FROM audit_event"],
    "the version changed": ["UPDATE alembic_version SET version_num = 'x'"],
    "a role made": ["CREATE ROLE x"],
    "statistics of columns": ["SELECT * FROM pg_statistic"],
    "a trigger switched off": ["SET session_replication_role = replica"],
}  # fmt: skip


# case 18, case 41, case 113
@pytest.mark.parametrize("what", REFUSED)
def test_the_server_refuses(postgres_company: Company, what):
    with signed_in(postgres_company.workspace, "sam") as connection:
        assert answer(connection, *REFUSED[what]) == "InsufficientPrivilege"


def test_a_right_given_by_somebody_who_has_it_not_to_give_is_given_to_nobody(postgres_company: Company):
    rights = "SELECT relacl::text FROM pg_class WHERE relname = 'account'"

    with signed_in(postgres_company.workspace, "sam") as connection:
        before = answer(connection, rights)
        assert answer(connection, "GRANT ALL ON account TO PUBLIC", rights) == before


def test_rows_are_not_copied_in_past_the_rules(postgres_company: Company):
    with signed_in(postgres_company.workspace, "sam") as connection:
        assert answer(connection, "COPY contact FROM STDIN") == "FeatureNotSupported"


# case 41
@pytest.mark.parametrize("name", [
    "app.uid", "sfa.who", "sfactl.actor", "request.jwt.claim.sub", "application_name",
])  # fmt: skip
def test_no_setting_is_an_identity(postgres_company: Company, name):
    mine = {row["name"] for row in visible(postgres_company.world, who(postgres_company, "sam"))["account"]}
    dora = role_of(postgres_company.workspace.worker, "dora")

    with signed_in(postgres_company.workspace, "sam", options=f"-c {name}={dora}") as connection:
        found = answer(connection, f"SET {name} = '{dora}'", "SELECT name FROM account")

    assert {row[0] for row in found} == mine


def test_names_put_before_the_guards_own_change_nothing(postgres_company: Company):
    mine = {row["name"] for row in visible(postgres_company.world, who(postgres_company, "sam"))["account"]}

    with signed_in(postgres_company.workspace, "sam") as connection:
        found = answer(
            connection,
            "CREATE TEMP TABLE role_permission AS SELECT 'account' AS noun, 'read' AS action, 'all' AS scope",
            "CREATE TEMP TABLE user_identity (user_id bigint, kind text, name text)",
            "CREATE FUNCTION pg_temp.territories(name, text, text) RETURNS bigint[] LANGUAGE sql"
            " AS 'SELECT array_agg(id) FROM generate_series(1, 99) AS id'",
            "CREATE FUNCTION pg_temp.same(bigint, bigint) RETURNS bool LANGUAGE sql AS 'SELECT true'",
            "CREATE OPERATOR pg_temp.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = pg_temp.same)",
            "SET search_path = pg_temp, sfa_sec, public, pg_catalog",
            "SELECT name FROM public.account",
        )

    assert {row[0] for row in found} == mine


def test_the_clients_time_zone_prolongs_no_right(postgres_workspace: TestWorkspace):
    """A right that ended this morning, or begins tomorrow, is none, whatever day the client says it is."""
    today = datetime.now(UTC).date()
    with system(postgres_workspace) as run:
        for since, until in (("2020-01-01", today.isoformat()), ((today + timedelta(1)).isoformat(), "2099-01-01")):
            run(
                "INSERT INTO role_grant (user_id, role_id, valid_from, valid_to, granted_at)"
                f" SELECT u.id, r.id, '{since}', '{until}', now() FROM app_user AS u, role AS r"
                " WHERE u.login = 'nils' AND r.code = 'admin'"
            )

    def found() -> list[Any]:
        zones = ("Etc/GMT+12", "Pacific/Kiritimati")
        with signed_in(postgres_workspace, "nils") as connection:
            return [answer(connection, f"SET TimeZone = '{zone}'", "SELECT count(*) FROM account") for zone in zones]

    assert found() == [[(0,)], [(0,)]]
    with system(postgres_workspace) as run:  # so that the test above is worth something
        run("ALTER FUNCTION sfa_sec.width(name, text, text) RESET timezone")
        run("ALTER FUNCTION sfa_sec.territories(name, text, text) RESET timezone")
    assert [(7,)] in found()


def test_the_guard_tells_a_person_nothing_about_others(postgres_company: Company):
    worker = postgres_company.workspace.worker
    asked = ("dora", "eve", "ana", "mike")
    calls = (
        "sfa_sec.actor('{role}')", "sfa_sec.user_of('{role}')", "sfa_sec.me('{role}', 'account', 'read')",
        "sfa_sec.login_of('{role}')", "nullif(sfa_sec.width('{role}', 'account', 'read'), 0)",
        "nullif(sfa_sec.territories('{role}', 'account', 'read'), '{{}}')",
        "nullif(sfa_sec.shared_credit('{role}', 'order', 'read'), '{{}}')",
        "nullif(sfa_sec.shared_opportunity_split('{role}', 'opportunity', 'read'), '{{}}')",
    )  # fmt: skip
    said = set()

    with signed_in(postgres_company.workspace, "sam") as connection:
        for login in asked:
            for call in calls:
                rows = answer(connection, f"SELECT {call.format(role=role_of(worker, login))}")
                said.add(rows[0][0])
        own = answer(connection, f"SELECT sfa_sec.actor('{role_of(worker, 'sam')}') ->> 'login'")

    assert said == {None}
    assert own == [("sam",)]


# case 41
def test_a_leaky_function_meets_only_rows_that_are_seen(postgres_company: Company):
    said: list[str] = []
    statements = (
        "SELECT count(*) FROM account WHERE pg_temp.spy(name)",
        "SELECT count(*) FROM account WHERE pg_temp.spy(name) AND id > 0",
        "SELECT count(*) FROM (SELECT * FROM account OFFSET 0) AS a WHERE pg_temp.spy(name)",
        "UPDATE account SET version = version WHERE pg_temp.spy(name)",
        "DELETE FROM contact WHERE pg_temp.spy(name) AND false",
        "SELECT 1 / (annual_revenue_minor - 700000000) FROM account",
        "SELECT CAST(name AS int) FROM account WHERE code = 'A-NE1'",
        "UPDATE account SET version = version WHERE code = 'A-NE1' AND 1 / (id - id) = 1",
    )

    with signed_in(postgres_company.workspace, "sam") as connection:
        connection.add_notice_handler(lambda note: said.append(note.message_primary or ""))
        connection.execute(
            "CREATE FUNCTION pg_temp.spy(t text) RETURNS bool LANGUAGE plpgsql COST 0.0000001"
            " AS $$ BEGIN RAISE NOTICE '%', t; RETURN true; END $$"
        )
        connection.execute("BEGIN")
        for statement in statements:
            connection.execute("SAVEPOINT s")
            try:
                said.append(str(connection.execute(statement).statusmessage))
            except psycopg.Error as fault:
                said.append(str(fault))
                connection.execute("ROLLBACK TO s")
        connection.execute("ROLLBACK")

    assert "Adobe Tools" in said
    assert not [line for line in said if any(word in line for word in HIDDEN) or "division" in line]


# case 31
def test_the_plan_names_no_hidden_value(postgres_company: Company):
    with signed_in(postgres_company.workspace, "sam") as connection:
        said = answer(connection, "EXPLAIN (ANALYZE, VERBOSE) SELECT name FROM account")

    assert not any(word in repr(said) for word in HIDDEN)
    assert "actual" in repr(said)


MAY_ACT_AS = {
    "ana": {*STAYING} - {"ana"},
    "cron": {*STAYING} - {"cron", "ana"},
    "olga": {"sam", "nora", "eve", "aldo", "nils"},
}
"""Who may take whose role; everybody may be nils, who may do nothing."""


# case 41
@pytest.mark.parametrize("login", STAYING)
def test_a_role_is_taken_only_by_those_whose_rights_hold_it(postgres_company: Company, login):
    worker, taken = postgres_company.workspace.worker, set()

    with signed_in(postgres_company.workspace, login) as connection:
        for other in set(STAYING) - {login}:
            if answer(connection, f"SET ROLE {role_of(worker, other)}") != "InsufficientPrivilege":
                taken.add(other)
                assert answer(connection, "SELECT sfa_sec.login_of(current_user)") == [(other,)]
            connection.execute("RESET ROLE")

    assert taken == MAY_ACT_AS.get(login, {"nils"} - {login})


# case 10, case 30
def test_a_role_that_is_taken_shows_its_own_rows_and_signs_with_both_names(postgres_company: Company):
    mine = {row["name"] for row in visible(postgres_company.world, who(postgres_company, "mike"))["account"]}
    mike = role_of(postgres_company.workspace.worker, "mike")
    event = (
        "INSERT INTO audit_event (seq, at, user_id, actor_id, action, entity, details, previous_hash, hash)"
        " VALUES (9999, now(), {user}, {actor}, 'a', 'b', 'c', 'd', 'e')"
    )
    user, cron = postgres_company.user("mike"), postgres_company.user("cron")
    signatures = {
        event.format(user=user, actor=user): "InsufficientPrivilege",
        event.format(user=cron, actor=cron): "InsufficientPrivilege",
        event.format(user=cron, actor=user): "InsufficientPrivilege",
        event.format(user=user, actor=cron): 1,
    }

    with signed_in(postgres_company.workspace, "cron") as connection:
        rows = answer(connection, f"SET ROLE {mike}", "SELECT name FROM account")
        said = {}
        for statement in signatures:
            connection.execute("BEGIN")
            said[statement] = answer(connection, statement)
            connection.execute("ROLLBACK")

    assert {row[0] for row in rows} == mine
    assert said == signatures


def test_a_statement_kept_under_one_role_is_right_under_another(postgres_company: Company):
    worker = postgres_company.workspace.worker
    wanted = {
        login: {row["name"] for row in visible(postgres_company.world, who(postgres_company, login))["account"]}
        for login in ("sam", "nora", "mike")
    }
    wrong = []

    with signed_in(postgres_company.workspace, "cron") as connection:
        connection.execute("PREPARE p AS SELECT name FROM account")
        for turn in range(30):
            login = ("sam", "nora", "mike")[turn % 3]
            found = answer(connection, f"SET ROLE {role_of(worker, login)}", "EXECUTE p")
            if {row[0] for row in found} != wanted[login]:
                wrong.append((turn, login, found))

    assert wrong == []


# What is known to show: docs/security.md says so, and nobody shall claim otherwise


def test_what_the_server_tells_of_hidden_rows_is_known(postgres_workspace: TestWorkspace):
    with system(postgres_workspace) as run:
        run("ANALYZE account")

    with signed_in(postgres_workspace, "sam") as connection:
        taken = answer(connection, "UPDATE account SET code = 'A-NE1' WHERE code = 'A-SW1'")
        number = answer(connection, "SELECT reltuples::int FROM pg_class WHERE relname = 'account'")
        next_key = answer(connection, "SELECT nextval('account_id_seq')")
        removed = answer(connection, "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) SELECT name FROM account")

    assert taken == "UniqueViolation"
    assert number == [(7,)]
    assert next_key[0][0] >= 7
    assert "Rows Removed by Filter" in repr(removed)
