"""Encodings, compression and limits (cases 91 and 94)."""

import codecs
import gzip
import os
from pathlib import Path

import pytest

from sfactl.transfer import reading
from tests.transfer.files import read, write

TEXT = "code,name\nA1,Peñíscola\nA2,Ærø ß\n"


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    ("data", "option"),
    [
        (TEXT.encode(), ""),
        (codecs.BOM_UTF8 + TEXT.encode(), ""),
        (codecs.BOM_UTF8 + TEXT.encode(), 'encoding = "utf-8"'),
        (TEXT.encode("utf-16"), ""),
        (TEXT.encode("utf-16"), 'encoding = "utf-16"'),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), ""),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), 'encoding = "utf-16"'),
        (TEXT.encode("utf-16-le"), 'encoding = "utf-16-le"'),
        (TEXT.encode("utf-16-be"), 'encoding = "utf-16-be"'),
        (TEXT.encode("utf-16-le"), 'encoding = "utf-16"'),
        (TEXT.encode("cp1252"), 'encoding = "cp1252"'),
        (TEXT.encode("cp1252"), 'encoding = "windows-1252"'),
        (TEXT.encode("latin-1"), 'encoding = "latin-1"'),
        (TEXT.encode("latin-1"), 'encoding = "iso-8859-1"'),
        (TEXT.encode("iso-8859-15"), 'encoding = "iso-8859-15"'),
        (TEXT.encode("cp850"), 'encoding = "cp850"'),
        (packed(TEXT.encode()), ""),
        (packed(TEXT.encode("utf-16")), ""),
        (TEXT.replace("\n", "\r\n").encode(), ""),
        (TEXT.replace("\n", "\r").encode(), ""),
    ],
)
def test_text_comes_out_right_in_every_encoding(tmp_path: Path, data: bytes, option: str) -> None:
    found = read(tmp_path, data, options=option)

    assert found.values == [("A1", "Peñíscola"), ("A2", "Ærø ß")]
    assert found.faults == []
    assert [row.line for row in found.rows] == [2, 3]


def test_the_euro_sign_of_windows_is_read_by_cp1252(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,5 € – “x”\n".encode("cp1252"), options='encoding = "cp1252"')

    assert found.values == [("A", "5 € – “x”")]


def test_the_euro_sign_of_latin9_is_read_by_its_name(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,5 € Œuvre\n".encode("iso-8859-15"), options='encoding = "latin-9"')

    assert found.values == [("A", "5 € Œuvre")]


@pytest.mark.parametrize("other", ["cp1252", "iso-8859-15", "utf-16-le"])
def test_lines_of_two_encodings_are_refused_at_the_first_that_differs(tmp_path: Path, other: str) -> None:
    data = "code,name\nA,Peña\n".encode() + "B,Peña\n".encode(other) + "C,Peña\n".encode()

    found = read(tmp_path, data)

    assert found.faults[-1].line == 3
    assert found.faults[-1].is_final


def test_a_file_that_is_not_utf8_is_refused_with_byte_and_line(tmp_path: Path) -> None:
    data = b"code,name\nA1,ok\nA2,Pe\xf1a\n"

    (fault,) = read(tmp_path, data).faults

    assert fault.line == 3
    assert "at byte 21 (line 3)" in fault.reason
    assert data[21:22] == b"\xf1"
    assert "encoding" in fault.reason
    assert fault.is_final


def test_byte_and_line_are_right_far_into_a_large_file(tmp_path: Path) -> None:
    good = b"code,name\n" + b"".join(b"A%06d,some name\n" % n for n in range(40_000))
    data = codecs.BOM_UTF8 + good + b"B,\xe9t\xe9\n"

    *_rows, fault = read(tmp_path, data).faults

    assert fault.line == 40_002
    assert f"at byte {len(codecs.BOM_UTF8 + good) + 2} " in fault.reason


def test_a_cut_utf8_character_at_the_end_is_refused(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, "code,name\nA,añ".encode()[:-1]).faults

    assert fault.line == 2
    assert fault.is_final


@pytest.mark.parametrize("wide", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_refused_and_named(tmp_path: Path, wide: str) -> None:
    (fault,) = read(tmp_path, TEXT.encode(wide)).faults

    assert f"encoding = “{wide}”" in fault.reason


def test_a_mark_that_contradicts_the_manifest_is_refused(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, codecs.BOM_UTF8 + TEXT.encode(), options='encoding = "cp1252"').faults

    assert "starts with the mark of UTF-8" in fault.reason


@pytest.mark.parametrize("declared", ["cp1252", "latin-1", "iso-8859-15"])
def test_utf8_declared_as_a_one_byte_encoding_is_no_mojibake(tmp_path: Path, declared: str) -> None:
    found = read(tmp_path, TEXT.encode(), options=f'encoding = "{declared}"')

    assert found.rows == []
    assert all("reads as UTF-8" in reason for reason in found.reasons)
    assert [fault.line for fault in found.faults] == [2, 3]


def test_one_utf8_line_in_a_windows_file_is_found(tmp_path: Path) -> None:
    data = "code,name\nA,Peña\n".encode("cp1252") + "B,Peña\n".encode()

    found = read(tmp_path, data, options='encoding = "cp1252"')

    assert found.values == [("A", "Peña")]
    assert found.faults[0].line == 3


def test_capitals_before_a_typographic_sign_are_left_alone(tmp_path: Path) -> None:
    data = "code,name\nA,JOSÉ’S BIKES\nB,«CAFÉ»\n".encode("cp1252")

    found = read(tmp_path, data, options='encoding = "cp1252"')

    assert found.column("name") == ["JOSÉ’S BIKES", "«CAFÉ»"]


def test_a_header_in_the_wrong_encoding_is_refused(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, "code,name,Año\nA,b,c\n".encode(), options='encoding = "cp1252"').faults

    assert fault.line == 1
    assert "UTF-8" in fault.reason


def test_windows_text_declared_as_latin1_is_refused_not_stored_as_controls(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,5 €\n".encode("cp1252"), options='encoding = "latin-1"')

    assert "cp1252" in found.reasons[0]


def test_nul_is_refused_with_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, b"code,name\nA,ok\nB,a\0b\n")

    assert found.rows == []
    assert found.faults[0].line == 3
    assert "NUL" in found.reasons[0]


def test_a_spreadsheet_is_refused_with_advice(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, b"PK\x03\x04rest").faults

    assert "save it as CSV" in fault.reason


def test_a_file_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\n")
    (tmp_path / "data.csv").unlink()

    (fault,) = list(found.source.rows())

    assert str(tmp_path) in fault.reason
    assert found.source.size_bytes == 0


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\n")
    (tmp_path / "data.csv").unlink()
    os.mkfifo(tmp_path / "data.csv")

    (fault,) = list(found.source.rows())

    assert fault.reason == "is not a regular file"


def test_an_empty_file_and_one_with_a_header_alone(tmp_path: Path) -> None:
    assert read(tmp_path, b"").reasons == ["is empty"]
    assert read(tmp_path, b"\n\n").reasons == ["is empty"]

    only_header = read(tmp_path, "code,name\n")

    assert (only_header.rows, only_header.faults) == ([], [])


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    whole = packed(os.urandom(5000).hex().encode())

    assert "damaged or cut off" in read(tmp_path, whole[:-200]).reasons[0]
    assert "damaged or cut off" in read(tmp_path, whole[:100] + b"x" * 50 + whole[150:]).reasons[0]


def test_a_gzip_bomb_is_stopped_by_its_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_RATIO_COUNTS_FROM", 1 << 20)
    bomb = packed(b"code,name\n" + b"A,b\n" * 1_000_000)

    found = read(tmp_path, bomb)

    assert "limits.ratio" in found.reasons[-1]


def test_a_limit_can_be_lowered_and_raised_in_the_manifest(tmp_path: Path) -> None:
    data = packed(b"code,name\n" + b"".join(b"A%d,%s\n" % (n, os.urandom(20).hex().encode()) for n in range(40_000)))

    small = read(tmp_path, data, top="[limits]\nunpacked_mib = 1")
    large = read(tmp_path, data, top="[limits]\nunpacked_mib = 10")

    assert "limits.unpacked_mib" in small.reasons[-1]
    assert len(large.rows) == 40_000


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_LONGEST_LINE", 1 << 19)

    found = read(tmp_path, b"code,name\n" + b"x" * (1 << 20))

    assert "line of more than" in found.reasons[0]


def test_progress_counts_the_bytes_of_the_file_to_its_size(tmp_path: Path) -> None:
    data = "code,name\n" + "".join(f"A{n},name\n" for n in range(100_000))
    source = read(tmp_path, data).source
    seen: list[int] = []

    for _row in source.rows(seen.append):
        pass

    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] == source.size_bytes == len(data)


def test_a_compressed_file_is_found_under_its_plain_name(tmp_path: Path) -> None:
    found = read(tmp_path, TEXT)
    (tmp_path / "data.csv").unlink()
    write(tmp_path, "data.csv.gz", packed(TEXT.encode()))

    assert len(list(found.source.rows())) == 2
    assert found.source.size_bytes > 0
