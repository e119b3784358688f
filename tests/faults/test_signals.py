"""Interrupted at any moment, a command leaves nothing half-done and nothing behind. case 68"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sfactl.services import plan_files
from tests.cli import Run
from tests.faults.test_kills import require_completes, require_whole
from tests.faults.world import MOVE, SIGNALS, Case, Ended, Running, World, staged
from tests.soak import IS_SOAK

TIMES = 200 if IS_SOAK else 3


@dataclass
class Moments:
    """Random moments in the course of a command."""

    seed: int = field(default_factory=lambda: int(os.environ.get("SFACTL_SEED", random.randrange(10**9))))
    found: Counter[str] = field(default_factory=Counter)
    _whole: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def measure(self, running: Running, started: float) -> None:
        """Remember how long a command takes that nobody interrupts."""
        assert running.wait().code == 0
        self._whole = time.monotonic() - started

    def interrupt(self, running: Running, number: int) -> Ended:
        """Send a signal at one of them."""
        time.sleep(self._random.uniform(0, self._whole))
        running.send(number)
        ended = running.wait()
        said = f"signal {number}, seed {self.seed}: {ended}"
        # Before the program has begun, and when it is over, a signal ends the process and nothing else.
        assert ended.code in (0, SIGNALS[number], -number), said
        assert "Traceback" not in ended.err or "launcher.py" in ended.err.splitlines()[-3:][0], said
        self.found[f"{ended.code}"] += 1
        return ended


def test_an_interrupted_apply_did_all_or_nothing_and_leaves_nothing_staged(world: World, sfactl: Run):
    moments = Moments()
    with world.case() as case:
        moments.measure(case.start_apply(), time.monotonic())

    for turn in range(TIMES):
        with world.case() as case:
            moments.interrupt(case.start_apply(), [*SIGNALS][turn % 3])
            assert staged(case.workspace) == 0
            was_done = require_whole(case, sfactl)
            require_completes(case, sfactl, was_done=was_done)

    print(f"{TIMES} signals to an apply, seed {moments.seed}: {dict(moments.found)}")


def test_an_interrupted_planning_leaves_a_whole_plan_or_none(world: World, tmp_path: Path):
    moments = Moments()
    with world.case() as case:
        moments.measure(_plan(case, tmp_path / "first"), time.monotonic())
        for turn in range(TIMES):
            folder = tmp_path / str(turn)
            moments.interrupt(_plan(case, folder), [*SIGNALS][turn % 3])
            left = {path.name for path in folder.iterdir()}
            assert left <= {"move.plan"}, moments.seed
            if left:
                with plan_files.opened(folder / "move.plan") as plan:
                    assert plan.header.lines > 0
            moments.found["a plan" if left else "none"] += 1

    print(f"{TIMES} signals to a planning, seed {moments.seed}: {dict(moments.found)}")


def _plan(case: Case, folder: Path) -> Running:
    folder.mkdir()
    return case.start(*MOVE, "--plan", str(folder / "move.plan"), environment={"TMPDIR": str(folder)})


def test_an_interrupted_move_leaves_no_temporary_file(in_file: World, sfactl: Run, tmp_path: Path):
    moments = Moments()
    environment: Mapping[str, str] = {"TMPDIR": str(tmp_path)}
    with in_file.case() as case:
        moments.measure(case.start(*MOVE, "--yes", environment=environment), time.monotonic())

    for turn in range(TIMES):
        with in_file.case() as case:
            moments.interrupt(case.start(*MOVE, "--yes", environment=environment), [*SIGNALS][turn % 3])
            assert list(tmp_path.iterdir()) == [], moments.seed
            assert staged(case.workspace) == 0
            assert sfactl("db", "check", workspace=case.workspace).code == 0

    print(f"{TIMES} signals to a move, seed {moments.seed}: {dict(moments.found)}")
