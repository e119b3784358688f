"""Lines of a crontab that work as they are: run by the shell in cron's own environment, over a real mail server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli import Result, Run
from tests.post_office import opened
from tests.workspace import TestWorkspace, system_rows

ATTAINMENT = ("attainment", "--period", "2026Q1")
BARE = {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "LOGNAME": "somebody"}
"""What cron gives to a command, beside HOME."""

Scheduled = Callable[..., Result]


@pytest.fixture
def scheduled(sfactl: Run, workspace: TestWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scheduled:
    """`sfactl report schedule`, with settings that name the workspace and a mail server."""

    def run(*words: str, port: int = 1) -> Result:
        file = tmp_path / "config.toml"
        file.write_text(
            f'[profiles.default]\ndatabase = "{workspace.environment()["SFACTL_DATABASE"]}"\n'
            f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "sales@x.example"\n',
            encoding="utf-8",
        )
        monkeypatch.setenv("SFACTL_CONFIG", str(file))
        monkeypatch.setattr(sys, "argv", ["nowhere/else"])
        return sfactl("report", "schedule", *words)

    return run


def line_of(result: Result) -> str:
    """The command of a crontab's line, as cron gives it to the shell."""
    assert result.code == 0, result.err
    _comment, line = result.out.splitlines()
    return line.split(None, 5)[5].replace("\\%", "%")


def run_by_cron(line: str, home: Path) -> subprocess.CompletedProcess[str]:
    """What cron does with a line."""
    environment = {**BARE, "HOME": str(home), **_ours()}
    return subprocess.run(
        ["/bin/sh", "-c", line], env=environment, cwd=home, capture_output=True, text=True, check=False
    )


def _ours() -> dict[str, str]:
    """Where this source lies, when it is not the one that is installed."""
    return {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}


def test_a_line_works_in_crons_bare_environment(scheduled: Scheduled, workspace: TestWorkspace, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    target = tmp_path / "50% of it.csv"
    words = (*ATTAINMENT, "--weekly", "mon", "06:00", "-o", "csv", "--to", str(target), "--mail-to", "boss@y.example")
    down = run_by_cron(line_of(scheduled(*words)), tmp_path / "home")
    with opened() as office:
        line = line_of(scheduled(*words, port=office.port))
        up, again = (run_by_cron(line, tmp_path / "home") for _run in range(2))

    assert (down.returncode, down.stdout) == (6, "")
    assert down.stderr.startswith("sfactl: The mail server 127.0.0.1:1 cannot be had")
    for done in (up, again):
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text(encoding="utf-8").startswith("user,name,")
    assert office.recipients == ["boss@y.example"]
    assert system_rows(workspace, "SELECT status FROM message") == [("sent",)]


def test_what_a_run_needs_stands_in_its_line(
    sfactl: Run, sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SFACTL_TIME_ZONE", "Europe/Madrid")
    words = ("report", "schedule", "attainment", "--monthly", "1", "06:00", "--period", "last-quarter", "--missed")
    made = sfactl(*words, "--fields", "user,quota", "--to", "x y.csv", workspace=sqlite_workspace, as_="mike")

    comment, line = made.out.splitlines()
    assert (made.code, made.err) == (0, "")
    assert comment == f"# Attainment: to {tmp_path}/x y.csv"
    assert line.startswith("0 6 1 * *  SFACTL_TIME_ZONE=Europe/Madrid /")
    assert f"--database {sqlite_workspace.url} --as mike --fields user,quota" in line
    assert f"--period=last-quarter --missed --to '{tmp_path}/x y.csv' -- attainment" in line


def test_units_are_printed_or_written(sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path) -> None:
    words = ("report", "schedule", "overview", "--daily", "06:00", "--format", "systemd")
    printed = sfactl(*words, workspace=sqlite_workspace)
    written = sfactl(*words, "--into", str(tmp_path), workspace=sqlite_workspace)

    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert "# sfactl-overview.timer\n[Unit]" in printed.out
    for name in ("sfactl-overview.service", "sfactl-overview.timer"):
        assert (tmp_path / name).read_text(encoding="utf-8").strip() in printed.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["attainment"], 2, "Say when, once."),
        (["attainment", "--daily", "06:00", "--at", "0 6 * * *"], 2, "Say when, once."),
        (["attainment", "--at", "0 25 * * *"], 2, "is no hour that cron takes"),
        (["nonsense", "--daily", "06:00"], 2, "There is no report nonsense."),
        (["attainment", "--daily", "06:00", "--period", "soon"], 2, "not a period"),
        (["attainment", "--daily", "06:00", "--fail-if", "colour = red"], 2, "there is no field colour"),
        (["attainment", "--daily", "06:00", "--mail-to", "zoe"], 3, "There is no user zoe."),
        (["attainment", "--daily", "06:00", "--to", "/dev/null"], 5, "/dev/null is there already"),
        (["attainment", "--daily", "06:00", "--to", "a\nb.csv"], 2, "cannot stand in a schedule"),
    ],
)
def test_what_a_run_would_refuse_is_refused_at_once(
    sfactl: Run, sqlite_workspace: TestWorkspace, words: list[str], code: int, said: str
) -> None:
    refused = sfactl("report", "schedule", *words, workspace=sqlite_workspace)

    assert (refused.code, refused.out) == (code, "")
    assert said in refused.err


def test_a_password_that_cron_would_not_find_is_missed_at_once(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[mail]\nhost = "x.example"\nsender = "a@x.example"\nuser = "postbox"\n', encoding="utf-8")
    monkeypatch.setenv("SFACTL_CONFIG", str(file))
    monkeypatch.setenv("SFACTL_MAIL_PASSWORD", "hunter2")
    words = ("report", "schedule", "attainment", "--daily", "06:00", "--mail-to", "boss@y.example")

    refused = sfactl(*words, workspace=sqlite_workspace)

    assert refused.code == 2
    assert "password_file" in refused.err
    assert "hunter2" not in refused.out + refused.err


def test_a_password_does_not_get_into_a_crontab(
    sfactl: Run, monkeypatch: pytest.MonkeyPatch, postgres_workspace: TestWorkspace
) -> None:
    where = postgres_workspace.environment()["SFACTL_DATABASE"].replace("@", ":hunter2@", 1)
    monkeypatch.setattr(TestWorkspace, "environment", lambda _self, _login: {"SFACTL_DATABASE": where})

    refused = sfactl("report", "schedule", "attainment", "--daily", "06:00", workspace=postgres_workspace)

    assert refused.code == 2
    assert "A password does not belong in a crontab." in refused.err
    assert "hunter2" not in refused.out + refused.err
