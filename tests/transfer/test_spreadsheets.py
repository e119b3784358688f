"""Workbooks, archives and bombs under whatever name: refused with a sentence that says to save as CSV (case 95)."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from sfactl.errors import UsageFault
from sfactl.transfer.explain import explain
from tests.cli import Run
from tests.transfer.files import read
from tests.workspace import TestWorkspace


def workbook() -> bytes:
    """With a formula without its value, a link elsewhere, merged cells and a million empty rows."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["code", "name"])
    sheet.write_formula(1, 0, "='http://evil.example/[x.xlsx]Sheet1'!A1", value="")
    sheet.write_url(2, 0, "http://evil.example")
    sheet.merge_range(3, 0, 4, 1, "merged")
    sheet.write(1_048_575, 1, "last")
    book.close()
    return data.getvalue()


def archive(name: str, content: bytes, level: int = 9) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as parts:
        parts.writestr(name, content)
    return data.getvalue()


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><x>&j;</x>"
)
FILES = {
    "workbook": workbook(),
    "workbook with a macro": archive("xl/vbaProject.bin", b"x" * 100),
    "zip bomb": archive("xl/worksheets/sheet1.xml", b"0" * 50_000_000),
    "zip in a zip": archive("a.zip", archive("b.zip", archive("c.csv", b"code,name\n"))),
    "entity bomb": archive("xl/workbook.xml", ENTITIES),
    "open document": archive("content.xml", b"<x/>"),
    "empty archive": archive("x", b"")[:0] + b"PK\x05\x06" + b"\0" * 18,
    "older Excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
}


@pytest.mark.parametrize("name", ["data.csv", "data.xlsx", "data.xlsm", "data.txt"])
@pytest.mark.parametrize("kind", FILES)
def test_a_workbook_is_refused_with_what_to_do(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, kind: str, name: str
) -> None:
    (tmp_path / name).write_bytes(FILES[kind])

    result = sfactl("import", "account", str(tmp_path / name), "-o", "json", workspace=sqlite_workspace)
    explained = sfactl("import", "--explain", str(tmp_path / name), workspace=sqlite_workspace)

    (fault,) = result.rows
    assert (result.code, fault["file"]) == (2, name)
    assert "save it as CSV" in fault["reason"]
    assert (explained.code, explained.out) == (2, "")
    assert "save it as CSV" in explained.err


def test_a_text_full_of_entities_is_text(tmp_path: Path) -> None:
    """XML is no format of ours: nothing in it is unfolded."""
    found = read(tmp_path, ENTITIES)

    assert found.rows == []
    assert all(len(fault.value) <= 100 for fault in found.faults)


@pytest.mark.parametrize("kind", ["workbook", "older Excel"])
def test_a_compressed_workbook_is_no_text_either(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, gzip.compress(FILES[kind]))

    assert found.rows == []
    assert found.faults[-1].is_final
    with pytest.raises(UsageFault):
        explain_compressed(tmp_path, FILES[kind])


def explain_compressed(folder: Path, data: bytes) -> None:
    (folder / "data.csv").write_bytes(gzip.compress(data))
    explain(folder / "data.csv")
