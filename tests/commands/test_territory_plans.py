"""A tree of territories drawn up beside the active one: changed, compared, made active, taken back, put away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import Run
from tests.services.test_territory_moves import STATE
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def drawn(workspace: TestWorkspace, sfactl: Run) -> TestWorkspace:
    """The company with a planned tree: a new Mountain with nora and an account, NW given up."""
    for words in (
        ("new", "NEXT", "--name", "Next year"),
        ("edit", "NEXT", "--add", "MTN", "--name", "Mountain", "--under", "WEST"),
        ("edit", "NEXT", "--drop", "NW", "--into", "SW"),
        ("edit", "NEXT", "--move", "NE", "--under", "WORLD"),
        ("edit", "NEXT", "--staff", "MTN=nora", "--unstaff", "SW=nora", "--place", "A-SW1=MTN"),
    ):
        done = sfactl("territory", "plan", *words, workspace=workspace)
        assert done.code == 0, done.err
    return workspace


def _state(workspace: TestWorkspace) -> dict[str, list[tuple[object, ...]]]:
    return {name: system_rows(workspace, query) for name, query in STATE.items()}


def test_a_planned_tree_changes_nothing_until_it_is_activated(drawn: TestWorkspace, sfactl: Run) -> None:
    rows = {row["code"]: row for row in sfactl("territory", "plan", "show", "NEXT", "-o", "json", workspace=drawn).rows}

    assert rows["MTN"] | {"kind": None} == {
        "code": "MTN", "name": "Mountain", "parent": "WEST", "kind": None, "change": "new", "into": None,
        "manager": None, "members": 1, "accounts": 1,
    }  # fmt: skip
    assert (rows["NE"]["parent"], rows["NE"]["change"]) == ("WORLD", "moved")
    assert (rows["NW"]["change"], rows["NW"]["into"]) == ("gone", "SW")
    active = sfactl("territory", "list", "-o", "json", workspace=drawn).rows
    assert {row["code"] for row in active} == {"UNASSIGNED", "WORLD", "WEST", "EAST", "SW", "NW", "NE"}


def test_the_comparison_adds_up_and_names_who_comes_and_goes(drawn: TestWorkspace, sfactl: Run) -> None:
    found = sfactl("territory", "plan", "compare", "NEXT", "-o", "json", workspace=drawn).rows
    rows = {row["territory"]: row for row in found}

    assert list(found[0]) == [
        "territory", "name", "change", "accounts", "accounts_then", "revenue", "revenue_then", "pipeline",
        "pipeline_then", "quota", "quota_then", "come", "go", "currency",
    ]  # fmt: skip
    assert (rows["SW"]["accounts"], rows["SW"]["accounts_then"]) == (3, 3)
    assert (rows["SW"]["revenue"], rows["SW"]["revenue_then"]) == ("3000000.00", "7000000.00")
    assert (rows["MTN"]["pipeline"], rows["MTN"]["pipeline_then"]) == ("0.00", "5000.00")
    assert (rows["SW"]["quota"], rows["SW"]["quota_then"], rows["MTN"]["quota_then"]) == (
        "1500.00",
        "3000.00",
        "500.00",
    )
    assert "nora" in str(rows["MTN"]["come"])
    for name in ("accounts", "revenue", "pipeline", "quota"):
        assert sum(float(row[name]) for row in found) == sum(float(row[f"{name}_then"]) for row in found), name
    assert "Total" in sfactl("territory", "plan", "compare", "NEXT", workspace=drawn).out


def test_activation_makes_it_so_in_one_run_and_taking_it_back_brings_the_old_tree(
    drawn: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    before = _state(drawn)
    plan = str(tmp_path / "next.plan")

    assert sfactl("territory", "plan", "activate", "NEXT", "--plan", plan, workspace=drawn).code == 0
    assert _state(drawn) == before
    assert sfactl("plan", "apply", plan, workspace=drawn).code == 0

    tree = {row["code"]: row["parent"] for row in sfactl("territory", "list", "-o", "json", workspace=drawn).rows}
    assert tree["MTN"] == "WEST"
    assert tree["NE"] == "WORLD"
    assert "NW" not in tree
    where = "SELECT a.code, t.code FROM account a JOIN territory t ON t.id = a.territory_id ORDER BY a.code"
    places = dict(system_rows(drawn, where))  # type: ignore[arg-type]
    assert (places["A-SW1"], places["A-NW1"]) == ("MTN", "SW")
    (row,) = sfactl("territory", "plan", "list", "-o", "json", workspace=drawn).rows
    (run,) = sfactl("plan", "runs", "-o", "json", workspace=drawn).rows
    assert (row["status"], row["activated_on"], row["run"]) == ("active", "2026-05-20", run["run"])
    assert sfactl("db", "check", workspace=drawn).code == 0

    assert sfactl("plan", "undo", run["run"], "--yes", workspace=drawn).code == 0
    after = _state(drawn)
    for name in ("member", "account", "opportunity", "team", "orders"):
        assert after[name] == before[name], name
    tree = {row["code"]: row["parent"] for row in sfactl("territory", "list", "-o", "json", workspace=drawn).rows}
    assert tree == {
        "UNASSIGNED": None, "WORLD": None, "WEST": "WORLD", "EAST": "WORLD", "SW": "WEST", "NW": "WEST", "NE": "EAST",
    }  # fmt: skip
    (row,) = sfactl("territory", "plan", "list", "-o", "json", workspace=drawn).rows
    assert (row["status"], row["run"]) == ("draft", None)
    assert sfactl("db", "check", workspace=drawn).code == 0
    assert sfactl("territory", "plan", "activate", "NEXT", "--yes", workspace=drawn).code == 0


def test_a_planned_tree_that_is_active_or_archived_is_not_changed(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("territory", "plan", "new", "OLD", workspace=sqlite_workspace)
    assert sfactl("territory", "plan", "archive", "OLD", workspace=sqlite_workspace).code == 0

    for words in (("edit", "OLD", "--add", "X"), ("activate", "OLD", "--yes"), ("archive", "OLD")):
        assert sfactl("territory", "plan", *words, workspace=sqlite_workspace).code == 5, words
    assert sfactl("territory", "plan", "show", "OLD", workspace=sqlite_workspace).code == 0


def test_files_draw_up_a_tree(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    (tmp_path / "tree.csv").write_text(
        "Territory;Name;Parent;Into\nMTN;Mountain;WEST;\nPLAINS;Plains;MTN;\nNW;Northwest;;MTN\n", encoding="utf-16"
    )
    (tmp_path / "people.csv").write_text("territory,user,role\nMTN,mike,manager\nPLAINS,nora,\n", encoding="utf-8")
    (tmp_path / "accounts.csv").write_text("account,territory,owner\nBasin Foods,PLAINS,nora\n", encoding="utf-8")
    sfactl("territory", "plan", "new", "F", workspace=workspace)

    loaded = sfactl(
        "territory", "plan", "load", "F", str(tmp_path / "tree.csv"), "--members", str(tmp_path / "people.csv"),
        "--accounts", str(tmp_path / "accounts.csv"), workspace=workspace,
    )  # fmt: skip
    assert loaded.code == 0, loaded.err
    assert sfactl("territory", "plan", "activate", "F", "--yes", workspace=workspace).code == 0

    (account,) = sfactl("account", "list", "-t", "PLAINS", "-o", "json", workspace=workspace).rows
    assert (account["code"], account["owner"]) == ("A-SW2", "nora")
    assert (
        sfactl("account", "list", "-t", "MTN", "--only", "-o", "json", workspace=workspace).rows[0]["code"] == "A-NW1"
    )
    members = sfactl("territory", "member", "list", "MTN", "-o", "json", workspace=workspace).rows
    assert [(row["territory"], row["user"]) for row in members] == [("MTN", "mike"), ("PLAINS", "nora")]


def test_faults_in_files_are_named_with_line_and_column(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("account,territory\nA-SW1,SW\nNOBODY,SW\nA-SW1,NW\nA-SW2\n", encoding="utf-8")
    sfactl("territory", "plan", "new", "F", workspace=sqlite_workspace)

    short = sfactl("territory", "plan", "load", "F", "--accounts", str(file), workspace=sqlite_workspace)
    file.write_text("account,territory\nA-SW1,SW\nNOBODY,SW\nA-SW1,NW\n", encoding="utf-8")
    wrong = sfactl("territory", "plan", "load", "F", "--accounts", str(file), workspace=sqlite_workspace)

    assert short.code == wrong.code == 2
    assert "accounts.csv:5: “A-SW2” has 1 fields where the header has 2" in short.err
    assert "accounts.csv:3:account: “NOBODY” there is no such account" in wrong.err
    assert "accounts.csv:4:account: “A-SW1” stands there twice" in wrong.err
    assert "nothing was changed" in wrong.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("edit", "NEXT", "--add", "SW"), 5),
        (("edit", "NEXT", "--add", "X", "--under", "NOWHERE"), 3),
        (("edit", "NEXT", "--move", "WEST", "--under", "SW"), 2),
        (("edit", "NEXT", "--drop", "WEST", "--into", "WEST"), 2),
        (("edit", "NEXT", "--staff", "SW"), 2),
        (("edit", "NEXT", "--staff", "SW=sam:king"), 2),
        (("edit", "NEXT", "--unstaff", "SW=eve"), 3),
        (("edit", "NEXT"), 2),
        (("edit", "OTHER", "--drop", "SW"), 3),
        (("new", "next"), 5),
        (("new", "no code"), 2),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_what_a_planned_tree_cannot_be_is_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], code: int
) -> None:
    sfactl("territory", "plan", "new", "NEXT", workspace=sqlite_workspace)
    before = sfactl("territory", "plan", "show", "NEXT", workspace=sqlite_workspace).out

    assert sfactl("territory", "plan", *words, workspace=sqlite_workspace).code == code
    assert sfactl("territory", "plan", "show", "NEXT", workspace=sqlite_workspace).out == before


def test_a_planned_tree_is_not_put_away_while_its_activation_waits(drawn: TestWorkspace, sfactl: Run) -> None:
    waits = sfactl(
        "territory", "plan", "activate", "NEXT", "--effective", "2026-12-01", "--yes", "-o", "json", workspace=drawn
    )
    run = json.loads(waits.out)["run"]

    refused = sfactl("territory", "plan", "archive", "NEXT", workspace=drawn)
    assert refused.code == 5
    assert f"{run} waits to activate NEXT" in refused.err
    assert f"sfactl plan cancel {run}" in refused.err

    assert sfactl("plan", "cancel", run, workspace=drawn).code == 0
    assert sfactl("territory", "plan", "archive", "NEXT", workspace=drawn).code == 0


def test_a_planned_tree_is_seen_by_whom_it_belongs_to_and_by_those_who_see_all(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    assert sfactl("territory", "plan", "new", "MINE", workspace=workspace, as_="dora").code == 0
    sfactl("territory", "plan", "new", "HERS", workspace=workspace)

    mine = sfactl("territory", "plan", "list", "-o", "json", workspace=workspace, as_="dora").rows
    assert [row["code"] for row in mine] == ["MINE"]
    assert len(sfactl("territory", "plan", "list", "-o", "json", workspace=workspace).rows) == 2
    hidden = sfactl("territory", "plan", "show", "HERS", workspace=workspace, as_="dora")
    absent = sfactl("territory", "plan", "show", "XXXX", workspace=workspace, as_="dora")
    assert (hidden.code, hidden.err.replace("HERS", "XXXX")) == (absent.code, absent.err) == (3, absent.err)
    assert sfactl("territory", "plan", "activate", "MINE", "--yes", workspace=workspace, as_="dora").code == 4
    assert sfactl("territory", "plan", "list", workspace=workspace, as_="sam").code == 4
