"""A program that stays open reads a file through a connection that it has, for as long as that shows what a new one would."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from sfactl.core.roles import Scope
from sfactl.db import connect
from sfactl.db.session import Door
from sfactl.models import tables as t
from tests.organisation import NOW
from tests.workspace import TestWorkspace, system_change


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Whether each connection that was opened may write."""
    seen: list[bool] = []
    real = connect.connect

    def counted(*args: object, **options: object) -> object:
        seen.append(bool(options["writing"]))
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(connect, "connect", counted)
    yield seen


def staying(workspace: TestWorkspace, login: str = "sam", clock: Callable[[], object] = lambda: NOW) -> Door:
    """The way to the data of screens that stay open."""
    return Door(workspace.url, as_user=login, clock=clock, stays_open=True)  # type: ignore[arg-type]


def accounts(door: Door) -> list[str]:
    with door.read() as session:
        return list(session.execute(select(t.account.c.code).order_by(t.account.c.code)).scalars())


def test_as_long_as_nobody_commits_one_connection_serves(sqlite_workspace: TestWorkspace, opened: list[bool]):
    door = staying(sqlite_workspace)

    assert accounts(door) == accounts(door) == accounts(door) != []

    assert opened == [False]


def test_what_others_commit_is_seen_by_the_next_question(sqlite_workspace: TestWorkspace, opened: list[bool]):
    door = staying(sqlite_workspace)
    before = accounts(door)
    system_change(sqlite_workspace, f"UPDATE account SET code = 'ZZZ' WHERE code = '{before[0]}'")

    assert "ZZZ" in accounts(door)
    assert len(opened) == 2


def test_a_right_that_is_taken_away_is_gone_at_the_next_question(sqlite_workspace: TestWorkspace):
    door = staying(sqlite_workspace)
    assert accounts(door)
    system_change(sqlite_workspace, "DELETE FROM role_permission WHERE noun = 'account'")

    with door.read() as session:
        assert session.actor.scope("account.read") is Scope.NONE
    assert accounts(door) == []


def test_a_new_day_decides_anew_who_may_see_what(sqlite_workspace: TestWorkspace, opened: list[bool]):
    now = [NOW]
    door = staying(sqlite_workspace, clock=lambda: now[0])
    assert accounts(door)
    system_change(
        sqlite_workspace, f"UPDATE territory_member SET valid_to = '{(NOW + timedelta(days=1)).date().isoformat()}'"
    )
    assert accounts(door)
    now[0] = NOW + timedelta(days=1)

    with door.read() as session:
        assert session.actor.subtree == frozenset()
    assert len(opened) == 3


def test_a_file_that_takes_the_place_of_another_is_read(sqlite_workspace: TestWorkspace, tmp_path: Path):
    path = sqlite_workspace.url.path
    assert path is not None
    other = tmp_path / "other.db"
    shutil.copy(path, other)
    door = staying(sqlite_workspace)
    before = accounts(door)
    system_change(sqlite_workspace, f"UPDATE account SET code = 'ZZZ' WHERE code = '{before[0]}'")
    assert "ZZZ" in accounts(door)

    other.replace(path)

    assert accounts(door) == before


def test_questions_at_the_same_time_do_not_share_a_connection(sqlite_workspace: TestWorkspace, opened: list[bool]):
    door = staying(sqlite_workspace)
    seen: list[list[str]] = []
    with door.read() as session:
        thread = threading.Thread(target=lambda: seen.append(accounts(door)))
        thread.start()
        thread.join()
        mine = list(session.execute(select(t.account.c.code).order_by(t.account.c.code)).scalars())

    assert seen == [mine]
    assert accounts(door) == mine  # from another thread than the one that opened it
    assert len(opened) == 2


def test_what_is_read_in_a_block_stays_of_one_moment(sqlite_workspace: TestWorkspace):
    door = staying(sqlite_workspace)
    accounts(door)
    with door.read() as session:
        statement = select(t.account.c.code).order_by(t.account.c.code)
        before = session.execute(statement).scalars().all()
        try:
            system_change(sqlite_workspace, "UPDATE account SET version = version + 1")
        except sqlite3.OperationalError as fault:  # without a write-ahead log whoever writes waits for whoever reads
            assert "locked" in str(fault)
        assert session.execute(statement).scalars().all() == before


def test_no_connection_that_may_write_is_kept(sqlite_workspace: TestWorkspace, opened: list[bool]):
    door = staying(sqlite_workspace, "ana")
    for _time in range(2):
        door.write(lambda session: session.execute(select(t.account.c.code)).all())

    assert opened == [True, True]


def test_a_command_keeps_none(sqlite_workspace: TestWorkspace, opened: list[bool]):
    door = sqlite_workspace.door("sam")

    assert accounts(door) == accounts(door)
    assert opened == [False, False]
