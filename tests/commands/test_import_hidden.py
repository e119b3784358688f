"""What an import tells of rows that the person does not see: nothing, by its faults or by its counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import Run
from tests.db.company import system
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def managed(workspace: TestWorkspace) -> TestWorkspace:
    """A workspace in which mike, who manages the west, may import."""
    with system(workspace) as run:
        for noun in ("account", "contact", "opportunity", "order", "quota"):
            run(
                "INSERT INTO role_permission (role_id, noun, action, scope)"
                f" SELECT id, '{noun}', 'import', 'subtree' FROM role WHERE code = 'district_manager'"
            )
    return workspace


ACCOUNTS = """\
code,name,territory,owner
A-SW1,Adobe Tools,SW,sam
A-SW2,Basin Bread,SW,sam
A-SW9,Ninth,SW,sam
A-SW8,Eighth,NE,eve
A-SW7,Seventh,NOWHERE,sam
"""
CONTACTS = """\
external_id,account,name
C-1,A-SW1,Carla Core
C-7,A-SW1,Seven
C-8,A-NE1,Eight
C-9,A-NO1,Nine
C-0,A-NOPE,None
"""
OPPORTUNITIES = """\
code,name,account,seller,stage,amount,close_on
OPP-7,Seven,A-SW1,sam,qualify,100,2026-07-01
OPP-8,Eight,A-NE1,sam,qualify,100,2026-07-01
"""
FILES = {"account": (ACCOUNTS, {5, 6}), "contact": (CONTACTS, {4, 5, 6}), "opportunity": (OPPORTUNITIES, {3})}
"""What is imported, and the lines in which something is not there for mike: hidden, or absent."""


# case 27
@pytest.mark.parametrize("noun", FILES)
def test_an_import_says_the_same_whether_hidden_rows_are_there_or_not(
    managed: TestWorkspace, sfactl: Run, tmp_path: Path, noun: str
):
    content, refused = FILES[noun]
    path = tmp_path / f"{noun}.csv"
    path.write_text(content, encoding="utf-8")
    words = ("import", noun, str(path), "-o", "json", "--decimal", ".", "--dry-run")

    with_them = [sfactl(*words, *more, workspace=managed, as_="mike") for more in ((), ("--partial",))]
    hidden = "territory_id IN (SELECT id FROM territory WHERE code IN ('NE', 'EAST', 'UNASSIGNED'))"
    with system(managed) as run:
        for table, key in (("account", "code"), ("contact", "external_id"), ("opportunity", "code")):
            run(f"UPDATE {table} SET {key} = {key} || '-elsewhere' WHERE {hidden}")
    without_them = [sfactl(*words, *more, workspace=managed, as_="mike") for more in ((), ("--partial",))]

    assert with_them == without_them
    assert with_them[0].code == 2
    assert {row["line"] for row in with_them[0].rows} == refused
    assert with_them[1].rows[0]["rejected"] == len(refused)


# case 26, case 27
def test_a_hidden_row_is_not_counted_as_one_that_is_there(managed: TestWorkspace, sfactl: Run, tmp_path: Path):
    path = tmp_path / "accounts.csv"
    path.write_text(
        "code,name,territory,owner\nA-SW1,Adobe Tools,SW,sam\nA-NE1,Elm Hospital,SW,sam\n", encoding="utf-8"
    )
    before = system_rows(managed, "SELECT code, name, owner_id, version FROM account ORDER BY id")

    result = sfactl("import", "account", str(path), "-o", "json", workspace=managed, as_="mike")

    assert (result.code, result.out) == (5, "")
    assert "taken or not available" in result.err
    assert "eve" not in result.err
    assert system_rows(managed, "SELECT code, name, owner_id, version FROM account ORDER BY id") == before
