"""What is read, in whatever words it is asked for, is what the rules say and no more."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import make_transient_to_detached

from sfactl.db import connect, upkeep
from tests.db.company import COLUMNS, STAYING, TABLES, Company, in_order, private_copy, quoted, system
from tests.db.conftest import who
from tests.db.objects import Account, objects_of
from tests.db.shapes import SHAPES
from tests.db.who_sees_what import EVERYBODY, GUARDED, HIS_OWN, visible
from tests.organisation import TODAY
from tests.workspace import TestWorkspace


def test_the_comparison_knows_every_table():
    assert {*EVERYBODY, *HIS_OWN, *GUARDED} == set(TABLES)


# case 7, case 20, case 28, case 29, case 116
@pytest.mark.parametrize("login", STAYING)
def test_everybody_sees_the_rows_that_are_his(company: Company, login):
    mine = visible(company.world, who(company, login))

    with company.workspace.door(login).read() as session:
        for table in TABLES:
            found = session.execute(text(f"SELECT {', '.join(quoted(COLUMNS[table]))} FROM {table}")).all()
            assert in_order(found) == in_order(row.values() for row in mine[table]), table


def test_the_company_tells_the_roles_apart(company: Company):
    """Else the comparison above would show nothing."""
    seen = {login: visible(company.world, who(company, login)) for login in STAYING}

    for table in GUARDED:
        numbers = {len(rows[table]) for rows in seen.values()}
        assert len(numbers) > 1, f"everybody sees the same of {table}"
    assert all(company.world[table] for table in TABLES)


# case 1: the shapes of sec01, through the product's own session
def test_every_way_of_asking_gives_what_a_copy_of_the_visible_rows_gives(company: Company):
    wrong = {}

    for login in company.some:
        copy = private_copy(visible(company.world, who(company, login)))
        with company.workspace.door(login).read() as session, objects_of(session) as mine, PlainSession(copy) as plain:
            for name, ask in SHAPES.items():
                got, wanted = _answer(ask(mine)), _answer(ask(plain))
                mine.expunge_all()
                if got != wanted:
                    wrong[login, name] = (got, wanted)
        copy.dispose()

    assert len(SHAPES) > 50
    assert wrong == {}


def _answer(found: Any) -> Any:
    return in_order(found) if isinstance(found, list) and found and hasattr(found[0], "__len__") else found


# case 12
def test_a_hidden_object_cannot_be_brought_in_by_its_key(company: Company):
    hidden = company.account("A-NE1")
    known = Account(id=hidden, code="A-NE1", name="guess", name_key="guess", territory_id=1, currency="USD")
    make_transient_to_detached(known)

    with company.workspace.door("nora").read() as session, objects_of(session) as mine:
        mine.add(known)
        with pytest.raises(InvalidRequestError):
            mine.refresh(known)
        assert "Elm" not in repr(inspect(known).dict)


# case 13, case 14
def test_no_option_of_a_statement_widens_what_is_seen(company: Company):
    options = {"unscoped": True, "bypass": True, "populate_existing": True, "stream_results": True}

    with company.workspace.door("nora").read() as session:
        found = session.execute(select(Account.code), execution_options=options).scalars().all()

    assert set(found) == {"A-NW1"}


def test_two_people_after_one_another_see_what_is_theirs(company: Company):
    """Nothing that was compiled or kept for one person answers another."""
    statement = select(Account.code)
    answers = []

    for login in ("ana", "nora", "dora", "nora", "nils", "ana"):
        with company.workspace.door(login).read() as session:
            answers.append(set(session.execute(statement).scalars()))

    everything = {row["code"] for row in company.world["account"]}
    assert answers == [everything, {"A-NW1"}, everything - {"A-NO1"}, {"A-NW1"}, set(), everything]


@pytest.mark.parametrize(("table", "day"), [("sales_order", "booked_on"), ("credit", "credited_on")])
def test_a_sum_in_scope_reads_an_index_and_no_rows(sqlite_workspace: TestWorkspace, table, day):
    """Whatever decides who sees a row stands in the index, too: else a part would take longer than the whole."""
    with system(sqlite_workspace) as run:
        for _turn in range(8):
            run(f"INSERT INTO sales_order SELECT {_like_another()} FROM sales_order")
        run(
            "INSERT OR IGNORE INTO credit SELECT NULL, id, credited_id, credited_territory_id, 'revenue', 10000,"
            " amount_minor, currency, booked_on FROM sales_order WHERE credited_id IS NOT NULL"
        )
    upkeep.refresh_statistics(sqlite_workspace.url)
    raw = connect.connect(sqlite_workspace.url, today=TODAY, as_user="mike")
    raw.set_authorizer(None)
    kind = " AND kind = 'revenue'" if table == "credit" else ""
    plan = sqlite3.Cursor(raw).execute(
        f"EXPLAIN QUERY PLAN SELECT sum(amount_minor) FROM {table}"
        f" WHERE {day} >= '2026-01-01' AND {day} < '2026-04-01' AND currency = 'USD'{kind}"
    )
    steps = [row[3] for row in plan if " r " in row[3]]
    raw.close()

    assert steps
    assert all("COVERING INDEX" in step for step in steps), steps


def _like_another() -> str:
    """The columns of an order for another one like it."""
    own = {"id": "NULL", "code": "hex(randomblob(8))", "external_id": "NULL"}
    return ", ".join(own.get(column, f'"{column}"') for column in COLUMNS["sales_order"])
