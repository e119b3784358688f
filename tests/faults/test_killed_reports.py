"""A report that is killed at any moment: the old file or the new one, one mail or none, and the next run does what is left."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults.world import Launcher, Running
from tests.soak import IS_SOAK
from tests.workspace import TestWorkspace, system_rows

KILLS = 400 if IS_SOAK else 6
COUNTS = "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM message_attachment)"


# case 79
def test_the_old_file_or_the_new_one_is_there_and_one_mail_at_most(
    workspace: TestWorkspace, launcher: Launcher, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = int(os.environ.get("SFACTL_SEED", random.randrange(10**9)))
    moments, target = random.Random(seed), tmp_path / "out" / "a.csv"
    target.parent.mkdir()
    environment = {"HOME": str(tmp_path), "LANG": "C.UTF-8", **workspace.environment()}

    def start(reader: str) -> Running:
        words = ("report", "run", "orders", "--period", "2026Q1", "-o", "csv", "--to", str(target), "--mail-to", reader)
        return launcher.start(words, environment)

    started = time.monotonic()
    assert start("first@y.example").wait().code == 0
    took, new = time.monotonic() - started, target.read_bytes()
    for number in range(KILLS):
        target.write_bytes(b"old\n")
        running = start("boss@y.example")
        time.sleep(moments.uniform(0.2, 1.05) * took)
        running.send(signal.SIGKILL)
        running.wait()

        assert target.read_bytes() in (b"old\n", new), f"kill {number}, seed {seed}"
        assert system_rows(workspace, COUNTS) in ([(1, 1)], [(2, 2)]), f"kill {number}, seed {seed}"

    ended = start("boss@y.example").wait()
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert target.read_bytes() == new
    assert [path.name for path in target.parent.iterdir()] == ["a.csv"]
    assert system_rows(workspace, COUNTS) == [(2, 2)]
    print(f"{request.node.name}: seed {seed}, {KILLS} kills")
