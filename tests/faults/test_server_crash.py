"""The PostgreSQL server crashes under an apply: what was told is there, and what was not told is whole or not at all."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfactl.db import url
from sfactl.services import access_logins
from tests import organisation
from tests.cli import Run
from tests.faults.test_kills import require_completes, require_whole
from tests.faults.world import Launcher, World, postgres_world
from tests.postgres import PostgresServer
from tests.postgres_keeper import Server
from tests.soak import IS_SOAK
from tests.workspace import role_of

CRASHES = 10
WORKER = "crash"

pytestmark = pytest.mark.skipif(not IS_SOAK, reason="a server of its own, and crashes of it, take long: make soak")


@pytest.fixture
def server(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, which keeps what it has told."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # the wheel warns when there is none
    folder = Path(tempfile.mkdtemp(prefix="sfactl-crash-", dir="/tmp"))
    made = Server(folder, int(postgres_server.version.partition(".")[0]))
    made.start()
    with (made.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("synchronous_commit = on\nfull_page_writes = on\n")
    _again(made)
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _again(server: Server) -> None:
    """Stop it as a crash would, and start it again."""
    server.stop()
    with (server.folder / "postgres.log").open("a") as log:
        server.process = server._popen(log, "postgres", "-D", str(server.data))
    server._wait_until_ready(server.process)


# case 62
def test_a_server_that_crashes_has_applied_the_plan_or_not(
    server: Server, launcher: Launcher, sfactl: Run, tmp_path: Path
):
    world = _world(PostgresServer("", server.sockets), launcher, tmp_path)
    seed = int(os.environ.get("SFACTL_SEED", random.randrange(10**9)))
    moments, found = random.Random(seed), Counter[str]()

    for number in range(CRASHES):
        with world.case() as case:
            started = time.monotonic()
            with world.case() as timed:
                assert timed.start_apply().wait().code == 0
            whole = time.monotonic() - started
            running = case.start_apply()
            time.sleep(moments.uniform(0, whole))
            _again(server)
            ended = running.wait()
            was_done = require_whole(case, sfactl)
            assert ended.code in (0, 6), f"crash {number}, seed {seed}: {ended}"
            assert was_done or ended.code == 6, f"crash {number}, seed {seed}: told, and lost"
            assert not was_done or ended.code == 0 or "is not known" in ended.err, ended
            found[f"{'everything' if was_done else 'nothing'}, code {ended.code}"] += 1
            require_completes(case, sfactl, was_done=was_done)

    print(f"{CRASHES} crashes, seed {seed}: {dict(found)}")


def _world(server: PostgresServer, launcher: Launcher, folder: Path) -> World:
    server.create_database("company")
    where = url.parse(server.url("company"))
    organisation.create(where, role_of(WORKER, "ana"))
    access_logins.sync(where)
    organisation.fill(organisation_door(where), folder)
    return postgres_world(server, "company", folder, WORKER, launcher)


def organisation_door(where: url.DatabaseUrl) -> organisation.Door:
    """The administrator's way to the data."""
    mine = where.for_login(role_of(WORKER, "ana"))
    return organisation.Door(mine, now=organisation.NOW, today=organisation.TODAY)
