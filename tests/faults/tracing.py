"""The system calls of a command, watched or spoilt with strace, where it is installed and lets itself be attached."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.faults.world import Case, Ended

STRACE = shutil.which("strace")


@cache
def why_not() -> str | None:
    """Why nothing can be traced here; None where it can."""
    if STRACE is None:
        return "strace is not installed"
    child = subprocess.Popen(["/bin/sleep", "30"])
    try:
        with attached(child.pid, ["-e", "trace=none"], Path(os.devnull)):
            return None
    except OSError as fault:
        return str(fault)
    finally:
        child.kill()
        child.wait()


def require() -> None:
    """Skip a test where nothing can be traced."""
    if reason := why_not():
        pytest.skip(f"system calls cannot be traced here: {reason}")


def apply_under(case: Case, options: list[str], log: Path) -> Ended:
    """Apply the plan under strace with these options."""
    running = case.start_apply(stopped=True)
    with attached(running.process, options, log):
        running.send(signal.SIGCONT)
        return running.wait()


@contextmanager
def attached(process: int, options: list[str], log: Path) -> Iterator[None]:
    """Watch a process until the end of the block.

    Raises:
        OSError: strace may not, or is not there.
    """
    tracer = subprocess.Popen(
        [STRACE or "strace", "-f", *options, "-o", str(log), "-p", str(process)],
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert tracer.stderr is not None
    said = tracer.stderr.readline()
    if "attached" not in said:
        tracer.wait()
        raise OSError(said.strip() or "strace ended without a word")
    try:
        yield
    finally:
        if tracer.poll() is None:
            tracer.terminate()
        tracer.communicate()
