"""`access sync --check` names what differs on the server, and each thing that opens a way round the guard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sfactl.db import postgres_check, postgres_guard, postgres_looks, url
from sfactl.db.access import RULES
from sfactl.db.connect import system_connection
from sfactl.db.engine import engine_over
from sfactl.db.postgres_check import SYNC, Finding
from sfactl.services import access_logins
from tests.organisation import ROLES
from tests.postgres import PostgresServer
from tests.workspace import copy_on_server, role_of

# What is planted, the place that is to be named, and as what. Logins stand for their roles; {x} is a role of nobody's.
PLANTED = {
    # the twelve that an administrator makes most easily
    "a table": ("CREATE TABLE note (id int, territory_id int)", "note", "a table without forced row-level security"),
    "a table without a rule": ("CREATE TABLE note (id int)", "note", "a table that has no rule"),
    "a policy for all": (
        "CREATE POLICY x ON account USING (true)", "account.x", "a policy lets everything through",
    ),
    "bypass": ("ALTER ROLE {sam} BYPASSRLS", "{sam} BYPASSRLS", "a person's login stands above rules"),
    "reads all": (
        "GRANT pg_read_all_data TO {sam}", "{sam} in pg_read_all_data", "a person may become a role above rules",
    ),
    "a view": (
        "CREATE VIEW v AS SELECT * FROM account; GRANT SELECT ON v TO sfa_user", "v", "a view shows what its owner sees",
    ),
    "a kept view": (
        "CREATE MATERIALIZED VIEW mv AS SELECT * FROM account; GRANT SELECT ON mv TO sfa_user", "mv",
        "a kept view shows rows that no policy guards",
    ),
    "a definer's function": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "f()",
        "a function runs with its owner's rights",
    ),
    "truncate": (
        "GRANT TRUNCATE ON opportunity TO sfa_user", "opportunity: sfa_user TRUNCATE", "a privilege beyond the plan",
    ),
    "create in public": (
        "GRANT CREATE ON SCHEMA public TO PUBLIC", "public: PUBLIC", "people may make things in a schema or the database",
    ),
    "not forced": (
        "ALTER TABLE account NO FORCE ROW LEVEL SECURITY", "account", "a table without forced row-level security",
    ),
    "the owner's role": ("GRANT sfa_owner TO {sam}", "{sam} in sfa_owner", "a person may become a role above rules"),
    "for everybody": ("GRANT SELECT ON account TO PUBLIC", "account: PUBLIC SELECT", "a privilege beyond the plan"),
    # tables and policies
    "switched off": (
        "ALTER TABLE contact DISABLE ROW LEVEL SECURITY", "contact", "a table without forced row-level security",
    ),
    "a policy gone": ("DROP POLICY sfa_select ON account", "account.sfa_select", "a policy is missing"),
    "a policy opened": (
        "ALTER POLICY sfa_select ON account USING (true)", "account.sfa_select", "a policy lets everything through",
    ),
    "a policy that takes all in": (
        "ALTER POLICY sfa_insert ON account WITH CHECK (true)", "account.sfa_insert", "a policy lets everything through",
    ),
    "a policy widened": (
        "ALTER POLICY sfa_update ON account USING (owner_id > 0)", "account.sfa_update", "a policy was changed",
    ),
    "a policy for everybody": (
        "ALTER POLICY sfa_select ON account TO PUBLIC", "account.sfa_select", "a policy was changed",
    ),
    "the guard's policy for people": (
        "ALTER POLICY sfa_guard ON role_grant TO sfa_guard, sfa_user", "role_grant.sfa_guard",
        "a policy lets everything through",
    ),
    "one policy more": (
        "CREATE POLICY more ON account FOR SELECT TO sfa_user USING (owner_id IS NULL)", "account.more",
        "a policy that the guard does not know",
    ),
    "a policy that looks the same": (
        "CREATE SCHEMA fake; CREATE FUNCTION fake.width(name, text, text) RETURNS int LANGUAGE sql AS 'SELECT 4';"
        " ALTER POLICY sfa_delete ON product USING ((SELECT fake.width(current_user, 'product', 'edit')) > 0)",
        "product.sfa_delete", "a policy was changed",
    ),
    "a table of a person's": ("ALTER TABLE account OWNER TO {sam}", "account", "a table of somebody else's"),
    "a rule": (
        "CREATE RULE r AS ON INSERT TO account DO ALSO SELECT 1", "account.r", "a rule rewrites statements",
    ),
    # logins and memberships
    "superuser": ("ALTER ROLE {sam} SUPERUSER", "{sam} SUPERUSER", "a person's login stands above rules"),
    "makes roles": ("ALTER ROLE {sam} CREATEROLE", "{sam} CREATEROLE", "a person's login stands above rules"),
    "makes databases": ("ALTER ROLE {sam} CREATEDB", "{sam} CREATEDB", "a person's login stands above rules"),
    "replicates": ("ALTER ROLE {sam} REPLICATION", "{sam} REPLICATION", "a person's login stands above rules"),
    "the guard's role": ("GRANT sfa_guard TO {sam}", "{sam} in sfa_guard", "a person may become a role above rules"),
    "a superuser's role": ("GRANT postgres TO {sam}", "{sam} in postgres", "a person may become a role above rules"),
    "everybody writes all": (
        "GRANT pg_write_all_data TO sfa_user", "sfa_user in pg_write_all_data", "a person may become a role above rules",
    ),
    "programs": (
        "GRANT pg_execute_server_program TO {sam}", "{sam} in pg_execute_server_program",
        "a person may become a role above rules",
    ),
    "files read": (
        "GRANT pg_read_server_files TO {sam}", "{sam} in pg_read_server_files", "a person may become a role above rules",
    ),
    "files written": (
        "GRANT pg_write_server_files TO {sam}", "{sam} in pg_write_server_files",
        "a person may become a role above rules",
    ),
    "statistics": ("GRANT pg_monitor TO sfa_user", "sfa_user in pg_monitor", "a person may become a role above rules"),
    "statistics through another": (
        "CREATE ROLE {x}; GRANT {x} TO {sam}; GRANT pg_read_all_stats TO {x}", "{sam} in {x} in pg_read_all_stats",
        "a person may become a role above rules",
    ),
    "another person": ("GRANT {mike} TO {sam}", "{sam} in {mike}", "due: no longer acting for another"),
    "another person, by another administrator": (
        "CREATE ROLE {x} CREATEROLE; GRANT {mike} TO {x} WITH ADMIN OPTION; SET ROLE {x}; GRANT {mike} TO {sam};"
        " RESET ROLE", "{sam} in {mike}", "due: no longer acting for another",
    ),
    "another person, for a stranger": (
        "CREATE ROLE {x} LOGIN; GRANT {mike} TO {x}", "{x} in {mike}", "a role may become a person",
    ),
    "a membership to pass on": (
        "GRANT {nils} TO {sam} WITH ADMIN OPTION", "{sam} in {nils}", "a person may pass a membership on",
    ),
    "a login taken away": ("ALTER ROLE {sam} NOLOGIN", "{sam}", "due: a login that comes back"),
    "a login renamed": ("ALTER ROLE {sam} RENAME TO {x}", "{sam}", "due: a new login"),
    "a login without rights": ("REVOKE sfa_user FROM {sam}", "{sam} in sfa_user", "due: the rights of every person"),
    "a deputy for ever": ("REVOKE {sam} FROM {ana}", "{ana} in {sam}", "due: acting for another"),
    "a leaver's login": ("CREATE ROLE {leo} LOGIN", "{leo}", "due: a person who left"),
    "a leaver's rights": ("CREATE ROLE {leo} IN ROLE sfa_user", "{leo} in sfa_user", "due: a person who left"),
    "a role of the guard's renamed": ("ALTER ROLE sfa_guard RENAME TO {x}", "sfa_guard", "a role of the guard is missing"),
    "the owner signs in": ("ALTER ROLE sfa_owner LOGIN", "sfa_owner LOGIN", "a role of the guard has rights of its own"),
    "the users bypass": (
        "ALTER ROLE sfa_user BYPASSRLS", "sfa_user BYPASSRLS", "a role of the guard has rights of its own",
    ),
    "a name too long": (
        "INSERT INTO user_identity (user_id, kind, name) SELECT id, 'postgresql', repeat('x', 64) FROM app_user"
        " WHERE login = 'sam'", "x" * 64, "a name that cannot be a login",
    ),
    # privileges
    "for one person": ("GRANT SELECT ON account TO {sam}", "account: {sam} SELECT", "a privilege beyond the plan"),
    "one column": (
        "GRANT SELECT (name) ON account TO {sam}",
        "account.name: {sam} SELECT",
        "a privilege beyond the plan",
    ),
    "one column of the trail": (
        "GRANT UPDATE (hash) ON audit_event TO sfa_user", "audit_event.hash: sfa_user UPDATE",
        "a privilege beyond the plan",
    ),
    "references": (
        "GRANT REFERENCES ON account TO sfa_user", "account: sfa_user REFERENCES", "a privilege beyond the plan",
    ),
    "triggers": ("GRANT TRIGGER ON account TO sfa_user", "account: sfa_user TRIGGER", "a privilege beyond the plan"),
    "the trail deleted": (
        "GRANT DELETE ON audit_event TO sfa_user", "audit_event: sfa_user DELETE", "a privilege beyond the plan",
    ),
    "to be passed on": (
        "GRANT SELECT ON account TO sfa_user WITH GRANT OPTION", "account: sfa_user SELECT",
        "a privilege may be passed on",
    ),
    "the guard writes": (
        "GRANT UPDATE ON role_grant TO sfa_guard", "role_grant: sfa_guard UPDATE", "a privilege beyond the plan",
    ),
    "a privilege gone": ("REVOKE SELECT ON account FROM sfa_user", "account: sfa_user SELECT", "a privilege is missing"),
    "a series moved": (
        "GRANT UPDATE ON SEQUENCE account_id_seq TO sfa_user", "account_id_seq: sfa_user UPDATE",
        "a privilege beyond the plan",
    ),
    "a series read by one": (
        "GRANT SELECT ON SEQUENCE account_id_seq TO {sam}", "account_id_seq: {sam} SELECT", "a privilege beyond the plan",
    ),
    "a series gone": (
        "REVOKE USAGE ON SEQUENCE account_id_seq FROM sfa_user", "account_id_seq: sfa_user USAGE",
        "a privilege is missing",
    ),
    "a loose series": (
        "CREATE SEQUENCE loose; GRANT USAGE ON SEQUENCE loose TO sfa_user", "loose", "a sequence of somebody else's",
    ),
    "create in the database": (
        "GRANT CREATE ON DATABASE {database} TO PUBLIC", "{database}: PUBLIC",
        "people may make things in a schema or the database",
    ),
    "create in the guard": (
        "GRANT CREATE ON SCHEMA sfa_sec TO {sam}", "sfa_sec: {sam}", "people may make things in a schema or the database",
    ),
    "a person's schema": (
        "ALTER SCHEMA public OWNER TO {sam}", "public: {sam}", "a schema or the database is a person's",
    ),
    "a person's database": (
        "ALTER DATABASE {database} OWNER TO {sam}", "{database}: {sam}", "a schema or the database is a person's",
    ),
    "the guard out of reach": (
        "REVOKE USAGE ON SCHEMA sfa_sec FROM sfa_user", "sfa_sec: sfa_user", "people cannot reach a schema",
    ),
    "what comes next": (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {sam}", "public: {sam} SELECT",
        "what is made next will be open to people",
    ),
    "a setting given": (
        "GRANT SET ON PARAMETER session_replication_role TO {sam}", "session_replication_role: {sam}",
        "people may change a setting of the server",
    ),
    "a setting made": (
        "ALTER ROLE {sam} SET session_replication_role = replica", "{sam}", "a setting switches triggers off",
    ),
    "a setting of the database": (
        "ALTER DATABASE {database} SET session_replication_role = replica", "{database}",
        "a setting switches triggers off",
    ),
    # functions, triggers, and things elsewhere
    "a function replaced": (
        "CREATE OR REPLACE FUNCTION sfa_sec.width(who name, noun text, verb text) RETURNS int LANGUAGE sql STABLE"
        " SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS 'SELECT 4'",
        "width(who name, noun text, verb text)", "a function of the guard was changed",
    ),
    "a function's path": (
        "ALTER FUNCTION sfa_sec.user_of(name) RESET search_path", "user_of(who name)",
        "a function of the guard was changed",
    ),
    "a function's day": (
        "ALTER FUNCTION sfa_sec.width(name, text, text) RESET timezone", "width(who name, noun text, verb text)",
        "a function of the guard was changed",
    ),
    "a function's owner": (
        "ALTER FUNCTION sfa_sec.user_of(name) OWNER TO postgres", "sfa_sec.user_of(name)",
        "a function of the guard is somebody else's",
    ),
    "a function more": (
        "CREATE FUNCTION sfa_sec.width(text) RETURNS int LANGUAGE sql AS 'SELECT 4'", "width(text)",
        "a function that the guard does not know",
    ),
    "a function for everybody": (
        "GRANT EXECUTE ON FUNCTION sfa_sec.actor(name) TO PUBLIC", "actor(who name): PUBLIC EXECUTE",
        "a privilege beyond the plan",
    ),
    "a function out of reach": (
        "REVOKE EXECUTE ON FUNCTION sfa_sec.actor(name) FROM sfa_user", "actor(who name): sfa_user EXECUTE",
        "a privilege is missing",
    ),
    "the trail's function": (
        "CREATE OR REPLACE FUNCTION guard_audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "guard_audit()", "a function of the guard was changed",
    ),
    "the trail's trigger": (
        "ALTER TABLE audit_event DISABLE TRIGGER guard_audit", "audit_event.guard_audit", "a trigger is switched off",
    ),
    "the trail's trigger gone": (
        "DROP TRIGGER guard_detail_update ON audit_detail", "audit_detail.guard_detail_update",
        "a trigger of the guard is missing",
    ),
    "a link's trigger": (
        "DROP TRIGGER sfa_link_parent_id ON account", "account.sfa_link_parent_id", "a trigger of the guard is missing",
    ),
    "a function gone": (
        "DROP FUNCTION sfa_sec.role_of(text)",
        "role_of(key text)",
        "a function of the guard is missing",
    ),
    "a link's trigger weakened": (
        "CREATE OR REPLACE TRIGGER sfa_link_parent_id AFTER UPDATE ON account FOR EACH ROW WHEN (false)"
        " EXECUTE FUNCTION sfa_sec.linked('parent_id', 'account', 'account')",
        "account.sfa_link_parent_id",
        "a trigger of the guard was changed",
    ),
    "a link's trigger for replicas": (
        "ALTER TABLE account ENABLE REPLICA TRIGGER sfa_link_parent_id", "account.sfa_link_parent_id",
        "a trigger is switched off",
    ),
    "foreign keys": (
        "ALTER TABLE contact DISABLE TRIGGER ALL", "contact.fk_contact_account_id_territory_id", "a trigger is switched off",
    ),
    "a trigger more": (
        "CREATE TRIGGER spy BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "account.spy", "a trigger that the guard does not know",
    ),
    "a view elsewhere": (
        "CREATE SCHEMA reports; GRANT USAGE ON SCHEMA reports TO PUBLIC; CREATE VIEW reports.v AS SELECT * FROM account;"
        " GRANT SELECT (name) ON reports.v TO {sam}", "reports.v", "a view shows what its owner sees",
    ),
    "a copy elsewhere": (
        "CREATE SCHEMA archive; GRANT USAGE ON SCHEMA archive TO sfa_user; CREATE TABLE archive.account AS"
        " TABLE account; GRANT SELECT ON archive.account TO sfa_user", "archive.account",
        "a table elsewhere is open to people",
    ),
    "a foreign table": (
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE far (id int) SERVER s;"
        " GRANT SELECT ON far TO sfa_user", "far", "a table elsewhere is open to people",
    ),
    "a leaky function": (
        "CREATE FUNCTION spy(text) RETURNS bool LANGUAGE sql LEAKPROOF AS 'SELECT true'", "spy(text)",
        "a function is trusted with hidden rows",
    ),
}  # fmt: skip
BY_HAND = {
    "Move it to a schema of its own, or drop it.": "DROP TABLE note",
    "Delete the row from user_identity; `sfactl user map` takes another name.": (
        "DELETE FROM user_identity WHERE length(name) > 63"
    ),
}
"""What an administrator does where the remedy is a sentence."""


@pytest.fixture(scope="module")
def administrator(
    postgres_server: PostgresServer, postgres_template: str, worker: str
) -> Iterator[psycopg.Connection[Any]]:
    """A database administrator's connection to a server that is as it should be."""
    with (
        copy_on_server(postgres_server, postgres_template, worker) as workspace,
        psycopg.connect(workspace.system_url.conninfo) as raw,
    ):
        yield raw


@pytest.fixture
def server(administrator: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """The same; what a test plants is taken back."""
    yield administrator
    administrator.rollback()


def named(text: str, raw: psycopg.Connection[Any], worker: str) -> str:
    """A text with the roles of this worker in the places of logins."""
    people = {login: role_of(worker, login) for login in (*ROLES, "leo")}
    return text.format(**people, x=role_of(worker, "x"), database=raw.info.dbname)


# case 32
@pytest.mark.parametrize("what", PLANTED)
def test_the_check_names_what_was_planted(server: psycopg.Connection[Any], worker: str, what: str):
    statement, place, finding = (named(text, server, worker) for text in PLANTED[what])
    server.execute(statement)  # type: ignore[call-overload]

    look = access_logins.look if finding.startswith(("due", "a name")) else postgres_check.findings
    found = look(server)

    assert (finding, place) in {(one.finding, one.place) for one in found}


# case 32
def test_every_finding_that_there_is_was_planted():
    """A new query brings a mistake that it names."""
    made = [(one.missing, one.differs, one.unknown, *(one.worse or ())[1:]) for one in postgres_check._MADE]
    known = {look.finding for look in (*postgres_looks.ROLES, *postgres_looks.LOOKS)}.union(*made)

    assert known <= {finding for _statement, _place, finding in PLANTED.values()}


# case 32
def test_a_server_as_it_should_be_has_nothing_to_name(server: psycopg.Connection[Any]):
    assert access_logins.look(server) == []


# case 32
def test_what_the_check_advises_puts_all_of_it_right(administrator: psycopg.Connection[Any], worker: str):
    where = url.parse(f"postgresql://postgres@/{administrator.info.dbname}?host={administrator.info.host}")
    engine = engine_over(where, lambda: system_connection(where, "a test plants"), writing=True)
    waiting = list(PLANTED)

    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        while waiting:
            with connection.begin() as transaction:
                raw.execute("SELECT 1")  # without it, what is planted would be a transaction of its own
                last, waiting = waiting, [what for what in waiting if not planted(raw, worker, what)]
                assert len(waiting) < len(last)
                found, rounds = access_logins.look(raw), 0
                while found and rounds < 3:  # one thing may hide another
                    put_right(connection, found)
                    found, rounds = access_logins.look(raw), rounds + 1
                assert found == []
                transaction.rollback()


def planted(raw: psycopg.Connection[Any], worker: str, what: str) -> bool:
    """Whether it can stand beside what is planted already."""
    try:
        with raw.transaction():
            raw.execute(named(PLANTED[what][0], raw, worker))  # type: ignore[call-overload]
    except psycopg.Error:
        return False
    return True


def put_right(connection: Any, found: list[Finding]) -> None:
    """Do what the check advises, to the letter."""
    for remedy in dict.fromkeys(BY_HAND.get(one.remedy, one.remedy) for one in found):
        if remedy != SYNC:
            connection.connection.dbapi_connection.execute(remedy)
    if any(one.remedy == SYNC for one in found):
        access_logins.put_right(connection)


def test_nobody_waits_for_the_check(server: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch):
    """It takes no lock on a table of ours that somebody else could have to wait for."""
    held: list[Any] = []
    make = postgres_check._make_copies

    def noting(raw: Any) -> None:
        make(raw)
        held.extend(raw.execute(
            "SELECT DISTINCT l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation"
            " WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace"
        ).fetchall())  # fmt: skip

    monkeypatch.setattr(postgres_check, "_make_copies", noting)
    assert postgres_check.findings(server) == []

    assert held == [("AccessShareLock",)]


def test_the_check_leaves_nothing_behind(server: psycopg.Connection[Any]):
    count = "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_policy)"
    before = server.execute(count).fetchall()

    access_logins.look(server)

    assert server.execute(count).fetchall() == before
    assert server.info.transaction_status.name == "INTRANS"


def test_every_statement_of_the_guard_is_compared_or_looked_after():
    """A new kind of statement in the guard has to be copied for the comparison, or to get a query of its own."""
    looked_after = re.compile(r".* OWNER TO \w+|[\w, ]* SCHEMA .*|\w+ \w+ ON SEQUENCE .*|DROP TRIGGER IF EXISTS .*")

    statements = postgres_guard.guard_sql(RULES, ["account_id_seq"], [])
    aside = [statement for statement in statements if postgres_check.copied(statement) is None]

    assert [statement for statement in aside if not looked_after.fullmatch(statement)] == []
    assert len(aside) < len(statements) / 2
