"""A PostgreSQL for a run, and a workspace with many accounts on it."""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import world
from benchmarks.measure import SFACTL, clean_environment
from benchmarks.plan import Plan

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

BOSS = "bench_boss"
_BENCH, _COPY = "bench", "bench_copy"


@contextmanager
def listed(plan: Plan, manager: str) -> Iterator[tuple[str, str]]:
    """The accounts of `world.listed` on a server, until the end of the block.

    Yields:
        The database's URL for an administrator, and for a manager; each is a login of the server.
    """
    with _started() as server:
        system, boss = _made(plan, server, min(plan.accounts, 500_000))
        _sfactl(boss, "user", "map", manager, manager)
        _sfactl(system, "access", "sync", "--yes")
        yield boss, server.url(_BENCH, manager)


@dataclass(frozen=True)
class Copies:
    """A workspace on a server, and one copy of it at a time."""

    server: "PostgresServer"

    def fresh(self) -> None:
        """Make the copy anew."""
        self.server.drop_database(_COPY)
        self.server.create_database(_COPY, template=_BENCH)

    @property
    def boss(self) -> str:
        """The URL of the copy for an administrator, in his own name."""
        return self.server.url(_COPY, BOSS)

    @property
    def dsn(self) -> str:
        """The copy for the server's superuser, whom no rule scopes."""
        return self.server.dsn(_COPY)

    def also(self, statements: Iterable[str]) -> None:
        """Put more into the workspace itself."""
        import psycopg

        with psycopg.connect(self.server.dsn(_BENCH), autocommit=True) as raw:
            for statement in [*statements, "VACUUM ANALYZE"]:
                raw.execute(statement)


@contextmanager
def copied(plan: Plan, count: int) -> Iterator[Copies]:
    """A workspace with so many accounts, until the end of the block."""
    with _started() as server:
        _made(plan, server, count)
        copies = Copies(server)
        copies.also([])
        yield copies


@contextmanager
def _started() -> Iterator["PostgresServer"]:
    from tests.postgres import obtain  # the server of the test suite

    folder = Path(tempfile.mkdtemp(prefix="sfactl-bench-", dir="/tmp"))
    lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    try:
        yield obtain(folder)
    finally:
        os.close(lock)


def _made(plan: Plan, server: "PostgresServer", count: int) -> tuple[str, str]:
    """Make the workspace; returns its URL for the superuser and for the administrator."""
    server.create_database(_BENCH)
    system, boss = server.url(_BENCH), server.url(_BENCH, BOSS)
    print("filling the server …", file=sys.stderr, flush=True)
    world.base(plan)
    _sfactl(system, "init", "--yes", "--admin", BOSS)
    _sfactl(system, "access", "sync", "--yes")
    for noun in ("territory", "user", "member"):
        _sfactl(boss, "import", noun, plan.folder / f"{noun}.csv")
    _sfactl(boss, "import", "account", world.accounts_file(plan, count))
    return system, boss


def _sfactl(database: str, *words: object) -> None:
    environment = clean_environment() | {"SFACTL_DATABASE": database}
    subprocess.run([SFACTL, *map(str, words), "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
