"""What starting costs: nothing heavy is loaded for help, versions and completion, and completion offers only what is in scope."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.workspace import TestWorkspace

HEAVY = ("sqlmodel", "sqlalchemy", "textual", "alembic", "babel", "rich", "xlsxwriter")
WALK = """
import sys
from sfactl import running
sys.argv = ["sfactl"]
root = running.root()
context = root.make_context("sfactl", ["doctor"], resilient_parsing=True)
seen = 0
def walk(command, parent, path):
    global seen
    inner = type(context)(command, info_name=path, parent=parent)
    assert command.get_help(inner)
    seen += 1
    for name in command.list_commands(inner) if hasattr(command, "commands") else ():
        walk(command.get_command(inner, name), inner, name)
for word in root.list_commands(context):
    if word != "tui":
        walk(root.get_command(context, word), context, word)
print(seen)
"""
"""Makes every help page in one interpreter."""
PAGES = """
from sfactl.cli import main
from sfactl.root import NOUNS, Root
root = Root(name="sfactl")
for noun in NOUNS:
    command = root.get_command(None, noun)
    for words in [[noun], *([noun, verb] for verb in getattr(command, "commands", ()))]:
        assert main([*words, "--help"]) == 0
        assert "pydantic" not in sys.modules, words
"""
"""Asks for every help page as a person does."""


def _loaded(program: str, **environment: str) -> tuple[str, set[str]]:
    """What a program prints, and which of the heavy modules it loaded."""
    tail = f"\nprint('LOADED', *[name for name in {(*HEAVY, 'typer', 'pydantic')!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\ntry:\n{_indented(program)}\nexcept SystemExit:\n    pass{tail}"],
        capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8", **environment},
    )  # fmt: skip
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("LOADED"), done.stderr
    return done.stdout, set(last.split()[1:])


def _indented(program: str) -> str:
    return "\n".join(f"    {line}" for line in program.splitlines())


def _run(*words: str) -> str:
    return f"from sfactl.cli import main\nmain({list(words)!r})"


def test_the_version_is_told_before_anything_is_loaded() -> None:
    out, loaded = _loaded(_run("--version"))

    assert out.startswith("sfactl ")
    assert loaded == set()


def test_help_loads_no_database_and_no_screens() -> None:
    out, loaded = _loaded(_run("--help"))

    assert "territory" in out
    assert not loaded & set(HEAVY)


def test_every_help_page_loads_no_database_and_no_screens() -> None:
    out, loaded = _loaded(WALK)

    assert int(out) > 50
    assert not loaded & {"sqlmodel", "sqlalchemy", "textual", "alembic"}


def test_no_help_page_waits_for_a_library_that_converts_values() -> None:
    out, loaded = _loaded(PAGES)

    assert out.count("Usage: sfactl") > 50
    assert not loaded & {*HEAVY, "pydantic"}


def test_a_command_loads_its_own_tables_and_no_library_of_objects(sqlite_workspace: TestWorkspace) -> None:
    tables = "print(*sorted(name for name in sys.modules if name.startswith('sfactl.models.')))"
    out, loaded = _loaded(f"{_run('account', 'list', '--limit', '0')}\n{tables}", **sqlite_workspace.environment())

    assert "sfactl.models.accounts" in out
    assert not {"sfactl.models.stock", "sfactl.models.agreements", "sfactl.models.registry"} & set(out.split())
    assert not loaded & {"sqlmodel", "alembic", "babel"}


def test_the_solver_is_loaded_without_tables_of_data_which_are_whole_for_whoever_wants_them() -> None:
    solver = "from sfactl.core.solver import cp_model\nassert cp_model.CpModel().new_bool_var('x') is not None"
    out, _loaded_too = _loaded(
        f"{solver}\nprint('pandas' in sys.modules)\nimport pandas\nprint(pandas.Series([2]).sum())"
    )

    assert out.split() == ["False", "2"]


def _complete(line: str, workspace: TestWorkspace | None = None, login: str = "ana") -> tuple[list[str], set[str]]:
    words = line.split(" ")
    environment = workspace.environment(login) if workspace else {}
    out, loaded = _loaded(
        _run(),
        _SFACTL_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1), **environment,
    )  # fmt: skip
    return out.split(), loaded


@pytest.mark.parametrize(("line", "offered"), [
    ("sfactl terr", ["territory"]), ("sfactl quota att", ["attainment"]), ("sfactl account list --own", ["--owner"]),
    ("sfactl account list -o x", ["xlsx"]), ("sfactl quota list --output js", ["json", "jsonl"]),
])  # fmt: skip
def test_words_are_completed_without_a_database(line: str, offered: list[str]) -> None:
    found, loaded = _complete(line)

    assert found == offered
    assert not loaded & {*HEAVY, "pydantic"}


@pytest.mark.parametrize(
    ("line", "login", "offered"),
    [
        ("sfactl account show A-S", "sam", ["A-SW1", "A-SW2", "A-SW3"]),
        ("sfactl account show A-", "nora", ["A-NW1"]),
        ("sfactl account show A-NE", "mike", []),
        ("sfactl territory show ", "sam", ["SW"]),
        ("sfactl account list --owner no", "mike", ["nora"]),
        ("sfactl account list --territory W", "mike", ["WEST"]),
        ("sfactl order show O-", "eve", ["O-3", "O-4", "O-6"]),
        ("sfactl account show %", "ana", []),
        ("sfactl account show A-", "nils", []),
        ("sfactl account list --as nora --search x --territory ", "ana", ["NW"]),
    ],
)
def test_values_are_completed_in_scope_over_the_scoped_connection(
    workspace: TestWorkspace, line: str, login: str, offered: list[str]
) -> None:
    found, loaded = _complete(line, workspace, login)

    assert found == offered
    assert not loaded & set(HEAVY)
