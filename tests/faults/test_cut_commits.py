"""A connection that is cut at a commit: the plan is applied once or not at all, and the person is told which."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from sfactl.db import connect, session, url
from tests.cli import Run
from tests.faults.test_kills import require_completes, require_whole
from tests.faults.world import Case, World
from tests.postgres import PostgresServer
from tests.soak import IS_SOAK
from tests.wire import Wire
from tests.workspace import TestWorkspace

WAYS = ("request", "answer", "late")
COMMITS = 3
"""Lines are staged, the plan is applied, the lines are taken away."""
CUTS = 300 if IS_SOAK else 6


@pytest.fixture
def wire(postgres_server: PostgresServer) -> Iterator[Wire]:
    made = Wire(str(postgres_server.sockets))
    yield made
    made.close()


def over(wire: Wire, case: Case) -> TestWorkspace:
    """The same workspace at the other end of the wire."""
    name = case.workspace.system_url.conninfo.partition("?")[0].rpartition("/")[2]
    there = url.parse(f"postgresql+psycopg://postgres@127.0.0.1:{wire.port}/{name}")
    return TestWorkspace(there, there, case.workspace.worker)


# case 51, case 61
def test_a_commit_that_is_cut_is_done_and_told_or_neither(on_server: World, wire: Wire, sfactl: Run):
    seed = int(os.environ.get("SFACTL_SEED", random.randrange(10**9)))
    moments, found = random.Random(seed), Counter[str]()

    for number in range(CUTS):
        way, commit = WAYS[number % 3], 1 if number < 3 else moments.randrange(COMMITS)
        with on_server.case() as case:
            far = over(wire, case)
            wire.passing, wire.cut = commit, way
            told = sfactl("plan", "apply", str(case.plan), "-o", "json", workspace=far)
            was_done = require_whole(case, sfactl)
            assert told.code == (0 if was_done else 6), f"cut {number}, seed {seed}: {way} of {commit}: {told.err}"
            assert was_done == (way != "request" or commit == 2), f"cut {number}, seed {seed}: {way} of {commit}"
            assert wire.cut is None
            found[f"{way}: {'done' if was_done else 'not done'}"] += 1
            require_completes(case, sfactl, was_done=was_done)

    print(f"{CUTS} cuts, seed {seed}: {dict(found)}")


def test_a_server_that_hears_no_more_of_a_command_lets_go_of_its_rows(
    on_server: World, wire: Wire, sfactl: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(session, "COMMIT_TIMEOUT_S", 0.3)
    monkeypatch.setattr(connect, "LOCK_TIMEOUT_S", 2.0)

    with on_server.case() as case:
        wire.passing, wire.cut = 1, "silence"
        told = sfactl("plan", "apply", str(case.plan), workspace=over(wire, case))

        assert told.code == 6
        assert "whether the changes are in force is not known" in told.err
        assert not require_whole(case, sfactl)
        require_completes(case, sfactl, was_done=False)
