"""Workbooks as somebody finds them who opens them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

from tests.cli import Result, Run

ACTIVE = (
    "<f>",
    "<f ",
    "hyperlink",
    "externalLink",
    "TargetMode",
    "vbaProject",
    "customXml",
    "oleObject",
    "http://evil",
)
"""What makes a workbook act, or ask for something elsewhere."""


def opened(data: bytes) -> Workbook:
    """The workbook; refused if anything in it acts."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8")
            assert not [mark for mark in ACTIVE if mark in name + text.split("<sheetData>")[0]], name
            assert "<f" not in text.partition("<sheetData>")[2].partition("</sheetData>")[0].replace("<font", ""), name
    return openpyxl.load_workbook(io.BytesIO(data))


def rows_of(book: Workbook, sheet: int = 0) -> list[list[Any]]:
    """The values of a sheet, its header too; in texts, `_x001B_` and the like are read as spreadsheets read them."""
    rows = book.worksheets[sheet].iter_rows(values_only=True)
    return [[unescape(value) if isinstance(value, str) else value for value in row] for row in rows]


def described(book: Workbook) -> str:
    """A workbook in words, to be kept as a file and compared."""
    lines = []
    for sheet in book.worksheets:
        lines.append(f"=== {sheet.title} | frozen {sheet.freeze_panes} | filter {sheet.auto_filter.ref}")
        widths = [f"{letter} {sheet.column_dimensions[letter].width:g}" for letter in sheet.column_dimensions]
        lines.append(f"widths: {', '.join(widths)}")
        for row in sheet.iter_rows():
            lines += [_cell(cell) for cell in row if cell.value is not None]
    return "\n".join(lines) + "\n"


def _cell(cell: Any) -> str:
    value = cell.value.isoformat() if isinstance(cell.value, date | datetime) else repr(cell.value)
    marks = (f" indent {cell.alignment.indent:g}" if cell.alignment.indent else "") + (" bold" if cell.font.b else "")
    return f"{cell.coordinate} {cell.data_type} {value} [{cell.number_format}]{marks}"


def run_for_bytes(run: Run, monkeypatch: pytest.MonkeyPatch, *words: str, **how: Any) -> tuple[Result, bytes]:
    """A command line whose standard output is no text."""
    raw = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="utf-8"))
        result = run(*words, **how)
        return result, raw.getvalue()
