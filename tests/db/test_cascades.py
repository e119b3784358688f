"""Who deletes a row deletes that row: nothing goes with it that he may not delete, or does not see."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from sfactl.db.session import Session
from sfactl.errors import NotFound
from sfactl.models import registry
from tests.db.company import system
from tests.workspace import TestWorkspace, system_rows

HERE = "(SELECT id FROM account WHERE code = 'A-NE2')"
HANGS_ON_IT = ("contact", "opportunity", "assignment")


# case 21
def test_no_link_deletes_or_empties_what_points_to_a_row(workspace: TestWorkspace):
    assert [key for table in registry.metadata.tables.values() for key in table.foreign_keys if key.ondelete] == []
    found: list[Any]
    if workspace.is_sqlite:
        found = system_rows(
            workspace,
            "SELECT m.name, k.on_delete FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k"
            " WHERE m.type = 'table' AND k.on_delete NOT IN ('NO ACTION', 'RESTRICT')",
        )
    else:
        found = system_rows(
            workspace,
            "SELECT conname, confdeltype FROM pg_constraint WHERE contype = 'f' AND confdeltype NOT IN ('a', 'r')",
        )
    assert found == []


def hand_over(workspace: TestWorkspace) -> None:
    """sam owns an account far from his territory; all that hangs on it is eve's, and hidden from him."""
    eve = "(SELECT id FROM app_user WHERE login = 'eve')"
    with system(workspace) as run:
        for table in ("sales_order_line", "credit"):
            run(f"DELETE FROM {table} WHERE order_id IN (SELECT id FROM sales_order WHERE code = 'O-6')")
        run("DELETE FROM sales_order WHERE code = 'O-6'")
        run(f"UPDATE contact SET owner_id = {eve} WHERE account_id = {HERE}")
        run(f"UPDATE assignment SET user_id = {eve} WHERE account_id = {HERE}")
        run(f"UPDATE opportunity SET owner_id = {eve}, credited_id = {eve} WHERE account_id = {HERE}")


def delete_account(session: Session) -> int:
    return session.run(text("DELETE FROM account WHERE code = 'A-NE2'"))


def seen_by(workspace: TestWorkspace, login: str) -> list[int]:
    """How much of what hangs on the account somebody sees."""
    with workspace.door(login).read() as session:
        return [
            int(session.execute(text(f"SELECT count(*) FROM {table} WHERE account_id = {HERE}")).scalar_one())
            for table in HANGS_ON_IT
        ]


def all_rows(workspace: TestWorkspace) -> list[Any]:
    tables = ("account", *HANGS_ON_IT, "stage_change")
    return [system_rows(workspace, f"SELECT * FROM {table} ORDER BY id") for table in tables]


# case 21
def test_a_row_with_hidden_children_stays_and_so_do_they(workspace: TestWorkspace):
    hand_over(workspace)
    before = all_rows(workspace)
    assert seen_by(workspace, "eve") == [1, 1, 1]
    assert seen_by(workspace, "sam") == [0, 0, 0]

    with pytest.raises(NotFound):
        workspace.door("sam").write(delete_account)

    assert all_rows(workspace) == before
    with system(workspace) as run:  # so that the refusal is worth something
        for table in ("stage_change", "opportunity_change"):
            run(f"DELETE FROM {table} WHERE opportunity_id IN (SELECT id FROM opportunity WHERE account_id = {HERE})")
        for table in HANGS_ON_IT:
            run(f"DELETE FROM {table} WHERE account_id = {HERE}")
    assert workspace.door("sam").write(delete_account) == 1
