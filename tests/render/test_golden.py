"""Each form of a list, a tree and a record, as files to look at.

Rewrite them with `SFACTL_GOLDEN=write pytest tests/render/test_golden.py`, and read the difference.
"""

import os
from typing import Any

import pytest

from sfactl.render.detail import Section, write_detail
from sfactl.render.tree import write_tree
from sfactl.render.writers import write
from tests.render.samples import COLUMNS, GOLDEN, ROWS, TREE, TREE_COLUMNS, output, written

FORMS: dict[str, dict[str, Any]] = {
    "plain.txt": {"form": "table"},
    "plain_es.txt": {"form": "table", "locale": "es"},
    "terminal_80.txt": {"form": "table", "width": 80},
    "terminal_200.txt": {"form": "table", "width": 200},
    "terminal_color.txt": {"form": "table", "width": 120, "color": True},
    "json": {"form": "json", "locale": "es"},
    "jsonl": {"form": "jsonl", "locale": "es"},
    "csv": {"form": "csv", "locale": "es"},
    "md": {"form": "md"},
    "html": {"form": "html"},
}


def same_as_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("SFACTL_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    assert text == path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_a_list_looks_as_before(form: str) -> None:
    out = output(**FORMS[form])

    assert write(ROWS, COLUMNS, out, title="Accounts", footer="4 accounts.\nSums are not shown.") == len(ROWS)

    same_as_golden(f"list.{form}", written(out))


@pytest.mark.parametrize("form", FORMS)
def test_a_tree_looks_as_before(form: str) -> None:
    out = output(**FORMS[form])

    assert write_tree(TREE, TREE_COLUMNS, out, title="Territories") == len(TREE)

    same_as_golden(f"tree.{form}", written(out))


@pytest.mark.parametrize("form", FORMS)
def test_a_record_looks_as_before(form: str) -> None:
    out = output(**FORMS[form])
    sections = (Section("lines", "Lines", ROWS[:2], COLUMNS), Section("notes", "Notes", (), TREE_COLUMNS))

    write_detail(ROWS[1], COLUMNS, out, sections)

    same_as_golden(f"record.{form}", written(out))


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_list_looks_as_before(form: str) -> None:
    out = output(**FORMS[form])

    assert write([], COLUMNS, out) == 0

    same_as_golden(f"empty.{form}", written(out))
