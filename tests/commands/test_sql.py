"""Questions in SQL: read-only, one statement, in scope."""

from __future__ import annotations

import io

import pytest

from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")


@pytest.mark.parametrize("login", ["ana", "mike", "sam", "aldo", "nils"])
def test_an_answer_holds_the_rows_of_the_list(workspace: TestWorkspace, sfactl: Run, login: str) -> None:
    listed = sfactl("account", "list", "-o", "json", workspace=workspace, as_=login)

    asked = sfactl("sql", "SELECT code, name FROM account ORDER BY code", "-o", "json", workspace=workspace, as_=login)

    wanted = [{"code": row["code"], "name": row["name"]} for row in listed.rows] if listed.code == 0 else []
    assert asked.code == 0
    assert asked.rows == wanted


def test_numbers_stay_numbers_and_names_are_given_once(workspace: TestWorkspace, sfactl: Run) -> None:
    query = "SELECT 1 AS a, 2 AS a, 'x' AS b, NULL AS c, count(*) AS n FROM account"

    assert sfactl("sql", query, "-o", "json", workspace=workspace).rows == [
        {"a": 1, "a_2": 2, "b": "x", "c": None, "n": 7}
    ]
    assert sfactl("sql", query, "--fields", "n,b", "-o", "csv", workspace=workspace).out == "n,b\n7,x\n"


def test_a_statement_comes_from_standard_input(
    workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sys.stdin", io.StringIO("-- which\n/* and\nwhere */ (SELECT code FROM territory WHERE code = 'SW');\n")
    )

    result = sfactl("sql", "-", "-o", "csv", workspace=workspace)

    assert (result.code, result.out) == (0, "code\nSW\n") if not workspace.is_sqlite else result.code == 2


def test_a_percent_sign_is_no_placeholder(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("sql", "SELECT name FROM account WHERE name LIKE 'Adobe%'", "-o", "csv", workspace=workspace)

    assert result.out == "name\nAdobe Tools\n"


REFUSED = {
    "a change": "DELETE FROM account",
    "a change after WITH": "WITH x AS (SELECT 1) DELETE FROM account",
    "a change inside WITH": "WITH x AS (DELETE FROM account RETURNING *) SELECT * FROM x",
    "a second statement": "SELECT 1; DELETE FROM account",
    "the transaction ended": "SELECT 1; COMMIT; DELETE FROM account",
    "a setting": "SELECT 1; SET ROLE postgres",
    "PRAGMA": "PRAGMA query_only = OFF",
    "ATTACH": "ATTACH 'x.db' AS x",
    "COPY": "COPY account TO '/tmp/x'",
    "INTO": "SELECT * INTO copied FROM account",
    "VACUUM": "VACUUM INTO 'x.db'",
    "EXPLAIN of a change": "EXPLAIN ANALYZE DELETE FROM account",
    "nothing": "",
    "a comment": "-- SELECT 1",
    "a table of the engine": "SELECT * FROM sqlite_master",
    "a schema by name": "SELECT * FROM main.account",
    "no such column": "SELECT nothing FROM account WHERE x = 1",
    "wrong SQL": "SELECT FROM WHERE",
    "a NUL": "SELECT '\x00'",
}


# case 16
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_question_is_refused(workspace: TestWorkspace, sfactl: Run, name: str) -> None:
    result = sfactl("sql", REFUSED[name], workspace=workspace)

    assert result.code == 2, result.out
    assert result.out == ""
    assert result.err.startswith("sfactl: ")
    assert "Traceback" not in result.err
    assert system_rows(workspace, "SELECT count(*) FROM account") == [(7,)]


ACTING = (
    "set_config('role', 'postgres', false)", "nextval('account_id_seq')", "pg_sleep(60)", "pg_advisory_lock(1)",
    "pg_notify('a', 'b')", '"pg_notify"(\'a\', \'b\')', "pg_notify/**/('a', 'b')", "PG_CATALOG.PG_NOTIFY('a', 'b')",
    "U&\"pg\\005fnotify\"('a', 'b')", "pg_terminate_backend(1)", "query_to_xml('DELETE FROM account', true, true, '')",
    "lo_create(0)", "pg_read_file('/etc/passwd')",
)  # fmt: skip


# case 16
@pytest.mark.parametrize("call", ACTING)
def test_a_function_that_acts_by_being_called_is_refused(
    postgres_workspace: TestWorkspace, sfactl: Run, call: str
) -> None:
    result = sfactl("sql", f"SELECT {call}", workspace=postgres_workspace)

    assert result.code == 2
    assert "is not run here" in result.err or "are not run here" in result.err


# case 16
@pytest.mark.parametrize(
    "call", ["load_extension('x')", "writefile('x', 'y')", "readfile('/etc/passwd')", "fts3_tokenizer('simple')"]
)
def test_a_function_of_files_is_refused(sqlite_workspace: TestWorkspace, sfactl: Run, call: str) -> None:
    assert sfactl("sql", f"SELECT {call}", workspace=sqlite_workspace).code == 2


TELLING = (
    "SELECT code FROM account WHERE abs(CASE WHEN name = 'Elm Hospital' THEN -9223372036854775807 - 1 ELSE 0 END) >= 0",
    "SELECT code FROM account WHERE code = 'A-NE1' AND"
    " abs(CASE WHEN name LIKE 'Elm%' THEN -9223372036854775807 - 1 ELSE 0 END) >= 0",
    "SELECT count(*) FROM account WHERE 1 / (CASE WHEN name = 'Elm Hospital' THEN 0 ELSE 1 END) = 1",
    "SELECT max(abs(CASE WHEN l.amount_minor > 0 AND o.id IS NULL THEN -9223372036854775807 - 1 ELSE 0 END))"
    " FROM sales_order_line AS l LEFT JOIN sales_order AS o ON o.id = l.order_id",
    "SELECT id FROM sales_order_line WHERE abs(CASE WHEN order_id NOT IN (SELECT id FROM sales_order)"
    " THEN -9223372036854775807 - 1 ELSE 0 END) >= 0",
    "SELECT json(CASE WHEN name = 'Elm Hospital' THEN 'x' ELSE '1' END) FROM account",
)


# case 41
@pytest.mark.parametrize("number", range(len(TELLING)))
def test_what_would_fail_on_a_hidden_row_does_not(workspace: TestWorkspace, sfactl: Run, number: int) -> None:
    result = sfactl("sql", TELLING[number], workspace=workspace, as_="sam")

    assert result.code == 0, result.err


def test_the_tables_are_listed(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("sql", "--tables", "-o", "json", workspace=workspace, as_="sam").rows
    one = sfactl("sql", "--tables", "account", "-o", "json", workspace=workspace).rows
    none = sfactl("sql", "--tables", "nothing", workspace=workspace)

    assert {row["table"] for row in rows} >= {"account", "sales_order", "territory"}
    assert {row["table"] for row in one} == {"account"}
    assert {
        "table": "account",
        "column": "owner_id",
        "type": "bigint",
        "is_required": False,
        "refers_to": "app_user.id",
    } in one
    assert none.code == 3
