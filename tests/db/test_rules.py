"""Every table has a rule, and both databases are guarded by it."""

from __future__ import annotations

from typing import Any

import pytest

from sfactl.db import postgres_guard
from sfactl.db.access import RULES, Kind
from sfactl.models import registry
from tests.workspace import TestWorkspace, system_rows

METADATA = registry.metadata.tables
_WHY_NO_LINK = {
    "rollup_month": "public",
    "approval_rule": "public",
    "price_rule": "public",
    "stage": "public",
    "process": "public",
    "role": "public",
    "product": "public",
    "skill": "public",
    "feature": "public",
    "configuration_rule": "public",
    "warehouse": "public",
    "app_user": "the directory of people is public",
    "quota_load": "a number, which tells nothing; who made it and why stays hidden",
}
"""Tables that anybody may point to."""
_AGREED = ("quote_bound", "quote_line_bound", "approval_bound")
"""Functions that count who agreed."""


# case 6
def test_every_table_has_a_rule_and_every_rule_a_table():
    assert set(RULES) == {*METADATA, "alembic_version"}


@pytest.mark.parametrize("name", sorted(METADATA))
def test_a_rule_names_columns_that_exist(name):
    rule, table = RULES[name], METADATA[name]
    named = [*rule.territories, *rule.people]
    named += [parent.column for parent in (rule.parent, *rule.links) if parent]

    assert set(named) <= set(table.c.keys())
    if rule.shares:
        shares = METADATA[rule.shares.table]
        assert {rule.shares.key, rule.shares.person} <= set(shares.c.keys())
        assert RULES[rule.shares.table].links, "whoever writes a share must see what he shares in"


@pytest.mark.parametrize("name", sorted(METADATA))
def test_a_key_of_a_scoped_row_is_looked_at_when_it_is_written(name):
    """Else a row could be hung on what its writer does not see. Case 20."""
    rule = RULES[name]
    looked_at = {link.column for link in rule.links} | set(rule.territories) | set(rule.people)

    for column in METADATA[name].c:
        for key in column.foreign_keys:
            target = key.column.table.name
            if target not in _WHY_NO_LINK and not (rule.parent and rule.parent.column == column.name):
                assert column.name in looked_at, f"{name}.{column.name} points to {target}"


def test_what_a_rule_of_a_row_looks_at_is_never_a_table_without_scope():
    for rule in RULES.values():
        for parent in (rule.parent, *rule.links):
            assert parent is None or RULES[parent.table].kind in (Kind.SCOPED, Kind.TRAIL)


def test_every_table_of_a_real_file_has_a_rule(sqlite_workspace: TestWorkspace):
    rows = system_rows(sqlite_workspace, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")

    assert {row[0] for row in rows} == set(RULES)


class TestServer:
    """What PostgreSQL itself says about the guard."""

    @pytest.fixture(scope="class")
    def ask(self, postgres_template: str, postgres_server: Any) -> Any:
        import psycopg

        with psycopg.connect(postgres_server.dsn(postgres_template), autocommit=True) as connection:
            yield lambda query: connection.execute(query).fetchall()

    def test_every_table_has_a_rule(self, ask):
        rows = ask(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'p', 'f')"
            " AND relnamespace = 'public'::regnamespace"
        )

        assert {row[0] for row in rows} == set(RULES)

    def test_row_security_is_forced_and_the_owner_cannot_sign_in(self, ask):
        rows = ask(
            "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner), rolcanlogin FROM pg_class"
            " JOIN pg_roles AS o ON o.oid = relowner WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )

        assert {row[1:] for row in rows} == {(True, True, postgres_guard.OWNER, False)}

    def test_no_policy_is_there_but_ours(self, ask):
        rows = ask("SELECT tablename, policyname, permissive, roles::text, cmd FROM pg_policies")
        ours = {(f"sfa_{verb}", f"{{{postgres_guard.USERS}}}") for verb in ("select", "insert", "update", "delete")}
        ours.add(("sfa_guard", f"{{{postgres_guard.GUARD}}}"))

        assert {(row[1], row[3]) for row in rows} == ours
        assert {row[2] for row in rows} == {"PERMISSIVE"}
        assert all(row[1].endswith(row[4].lower()) or row[1] == "sfa_guard" for row in rows)
        assert len({(row[0], row[1]) for row in rows}) == len(rows)

    def test_nothing_is_granted_but_to_people_and_the_guard(self, ask):
        rows = ask(
            "SELECT c.relname, coalesce(g.rolname, 'PUBLIC'), a.privilege_type, a.is_grantable FROM pg_class AS c,"
            " aclexplode(c.relacl) AS a LEFT JOIN pg_roles AS g ON g.oid = a.grantee"
            " WHERE c.relnamespace = 'public'::regnamespace AND g.rolname IS DISTINCT FROM 'sfa_owner'"
        )
        to_people = {row[2] for row in rows if row[1] == postgres_guard.USERS}
        to_guard = {row[2] for row in rows if row[1] == postgres_guard.GUARD}

        assert {row[1] for row in rows} == {postgres_guard.USERS, postgres_guard.GUARD}
        assert to_people == {"SELECT", "INSERT", "UPDATE", "DELETE", "USAGE"}
        assert to_guard == {"SELECT", "INSERT", "USAGE"}
        assert {row[0] for row in rows if row[1:3] == (postgres_guard.GUARD, "INSERT")} == {
            "opportunity_change",
            "quote_line_cost",
            "rollup_touched",
        }
        assert not any(row[3] for row in rows)

    # case 113
    def test_nobody_may_change_the_trail_or_the_version(self, ask):
        rows = ask(
            "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type)"
            " FROM information_schema.role_table_grants WHERE grantee = 'sfa_user' GROUP BY table_name"
        )
        granted = dict(rows)

        assert granted["audit_event"] == "INSERT SELECT"
        assert granted["audit_detail"] == "INSERT SELECT UPDATE", "it can only be emptied"
        assert granted["audit_head"] == "SELECT UPDATE"
        assert granted["alembic_version"] == "SELECT"

    def test_functions_with_the_guards_rights_are_in_one_schema_and_look_nowhere_else(self, ask):
        rows = ask(
            "SELECT n.nspname, p.proname, p.proconfig, pg_get_userbyid(p.proowner), p.provolatile,"
            " has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc AS p"
            " JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE p.prosecdef AND n.nspname !~ '^pg_'"
        )

        assert {row[0] for row in rows} == {"sfa_sec"}
        assert all("search_path=pg_catalog, pg_temp" in row[2] for row in rows), rows
        assert {(row[1] in ("kept", "touched", "order_touched", "costed", "reserved", *_AGREED), *row[3:]) for row in rows} == {
            (False, postgres_guard.GUARD, "s", False), (True, postgres_guard.GUARD, "v", False),
        }  # fmt: skip

    def test_the_guards_roles_can_do_nothing_else(self, ask):
        rows = ask(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin"
            " FROM pg_roles WHERE rolname LIKE 'sfa\\_%'"
        )

        assert {row[0] for row in rows} == {postgres_guard.OWNER, postgres_guard.GUARD, postgres_guard.USERS}
        assert not any(flag for row in rows for flag in row[1:])

    def test_people_can_make_nothing_in_our_schemas(self, ask):
        rows = ask(
            "SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'sfa_sec')"
            " AND (has_schema_privilege('sfa_user', oid, 'CREATE') OR has_schema_privilege('public', oid, 'CREATE'))"
        )

        assert rows == []


def test_guarding_again_changes_nothing(postgres_server: Any, postgres_template: str, worker: str):
    from sqlalchemy import create_engine

    from sfactl.db import migrate

    name = f"again_{worker}"
    postgres_server.create_database(name, postgres_template)
    try:
        engine = create_engine(postgres_server.url(name))
        with engine.begin() as connection:
            before = _fingerprint(connection)
            migrate.guard(connection)
            assert _fingerprint(connection) == before
        engine.dispose()
    finally:
        postgres_server.drop_database(name)


def _fingerprint(connection: Any) -> list[Any]:
    queries = (
        "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2",
        "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT proname, pg_get_functiondef(oid), proacl::text FROM pg_proc"
        " WHERE pronamespace = 'sfa_sec'::regnamespace ORDER BY 1",
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        " ORDER BY 1, 2",
    )
    return [connection.exec_driver_sql(query).all() for query in queries]


@pytest.mark.parametrize("name", ["odd name", 'x"; DROP TABLE account; --', "Mixed"])
def test_a_name_that_a_database_administrator_made_is_quoted(name):
    statements = postgres_guard.guard_sql([*METADATA, name], [], [(name, name)])
    mine = [statement for statement in statements if name.replace('"', '""') in statement]
    whole = '"' + name.replace('"', '""') + '"'

    assert mine
    assert all(statement.count(whole) == statement.count(name.replace('"', '""')) for statement in mine)
