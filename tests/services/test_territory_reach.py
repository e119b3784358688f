"""Somebody whose role reaches a part of the tree changes that part, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfactl.errors import NotAllowed, NotFound
from sfactl.services import databases, territories, territory_moves
from sfactl.services.territory_moves import Join, Merge, Move, Part, Split
from tests import planned
from tests.db.company import system
from tests.workspace import TestWorkspace


@pytest.fixture
def district(workspace: TestWorkspace) -> TestWorkspace:
    """The company, whose district managers may change what lies below them."""
    with system(workspace) as run:
        for action in ("create", "edit"):
            run(
                "INSERT INTO role_permission (role_id, noun, action, scope)"
                f" SELECT id, 'territory', '{action}', 'subtree' FROM role WHERE code = 'district_manager'"
            )
    return workspace


def test_he_moves_what_lies_below_him(district: TestWorkspace, tmp_path: Path) -> None:
    planned.carry_out(district.door("mike"), territory_moves.move, Move(("SW",), "NW"), tmp_path)

    with district.door().read() as session:
        tree = {row.code: (row.parent, row.depth) for row in territories.tree(session)}
    assert tree["SW"] == ("NW", 3)
    assert databases.check(district.door()) == []


def test_what_is_hidden_is_not_found_and_the_rest_of_the_tree_is_not_his(
    district: TestWorkspace, tmp_path: Path
) -> None:
    door, path = district.door("mike"), tmp_path / "plan.jsonl"

    for planner, request in (
        (territory_moves.move, Move(("NE",), "WEST")),
        (territory_moves.move, Move(("SW",), "EAST")),
        (territory_moves.merge, Merge(("SW",), "NE")),
        (territory_moves.join, Join("NE", "sam")),
    ):
        with pytest.raises(NotFound):
            planned.plan(door, planner, request, path)
    for planner, request in (
        (territory_moves.move, Move(("SW",))),
        (territory_moves.split, Split("SW", (Part("X", "X"),), {"A-SW1": "X"})),
    ):
        with pytest.raises(NotAllowed):
            planned.plan(door, planner, request, path)
    assert databases.check(district.door()) == []
