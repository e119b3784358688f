"""Files that are read by the names of their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from sfactl.transfer.columns import read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_delimiter_and_case_of_the_header_do_not_matter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = ["Other,Valid From,ACCOUNT", "x,2026,Açaí", ",,", ",,Öl"]
    (tmp_path / "f.csv").write_text("\n".join(lines).replace(",", delimiter), encoding=encoding)

    records = read(tmp_path / "f.csv", ("account",), ("valid_from", "absent"))

    assert [(record.line, dict(record.cells)) for record in records] == [
        (2, {"account": "Açaí", "valid_from": "2026", "absent": None}),
        (4, {"account": "Öl", "valid_from": None, "absent": None}),
    ]


def test_all_faults_are_told_at_once_with_file_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("account,territory\nA,\nB,SW,more\n,NW\nC\x07,SW\n", encoding="utf-8")

    with pytest.raises(UsageFault) as fault:
        read(tmp_path / "f.csv", ("account", "territory"))

    lines = fault.value.message.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "f.csv:2:territory:", "f.csv:3:", "f.csv:4:account:", "f.csv:5:account:",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "name,territory\nA,B\n"])
def test_a_file_without_its_columns_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")

    with pytest.raises(UsageFault, match=r"^f\.csv"):
        read(tmp_path / "f.csv", ("account", "territory"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"none\.csv"):
        read(tmp_path / "none.csv", ("account",))
