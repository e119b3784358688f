"""The tree of territories changed by plans, and taken back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sfactl.services import databases, territories, territory_moves
from sfactl.services.territory_moves import Merge, Move
from tests import planned
from tests.organisation import TODAY
from tests.workspace import TestWorkspace, system_rows

PLACES = "SELECT t.code, p.parent_id, p.is_archived, p.valid_from, p.valid_to FROM territory_place p JOIN territory t ON t.id = p.territory_id ORDER BY t.code, p.valid_from"
BEFORE = TODAY - timedelta(days=1)


def _sound(workspace: TestWorkspace) -> bool:
    return databases.check(workspace.door()) == []


def _tree(workspace: TestWorkspace, day: date | None = None, archived: bool = False) -> dict[str, str | None]:
    with workspace.door().read() as session:
        return {row.code: row.parent for row in territories.tree(session, as_of=day, archived=archived)}


def test_a_territory_moves_with_all_below_it_and_yesterday_stays(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.carry_out(workspace.door(), territory_moves.move, Move(("WEST",), "EAST"), tmp_path)

    assert _tree(workspace)["WEST"] == "EAST"
    assert _tree(workspace, BEFORE)["WEST"] == "WORLD"
    with workspace.door().read() as session:
        assert [row.code for row in territories.tree(session, root="EAST")] == ["EAST", "NE", "WEST", "NW", "SW"]
        assert [row.code for row in territories.tree(session, root="EAST", as_of=BEFORE)] == ["EAST", "NE"]
    assert _sound(workspace)


def test_a_merged_territory_gives_everything_away_and_keeps_its_past(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.carry_out(workspace.door(), territory_moves.merge, Merge(("SW", "NW"), "NE"), tmp_path)

    assert "SW" not in _tree(workspace)
    assert "SW" in _tree(workspace, archived=True)
    assert "SW" in _tree(workspace, BEFORE)
    places = "SELECT t.code, count(*) FROM account a JOIN territory t ON t.id = a.territory_id GROUP BY t.code ORDER BY t.code"
    assert system_rows(workspace, places) == [("NE", 6), ("UNASSIGNED", 1)]
    sales = (
        "SELECT o.code, t.code FROM opportunity o JOIN territory t ON t.id = o.credited_territory_id ORDER BY o.code"
    )
    assert dict(system_rows(workspace, sales)) == {
        "OPP-1": "NE",
        "OPP-2": "NE",
        "OPP-3": "NE",
        "OPP-4": "NW",
        "OPP-5": "NE",
    }
    orders = (
        "SELECT t.code, count(*) FROM sales_order o JOIN territory t ON t.id = o.credited_territory_id GROUP BY t.code"
    )
    assert dict(system_rows(workspace, orders))["SW"] == 4
    assert _sound(workspace)


def test_a_merge_taken_back_on_its_day_leaves_everything_as_it_was(workspace: TestWorkspace, tmp_path: Path) -> None:
    tables = {
        "territory": "SELECT code, parent_id, archived_on, tree_left, tree_right, depth FROM territory ORDER BY code",
        "place": PLACES,
        "member": "SELECT territory_id, user_id, role, valid_from, valid_to FROM territory_member ORDER BY 1, 2, 3, 4",
        "account": "SELECT code, territory_id, owner_id FROM account ORDER BY code",
        "opportunity": "SELECT code, credited_territory_id, credited_id FROM opportunity ORDER BY code",
        "team": "SELECT code, territory_id FROM team ORDER BY code",
    }
    before = {name: system_rows(workspace, query) for name, query in tables.items()}

    run = planned.carry_out(workspace.door(), territory_moves.merge, Merge(("WEST", "NE"), "EAST"), tmp_path)
    undone = planned.undo(workspace.door(), run.run, tmp_path)

    assert undone.left_count == 0
    assert {name: system_rows(workspace, query) for name, query in tables.items()} == before
    assert _sound(workspace)
