"""The pipeline over time: every change of an opportunity is kept, whoever makes it and however, and nobody can write it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from sfactl.db import migrate
from sfactl.db.session import Door, Session
from sfactl.models import tables as t
from sfactl.services import databases, pipeline_history
from tests import organisation
from tests.cli import Run
from tests.db.company import plain, system
from tests.db.test_migrations import empty, looked_at  # noqa: F401 - a fixture
from tests.workspace import TestWorkspace, system_rows

_QUERY = (
    "SELECT c.recorded_at, c.status, c.amount_minor, s.code, u.login FROM opportunity_change AS c"
    " JOIN opportunity AS o ON o.id = c.opportunity_id LEFT JOIN stage AS s ON s.id = c.stage_id"
    " LEFT JOIN app_user AS u ON u.id = c.credited_id WHERE o.code = '{}' ORDER BY c.id"
)


def kept(workspace: TestWorkspace, code: str) -> list[tuple[Any, ...]]:
    """What is kept of an opportunity, the first first."""
    return [tuple(map(plain, row)) for row in system_rows(workspace, _QUERY.format(code))]


def change(session: Session, code: str, **values: Any) -> int:
    opportunity = t.opportunity.c
    times = {"updated_at": session.now, "version": opportunity.version + 1}
    return session.run(update(t.opportunity).where(opportunity.code == code).values(**values, **times))


def later(workspace: TestWorkspace, login: str, days: int) -> Door:
    """A person's way to the data some days later."""
    door = workspace.door(login)
    now = organisation.NOW + timedelta(days)
    return Door(door.url, as_user=door.as_user, now=now, today=now.date())


def test_one_that_is_brought_in_is_kept_since_it_was_opened_and_since_it_closed(workspace: TestWorkspace) -> None:
    assert kept(workspace, "OPP-1") == [("2026-04-01T00:00:00.000000Z", "open", 500_000, "propose", "sam")]
    assert kept(workspace, "OPP-4") == [
        ("2026-01-10T00:00:00.000000Z", "open", 250_000, None, "nora"),
        ("2026-03-15T00:00:00.000000Z", "won", 250_000, "won", "nora"),
    ]


def test_a_change_by_somebody_who_may_only_edit_is_kept_and_one_of_the_next_step_is_not(
    workspace: TestWorkspace,
) -> None:
    with system(workspace) as run:
        run("DELETE FROM role_permission WHERE noun = 'opportunity' AND action = 'create'")

    assert later(workspace, "sam", 3).write(change, "OPP-1", amount_minor=600_000) == 1
    assert later(workspace, "sam", 4).write(change, "OPP-1", next_step="call") == 1

    assert kept(workspace, "OPP-1")[1:] == [("2026-05-23T09:00:00.000000Z", "open", 600_000, "propose", "sam")]


def test_a_bulk_move_is_kept_also_by_somebody_whose_scope_the_sale_leaves(
    workspace: TestWorkspace, sfactl: Run, today: None
) -> None:
    moved = sfactl(
        "assignment",
        "move",
        "--from",
        "sam",
        "--to",
        "nora",
        "--territory",
        "SW",
        "--yes",
        workspace=workspace,
        as_="mike",
    )

    assert moved.code == 0, moved.err
    assert [row[-1] for row in kept(workspace, "OPP-1")] == ["sam", "nora"]
    assert databases.check(workspace.door()) == []


def test_what_is_changed_past_the_program_is_kept_as_of_that_moment(workspace: TestWorkspace) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    with system(workspace) as run:
        run("UPDATE opportunity SET amount_minor = amount_minor + 1 WHERE code = 'OPP-1'")

    recorded, *values = kept(workspace, "OPP-1")[-1]
    assert datetime.fromisoformat(recorded) > before
    assert values == ["open", 500_001, "propose", "sam"]


@pytest.mark.parametrize("statement", [
    "UPDATE opportunity_change SET amount_minor = 1", "DELETE FROM opportunity_change",
    "INSERT INTO opportunity_change (opportunity_id, recorded_at, amount_minor, currency, close_on, status,"
    " credited_territory_id) SELECT opportunity_id, recorded_at, 1, currency, close_on, status, credited_territory_id"
    " FROM opportunity_change",
])  # fmt: skip
def test_nobody_writes_what_is_kept(workspace: TestWorkspace, statement: str) -> None:
    before = system_rows(workspace, "SELECT * FROM opportunity_change ORDER BY id")

    try:
        workspace.door().write(lambda session: session.run(text(statement)))
    except Exception as fault:  # noqa: BLE001 - either engine refuses in its own way
        assert "no such row" in str(fault)

    assert system_rows(workspace, "SELECT * FROM opportunity_change ORDER BY id") == before


def test_a_kept_row_that_says_something_else_is_found(workspace: TestWorkspace) -> None:
    assert databases.check(workspace.door()) == []
    with system(workspace) as run:
        run("UPDATE opportunity_change SET amount_minor = 7 WHERE opportunity_id = (SELECT min(id) FROM opportunity)")

    found = databases.check(workspace.door())
    assert [(row.check, row.key) for row in found] == [("pipeline", "OPP-1")]


def test_how_things_stood_is_told_of_any_day(workspace: TestWorkspace) -> None:
    later(workspace, "sam", 3).write(change, "OPP-1", amount_minor=600_000)
    later(workspace, "sam", 5).write(change, "OPP-1", amount_minor=650_000)

    def amount(day: date) -> list[Any]:
        with later(workspace, "sam", 9).read() as session:
            then = pipeline_history.states(session, day).c
            code = t.opportunity.c.id == then.opportunity_id
            asked = t.opportunity.c.code == "OPP-1"
            return list(session.execute(t.opportunity.select().with_only_columns(then.amount_minor).where(code, asked)).scalars())  # fmt: skip

    days = (date(2026, 3, 31), date(2026, 4, 1), date(2026, 5, 22), date(2026, 5, 23), date(2026, 5, 29))
    assert [amount(day) for day in days] == [[], [500_000], [500_000], [600_000], [650_000]]


def test_opportunities_of_the_tables_before_are_kept_from_their_opening(empty: Any, tmp_path: Path) -> None:  # noqa: F811
    migrate.upgrade(empty, "0003")
    at = "'2026-02-01T00:00:00.000000Z'"
    kept_ = f"{at}, {at}, 1"
    rows = (
        f"INSERT INTO territory (id, code, name, name_key, priority, tree_left, tree_right, depth, created_at, updated_at, version) VALUES (1, 'W', 'W', 'w', 0, 1, 2, 0, {kept_})",
        f"INSERT INTO account (id, code, name, name_key, territory_id, kind, currency, created_at, updated_at, version) VALUES (1, 'A', 'A', 'a', 1, 'customer', 'USD', {kept_})",
        "INSERT INTO process (id, code, name) VALUES (1, 'p', 'P')",
        "INSERT INTO stage (id, process_id, code, name, position, probability_bp, category, status, active)"
        f" VALUES (1, 1, 's', 'S', 1, 10, 'pipeline', 'open', {'1' if empty.is_sqlite else 'true'})",
        *(
            "INSERT INTO opportunity (id, code, name, name_key, account_id, account_name, territory_id,"
            " credited_territory_id, stage_id, status, amount_minor, currency, close_on, opened_on, closed_on, created_at,"
            f" updated_at, version) VALUES ({key}, 'O{key}', 'o', 'o', 1, 'A', 1, 1, 1, '{status}', 5, 'USD', '2026-03-01',"
            f" '{opened}', {closed}, {kept_})"
            for key, status, opened, closed in (
                (1, "open", "2026-01-10", "NULL"), (2, "open", "2026-02-09", "NULL"), (3, "won", "2026-01-01", "'2026-01-20'"),
            )
        ),
    )  # fmt: skip

    def fill(connection: Any) -> None:
        for statement in rows:
            connection.exec_driver_sql(statement)
        connection.commit()

    looked_at(empty, fill)
    migrate.upgrade(empty)

    query = "SELECT opportunity_id, recorded_at, status, amount_minor, stage_id FROM opportunity_change ORDER BY opportunity_id, id"
    found = looked_at(empty, lambda c: [tuple(map(plain, row)) for row in c.exec_driver_sql(query)])
    assert found == [
        (1, "2026-01-10T00:00:00.000000Z", "open", 5, 1),
        (2, "2026-02-01T00:00:00.000000Z", "open", 5, 1),
        (3, "2026-01-01T00:00:00.000000Z", "open", 5, None),
        (3, "2026-01-20T00:00:00.000000Z", "won", 5, 1),
    ]
