"""A report reads a replica that is fresh enough: a real one, streamed to by a server of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from sfactl.db import url
from sfactl.db.session import Door
from sfactl.services import access_logins, users
from tests import organisation, postgres_keeper
from tests.cli import Run
from tests.postgres import DEFAULT_VERSION, PostgresServer
from tests.workspace import TestWorkspace, role_of

pytestmark = [pytest.mark.usefixtures("today"), pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")]

STREAMED = "max_wal_senders = 4\nwal_level = replica\nautovacuum = off\n"


class _Standby(postgres_keeper.Server):
    """A copy of another server that follows it."""

    def follow(self, primary: postgres_keeper.Server) -> None:
        self.folder.chmod(0o755)
        self.sockets.mkdir()
        self._hand_over(self.sockets)
        self.data.mkdir(mode=0o700)
        self._hand_over(self.data)
        self._run(
            "pg_basebackup", "--pgdata", str(self.data), "--host", str(primary.sockets), "--username", "postgres",
            "--write-recovery-conf", "--wal-method", "stream", "--checkpoint", "fast", "--no-sync",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"unix_socket_directories = '{self.sockets}'\n")
        with self._log("postgres").open("w") as log:
            self.process = self._popen(log, "postgres", "-D", str(self.data))
        self._wait_until_ready(self.process)


@dataclass(frozen=True)
class Pair:
    """A workspace on a server, and the server that follows it."""

    workspace: TestWorkspace
    replica: str
    "URL of the same database there, for ana."
    standby: PostgresServer
    primary: PostgresServer

    def on_replica(self, statement: str) -> None:
        with psycopg.connect(self.standby.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def wait(self) -> None:
        """Until what is written is read there."""
        with psycopg.connect(self.primary.dsn("postgres")) as connection:
            row = connection.execute("SELECT pg_current_wal_lsn()").fetchone()
        with psycopg.connect(self.standby.dsn("postgres"), autocommit=True) as connection:
            while not connection.execute("SELECT pg_last_wal_replay_lsn() >= %s", row).fetchone()[0]:  # type: ignore[index]
                time.sleep(0.01)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[Pair]:
    short = Path(tempfile.mkdtemp(prefix="sfactl-pair-", dir="/tmp" if os.access("/tmp", os.W_OK) else None))
    servers: list[postgres_keeper.Server] = []
    try:
        try:
            (short / "a").mkdir()
            (short / "b").mkdir()
            short.chmod(0o755)
            primary, standby = (
                postgres_keeper.Server(short / "a", int(DEFAULT_VERSION)),
                _Standby(short / "b", int(DEFAULT_VERSION)),
            )
            servers = [primary, standby]
            with pytest.MonkeyPatch.context() as patch:
                settings = postgres_keeper.SETTINGS.replace("max_wal_senders = 0\nwal_level = minimal\n", STREAMED)
                patch.setattr(postgres_keeper, "SETTINGS", settings)
                version = primary.start()
            standby.follow(primary)
        except (OSError, KeyError) as fault:
            pytest.skip(f"no replica is to be had here: {fault}")
        at_primary = PostgresServer(version, primary.sockets)
        at_standby = PostgresServer(version, standby.sockets)
        yield _filled(at_primary, at_standby, worker, tmp_path_factory.mktemp("company"))
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(short, ignore_errors=True)


def _filled(primary: PostgresServer, standby: PostgresServer, worker: str, folder: Path) -> Pair:
    primary.create_database("sales")
    where = url.parse(primary.url("sales"))
    organisation.create(where, role_of(worker, "ana"))
    access_logins.sync(where)
    door = Door(where.for_login(role_of(worker, "ana")), now=organisation.NOW, today=organisation.TODAY)
    organisation.fill(door, folder)
    door.write(users.map_identity, "mike", role_of(worker, "mike"), kind="postgresql")
    access_logins.sync(where)
    workspace = TestWorkspace(where.for_login(role_of(worker, "ana")), where, worker)
    there = url.parse(standby.url("sales")).for_login(role_of(worker, "ana"))
    found = Pair(workspace, str(there), standby, primary)
    found.wait()
    return found


@pytest.fixture
def with_replica(pair: Pair, tmp_path: Path, sfactl: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command with settings that name the replica."""

    def run(*words: str, replica: str = pair.replica, max_lag: int = 5, **how: object):  # type: ignore[no-untyped-def]
        file = tmp_path / "config.toml"
        file.write_text(
            f'[profiles.default]\ndatabase = "{pair.workspace.url}"\nread_url = "{replica}"\nmax_lag = {max_lag}\n',
            encoding="utf-8",
        )
        monkeypatch.setenv("SFACTL_CONFIG", str(file))
        return sfactl(*words)

    return run


REPORT = ("report", "run", "orders", "--period", "2026-01", "-o", "csv", "--fields", "code")


def test_a_fresh_replica_is_read_and_one_that_is_behind_is_not(pair: Pair, with_replica: Run) -> None:
    pair.wait()
    fresh = with_replica(*REPORT)
    pair.on_replica("SELECT pg_wal_replay_pause()")
    try:
        with psycopg.connect(pair.workspace.system_url.conninfo) as connection:
            connection.execute("UPDATE sales_order SET code = 'O-1B' WHERE code = 'O-1'")
        time.sleep(1.2)
        stale = with_replica(*REPORT)
        allowed = with_replica(*REPORT, "--max-lag", "3600")
        strict = with_replica(*REPORT, "--max-lag", "0")
        quiet = with_replica(*REPORT, "-q", "--max-lag", "0")
    finally:
        pair.on_replica("SELECT pg_wal_replay_resume()")
        with psycopg.connect(pair.workspace.system_url.conninfo) as connection:
            connection.execute("UPDATE sales_order SET code = 'O-1' WHERE code = 'O-1B'")
    pair.wait()

    assert (fresh.code, fresh.out, fresh.err) == (0, "code\nO-1\n", "")
    assert (allowed.out, allowed.err) == ("code\nO-1\n", "")
    assert strict.out == "code\nO-1B\n"
    assert strict.err.startswith("The replica is not read: it is ")
    assert (quiet.out, quiet.err) == ("code\nO-1B\n", "")
    assert stale.out in ("code\nO-1\n", "code\nO-1B\n")


def test_what_only_reads_goes_to_the_replica_and_shows_a_persons_own_rows(pair: Pair, with_replica: Run) -> None:
    pair.wait()
    for words in (
        ("quota", "attainment", "--period", "2026Q1", "-o", "json"), ("territory", "report", "SW", "-o", "json"),
        ("pipeline", "show", "-o", "json"), ("report", "list", "-o", "json"),
    ):  # fmt: skip
        result = with_replica(*words)
        assert (result.code, result.err) == (0, ""), words
        assert result.rows
    mine = with_replica("report", "run", "attainment", "--period", "2026Q1", "--as", "mike", "-o", "csv")
    assert mine.code == 0
    assert "nora" in mine.out


@pytest.mark.parametrize(
    ("replica", "said"),
    [
        ("postgresql+psycopg://nobody@/sales?host=/nowhere", "cannot be reached"),
        ("sqlite:////nowhere/x.db", "read_url names a file"),
    ],
)
def test_a_replica_that_is_not_there_is_told_and_the_database_read(with_replica: Run, replica: str, said: str) -> None:
    result = with_replica(*REPORT, replica=replica)

    assert said in result.err
    assert (result.code, result.out) in ((0, "code\nO-1\n"), (2, ""))


def test_a_password_of_a_replica_does_not_belong_in_the_settings(sfactl: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[profiles.default]\nread_url = "postgresql://ana:hunter2@x/y"\n', encoding="utf-8")

    refused = sfactl("config", "show", "--config", str(file))

    assert refused.code == 2
    assert "hunter2" not in refused.err + refused.out
    assert "config.toml:2" in refused.err
