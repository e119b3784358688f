"""A command that is killed at any moment has applied its plan or has not; the next one completes it."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.cli import Run
from tests.faults.world import Case, World, staged
from tests.soak import IS_SOAK
from tests.workspace import system_rows

KILLS = 400 if IS_SOAK else 4


def require_whole(case: Case, sfactl: Run) -> bool:
    """Nothing or everything, without a finding; returns whether it is everything."""
    is_done = case.is_done()
    for words in (("db", "check"), ("audit", "verify")):
        checked = sfactl(*words, workspace=case.workspace)
        assert checked.code == 0, checked.out + checked.err
    return is_done


def require_completes(case: Case, sfactl: Run, *, was_done: bool) -> None:
    """The same command again does what is left to do, once, and leaves nothing behind."""
    again = sfactl("plan", "apply", str(case.plan), "-o", "json", workspace=case.workspace)
    assert again.code == 0, again.err
    assert json.loads(again.out)["status"] == ("already" if was_done else "applied")
    assert case.is_done()
    assert staged(case.workspace) == 0


def duration_of(world: World) -> float:
    """How long the command takes just now when nobody kills it."""
    with world.case() as case:
        started = time.monotonic()
        assert case.start_apply().wait().code == 0
        return time.monotonic() - started


# case 49
def test_killed_at_random_moments_it_did_all_or_nothing(world: World, sfactl: Run, request: pytest.FixtureRequest):
    seed = int(os.environ.get("SFACTL_SEED", random.randrange(10**9)))
    moments, whole, found = random.Random(seed), duration_of(world), Counter[str]()

    for number in range(KILLS):
        if number % 20 == 0:  # the machine may have other work, too
            whole = duration_of(world)
        with world.case() as case:
            running = case.start_apply()
            time.sleep(moments.uniform(0, 1.02 * whole))
            running.send(signal.SIGKILL)
            ended = running.wait()
            was_done = require_whole(case, sfactl)
            assert was_done or ended.code == -signal.SIGKILL, f"kill {number}, seed {seed}: told but not done"
            found["everything" if was_done else "nothing"] += 1
            found["in the middle"] += staged(case.workspace) > 0
            require_completes(case, sfactl, was_done=was_done)

    print(f"{request.node.name}: seed {seed}, {KILLS} kills: {dict(found)}")


def _is_staged(case: Case) -> bool:
    return staged(case.workspace) > 0


def _is_committed(case: Case) -> bool:
    return system_rows(case.workspace, "SELECT count(*) FROM run WHERE kind = 'plan'") == [(1,)]


# case 51
@pytest.mark.parametrize("moment", [_is_staged, _is_committed], ids=["when staged", "before it is told"])
def test_killed_at_a_chosen_moment_it_did_all_or_nothing(world: World, sfactl: Run, moment: Callable[[Case], bool]):
    with world.case() as case:
        running = case.start_apply()
        while not moment(case):
            time.sleep(0.001)
        running.send(signal.SIGKILL)
        running.wait()

        was_done = require_whole(case, sfactl)

        assert was_done or moment is _is_staged
        require_completes(case, sfactl, was_done=was_done)
