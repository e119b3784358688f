"""Some hundred accounts with what hangs on them, a plan that moves all of them, and how to tell whether it did."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfactl.config.policy import NotifyEntry, RulesFile
from sfactl.db import url
from sfactl.db.url import DatabaseUrl
from sfactl.services import assignment_policy
from tests import organisation
from tests.postgres import PostgresServer
from tests.workspace import TestWorkspace, copy_on_server, role_of, system_rows

ACCOUNTS = 600
MOVE = ("assignment", "move", "--from", "sam", "--to", "nora")
SIGNALS = {2: 130, 15: 143, 1: 129}
"""Signal to the exit code of a command that it ends."""

_MANY = range(ACCOUNTS)
FILES = {
    "account": "code,name,territory,owner,kind,owned_since\n"
    + "".join(f"F-{n:04},Firm {n},SW,sam,customer,2025-01-01\n" for n in _MANY),
    "opportunity": "code,name,account,seller,stage,amount,close_on,created_on\n"
    + "".join(f"FO-{n:04},Sale {n},F-{n:04},sam,propose,{n + 1},2027-06-10,2026-01-02\n" for n in _MANY[::3]),
    "activity": "external_id,kind,subject,account,owner,planned_on\n"
    + "".join(f"FV-{n:04},call,Call {n},F-{n:04},sam,2027-05-18\n" for n in _MANY[::4]),
}

QUESTIONS = {
    "accounts": "SELECT a.code, u.login, t.code, a.version FROM account a LEFT JOIN app_user u ON u.id = a.owner_id"
    " JOIN territory t ON t.id = a.territory_id ORDER BY a.code",
    "assignments": "SELECT a.code, u.login, t.code, h.role, h.valid_from, h.valid_to, h.cause FROM assignment h"
    " JOIN account a ON a.id = h.account_id LEFT JOIN app_user u ON u.id = h.user_id"
    " JOIN territory t ON t.id = h.territory_id ORDER BY a.code, h.valid_from, h.role, u.login",
    "opportunities": "SELECT o.code, o.credited_id, o.owner_id, o.territory_id, o.version FROM opportunity o ORDER BY o.code",
    "activities": "SELECT external_id, owner_id, territory_id, version FROM activity ORDER BY external_id",
    "contacts": "SELECT external_id, owner_id, version FROM contact ORDER BY external_id",
    "runs": "SELECT key, kind, status FROM run ORDER BY key",
    "events": "SELECT action, count(*) FROM audit_event GROUP BY action ORDER BY action",
    "kept": "SELECT entity, row_id, before, after FROM run_change ORDER BY entity, row_id",
    "mails": "SELECT delivery_key FROM message ORDER BY delivery_key",
}

Picture = Mapping[str, list[tuple[object, ...]]]


def picture_of(workspace: TestWorkspace) -> Picture:
    """All that a plan may change, as it really is once nobody works on it any more."""
    wait_for_servers(workspace)
    return {name: system_rows(workspace, question) for name, question in QUESTIONS.items()}


def wait_for_servers(workspace: TestWorkspace) -> None:
    """A killed command's server process goes on until it sees that nobody listens; a commit may be under way there."""
    if workspace.is_sqlite:
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    while system_rows(workspace, others) != [(0,)]:
        time.sleep(0.01)


def staged(workspace: TestWorkspace) -> int:
    """How many lines of plans are staged."""
    return int(str(system_rows(workspace, "SELECT count(*) FROM plan_stage")[0][0]))


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    "Its exit code; below zero, the signal that killed it."
    out: str
    err: str


@dataclass(frozen=True)
class Running:
    """A command that runs."""

    process: int
    launcher: Launcher
    out: Path
    err: Path

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.process, number)

    def wait(self) -> Ended:
        """Wait for its end."""
        code = self.launcher.ask({"wait": self.process})
        said = Ended(code, self.out.read_text(encoding="utf-8"), self.err.read_text(encoding="utf-8"))
        self.out.unlink()
        self.err.unlink()
        return said


class Launcher:
    """A process that has the program loaded, and forks each command that is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        here, there = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("launcher.py")), str(there.fileno())],
            pass_fds=(there.fileno(),), stdin=subprocess.DEVNULL,
        )  # fmt: skip
        there.close()
        self._lines = here.makefile("rwb")
        here.close()
        assert self._lines.readline() == b"ready\n"

    def ask(self, asked: Mapping[str, Any]) -> int:
        """Ask it for something, and return its answer."""
        self._lines.write(json.dumps(asked).encode() + b"\n")
        self._lines.flush()
        return int(self._lines.readline())

    def start(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        *,
        stopped: bool = False,
        patience: float | None = None,
        **limits: int,
    ) -> Running:
        """Start a command.

        Args:
            stopped: it waits for SIGCONT before it does anything.
            patience: so many seconds it waits for the lock of a file.
            limits: name and value of limits of the system.
        """
        self._count += 1
        out, err = (self._folder / f"{self._count}.{name}" for name in ("out", "err"))
        for path in (out, err):  # a command that a signal ends before it began has said nothing
            path.touch()
        process = self.ask(
            {
                "start": list(words), "environment": dict(environment), "out": str(out), "err": str(err),
                "stopped": stopped, "patience": patience, "limits": limits,
            }
        )  # fmt: skip
        return Running(process, self, out, err)

    def close(self) -> None:
        """End it."""
        self._lines.close()
        self._process.wait()


@dataclass(frozen=True)
class Case:
    """The company with many accounts, and a plan that was not applied yet."""

    workspace: TestWorkspace
    launcher: Launcher
    plan: Path
    before: Picture
    after: Picture
    "What the plan makes of it."

    def is_done(self) -> bool:
        """Whether the plan was applied; anything between nothing and all of it fails."""
        now = picture_of(self.workspace)
        for name, rows in now.items():
            assert rows in (self.before[name], self.after[name]), f"{name} are neither as before nor as after"
        assert now in (self.before, self.after), "some tables are as before, others as after"
        return now == self.after

    def environment(self) -> dict[str, str]:
        """What a command needs to work here."""
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return {**kept, "HOME": "/nonexistent", "LANG": "C.UTF-8", **self.workspace.environment()}

    def start(self, *words: str, environment: Mapping[str, str] | None = None, **options: Any) -> Running:
        """Start a command as a process of its own."""
        return self.launcher.start(words, {**self.environment(), **(environment or {})}, **options)

    def start_apply(self, **options: Any) -> Running:
        """Start to apply the plan."""
        return self.start("plan", "apply", str(self.plan), "-o", "json", **options)


@dataclass(frozen=True)
class World:
    """What cases of one database are copied from."""

    fresh: Callable[[], AbstractContextManager[TestWorkspace]]
    launcher: Launcher
    plan: Path
    before: Picture
    after: Picture

    @contextmanager
    def case(self) -> Iterator[Case]:
        """A fresh case until the end of the block."""
        with self.fresh() as workspace:
            yield Case(workspace, self.launcher, self.plan, self.before, self.after)


def sqlite_world(template: Path, folder: Path, worker: str, launcher: Launcher) -> World:
    """A world in files."""
    path = folder / "many.db"
    shutil.copy(template, path)
    numbers = iter(range(10**9))

    @contextmanager
    def fresh() -> Iterator[TestWorkspace]:
        place = folder / str(next(numbers))
        place.mkdir()
        where = DatabaseUrl("sqlite", path=place / "sales.db")
        shutil.copy(path, place / "sales.db")
        try:
            yield TestWorkspace(where, where, worker)
        finally:
            shutil.rmtree(place)

    where = DatabaseUrl("sqlite", path=path)
    return _made(TestWorkspace(where, where, worker), fresh, folder, launcher)


def postgres_world(server: PostgresServer, template: str, folder: Path, worker: str, launcher: Launcher) -> World:
    """A world on a server."""
    name = f"many_{worker}"
    server.create_database(name, template)
    where = url.parse(server.url(name))
    first = TestWorkspace(where.for_login(role_of(worker, "ana")), where, worker)
    return _made(first, lambda: copy_on_server(server, name, worker), folder, launcher)


def _made(
    first: TestWorkspace,
    fresh: Callable[[], AbstractContextManager[TestWorkspace]],
    folder: Path,
    launcher: Launcher,
) -> World:
    organisation.fill(first.door(), folder, FILES)
    first.door().write(assignment_policy.put, RulesFile(notify=NotifyEntry(moves=True)))
    plan = folder / "move.plan"
    made = Case(first, launcher, plan, {}, {}).start(*MOVE, "--plan", str(plan)).wait()
    assert made.code == 0, made.err
    with fresh() as copy:
        applied = Case(copy, launcher, plan, {}, {}).start_apply().wait()
        assert applied.code == 0, applied.err
        return World(fresh, launcher, plan, picture_of(first), picture_of(copy))
