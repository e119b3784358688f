import pkgutil
import subprocess
import sys

import pytest

import sfactl.render

HEAVY = {"rich", "babel", "textual", "typer", "sqlalchemy", "sqlmodel", "pydantic", "xlsxwriter"}
IMPORT_ALL = "; ".join(f"import sfactl.render.{m.name}" for m in pkgutil.iter_modules(sfactl.render.__path__))
LIST = """
import sys
from fractions import Fraction
from sfactl.render.quotas import ATTAINMENT_COLUMNS
from sfactl.render.writers import Format, Output, write
from types import SimpleNamespace
row = SimpleNamespace(**{column.key: None for column in ATTAINMENT_COLUMNS})
write([row], ATTAINMENT_COLUMNS, Output(Format("%s"), sys.stderr))
"""


def loaded_by(code: str) -> set[str]:
    code += "\nimport sys\nprint(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_writers_imports_no_library_of_the_terminal() -> None:
    assert not loaded_by(IMPORT_ALL) & HEAVY


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "table", "html"])
def test_machine_output_and_plain_text_need_no_library(form: str) -> None:
    assert not loaded_by(LIST % form) & HEAVY


def test_the_rules_import_no_library() -> None:
    names = ("money", "periods", "quota", "text")

    assert not loaded_by("; ".join(f"import sfactl.core.{name}" for name in names)) & HEAVY
