"""Whatever is done to the tree, and taken back, it stays a tree, and days that are over stay as they were."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.services import databases, plan_runs, territories, territory_moves
from sfactl.services.territory_moves import Join, Leave, Merge, Move, Part, Split
from tests import planned
from tests.organisation import TODAY
from tests.workspace import TestWorkspace, system_rows

STEPS = 8


def _step(choice: random.Random, codes: list[str], number: int) -> tuple[object, object]:
    """Something that may be done, or refused."""
    some, other = choice.sample(codes, 2)
    user = choice.choice(["sam", "nora", "eve", "mike"])
    accounts = dict.fromkeys(choice.sample(["A-SW1", "A-SW2", "A-NW1", "A-NE1"], 2), f"P{number}")
    return choice.choice([
        (territory_moves.move, Move((some,), choice.choice([other, None]))),
        (territory_moves.merge, Merge((some,), other)),
        (territory_moves.split, Split(some, (Part(f"P{number}", "Part"),), accounts, choice.random() < 0.5)),
        (territory_moves.split, Split(some, (Part(f"P{number}", "Part", "segment = Small"),))),
        (territory_moves.join, Join(some, user, choice.choice(["manager", "account_manager"]))),
        (territory_moves.leave, Leave(some, user)),
    ])  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_any_sequence_keeps_the_tree_and_the_past(sqlite_workspace: TestWorkspace, tmp_path: Path, seed: int) -> None:
    _play(sqlite_workspace, tmp_path, seed)


def test_the_same_holds_on_a_server(postgres_workspace: TestWorkspace, tmp_path: Path) -> None:
    _play(postgres_workspace, tmp_path, 7)


def _play(workspace: TestWorkspace, folder: Path, seed: int) -> None:
    choice = random.Random(seed)
    runs: list[str] = []
    past: dict[date, list[tuple[object, ...]]] = {
        TODAY - timedelta(days=1): _as_on(workspace, TODAY, TODAY - timedelta(days=1))
    }
    done = 0
    for number in range(STEPS):
        door = workspace.door()
        door._today = TODAY + timedelta(days=number)
        try:
            if runs and choice.random() < 0.25:
                run = runs.pop(choice.randrange(len(runs)))
                with door.read() as session:
                    day = plan_runs.undo_day(plan_runs.undoable(session, run), door.today)
                planned.undo(door, run, folder, on=day)
            else:
                codes = [
                    str(code)
                    for (code,) in system_rows(
                        workspace, "SELECT code FROM territory WHERE archived_on IS NULL ORDER BY code"
                    )
                ]
                planner, request = _step(choice, codes, number)
                outcome = planned.carry_out(door, planner, request, folder, on=door.today)  # type: ignore[arg-type]
                runs.append(outcome.run)
            done += 1
        except (Conflict, UsageFault, NotFound):
            pass
        assert databases.check(door) == [], (seed, number)
        for day, tree in past.items():
            assert _as_on(workspace, door.today, day) == tree, (seed, number, day)
        past[door.today] = _as_on(workspace, door.today, door.today)
    assert done > 2


def _as_on(workspace: TestWorkspace, today: date, day: date) -> list[tuple[object, ...]]:
    door = workspace.door()
    door._today = today
    with door.read() as session:
        rows = territories.tree(session, as_of=day, archived=True)
        members = territories.members(session, as_of=day)
    shown = [
        (row.code, row.parent, row.depth, row.manager, row.members, row.accounts, row.archived_on is None)
        for row in rows
    ]
    return [*shown, *sorted((row.territory, row.user, row.role) for row in members)]
