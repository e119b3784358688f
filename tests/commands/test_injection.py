"""What a person says on the command line is a value, never a statement or a pattern: every option of every command."""

from __future__ import annotations

import ast
import itertools
import sqlite3
from pathlib import Path

import pytest

import sfactl
from tests.cli import Result, Run
from tests.every_command import CHANGES, TERMINAL, Known, commands, reading, takes_text
from tests.soak import IS_SOAK
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

INJECTIONS = (
    "'; DROP TABLE account; --",
    "' OR '1'='1",
    "' OR 1=1 --",
    '" OR ""="',
    "x' UNION SELECT login, name, email, 1, 2, 3 FROM app_user --",
    "1; DELETE FROM sales_order",
    "A-SW1'||(SELECT code FROM account WHERE code='A-NE1')||'",
    "code); DROP TABLE account; --",
    "%' ESCAPE '%",
    "' AND (SELECT count(*) FROM sqlite_master) > 0 --",
    "'; SELECT pg_sleep(30); --",
    "$$; DROP TABLE account; $$",
    "\\'; DROP TABLE account; --",
    "%(name)s %s ? :name {0} {name}",
    "ʼ OR 1=1 --",
    "/**/OR/**/1=1",
    "name COLLATE NOCASE",
    "code DESC, (SELECT 1)",
)
WILDCARDS = ("%", "_", "%%", "A%", "*", "?", "[A-Z]", ".*", "^", "\\", "%\\", "_____")
"""Searched for, they are characters that no name of the small company holds."""
SLOW = (
    r"^(\w+\s?)*$", "(a+)+$", "(a|aa)+$", "(x+x+)+y", "%" * 400, "%a" * 300, "_%" * 300, "\\" * 500, "(?:(?:a*)*)*b",
    "(" * 500, "[" * 500, "a{1,1000}{1,1000}",
)  # fmt: skip
CODES = {0, 1, 2, 3, 4, 5, 6, 7, 130}


def assert_ends_well(result: Result, words: list[str]) -> None:
    assert result.code in CODES, (words, result)
    assert "Traceback" not in result.err + result.out, words
    assert not any(word in result.err for word in ("sqlite3.", "psycopg", "sqlalchemy", "syntax error")), (
        words,
        result,
    )


def said(known: Known, hostile: list[str], folder: Path) -> list[tuple[str, str, list[str]]]:
    """Command lines that say hostile words in one place each; each place gets some of them, all of them in a soak."""
    lines = []
    for number, parameter in enumerate(known.parameters):
        if not takes_text(parameter):
            continue
        start = (number + sum(map(len, known.words))) % len(hostile)
        some = [*hostile[start:], *hostile[:start]][: len(hostile) if IS_SOAK else 3]
        lines += [(parameter.name, text, known.line(folder, **{parameter.name: text})) for text in some]
    return lines


def searching() -> list[Known]:
    """Commands that search."""
    return [known for known in reading() if any(option.name == "search" for option in known.options)]


def test_there_is_something_to_test() -> None:
    names = {known.name for known in commands()}

    assert len(names) > 45
    assert {name for name in names if name.split()[-1] in ("add", "set", "apply", "upgrade")} <= CHANGES | TERMINAL
    assert names & CHANGES


# case 90
@pytest.mark.parametrize("known", reading(), ids=lambda known: known.name)
def test_what_a_reading_command_is_told_is_never_a_statement(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, known: Known
) -> None:
    path = sqlite_workspace.url.path
    assert path is not None
    before = path.read_bytes()
    if known.name == "sql":
        pytest.skip("takes statements; what it refuses is tested with it")

    for name, text, words in said(known, list(INJECTIONS), tmp_path):
        result = sfactl(*words, "-o", "json", workspace=sqlite_workspace, as_="mike")
        assert_ends_well(result, words)
        assert not any(hidden in result.out for hidden in ("A-NE1", "Elm Hospital", "eve@x.example")), (name, text)
        assert path.read_bytes() == before, words


# case 90
@pytest.mark.parametrize(
    "known", [known for known in commands() if known.is_changing], ids=lambda known: known.name
)  # fmt: skip
def test_what_a_changing_command_is_told_is_a_value_at_most(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Known
) -> None:
    monkeypatch.chdir(tmp_path)
    if known.name in ("demo", "init", "db restore"):
        pytest.skip("makes or replaces a whole workspace")
    shape = system_rows(sqlite_workspace, "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")
    counts = _counts(sqlite_workspace)

    for _name, _text, words in said(known, list(INJECTIONS), tmp_path):
        assert_ends_well(sfactl(*words, workspace=sqlite_workspace), words)

    assert system_rows(sqlite_workspace, "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2") == shape
    after = _counts(sqlite_workspace)
    assert all(after[table] >= number for table, number in counts.items())


def _counts(workspace: TestWorkspace) -> dict[str, int]:
    tables = [str(row[0]) for row in system_rows(workspace, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: int(str(system_rows(workspace, f'SELECT count(*) FROM "{name}"')[0][0])) for name in tables}


# case 90: the same on a server, where several statements in one text would be run
def test_on_a_server_too_a_value_is_a_value(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    everything = sfactl("export", "account", workspace=workspace).out
    for known in reading():
        if known.words[-1] in ("list", "show", "report", "attainment") and known.words[0] not in ("audit", "policy"):
            for _name, _text, words in said(known, ["'; DELETE FROM account; --", "%s %(x)s"], tmp_path):
                assert_ends_well(sfactl(*words, workspace=workspace, as_="mike"), words)

    assert sfactl("export", "account", workspace=workspace).out == everything


# case 90: columns are named out of a list, and rows are ordered by nothing that a person says
@pytest.mark.parametrize("text", INJECTIONS)
def test_a_column_that_is_asked_for_is_one_of_the_list(sqlite_workspace: TestWorkspace, sfactl: Run, text: str) -> None:
    result = sfactl("account", "list", "--fields", text, workspace=sqlite_workspace)

    assert (result.code, result.out) == (2, "")
    assert "There is no column" in result.err


# case 90, case 97
def test_a_wildcard_in_a_search_is_a_character(workspace: TestWorkspace, sfactl: Run) -> None:
    for known, text in itertools.product(searching(), WILDCARDS[:: 1 if workspace.is_sqlite else 3]):
        result = sfactl(*known.words, "--search", text, "-o", "json", workspace=workspace)
        assert (result.code, result.out) == (0, "[]\n"), (known.name, text)


# case 97
def test_a_pattern_that_runs_for_ever_is_only_words(workspace: TestWorkspace, sfactl: Run) -> None:
    """The work is one comparison a row: what is asked for is found in no name, and nothing reads it as a pattern."""
    filters = [
        (known, f"--{option.name}")
        for known in reading()
        for option in known.options
        if option.name in ("search", "segment", "family", "channel", "stage", "warehouse")
    ]
    for (known, option), text in itertools.product(filters, SLOW[:: 1 if workspace.is_sqlite else 4]):
        result = sfactl(*known.words, option, text, "-o", "json", workspace=workspace)
        assert result.code in (0, 2, 3), (known.name, result)
        if known.name == "quota rollup":  # which tells the whole tree, and here no figure of it
            assert all(row["quota"] is row["children"] is row["people"] is None for row in result.rows)
        else:
            assert result.out in ("", "[]\n"), (known.name, result)


# case 97
def test_a_search_is_no_longer_than_names_are(workspace: TestWorkspace, sfactl: Run) -> None:
    for known in searching():
        result = sfactl(*known.words, "--search", "a" * 60_000, workspace=workspace)
        assert (result.code, result.out) == (2, ""), known.name
        assert "at most 1000 characters" in result.err


_PATTERN_TAKERS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
_WRITTEN_BY_PEOPLE = {"patterns.py"}
"""Where a manifest's patterns are compiled, once those that may take long are refused."""
_FROM_A_TABLE = {"periods.py", "months.py", "numbers.py", "dates.py", "postgres_check.py"}
"""Where patterns come from a table of the same module, or are made of marks out of one."""
_ESCAPED = {"erasure.py"}
"""Where words that a person says are looked for as they are, escaped by the library."""


# case 97
def test_no_text_of_a_persons_becomes_a_pattern() -> None:
    """Every pattern that is compiled stands in the source, and no database is asked to match one."""
    for path in Path(sfactl.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        fixed = _fixed_names(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute):
                assert call.func.attr not in ("regexp_match", "regexp_replace", "op", "create_function"), path.name
                if isinstance(call.func.value, ast.Name) and call.func.value.id == "re":
                    is_ours = call.func.attr not in _PATTERN_TAKERS or _is_fixed(call.args[0], fixed)
                    assert is_ours or path.name in _WRITTEN_BY_PEOPLE | _FROM_A_TABLE | _ESCAPED, (
                        f"{path.name}:{call.lineno}"
                    )


def _fixed_names(tree: ast.Module) -> set[str]:
    """Names in capitals that are given a value once, at the top of a module."""
    targets = itertools.chain.from_iterable(
        [node.target] if isinstance(node, ast.AnnAssign) else node.targets
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
    )
    single = itertools.chain.from_iterable(
        target.elts if isinstance(target, ast.Tuple) else [target] for target in targets
    )
    return {target.id for target in single if isinstance(target, ast.Name) and target.id.strip("_").isupper()}


def _is_fixed(pattern: ast.expr, fixed: set[str]) -> bool:
    if isinstance(pattern, ast.Constant):
        return True
    if isinstance(pattern, ast.Name):
        return pattern.id in fixed
    if isinstance(pattern, ast.JoinedStr):
        return all(
            isinstance(part, ast.Constant) or (isinstance(part, ast.FormattedValue) and _is_fixed(part.value, fixed))
            for part in pattern.values
        )
    return False


def test_the_database_is_really_looked_at(sqlite_workspace: TestWorkspace) -> None:
    """A change shows in the file's bytes, so that comparing them proves something."""
    path = sqlite_workspace.url.path
    assert path is not None
    before = path.read_bytes()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE account SET segment = 'x' WHERE code = 'A-SW1'")

    assert path.read_bytes() != before
