"""The screens served to a browser, by the program itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.workspace import TestWorkspace

_START = "import sys; sys.argv[0] = 'sfactl'; from sfactl.cli import main; sys.exit(main())"


@contextmanager
def served(workspace: TestWorkspace, login: str, home: Path) -> Iterator[str]:
    """The address of the screens, with its token, as somebody sees them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, **workspace.environment(login), "HOME": str(home)}
    words = [sys.executable, "-c", _START, "serve", "--port", str(port)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        _wait_for(port)
        yield address
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait_for(port: int) -> None:
    for _try in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nobody listens")
