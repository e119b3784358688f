"""A PostgreSQL for a run, and a workspace with many accounts on it."""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import world
from benchmarks.measure import SFACTL, clean_environment
from benchmarks.plan import Plan

BOSS = "bench_boss"


@contextmanager
def listed(plan: Plan, manager: str) -> Iterator[tuple[str, str]]:
    """The accounts of `world.listed` on a server, until the end of the block.

    Yields:
        The database's URL for an administrator, and for a manager; each is a login of the server.
    """
    from tests.postgres import obtain  # the server of the test suite

    folder = Path(tempfile.mkdtemp(prefix="sfactl-bench-", dir="/tmp"))
    lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    try:
        server = obtain(folder)
        server.create_database("bench")
        urls = {user: server.url("bench", user) for user in ("postgres", BOSS, manager)}
        _fill(plan, urls["postgres"], urls[BOSS], manager)
        yield urls[BOSS], urls[manager]
    finally:
        os.close(lock)


def _fill(plan: Plan, system: str, boss: str, manager: str) -> None:
    print("filling the server …", file=sys.stderr, flush=True)
    world.base(plan)
    _sfactl(system, "init", "--yes", "--admin", BOSS)
    _sfactl(system, "access", "sync", "--yes")
    for noun in ("territory", "user", "member"):
        _sfactl(boss, "import", noun, plan.folder / f"{noun}.csv")
    _sfactl(boss, "import", "account", world.accounts_file(plan, min(plan.accounts, 500_000)))
    _sfactl(boss, "user", "map", manager, manager)
    _sfactl(system, "access", "sync", "--yes")


def _sfactl(database: str, *words: object) -> None:
    environment = clean_environment() | {"SFACTL_DATABASE": database}
    subprocess.run([SFACTL, *map(str, words), "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
