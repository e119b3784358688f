"""Whatever sequence of plans is applied and taken back, an account has one owner at a time, and everything agrees."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sfactl.config import policy
from sfactl.db.session import Door
from sfactl.errors import Conflict
from sfactl.services import (
    databases,
    distribution,
    moves,
    plan_files,
    plan_making,
    plan_runs,
    plans,
    policies,
    rules,
)
from sfactl.services.moving_along import Along, Holdover
from sfactl.services.narrowing import AccountFilter
from tests.organisation import TODAY
from tests.soak import IS_SOAK
from tests.workspace import TestWorkspace, system_rows

SEQUENCES = {True: 12, False: 3}
"""By whether the data are in a file."""
STEPS = 10
PEOPLE = ("sam", "nora", "eve")
CODES = ("A-SW1", "A-SW2", "A-SW3", "A-NW1", "A-NE1", "A-NE2", "A-NO1")
PLACES = ("SW", "NW", "NE", "EAST", "UNASSIGNED")
RULES = """
[[rule]]
code = "food"
step = 1
territory = "NW"
owner = "nora"
when = { industry = "Food" }

[[rule]]
code = "large"
step = 2
territory = "NE"
when = { segment = "Large" }

[[rule]]
code = "small-west"
step = 3
territory = "SW"
owner = "sam"
when = { segment = "Small" }
"""

OVERLAPS = (
    "SELECT count(*) FROM assignment AS a JOIN assignment AS b ON a.account_id = b.account_id AND a.id < b.id"
    " WHERE a.role = 'owner' AND b.role = 'owner' AND a.valid_from < coalesce(b.valid_to, '9999-12-31')"
    " AND b.valid_from < coalesce(a.valid_to, '9999-12-31')"
)
UNLIKE = (
    "SELECT count(*) FROM account AS a LEFT JOIN assignment AS h"
    " ON h.account_id = a.id AND h.role = 'owner' AND h.valid_to IS NULL"
    " WHERE h.id IS NULL OR h.territory_id <> a.territory_id OR coalesce(h.user_id, 0) <> coalesce(a.owner_id, 0)"
)
GAPS = (
    "SELECT count(*) FROM assignment AS a WHERE a.role = 'owner' AND a.valid_to IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM assignment AS b WHERE b.account_id = a.account_id AND b.role = 'owner' AND b.valid_from = a.valid_to)"
)
SHARES = (
    "SELECT count(*) FROM (SELECT opportunity_id FROM opportunity_split WHERE kind = 'revenue'"
    " GROUP BY opportunity_id HAVING sum(share_bp) <> 10000) AS odd"
)


def _move(chance: random.Random) -> tuple[Any, Any, dict[str, Any]]:
    codes = ", ".join(chance.sample(CODES, chance.randint(1, 4)))
    along = chance.choice([
        Along(), Along(Holdover.EXEMPT), Along(recredits=True),
        Along(Holdover.ELIGIBLE, TODAY + timedelta(30), chance.choice([0, 3333, 5000])),
    ])  # fmt: skip
    request = moves.Request(
        AccountFilter(where=f"code in {codes}"),
        chance.choice([*PEOPLE, None]),
        chance.choice(PLACES),
        along=along,
    )
    return moves.lines, request, {"back": chance.choice([0, 0, 0, 40])}


def _distribute(_chance: random.Random) -> tuple[Any, Any, dict[str, Any]]:
    return distribution.lines, distribution.Request(opportunities=True), {}


def _rules(chance: random.Random) -> tuple[Any, Any, dict[str, Any]]:
    return rules.lines, rules.Request(replace=frozenset(chance.sample(["import", "distribution"], 1))), {}


def _undo(chance: random.Random, door: Door) -> tuple[Any, Any, dict[str, Any]] | None:
    with door.read() as session:
        runs = [row for row in plan_runs.find(session) if row.status == "applied" and row.rows]
    if not runs:
        return None
    found = chance.choice(runs[:4])
    with door.read() as session:
        day = plan_runs.undo_day(plan_runs.undoable(session, found.run), TODAY)
    return plan_runs.undo_lines, plan_runs.UndoRequest(found.run), {"day": day, "undoes": found.run}


def _carry_out(door: Door, path: Path, step: tuple[Any, Any, dict[str, Any]]) -> None:
    planner, request, said = step
    day = said.get("day") or TODAY - timedelta(said.get("back", 0))
    order = plan_making.Order("test", planner, request, day, undoes=said.get("undoes"))
    if not plan_making.make(door, order, path, replace=True).lines:
        return
    with plan_files.opened(path) as plan:
        plans.apply(door, plan)


def _steps(chance: random.Random, door: Door) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    kinds: list[Callable[[random.Random], Any]] = [_move, _move, _distribute, _rules, lambda each: _undo(each, door)]
    for _number in range(STEPS):
        step = chance.choice(kinds)(chance)
        if step is not None:
            yield step


def _assert_sound(workspace: TestWorkspace, told: str) -> None:
    for query in (OVERLAPS, UNLIKE, GAPS, SHARES):
        assert system_rows(workspace, query) == [(0,)], (told, query)


@pytest.mark.usefixtures("today")
def test_any_sequence_of_plans_leaves_one_owner_at_a_time(workspace: TestWorkspace, tmp_path: Path):
    """Fails with its seed, from which the sequence can be had again."""
    door = workspace.door()
    texts = {**policy.default().files, "rules.toml": RULES}
    door.write(policies.apply, policy.from_texts(texts))
    count = SEQUENCES[workspace.is_sqlite] * (20 if IS_SOAK else 1)

    for seed in range(count):
        chance = random.Random(seed)
        for number, step in enumerate(_steps(chance, door)):
            with suppress(Conflict):
                _carry_out(door, tmp_path / "plan", step)
            _assert_sound(workspace, f"seed {seed}, step {number}: {step}")
    assert [finding for finding in databases.check(door) if finding.check != "audit"] == []
