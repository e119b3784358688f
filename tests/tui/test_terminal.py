"""The screens in a terminal of their own, as a process: how they begin and how they end."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest

from tests.workspace import TestWorkspace

SFACTL = [sys.executable, "-c", "import sys; from sfactl.cli import main; sys.exit(main())"]
PATIENCE_S = 60


@dataclass
class Screens:
    """The screens, and the terminal's other end."""

    process: int
    terminal: int

    def wait_for(self, words: str) -> None:
        """Read what is drawn until the words stand there."""
        seen, deadline = "", time.monotonic() + PATIENCE_S
        while words not in seen:
            assert select.select([self.terminal], [], [], deadline - time.monotonic())[0], seen[-2000:]
            seen += os.read(self.terminal, 65536).decode(errors="replace")

    def code(self) -> int:
        """How it ends, while what it still draws is read."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.terminal >= 0 and select.select([self.terminal], [], [], 0.05)[0]:
                self._read_on()
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("it never ended")

    def hang_up(self) -> None:
        """Take the terminal away, as a lost connection does."""
        os.close(self.terminal)
        self.terminal = -1

    def _read_on(self) -> None:
        try:
            os.read(self.terminal, 65536)
        except OSError:  # nobody writes there any more
            time.sleep(0.05)


@contextmanager
def screens_of(workspace: TestWorkspace, *, ignores_hang_up: bool = False) -> Iterator[Screens]:
    """The screens in a terminal until the end of the block."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment = {
        **kept,
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        **workspace.environment(),
    }
    process, terminal = pty.fork()
    if process == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignores_hang_up else signal.SIG_DFL)
        os.execve(SFACTL[0], [*SFACTL, "tui"], environment)
    screens = Screens(process, terminal)
    try:
        yield screens
    finally:
        if screens.terminal >= 0:
            os.close(screens.terminal)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_screens_and_all_that_they_listen_to(
    workspace: TestWorkspace, number: int, code: int
) -> None:
    with screens_of(workspace) as screens:
        screens.wait_for("Qualify")

        os.kill(screens.process, number)

        assert screens.code() == code


@pytest.mark.parametrize("ignores_hang_up", [False, True])
def test_a_terminal_that_is_gone_ends_the_screens(sqlite_workspace: TestWorkspace, ignores_hang_up: bool) -> None:
    with screens_of(sqlite_workspace, ignores_hang_up=ignores_hang_up) as screens:
        screens.wait_for("Qualify")

        screens.hang_up()

        assert screens.code() == 129


@pytest.mark.parametrize("ignores_hang_up", [False, True])
def test_a_terminal_that_is_gone_while_the_screens_begin_to_draw_ends_them(
    sqlite_workspace: TestWorkspace, ignores_hang_up: bool
) -> None:
    with screens_of(sqlite_workspace, ignores_hang_up=ignores_hang_up) as screens:
        screens.wait_for("\x1b[?1049h")

        screens.hang_up()

        assert screens.code() == 129


def test_the_key_that_quits_ends_the_screens(sqlite_workspace: TestWorkspace) -> None:
    with screens_of(sqlite_workspace) as screens:
        screens.wait_for("Qualify")

        os.write(screens.terminal, b"q")

        assert screens.code() == 0
