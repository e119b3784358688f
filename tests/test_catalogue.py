"""Spanish is whole, and machine output is the same in every language."""

from __future__ import annotations

import ast
import gettext
import os
import re
import string
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sfactl import i18n
from tests.workspace import TestWorkspace

PACKAGE = Path(i18n.__file__).parents[1]
FOLDER = i18n.LOCALE_DIR / "es" / "LC_MESSAGES"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
LIBRARY = {"Arguments", "Options", "Commands"}
"""What the command-line library asks the same catalogue for."""


def _in_source() -> set[str]:
    found = extract_from_dir(str(PACKAGE), [("**.py", "python")], keywords=KEYWORDS)
    return {_key(message, context) for _file, _line, message, _comments, context in found}


def _key(message: str | Sequence[str], context: str | None) -> str:
    """A message with what it means, where one word means several things."""
    first = message if isinstance(message, str) else message[0]
    return f"{context}: {first}" if context else first


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The Spanish catalogue as translators see it."""
    with (FOLDER / "sfactl.po").open("rb") as file:
        return read_po(file, locale="es")


def test_every_message_is_in_spanish(catalogue: Catalog) -> None:
    known = {_key(message.id, message.context): message for message in catalogue if message.id}
    missing = sorted(_in_source() - known.keys())
    empty = sorted(key for key, message in known.items() if not message.string or message.fuzzy)

    assert not missing, "run `make catalog`, then translate"
    assert not empty, "translate these"


def test_no_message_hides_in_an_f_string() -> None:
    """The tool that collects messages does not look there."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            calls = (
                [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
                if isinstance(node, ast.JoinedStr)
                else []
            )
            assert not [call for call in calls if getattr(call.func, "id", "") in KEYWORDS], (
                f"{path.name}:{node.lineno}"
            )


def _places(text: str) -> list[str]:
    return sorted(name.split(".")[0] for _text, name, _form, _how in string.Formatter().parse(text) if name is not None)


def test_translations_keep_placeholders_and_commands(catalogue: Catalog) -> None:
    for message in catalogue:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        for text in texts:
            assert _places(text) == _places(ids[-1]), message.id
            assert sorted(re.findall(r"`[^`]+`", text)) == sorted(re.findall(r"`[^`]+`", ids[-1])), message.id
            assert text[-1:] == ids[-1][-1:] or text[-1:] not in ".:…", message.id


def test_the_compiled_catalogue_is_current(catalogue: Catalog) -> None:
    compiled = gettext.translation(i18n.DOMAIN, i18n.LOCALE_DIR, ["es"])

    for message in catalogue:
        if isinstance(message.id, str) and message.id:
            found = compiled.pgettext(message.context, message.id) if message.context else compiled.gettext(message.id)
            assert found == message.string, "run `make catalog`"


def _run(workspace: TestWorkspace, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        **workspace.environment(),
        **more,
    }
    program = [sys.executable, "-c", "import sys; from sfactl.cli import main; sys.exit(main())"]
    return subprocess.run([*program, *words], capture_output=True, text=True, env=environment, check=False)


def test_a_person_reads_spanish_by_flag_or_locale(sqlite_workspace: TestWorkspace) -> None:
    by_flag = _run(sqlite_workspace, "account", "list", "--help", "--lang", "es")
    by_locale = _run(sqlite_workspace, "account", "list", "--help", LC_ALL="es_ES.UTF-8")
    fault = _run(sqlite_workspace, "account", "show", "nothing", "--lang", "es")

    assert by_flag.stdout == by_locale.stdout
    assert by_flag.stdout.startswith("Uso: ")
    assert "Opciones" in by_flag.stdout
    assert fault.returncode == 3
    assert "There is" not in fault.stderr


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_machine_output_is_the_same_in_every_language(sqlite_workspace: TestWorkspace, form: str) -> None:
    words = ("territory", "report", "--period", "2026Q1", "-o", form)

    english = _run(sqlite_workspace, *words)
    spanish = _run(sqlite_workspace, *words, "--lang", "es", LC_ALL="es_ES.UTF-8", SFACTL_LOCALE="es_ES")

    assert english.stdout == spanish.stdout
    assert english.returncode == spanish.returncode == 0
