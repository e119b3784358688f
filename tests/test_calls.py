"""What sfactl starts: no shell, no program that the caller's environment chooses, no code but its own (case 102)."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sfactl
from sfactl.db import url
from sfactl.errors import SfaError
from sfactl.services import databases
from tests.workspace import TestWorkspace

SOURCE = Path(sfactl.__file__).parent
ROOT = SOURCE.parent

FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "breakpoint", "input", "os.system", "os.popen", "os.startfile", "typer.edit", "typer.launch",
    "typer.echo_via_pager", "pydoc.pager", "code.interact", "runpy.run_path", "subprocess.getoutput",
    "subprocess.getstatusoutput", "subprocess.call", "subprocess.Popen", "subprocess.check_output",
}  # fmt: skip
FORBIDDEN_MODULES = {
    "pickle", "marshal", "shelve", "dill", "pty", "webbrowser", "ftplib", "telnetlib", "xmlrpc", "http",
    "urllib.request", "requests", "httpx",
}  # fmt: skip
CHOSEN_BY_THE_CALLER = {
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "SHELL",
    "PATH",
    "PYTHONPATH",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
}
MAY_START = {"databases.py"}
"""Where another program is started: pg_dump."""


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCE.rglob("*.py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def name_of(function: ast.expr) -> str:
    return ast.unparse(function)


def test_nothing_calls_a_shell_an_editor_or_code_from_outside() -> None:
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = name_of(node.func)
                assert name not in FORBIDDEN_CALLS, f"{path.name}:{node.lineno}"
                assert not name.startswith(("os.exec", "os.spawn", "os.posix_spawn")), f"{path.name}:{node.lineno}"
                assert not [k for k in node.keywords if k.arg == "shell"], f"{path.name}:{node.lineno}"
                if name.startswith("subprocess.") or name == "shutil.which":
                    assert path.name in MAY_START, f"{path.name}:{node.lineno}"
                if name == "shutil.which":
                    assert [k for k in node.keywords if k.arg == "path"], "a look along the caller's PATH"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {node.module} if isinstance(node, ast.ImportFrom) else {alias.name for alias in node.names}
                assert not {name for name in names if name} & FORBIDDEN_MODULES, f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Constant):
                assert node.value not in CHOSEN_BY_THE_CALLER, f"{path.name}:{node.lineno}"


def test_the_linter_looks_for_shells_and_nothing_silences_it() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]

    assert "S" in lint["select"]
    assert [rule for rule in lint["ignore"] if rule.startswith("S")] == ["S603"]
    assert not {
        rule for name, rules in lint["per-file-ignores"].items() if name.startswith("sfactl") for rule in rules
    } & {"S102", "S307", "S602", "S604", "S605", "S606", "S607"}
    for path, _tree in sources():
        silenced = [line for line in path.read_text(encoding="utf-8").splitlines() if "noqa" in line and ": S" in line]
        assert not [line for line in silenced if re.search("S(102|307|60[24567])", line)], path.name


def hostile_place(folder: Path) -> tuple[Path, dict[str, str]]:
    """A folder of modules and programs that leave a mark when anything runs them, and an environment that offers them."""
    mark = folder / "mark"
    for module in (
        "json",
        "csv",
        "sqlite3",
        "typer",
        "sfactl",
        "babel",
        "sitecustomize",
        "usercustomize",
        "xlsxwriter",
    ):
        (folder / f"{module}.py").write_text(f"open({str(mark)!r}, 'w')\n", encoding="utf-8")
    (folder / "bin").mkdir()
    for program in (
        "pg_dump",
        "less",
        "more",
        "vi",
        "nano",
        "sh",
        "bash",
        "env",
        "python3",
        "tput",
        "stty",
        "locale",
        "id",
    ):
        path = folder / "bin" / program
        path.write_text(f"#!/bin/sh\n: > {mark}\n", encoding="utf-8")
        path.chmod(0o700)
    chosen = {
        name: str(folder / "bin" / "vi") for name in ("EDITOR", "VISUAL", "PAGER", "BROWSER", "SHELL", "MANPAGER")
    }
    environment = {
        **chosen, "PATH": str(folder / "bin"), "HOME": str(folder / "home"), "LANG": "C.UTF-8", "TERM": "xterm",
        "PYTHONSTARTUP": str(folder / "json.py"), "ENV": str(folder / "bin" / "sh"), "BASH_ENV": str(folder / "bin" / "sh"),
        "LESSOPEN": f"|{folder / 'bin' / 'sh'}",
    }  # fmt: skip
    return mark, environment


COMMANDS = (
    ("account", "list"), ("--help",), ("account", "--help"), ("doctor",), ("config", "show"), ("db", "backup", "copy.db"),
    ("import", "--explain", "new.csv"), ("export", "account", "-o", "xlsx", "--to", "x.xlsx"), ("account", "nonsense"),
)  # fmt: skip


def test_programs_and_modules_that_lie_around_are_not_run(sqlite_workspace: TestWorkspace, tmp_path: Path) -> None:
    """As cron starts it: the program by its full path, in a folder and with a PATH that somebody else may write to."""
    mark, environment = hostile_place(tmp_path)
    (tmp_path / "new.csv").write_text("code,name\nN-1,New\n", encoding="utf-8")
    program = Path(sys.executable).with_name("sfactl")
    assert program.exists()

    for words in COMMANDS:
        done = subprocess.run(
            [program, *words], cwd=tmp_path, env=environment | sqlite_workspace.environment(),
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode in (0, 1, 2), done.stderr
        assert "Traceback" not in done.stderr
        assert not mark.exists(), words


def test_an_isolated_interpreter_serves(sqlite_workspace: TestWorkspace, tmp_path: Path) -> None:
    mark, environment = hostile_place(tmp_path)
    isolated = [sys.executable, "-I", "-c", "import sys; from sfactl.cli import main; sys.exit(main())"]

    done = subprocess.run(
        [*isolated, "account", "list", "-o", "json"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=environment | sqlite_workspace.environment() | {"PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path)},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert not mark.exists()


class Started:
    """Takes the place of `subprocess.run` and remembers what it was asked for."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.environment: dict[str, str] = {}

    def __call__(self, words: list[str], *, env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
        assert not options.get("shell")
        self.words, self.environment = list(map(str, words)), env
        return subprocess.CompletedProcess(words, 0, "", "")


# case 39, case 100, case 102
@pytest.mark.parametrize("place", ["u:hunter2@h/d", "u:hunter2@h:5432/d?sslmode=require", "u@h/d?password=hunter2"])
def test_a_dump_is_made_by_the_systems_own_program_and_its_words_hold_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    mark, environment = hostile_place(tmp_path)
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "pg_dump").write_text("", encoding="utf-8")
    (tmp_path / "system" / "pg_dump").chmod(0o700)
    started = Started()
    monkeypatch.setenv("PATH", environment["PATH"])
    monkeypatch.setattr(databases, "_programs", lambda: str(tmp_path / "system"))
    monkeypatch.setattr(databases.subprocess, "run", started)

    databases._dump(url.parse(f"postgresql+psycopg://{place}"), tmp_path / "copy.dump", replace=False)

    assert started.words[0] == str(tmp_path / "system" / "pg_dump")
    assert "hunter2" not in " ".join(started.words)
    assert started.environment["PGPASSWORD"] == "hunter2"
    assert not mark.exists()


def test_a_dump_looks_only_where_the_system_keeps_its_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark, environment = hostile_place(tmp_path)
    monkeypatch.setenv("PATH", environment["PATH"])

    folders = databases._programs().split(os.pathsep)

    assert environment["PATH"] not in folders
    assert all(Path(folder).is_absolute() for folder in folders)
    monkeypatch.setattr(databases, "_SYSTEM_FOLDERS", ())
    monkeypatch.setattr(databases, "_OWN_FOLDERS", ())
    with pytest.raises(SfaError, match="pg_dump is not installed"):
        databases._dump(url.parse("postgresql+psycopg://u@h/d"), tmp_path / "copy.dump", replace=False)
    assert not mark.exists()
