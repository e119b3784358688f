"""Whoever waits in vain for a file of SQLite is told who has it. case 56"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from sfactl.db import connect, lock_holders
from sfactl.errors import Unavailable
from tests.faults.holding import held
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.skipif(not lock_holders.LOCKS.exists(), reason="this system does not tell who holds a lock")


@pytest.fixture
def path(sqlite_workspace: TestWorkspace) -> Path:
    assert sqlite_workspace.url.path is not None
    return sqlite_workspace.url.path


def test_whoever_writes_is_named_with_his_command_and_without_a_password(path: Path):
    with held(path, "BEGIN IMMEDIATE", "--database", "postgresql://me:hush@there/db", "password=hush") as process:
        found = lock_holders.holder_of(path)

    assert found is not None
    assert (found.process, found.is_writing) == (process, True)
    assert found.command.startswith("python")
    assert "hush" not in found.command


def test_whoever_writes_to_a_write_ahead_log_is_named(path: Path):
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
    with held(path) as process:
        found = lock_holders.holder_of(path)

    assert found is not None
    assert (found.process, found.is_writing) == (process, True)


def test_whoever_reads_is_named_when_nobody_writes(
    path: Path, sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_S", 0.1)

    with held(path, "BEGIN") as process, pytest.raises(Unavailable, match="is reading the database") as refusal:
        sqlite_workspace.door().write(lambda session: session.record("edit", "account"))

    assert f"(process {process})" in refusal.value.message


def test_a_writer_that_waits_in_vain_is_told_who_writes(
    path: Path, sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_S", 0.1)

    with held(path) as process, pytest.raises(Unavailable, match="is writing to the database: python") as refusal:
        sqlite_workspace.door().write(lambda session: session.record("edit", "account"))

    assert f"(process {process})" in refusal.value.message


def test_nobody_is_named_when_nobody_else_has_it(path: Path):
    mine = sqlite3.connect(path, isolation_level=None)
    mine.execute("BEGIN IMMEDIATE")

    assert lock_holders.holder_of(path) is None
    assert lock_holders.holder_of(path.with_name("gone.db")) is None
    mine.close()


def test_where_the_system_tells_nothing_the_sentence_stays_plain(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock_holders, "LOCKS", path.with_name("nothing"))

    with held(path):
        assert lock_holders.in_use(path).message == "Somebody else is writing to the database."


def test_a_command_is_named_without_its_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = tmp_path / "7"
    place.mkdir()
    monkeypatch.setattr(lock_holders, "_PROCESSES", tmp_path)
    (place / "cmdline").write_bytes(b"/usr/bin/python3\0/home/me/bin/sfactl\0import\0a b\n.csv\0")

    assert lock_holders._command(7) == "sfactl import a b .csv"
    assert lock_holders._command(8) == ""
    assert len(lock_holders._command(os.getpid())) <= 100
