"""A pytest plugin: one real PostgreSQL for the whole test run, shared by all its workers.

It is started when the first test asks for it. Where it cannot run, the tests that need it are skipped with
the reason, and the closing section of the run says so. `SFACTL_TEST_POSTGRES=18` takes another version of
the wheel.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests import quick_disk

KEEPER = Path(__file__).with_name("postgres_keeper.py")
DEFAULT_VERSION = "16"
"""The oldest in the wheel, so that nothing newer slips into a query."""
END_TIMEOUT_S = 20

_folder_key = pytest.StashKey[Path]()
_lock_key = pytest.StashKey[int]()


class NoPostgresError(Exception):
    """PostgreSQL cannot run on this machine; the text is the reason."""


@dataclass(frozen=True)
class PostgresServer:
    """The running server; `postgres` is its superuser, and no login needs a password."""

    version: str
    sockets: Path
    _held: list[psycopg.Connection[Any]] = field(default_factory=list, compare=False, repr=False)

    def url(self, database: str, user: str = "postgres") -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{quote(user, safe='')}@/{quote(database, safe='')}?host={self.sockets}"

    def dsn(self, database: str, user: str = "postgres") -> str:
        """The libpq connection string of a database, for psycopg and psql."""
        return make_conninfo(host=str(self.sockets), dbname=database, user=user)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or as a copy of another one that nobody is connected to."""
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._execute(command.format(sql.Identifier(name), sql.Identifier(template or "template0")))

    def drop_database(self, name: str) -> None:
        """Drop a database, and whoever is still connected to it; one that is gone already is no error."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def memberships(self, prefix: str) -> set[tuple[str, str, str]]:
        """Who is a member of whose role, and who granted it, for the roles whose names begin so."""
        query = (
            "SELECT m.roleid::regrole::text, m.member::regrole::text, m.grantor::regrole::text"
            " FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE starts_with(r.rolname, %s)"
        )
        return set(self._said(query, [prefix]))

    def revoke(self, memberships: set[tuple[str, str, str]]) -> None:
        """Take memberships back."""
        for granted in memberships:
            self._execute(sql.SQL("REVOKE {} FROM {} GRANTED BY {} CASCADE").format(*map(sql.Identifier, granted)))

    def _execute(self, command: sql.Composed) -> None:
        self._said(command)

    def _said(self, query: Any, values: list[str] | None = None) -> list[Any]:
        if self._held:
            try:
                return _rows(self._held[0].execute(query, values))
            except psycopg.OperationalError:  # a test took the connection away
                self.let_go()
                self.hold()
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            return _rows(connection.execute(query, values))

    def hold(self) -> None:
        """Keep a connection: each test makes a database and drops it."""
        self._held.append(psycopg.connect(self.dsn("postgres"), autocommit=True))

    def let_go(self) -> None:
        """Close what is held."""
        while self._held:
            self._held.pop().close()


def _rows(cursor: psycopg.Cursor[Any]) -> list[Any]:
    return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """The run's PostgreSQL; a test that asks for it is skipped where it cannot run."""
    try:
        server = obtain(request.config.stash[_folder_key])
    except NoPostgresError as reason:
        pytest.skip(f"PostgreSQL is not to be had here: {reason}")
    server.hold()
    yield server
    server.let_go()


def obtain(folder: Path) -> PostgresServer:
    """The server of this folder, started by the first process that asks.

    Raises:
        NoPostgresError: it cannot run here; known from the first attempt, not tried twice.
    """
    with _alone(folder / "start.lock"):
        if not (folder / "state.json").exists():
            version = os.environ.get("SFACTL_TEST_POSTGRES", DEFAULT_VERSION)
            with (folder / "keeper.log").open("w") as log:
                subprocess.run(
                    [sys.executable, str(KEEPER), str(folder), version],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
    state = _state(folder)
    if "version" not in state:
        raise NoPostgresError(state.get("reason", "its keeper ended without a word"))
    return PostgresServer(version=state["version"], sockets=Path(state["sockets"]))


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder of this run, and hold its lock for as long as the run lasts."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # libpq would take host, port or options of another server from them
    if hasattr(config, "workerinput"):
        config.stash[_folder_key] = Path(config.workerinput["postgres_folder"])
        return
    folder = Path(tempfile.mkdtemp(prefix="sfactl-test-", dir=quick_disk.choose()))
    lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    config.stash[_folder_key] = folder
    config.stash[_lock_key] = lock


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # xdist has no public type for it
    """Tell a worker of pytest-xdist which folder is the run's."""
    node.workerinput["postgres_folder"] = str(node.config.stash[_folder_key])


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say on which PostgreSQL the run was, or why on none."""
    state = _state(config.stash[_folder_key])
    terminalreporter.section("databases")
    if "version" in state:
        terminalreporter.write_line(f"PostgreSQL: tested on {state['version']}")
    else:
        reason = state.get("reason", "no test of this run asked for it")
        terminalreporter.write_line(f"PostgreSQL: not tested here: {reason}", yellow=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the run's lock, and wait until the keeper has taken the server away."""
    lock = config.stash.get(_lock_key, None)
    if lock is None:
        return
    folder = config.stash[_folder_key]
    is_kept = bool(_state(folder))
    os.close(lock)
    deadline = time.monotonic() + END_TIMEOUT_S
    while is_kept and folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def _state(folder: Path) -> dict[str, str]:
    try:
        state: dict[str, str] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return state


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
