"""Whatever somebody types, or a file holds: an exit code from the list and a sentence, never a traceback (case 103)."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfactl.cli import main
from sfactl.config import policy, toml_file
from sfactl.config.settings import ConfigFile
from sfactl.errors import UsageFault
from sfactl.services import policies
from tests.cli import Run
from tests.every_command import EXAMPLES, TERMINAL, Known, commands
from tests.hostile import HOSTILE
from tests.soak import times
from tests.transfer.test_fuzz import CSV, mutated
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

SEED = 20_260_520
CODES = {0, 1, 2, 3, 4, 5, 6, 7, 130}
COMMON = ("-o", "--fields", "--as", "--lang", "-q", "--no-color", "--help", "--profile", "--", "-h", "--version")
SLOW = {"demo", *TERMINAL}
VALUES = (
    *EXAMPLES.values(), "", " ", "0", "-1", "1e9", "99999999999999999999", "NaN", "٣", "1_000", "2026-02-30", "0000-00-00",
    "9999-12-31", "2026Q5", "FY0", "..", "2026-01-01..2025-01-01", "last-century", "json", "xlsx", "table", "es", "xx",
    "code,name", "nonsense", "%", "_", "'", '"', "\\", "*", "~", "/", "../..", "-", "--", "a" * 3000, "ñ",
    "\udcff", "--output=json", "--limit=x", "=", "--no-such-option", "{", "{0}", "%s",
    *(text for text in HOSTILE.values() if "\0" not in text),
)  # fmt: skip


def random_line(source: random.Random, known: Known) -> list[str]:
    """A command, with some of its parameters and some that are not."""
    words = list(known.words[: source.choice((1, 2, 2, 2, 2, 2))])
    for option in source.sample(known.options, k=min(len(known.options), source.randint(0, 3))):
        words.append(source.choice(option.opts))
        if source.random() < 0.8:
            words.append(source.choice(VALUES))
    words += [source.choice(VALUES) for _argument in known.arguments if source.random() < 0.8]
    for _extra in range(source.choice((0, 0, 1, 2))):
        words.insert(source.randint(0, len(words)), source.choice((*COMMON, source.choice(VALUES))))
    return words


def run(words: list[str]) -> tuple[int, str, str]:
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return code, "", err.getvalue()


def test_any_words_end_in_a_sentence_and_a_code(
    sqlite_workspace: TestWorkspace,
    clean_environment: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in sqlite_workspace.environment().items():
        monkeypatch.setenv(name, value)
    source = random.Random(SEED)
    known = [each for each in commands() if each.name not in SLOW]
    seen = set()
    for _round in range(times(100_000)):
        words = random_line(source, source.choice(known))
        code, _out, err = run(words)
        assert code in CODES, words
        assert "Traceback" not in err, words
        assert code in (0, 130) or err.startswith(("sfactl: ", "Warning", "Break-glass")) or "\nsfactl: " in err, (
            words,
            err,
        )
        seen.add(code)
    assert seen >= {0, 2, 3}
    assert system_rows(sqlite_workspace, "PRAGMA integrity_check") == [("ok",)]


SETTINGS = """# mine
profile = "work"

[profiles.work]
database = "postgresql+psycopg://ana@db.example.com/sales"
output = "json"
locale = "es_ES"
time_zone = "Europe/Madrid"
color = "never"

[mail]
host = "mail.example.com"
port = 587
"""


def mutants(text: str, count: int) -> Iterator[str]:
    """Texts that a few bytes tell from a given one, and rows of a table put together anew."""
    source = random.Random(SEED)
    lines = text.splitlines(keepends=True)
    for number in range(count):
        if number % 3:
            yield mutated(text.encode(), source).decode("utf-8", "replace")
        else:
            yield "".join(source.choices(lines, k=source.randint(1, len(lines))))


def test_any_settings_are_read_or_refused_with_their_place() -> None:
    read = 0
    for text in mutants(SETTINGS, times(10_000)):
        try:
            toml_file.parse(text, ConfigFile, name="config.toml")
            read += 1
        except UsageFault as fault:
            assert fault.message.startswith("config.toml:"), text
    assert read < times(10_000)


@pytest.mark.parametrize("name", policy.FILES)
def test_any_policy_is_read_or_refused_with_its_place(name: str) -> None:
    texts = dict(policy.default().files)
    for text in mutants(texts[name], times(3_400)):
        try:
            policies.permissions_of(policy.from_texts(texts | {name: text}))
        except UsageFault as fault:
            assert fault.message.startswith(name), text


def test_any_file_is_imported_whole_or_not_at_all(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    source = random.Random(SEED)
    path = tmp_path / "accounts.csv"
    content = CSV.replace("owned", "owned_since").replace("amount", "annual_revenue")
    codes = set()
    for _round in range(times(3_000)):
        data = mutated(content.encode(source.choice(["utf-8", "cp1252", "utf-16"])), source)
        path.write_bytes(data)
        before = system_rows(sqlite_workspace, "SELECT count(*) FROM account")

        result = sfactl("import", "account", str(path), workspace=sqlite_workspace)

        codes.add(result.code)
        assert result.code in (0, 2), data
        assert "Traceback" not in result.err
        assert result.code == 0 or system_rows(sqlite_workspace, "SELECT count(*) FROM account") == before, data
    assert codes == {0, 2}
    assert sfactl("db", "check", workspace=sqlite_workspace).code == 0
