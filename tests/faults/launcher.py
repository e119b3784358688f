"""Starts commands as processes of their own that need not load the program first: each is forked from one that has it.

So a command takes the time of its work, and a moment in it can be hit. Run as `launcher.py DESCRIPTOR`; it is asked over a
socket: {"start": words, "environment": …, "out": path, "err": path, "stopped": bool} gives the process, and
{"wait": process} its end. A process that is to be stopped is so before the answer comes: a SIGCONT sent sooner would be lost.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from typing import Any


def load() -> None:
    """Load all that a plan needs."""
    import sfactl

    for name in ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite"):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(sfactl.__path__, "sfactl."):
        if not any(part in module.name for part in (".tui", ".migrations", ".demo_world")):
            importlib.import_module(module.name)


def be_command(asked: dict[str, Any]) -> None:
    """Become the command, up to the end of the process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY),
        (2, asked["err"], os.O_WRONLY),
    ):
        os.dup2(os.open(name, flags | os.O_CREAT, 0o600), number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["sfactl", *asked["start"]]
    for limit, size in asked["limits"].items():
        import resource

        resource.setrlimit(getattr(resource, limit), (size, size))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if asked["patience"]:
        from sfactl.db import connect

        connect.BUSY_TIMEOUT_S = asked["patience"]
    if asked["stopped"]:
        os.kill(os.getpid(), signal.SIGSTOP)
    from sfactl.cli import main

    sys.exit(main())


def main() -> None:
    """Start and wait for what is asked, until nobody asks any more."""
    load()
    asking = socket.socket(fileno=int(sys.argv[1]))
    lines = asking.makefile("rwb")
    lines.write(b"ready\n")
    lines.flush()
    for line in lines:
        asked = json.loads(line)
        if "start" in asked:
            answer = os.fork()
            if answer == 0:
                asking.detach()
                be_command(asked)
            elif asked["stopped"]:
                os.waitid(os.P_PID, answer, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])
        lines.write(b"%d\n" % answer)
        lines.flush()


if __name__ == "__main__":
    main()
