"""A line of `report schedule` in the crontab of a real cron.

It takes minutes, so it runs in a soak, or where SFACTL_TEST_CRON names cron's program (`dpkg -x` of Debian's package will do). Cron
runs in a mount namespace of its own, in which its folders are empty; nothing of the machine is touched.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli import Run
from tests.post_office import PostOffice, opened
from tests.soak import IS_SOAK
from tests.workspace import TestWorkspace, system_rows

CRON = os.environ.get("SFACTL_TEST_CRON") or shutil.which("cron", path="/usr/sbin:/sbin:/usr/bin")
INSIDE = """
mount --make-rprivate / && mount -t tmpfs tmpfs /var/spool && mount --bind {folder}/etc /etc && mount -t tmpfs tmpfs /run
mkdir -p /var/spool/cron/crontabs /var/run && cp {folder}/crontab /var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root && exec {cron} -f
"""
PAM = "auth sufficient pam_permit.so\naccount sufficient pam_permit.so\nsession required pam_permit.so\n"

pytestmark = [
    pytest.mark.skipif(not CRON, reason="there is no cron here; SFACTL_TEST_CRON names one"),
    pytest.mark.skipif(not (IS_SOAK or os.environ.get("SFACTL_TEST_CRON")), reason="a real cron takes minutes"),
    pytest.mark.skipif(not shutil.which("unshare"), reason="no namespace to put cron into"),
    pytest.mark.timeout(0),
]


@contextmanager
def cron(folder: Path, crontab: str) -> Iterator[subprocess.Popen[bytes]]:
    """A cron with this crontab alone, until the end of the block."""
    shutil.copytree("/etc", folder / "etc", symlinks=True, ignore_dangling_symlinks=True)
    (folder / "etc" / "pam.d" / "cron").write_text(PAM, encoding="ascii")
    shutil.rmtree(folder / "etc" / "cron.d", ignore_errors=True)
    (folder / "etc" / "crontab").write_text("", encoding="ascii")
    (folder / "crontab").write_text(crontab, encoding="utf-8")
    inside = INSIDE.format(folder=folder, cron=CRON)
    rights = ["-m"] if os.geteuid() == 0 else ["-rm"]
    running = subprocess.Popen(["unshare", *rights, "--pid", "--fork", "--kill-child", "sh", "-c", inside])
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def wait_for(what: Callable[[], bool], running: subprocess.Popen[bytes], most_s: float = 150) -> None:
    deadline = time.monotonic() + most_s
    while not what():
        assert running.poll() is None, "cron ended"
        assert time.monotonic() < deadline, "cron did nothing"
        time.sleep(0.2)


def test_cron_writes_the_file_and_delivers_once_whatever_the_mail_server_does(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config, target, said = tmp_path / "config.toml", tmp_path / "50 % of it.csv", tmp_path / "said"
    config.write_text(
        f'[profiles.default]\ndatabase = "{sqlite_workspace.url}"\n'
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "sales@x.example"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("SFACTL_CONFIG", str(config))
    monkeypatch.setattr(sys, "argv", ["nowhere/else"])
    made = sfactl(
        "report", "schedule", "attainment", "--at", "* * * * *", "--period", "2026Q1", "-o", "csv", "--to", str(target),
        "--mail-to", "boss@y.example",
    )  # fmt: skip
    assert made.code == 0, made.err
    environment = f"HOME={tmp_path}\nPYTHONPATH={os.environ.get('PYTHONPATH', '')}\n"
    line = made.out.rstrip("\n") + f" >> {said} 2>&1; echo $? >> {said}\n"

    def codes() -> list[str]:
        return [each for each in said.read_text(encoding="utf-8").split() if each.isdigit()] if said.exists() else []

    with cron(tmp_path, environment + line) as running:
        wait_for(lambda: len(codes()) >= 1, running)
        down = (codes()[0], target.exists(), system_rows(sqlite_workspace, "SELECT status FROM message"))
        office = PostOffice()
        with opened(office, port=port):
            wait_for(lambda: len(codes()) >= 3, running)

    assert down == ("6", True, [("queued",)])
    assert codes()[1:3] == ["0", "0"]
    assert office.recipients == ["boss@y.example"]
    assert said.read_text(encoding="utf-8").count("sfactl:") == 1
    assert system_rows(sqlite_workspace, "SELECT status FROM message") == [("sent",)]
