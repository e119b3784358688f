"""A company full of names that somebody planted: every command shows them in every form, and none of them acts."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from sfactl.core.text import safe, unguard_formula
from sfactl.db.url import DatabaseUrl
from tests.cli import Run
from tests.db.company import enrich
from tests.every_command import Known, commands, reading
from tests.hostile import FORMULAS, HOSTILE
from tests.hostile_company import MARK, PLANTED, plant
from tests.render.test_html import read
from tests.soak import IS_SOAK
from tests.workbooks import opened, run_for_bytes
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

TEXTS = {f"{text}{MARK}" for text in PLANTED.values()}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
READER = MarkdownIt("gfm-like")
FORBIDDEN_TOKENS = {
    "html_inline", "html_block", "link_open", "image", "code_inline", "strong_open", "em_open", "s_open", "fence",
}  # fmt: skip
LISTS = [known for known in reading() if not any(argument.required for argument in known.arguments) and known.name not in (
    "config show", "config path", "sql", "doctor",
)]  # fmt: skip
SHOWS = {
    "handoff show": "handoff",
    "account show": "account", "territory show": "territory", "team show": "team", "user show": "app_user",
    "order show": "sales_order", "opportunity show": "opportunity", "product show": "product",
    "territory mix": "territory", "territory accounts": "territory", "territory people": "territory",
    "territory compare": "territory", "assignment history": "account", "outbox show": "message", "quote show": "quote", "territory plan show": "territory_plan",
}  # fmt: skip
NONE_PLANTED = {
    "access matrix",
    "audit verify",
    "db info",
    "db check",
    "policy show",
    "whoami",
    "pipeline show",
    "pipeline changes",
    "pipeline funnel",
    "pipeline forecast",
    "report list",
    "report snapshot",
    "territory mix",
    "territory accounts",
    "territory people",
    "assignment history",
    "territory plan show",
    "product lint",
}
"""Commands that show words from lists, numbers, or the administrator."""
EXPORTS = ("account", "contact", "territory", "user", "team", "product", "opportunity", "order", "activity", "stock")


@dataclass(frozen=True)
class Planted:
    """A workspace full of planted names, which no test changes, and the codes that are planted, by table."""

    workspace: TestWorkspace
    codes: dict[str, list[str]]


@pytest.fixture(scope="module")
def planted(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Planted:
    path = tmp_path_factory.mktemp("planted") / "sales.db"
    shutil.copy(sqlite_template, path)
    where = DatabaseUrl("sqlite", path=path)
    workspace = TestWorkspace(where, where, worker)
    enrich(workspace)
    return Planted(workspace, plant(workspace))


def assert_inert(text: str, what: object) -> None:
    """Nothing that a terminal obeys, hides or turns round."""
    bad = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
    assert not bad, (what, bad[:5])


def texts_in(value: Any) -> set[str]:
    """Every text in JSON."""
    if isinstance(value, dict | list):
        return set().union(*map(texts_in, value.values() if isinstance(value, dict) else value))
    return {value} if isinstance(value, str) else set()


def planted_lines(known: Known, planted: Planted) -> list[list[str]]:
    """Command lines whose results hold planted names."""
    if known.name == "territory report":
        return [[*known.words, "--", *planted.codes["territory"][::20]]]
    if known.name == "pipeline changes":
        return [[*known.words, "--since", "2020-01-01"], [*known.words, "--since", "2020-01-01", "--detail"]]
    if known.name not in SHOWS:
        return [[*known.words]]
    codes = planted.codes[SHOWS[known.name]]
    return [[*known.words, "--", code] for code in codes[:: 1 if IS_SOAK else 20]]


EVERY = [known for known in commands() if known in LISTS or known.name in SHOWS]


def test_every_list_and_record_is_looked_at() -> None:
    assert {known.name for known in commands() if known.words[-1] in ("list", "show", "tree", "report")} <= {
        *(known.name for known in EVERY), "config show", "policy show", "audit show", "plan show",
    }  # fmt: skip
    assert len(EVERY) > 25


# case 83, case 85, case 104
@pytest.mark.parametrize("known", EVERY, ids=lambda known: known.name)
def test_planted_names_are_inert_in_every_field_and_form(
    sfactl: Run,
    planted: Planted,
    monkeypatch: pytest.MonkeyPatch,
    known: Known,
) -> None:
    for words in planted_lines(known, planted):
        words = [words[0], "-o", "FORM", *words[1:]]

        def out(form: str, *more: str, words: list[str] = words) -> str:
            said = [form if word == "FORM" else word for word in words]
            result = sfactl(*more, *said, workspace=planted.workspace)
            assert result.code in (0, 1), (said, result.err)
            assert_inert(result.err, said)
            return result.out

        assert_inert(out("table"), words)
        for form in ("json", "jsonl"):
            assert all(line.isprintable() for line in out(form).split("\n")), words
        said = texts_in(json.loads(out("json")))
        assert {text for text in said if MARK in text} or known.name in NONE_PLANTED
        assert {text.removesuffix(MARK) for text in said if text in TEXTS} <= set(PLANTED.values())
        cells = [cell for row in csv.reader(io.StringIO(out("csv"), newline="")) for cell in row]
        assert {unguard_formula(cell) for cell in cells if MARK in cell} <= said | {""}
        assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-[^0-9]", cell)]
        tokens = [part for token in READER.parse(out("md")) for part in (token, *(token.children or ()))]
        assert not [token for token in tokens if token.type in FORBIDDEN_TOKENS]
        page = read(out("html"))
        assert (
            any(MARK in cell or cell.endswith("…") for cell in page.texts.get("td", ())) or known.name in NONE_PLANTED
        )
        _result, data = run_for_bytes(
            sfactl, monkeypatch, *["xlsx" if word == "FORM" else word for word in words], workspace=planted.workspace
        )
        for sheet in opened(data).worksheets:
            for row in sheet.iter_rows():
                assert not [cell for cell in row if cell.data_type == "f" or cell.hyperlink]
                assert_inert("".join(str(cell.value) for cell in row), sheet.title)


# case 83: on a terminal with colour, nothing but our own colours reaches it
@pytest.mark.parametrize("known", LISTS, ids=lambda known: known.name)
def test_a_terminal_is_told_nothing_but_colours(
    sfactl: Run,
    planted: Planted,
    known: Known,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("SFACTL_COLOR", "always")

    result = sfactl(*known.words, workspace=planted.workspace)

    assert_inert(COLOUR.sub("", result.out), known.name)


# case 85
@pytest.mark.parametrize("noun", EXPORTS)
def test_exports_hold_planted_names_exactly_or_inert(sfactl: Run, planted: Planted, tmp_path: Path, noun: str) -> None:
    as_json = sfactl("export", noun, "-o", "json", workspace=planted.workspace).rows
    as_csv = list(csv.DictReader(io.StringIO(sfactl("export", noun, workspace=planted.workspace).out, newline="")))
    page = read(sfactl("export", noun, "-o", "html", workspace=planted.workspace).out)
    sfactl("export", noun, "-o", "xlsx", "--to", str(tmp_path / "x.xlsx"), workspace=planted.workspace)
    book = opened((tmp_path / "x.xlsx").read_bytes())

    said = [["" if value is None else str(value) for value in row.values()] for row in as_json]
    assert [[unguard_formula(cell) for cell in row.values()] for row in as_csv] == [
        [text.replace("True", "true").replace("False", "false") for text in row] for row in said
    ]
    assert len(as_json) > 30 or noun == "stock"
    assert any(cell == text for text in TEXTS for row in said for cell in row)
    assert len(page.texts["td"]) == sum(map(len, said))
    assert book.worksheets[0].max_row == len(said) + 1


# case 83, case 85: what is refused is named in the message, and inert there too
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_refusal_that_names_something_hostile_is_only_a_sentence(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, lang: str
) -> None:
    texts = [text for text in (*HOSTILE.values(), *FORMULAS) if text and "\0" not in text]
    for text in texts if IS_SOAK else texts[lang == "es" :: 5]:
        for words in (
            ("account", "show", "--", text), ("account", "list", "--territory", text), (text,), ("account", text),
            ("import", "account", text), ("import", "--", text), ("account", "list", "--fields", text),
            ("account", "list", "-o", text), ("quota", "attainment", "--period", text),
            ("account", "list", "--as-of", text), ("config", "show", "--config", str(tmp_path / text[:50])),
            ("whoami", "--as", text), ("whoami", "--database", text), ("config", "show", "--profile", text),
        ):  # fmt: skip
            result = sfactl("--lang", lang, *words, workspace=sqlite_workspace)
            if not text.startswith("-"):
                assert result.code in (2, 3, 6), (words, result)
            assert "Traceback" not in result.err, words
            assert_inert(result.err, words)
            assert all(len(line) <= 2100 for line in result.err.splitlines())


# case 85: the file names of bad rows, and what stands in them
@pytest.mark.parametrize("label", [
    name for name, text in HOSTILE.items() if text and "/" not in text and "\0" not in text and len(text.encode("utf-8", "replace")) < 200
])  # fmt: skip
def test_a_hostile_file_name_is_only_a_name(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, label: str
) -> None:
    name = f"{HOSTILE[label]}.csv"
    try:
        (tmp_path / name).write_text("code,name\nN-1,Аcme \u202eevil\nN-2,\n", encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such name")

    words = ("import", "--partial", "--rejects", str(tmp_path / "mend"), "--", "account", str(tmp_path / name))
    result = sfactl(*words, workspace=sqlite_workspace)
    explained = sfactl("import", "--explain", "--", str(tmp_path / name), workspace=sqlite_workspace)

    assert result.code in (2, 7), result
    assert_inert(result.err + result.out + explained.err, label)
    assert result.code == 2 or "mix alphabets" in result.err
    if result.code == 7:
        assert (tmp_path / "mend" / name).read_text(encoding="utf-8") == "code,name\nN-2,\n"
        reasons = (tmp_path / "mend" / "reasons.csv").read_bytes().decode()
        (reason,) = csv.DictReader(io.StringIO(reasons, newline=""))
        assert unguard_formula(reason["file"]) == name
        assert not re.match(r"[=+@\t\r-]", reason["file"])


# case 86
@pytest.mark.parametrize("noun", ["account", "contact", "product", "opportunity", "activity"])
def test_a_formula_in_any_column_goes_out_guarded_and_comes_in_as_it_was(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, noun: str
) -> None:
    given = _full_of_formulas(tmp_path / f"{noun}.csv", noun)
    first = sfactl("import", noun, str(tmp_path / f"{noun}.csv"), workspace=sqlite_workspace)
    exported = sfactl("export", noun, workspace=sqlite_workspace).out
    (tmp_path / "again.csv").write_text(exported, encoding="utf-8")
    again = sfactl("import", noun, str(tmp_path / "again.csv"), "-o", "json", workspace=sqlite_workspace)

    assert first.code == 0, first.out + first.err
    rows = list(csv.DictReader(io.StringIO(exported, newline="")))
    assert not [cell for row in rows for cell in row.values() if re.match(r"[=+@|%\t\r＝＋－＠]|-[^0-9]", cell)]
    assert again.code == 0, again.out + again.err
    assert (again.rows[0]["changed"], again.rows[0]["added"]) == (0, 0)
    written = sfactl("export", noun, "-o", "json", workspace=sqlite_workspace).rows
    assert {text for row in written for text in row.values() if isinstance(text, str)} >= set(given)


FREE = {
    "account": ("name", "segment", "industry", "city", "region", "phone"),
    "contact": ("name", "title", "phone"),
    "product": ("name", "family", "subfamily", "unit"),
    "opportunity": ("name", "product_family", "next_step"),
    "activity": ("subject", "note"),
}
KEYS = {
    "account": {"code": "F-{}", "territory": "SW"}, "contact": {"external_id": "F-{}", "account": "A-SW1"},
    "product": {"code": "F-{}"},
    "opportunity": {
        "code": "F-{}", "account": "A-SW1", "stage": "qualify", "amount": "5", "close_on": "2026-06-01",
    },
    "activity": {"external_id": "F-{}", "kind": "call", "owner": "sam", "planned_on": "2026-05-01"},
}  # fmt: skip


def _full_of_formulas(path: Path, noun: str) -> list[str]:
    """A file in whose text columns every formula stands; answers what they are once a guard is taken off."""
    texts = [text for text in FORMULAS if text == text.strip() and text.isprintable()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*KEYS[noun], *FREE[noun]])
        writer.writeheader()
        for number, text in enumerate(texts):
            keys = {key: value.format(number) for key, value in KEYS[noun].items()}
            writer.writerow(keys | dict.fromkeys(FREE[noun], f"{text}"))
    return list(map(unguard_formula, texts))


# case 83
def test_a_name_is_shown_as_safe_makes_it(sfactl: Run, planted: Planted) -> None:
    out = sfactl("account", "list", workspace=planted.workspace).out

    shown = sum(safe(text) in out for text in TEXTS)
    assert shown == len(TEXTS)
