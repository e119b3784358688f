"""The tree of territories changed by plans, and taken back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from sfactl.errors import Conflict, NotAllowed, NotFound, UsageFault
from sfactl.services import databases, plans, territories, territory_moves
from sfactl.services.territory_moves import Edit, Join, Leave, Merge, Move, Part, Split
from tests import planned
from tests.organisation import TODAY
from tests.workspace import TestWorkspace, system_rows

BEFORE = TODAY - timedelta(days=1)
LATER = TODAY + timedelta(days=30)
STATE = {
    "place": "SELECT t.code, p.parent_id, p.is_archived, p.valid_from, p.valid_to FROM territory_place p"
    " JOIN territory t ON t.id = p.territory_id ORDER BY t.code, p.valid_from",
    "territory": "SELECT code, name, parent_id, archived_on, tree_left, tree_right, depth FROM territory ORDER BY code",
    "member": "SELECT territory_id, user_id, role, valid_from, valid_to FROM territory_member ORDER BY 1, 2, 3, 4",
    "account": "SELECT code, territory_id, owner_id FROM account ORDER BY code",
    "opportunity": "SELECT code, territory_id, credited_territory_id, credited_id FROM opportunity ORDER BY code",
    "team": "SELECT code, territory_id, lead_id FROM team ORDER BY code",
    "orders": "SELECT code, credited_territory_id FROM sales_order ORDER BY code",
}


def _state(workspace: TestWorkspace) -> dict[str, list[tuple[object, ...]]]:
    return {name: system_rows(workspace, query) for name, query in STATE.items()}


def _is_sound(workspace: TestWorkspace) -> bool:
    return databases.check(workspace.door()) == []


def _tree(workspace: TestWorkspace, day: date | None = None, *, archived: bool = False) -> dict[str, str | None]:
    with workspace.door().read() as session:
        return {row.code: row.parent for row in territories.tree(session, as_of=day, archived=archived)}


def _members(workspace: TestWorkspace, territory: str) -> set[tuple[str, str]]:
    with workspace.door().read() as session:
        found = territories.members(session, territory=territory)
    return {(row.user, row.role) for row in found if row.territory == territory}


def test_a_territory_moves_with_all_below_it_and_yesterday_stays(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.carry_out(workspace.door(), territory_moves.move, Move(("WEST",), "EAST"), tmp_path)

    assert _tree(workspace)["WEST"] == "EAST"
    assert _tree(workspace, BEFORE)["WEST"] == "WORLD"
    with workspace.door().read() as session:
        assert [row.code for row in territories.tree(session, root="EAST")] == ["EAST", "NE", "WEST", "NW", "SW"]
        assert [row.code for row in territories.tree(session, root="EAST", as_of=BEFORE)] == ["EAST", "NE"]
    assert _is_sound(workspace)


def test_a_territory_moves_to_the_top_and_gets_another_name(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.carry_out(workspace.door(), territory_moves.move, Move(("SW",)), tmp_path)
    planned.carry_out(workspace.door(), territory_moves.edit, Edit("SW", "Far Southwest", priority=3), tmp_path)

    assert _tree(workspace)["SW"] is None
    rows = system_rows(workspace, "SELECT name, name_key, priority FROM territory WHERE code = 'SW'")
    assert rows == [("Far Southwest", "far southwest", 3)]
    assert _is_sound(workspace)


def test_a_merged_territory_gives_everything_away_and_keeps_its_past(workspace: TestWorkspace, tmp_path: Path) -> None:
    booked = _state(workspace)["orders"]

    planned.carry_out(workspace.door(), territory_moves.merge, Merge(("SW", "NW"), "NE"), tmp_path)

    assert "SW" not in _tree(workspace)
    assert "SW" in _tree(workspace, archived=True)
    assert "SW" in _tree(workspace, BEFORE)
    places = "SELECT t.code, count(*) FROM account a JOIN territory t ON t.id = a.territory_id GROUP BY t.code"
    assert dict(system_rows(workspace, places)) == {"NE": 6, "UNASSIGNED": 1}  # type: ignore[arg-type]
    sales = "SELECT o.code, t.code FROM opportunity o JOIN territory t ON t.id = o.credited_territory_id"
    credited = dict(system_rows(workspace, sales))  # type: ignore[arg-type]
    assert credited == {"OPP-1": "NE", "OPP-2": "NE", "OPP-3": "NE", "OPP-4": "NW", "OPP-5": "NE"}
    assert _state(workspace)["orders"] == booked
    assert _members(workspace, "NE") == {(login, "account_manager") for login in ("sam", "nora", "eve")}
    assert _is_sound(workspace)


def test_teams_and_territories_below_go_along_with_a_merge(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.carry_out(workspace.door(), territory_moves.merge, Merge(("WEST",), "EAST"), tmp_path)

    assert {code for code, parent in _tree(workspace).items() if parent == "EAST"} == {"NE", "NW", "SW"}
    teams = "SELECT m.code, t.code FROM team m JOIN territory t ON t.id = m.territory_id"
    assert dict(system_rows(workspace, teams)) == {"T-WEST": "EAST", "T-EAST": "EAST"}  # type: ignore[arg-type]
    assert ("mike", "manager") in _members(workspace, "EAST")


def test_a_merge_taken_back_on_its_day_leaves_everything_as_it_was(workspace: TestWorkspace, tmp_path: Path) -> None:
    before = _state(workspace)

    run = planned.carry_out(workspace.door(), territory_moves.merge, Merge(("WEST", "NE"), "EAST"), tmp_path)
    undone = planned.undo(workspace.door(), run.run, tmp_path)

    assert undone.left_count == 0
    assert _state(workspace) == before
    assert _is_sound(workspace)


def test_a_merge_taken_back_later_keeps_the_time_between(workspace: TestWorkspace, tmp_path: Path) -> None:
    run = planned.carry_out(
        workspace.door(), territory_moves.merge, Merge(("SW",), "NW"), tmp_path, on=date(2026, 5, 1)
    )
    between = _tree(workspace, date(2026, 5, 10))
    planned.undo(workspace.door(), run.run, tmp_path)

    assert "SW" in _tree(workspace)
    assert "SW" in _tree(workspace, date(2026, 4, 30))
    assert "SW" not in between
    assert _tree(workspace, date(2026, 5, 10)) == between
    assert _members(workspace, "SW") == {("sam", "account_manager")}
    assert _is_sound(workspace)


def test_a_split_by_conditions_takes_the_first_that_holds(workspace: TestWorkspace, tmp_path: Path) -> None:
    parts = (Part("PHX", "Phoenix", "city = Phoenix"), Part("REST", "The rest", "city in Phoenix, Mesa"))

    planned.carry_out(workspace.door(), territory_moves.split, Split("SW", parts), tmp_path)

    where = "SELECT a.code, t.code FROM account a JOIN territory t ON t.id = a.territory_id WHERE a.code LIKE 'A-SW%'"
    assert dict(system_rows(workspace, where)) == {"A-SW1": "PHX", "A-SW2": "SW", "A-SW3": "REST"}  # type: ignore[arg-type]
    assert _tree(workspace)["PHX"] == "WEST"
    assert "PHX" not in _tree(workspace, BEFORE)
    assert _members(workspace, "PHX") == {("sam", "account_manager")}
    assert _members(workspace, "REST") == set(), "eve owns an account there, and works elsewhere"
    sales = "SELECT t.code FROM opportunity o JOIN territory t ON t.id = o.credited_territory_id WHERE o.code = 'OPP-1'"
    assert system_rows(workspace, sales) == [("PHX",)]
    assert _is_sound(workspace)


def test_a_split_below_brings_the_managers_and_can_be_taken_back_and_done_again(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    planned.carry_out(workspace.door(), territory_moves.join, Join("SW", "mike", "manager"), tmp_path)
    before = _state(workspace)
    request = Split("SW", (Part("PHX", "Phoenix"),), {"A-SW1": "PHX"}, is_below=True)

    run = planned.carry_out(workspace.door(), territory_moves.split, request, tmp_path)
    assert _members(workspace, "PHX") == {("sam", "account_manager"), ("mike", "manager")}
    planned.undo(workspace.door(), run.run, tmp_path)
    undone = _state(workspace)
    planned.carry_out(workspace.door(), territory_moves.split, request, tmp_path)

    assert undone["account"] == before["account"]
    assert undone["member"] == before["member"]
    assert [row[0] for row in undone["territory"] if row[3] is not None] == ["PHX"]
    assert _tree(workspace)["PHX"] == "SW"
    assert _is_sound(workspace)


def test_a_membership_begins_and_ends_on_its_day(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.carry_out(workspace.door(), territory_moves.join, Join("SW", "nora", since=date(2026, 5, 1)), tmp_path)
    planned.carry_out(workspace.door(), territory_moves.leave, Leave("SW", "nora", on=date(2026, 5, 11)), tmp_path)

    with workspace.door().read() as session:
        for day, is_member in ((date(2026, 4, 30), False), (date(2026, 5, 10), True), (date(2026, 5, 11), False)):
            found = {row.user for row in territories.members(session, territory="SW", as_of=day)}
            assert ("nora" in found) is is_member, day
    with pytest.raises(NotFound):
        planned.carry_out(workspace.door(), territory_moves.leave, Leave("SW", "nora"), tmp_path)


def test_a_plan_is_refused_when_the_tree_changed_meanwhile(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.plan(workspace.door(), territory_moves.move, Move(("WEST",), "EAST"), tmp_path / "late.jsonl")
    planned.carry_out(workspace.door(), territory_moves.move, Move(("WEST",)), tmp_path)
    before = _state(workspace)

    with pytest.raises(plans.Stale) as stale:
        planned.apply(workspace.door(), tmp_path / "late.jsonl")

    assert [(row.entity, row.key) for row in stale.value.rows] == [("territory", "WEST")]
    assert _state(workspace) == before


def test_two_plans_that_together_make_a_loop_are_not_both_applied(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.plan(workspace.door(), territory_moves.move, Move(("WEST",), "NE"), tmp_path / "one.jsonl")
    planned.plan(workspace.door(), territory_moves.move, Move(("EAST",), "SW"), tmp_path / "other.jsonl")
    planned.apply(workspace.door(), tmp_path / "one.jsonl")

    with pytest.raises(plans.Stale) as stale:
        planned.apply(workspace.door(), tmp_path / "other.jsonl")

    assert "below itself" in stale.value.rows[0].reason
    assert _is_sound(workspace)


def test_a_territory_is_not_archived_while_something_came_into_it(workspace: TestWorkspace, tmp_path: Path) -> None:
    planned.plan(workspace.door(), territory_moves.merge, Merge(("SW",), "NW"), tmp_path / "merge.jsonl")
    planned.carry_out(workspace.door(), territory_moves.join, Join("SW", "eve"), tmp_path)

    with pytest.raises(plans.Stale) as stale:
        planned.apply(workspace.door(), tmp_path / "merge.jsonl")

    assert [row.reason for row in stale.value.rows] == ["it still has 1 members"]
    assert "SW" in _tree(workspace)


@pytest.mark.parametrize(
    ("planner", "request_", "error"),
    [
        (territory_moves.move, Move(("WORLD",), "SW"), UsageFault),
        (territory_moves.move, Move(("UNASSIGNED",), "SW"), UsageFault),
        (territory_moves.move, Move(("SW",), "NOWHERE"), NotFound),
        (territory_moves.merge, Merge(("WEST",), "SW"), UsageFault),
        (territory_moves.split, Split("SW", (Part("NW", "Northwest", "city = Mesa"),)), Conflict),
        (territory_moves.split, Split("SW", (Part("X", "X"),), {"A-NW1": "X"}), UsageFault),
        (territory_moves.edit, Edit("SW"), UsageFault),
        (territory_moves.join, Join("SW", "nobody"), NotFound),
    ],
    ids=lambda value: type(value).__name__ if not callable(value) else value.__name__,
)
def test_what_cannot_be_is_refused_before_a_plan_is_made(
    sqlite_workspace: TestWorkspace, tmp_path: Path, planner: object, request_: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        planned.plan(sqlite_workspace.door(), planner, request_, tmp_path / "plan.jsonl")  # type: ignore[arg-type]


def test_who_may_not_change_territories_is_refused_and_hidden_ones_are_not_found(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed):
        planned.plan(workspace.door("sam"), territory_moves.move, Move(("SW",)), tmp_path / "plan.jsonl")
    with pytest.raises(NotAllowed):
        planned.plan(workspace.door("dora"), territory_moves.merge, Merge(("SW",), "NW"), tmp_path / "plan.jsonl")


def test_a_move_on_a_later_day_waits_for_it(workspace: TestWorkspace, tmp_path: Path) -> None:
    outcome = planned.carry_out(workspace.door(), territory_moves.move, Move(("SW",), "EAST"), tmp_path, on=LATER)

    assert outcome.status == "scheduled"
    assert _tree(workspace)["SW"] == "WEST"
    on_the_day = workspace.door()
    on_the_day._today = LATER
    assert [found.status for found, _left in plans.due(on_the_day)] == ["applied"]
    assert _tree(workspace)["SW"] == "EAST"
