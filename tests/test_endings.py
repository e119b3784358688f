"""How a command ends: pipes that close, signals, full disks, optimised interpreters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfactl import running
from sfactl.db import connect
from sfactl.db.sqlite_guard import GuardedConnection
from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

SFACTL = [sys.executable, "-c", "import sys; from sfactl.cli import main; sys.exit(main())"]


def _environment(workspace: TestWorkspace, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return {**kept, "HOME": "/nonexistent", "LANG": "C.UTF-8", **workspace.environment(), **more}


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl", "md", "html", "xlsx"])
def test_a_closed_pipe_ends_quietly(sqlite_workspace: TestWorkspace, form: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [*SFACTL, "export", "order-line", "-o", form],
            stdout=closed, stderr=subprocess.PIPE, env=_environment(sqlite_workspace), check=False,
        )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("form", ["table", "csv", "json", "html", "xlsx"])
def test_a_full_disk_is_a_sentence_and_code_6(sqlite_workspace: TestWorkspace, form: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*SFACTL, "account", "list", "-o", form],
            stdout=full, stderr=subprocess.PIPE, text=True, env=_environment(sqlite_workspace), check=False,
        )  # fmt: skip

    assert done.returncode == 6
    assert done.stderr.startswith("sfactl: ")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_nothing_half_done(
    sqlite_workspace: TestWorkspace, tmp_path: Path, number: int, code: int
) -> None:
    path = tmp_path / "accounts.csv"
    rows = "".join(f"Z-{n},Name {n},SW,sam\n" for n in range(200_000))
    path.write_text(f"code,name,territory,owner\n{rows}", encoding="utf-8")
    running = subprocess.Popen(
        [*SFACTL, "import", "account", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(sqlite_workspace),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    time.sleep(1.5)

    running.send_signal(number)
    _out, err = running.communicate(timeout=60)

    assert running.returncode == code
    assert "Traceback" not in err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM account WHERE code LIKE 'Z-%'") == [(0,)]
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM import_stage") == [(0,)]


def _signalled_inside_the_guard(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let a signal arrive while SQLite asks the guard, where nothing can be raised."""
    whole, sent = GuardedConnection._may_read, []

    def _may_read(*asked: Any) -> int:
        if not sent:
            sent.append(number)
            signal.raise_signal(number)
        return whole(*asked)

    monkeypatch.setattr(GuardedConnection, "_may_read", _may_read)


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl-C is heeded, also where the tests were started in the background, for which a shell has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_that_arrives_inside_the_guard_ends_the_command_all_the_same(
    sqlite_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    _signalled_inside_the_guard(monkeypatch, number)

    ended = sfactl("account", "show", "A-SW1", workspace=sqlite_workspace, as_="sam")

    assert (ended.code, ended.out) == (code, "")
    assert "Traceback" not in ended.err


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_that_is_lost_in_a_callback_of_the_interpreter_is_raised_again(
    sqlite_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    whole = connect.os_login

    def signalled() -> str:
        thing = type("Thing", (), {})()
        watched = weakref.ref(thing, lambda _gone: signal.raise_signal(number))
        del thing
        assert watched() is None
        return whole()

    monkeypatch.setattr(connect, "os_login", signalled)
    before = sys.unraisablehook

    ended = sfactl("account", "show", "A-SW1", workspace=sqlite_workspace)

    assert (ended.code, ended.out, ended.err.strip()) == (code, "", "")
    assert sys.unraisablehook is before


def test_a_command_that_ends_before_a_signal_could_be_raised_ends_as_the_signal_says(
    sqlite_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_LATER_S", 1000)
    _signalled_inside_the_guard(monkeypatch, signal.SIGTERM)

    ended = sfactl("account", "show", "A-SW1", workspace=sqlite_workspace, as_="sam")
    after = sfactl("account", "show", "A-SW1", workspace=sqlite_workspace, as_="sam")

    assert (ended.code, after.code) == (143, 0)
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0


def test_a_signal_that_the_caller_lets_it_ignore_is_ignored(
    sqlite_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _signalled_inside_the_guard(monkeypatch, signal.SIGHUP)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does

    ended = sfactl("account", "show", "A-SW1", workspace=sqlite_workspace, as_="sam")
    after = signal.signal(signal.SIGHUP, before)

    assert ended.code == 0, ended.err
    assert after is signal.SIG_IGN


def test_an_optimised_interpreter_says_the_same(sqlite_workspace: TestWorkspace) -> None:
    def run(**more: str) -> tuple[int, str]:
        done = subprocess.run(
            [*SFACTL, "account", "list", "-o", "json"],
            capture_output=True, text=True, env=_environment(sqlite_workspace, **more), check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    assert run(PYTHONOPTIMIZE="2") == run()
    assert run()[0] == 0


def test_a_locked_database_is_code_6(sqlite_workspace: TestWorkspace) -> None:
    import sqlite3

    impatient = "import sys; from sfactl.db import connect; connect.BUSY_TIMEOUT_S = 0.2"
    program = [*SFACTL[:2], f"{impatient}; from sfactl.cli import main; sys.exit(main())"]
    with sqlite3.connect(str(sqlite_workspace.url.path), isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        done = subprocess.run(
            [*program, "user", "add", "zoe", "--name", "Zoe"],
            capture_output=True, text=True, env=_environment(sqlite_workspace), check=False,
        )  # fmt: skip
        holder.execute("ROLLBACK")

    assert done.returncode == 6
    assert done.stderr.startswith("sfactl: ")


# case 104
@pytest.mark.parametrize("form", ["table", "json", "html", "xlsx"])
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_streams_that_a_caller_closed_do_no_harm(
    sqlite_workspace: TestWorkspace, form: str, closed: tuple[int, ...]
) -> None:
    done = subprocess.run(
        [*SFACTL, "account", "list", "-o", form], capture_output=True, env=_environment(sqlite_workspace), check=False,
        stdin=subprocess.DEVNULL, preexec_fn=lambda: [os.close(number) for number in closed],
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) is (1 not in closed)


# case 104
@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "md", "html", "xlsx"])
def test_files_are_the_same_on_any_terminal(sqlite_workspace: TestWorkspace, form: str) -> None:
    def written(**more: str) -> bytes:
        return subprocess.run(
            [*SFACTL, "account", "list", "-o", form], capture_output=True, check=True,
            env=_environment(sqlite_workspace, **more),
        ).stdout  # fmt: skip

    plain = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "TERM": "dumb", "NO_COLOR": "1"}

    assert written(**plain) == written(TERM="xterm-256color")


def test_a_terminal_that_knows_only_ascii_gets_ascii(sqlite_workspace: TestWorkspace) -> None:
    done = subprocess.run(
        [*SFACTL, "account", "list"],
        capture_output=True, env=_environment(sqlite_workspace, PYTHONIOENCODING="ascii", TERM="dumb"), check=False,
    )  # fmt: skip

    assert done.returncode == 0
    done.stdout.decode("ascii")
