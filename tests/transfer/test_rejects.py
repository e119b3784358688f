"""The records that were not taken, to be mended and fed again."""

import codecs
import gzip
import stat
from pathlib import Path

import pytest

from sfactl.errors import Conflict, SfaError
from tests.transfer.files import read, take

DATA = 'code,name\nA,ok\n,"no\ncode"\nB,"ok, too"\nC,x\ty,z\nD,"open\nE,ok\n'


def rejected(folder: Path, data: str | bytes, options: str = "", target: str = "bad.csv") -> bytes:
    found = read(folder, data, options=options)
    lines = {fault.line for fault in found.faults}
    assert found.source.write_rejects(folder / target, lines) == len(lines)
    return (folder / target).read_bytes()


def test_the_raw_records_are_kept_as_they_are(tmp_path: Path) -> None:
    assert rejected(tmp_path, DATA).decode() == 'code,name\n,"no\ncode"\nC,x\ty,z\nD,"open\n'


def test_what_was_mended_is_taken_by_the_same_manifest(tmp_path: Path) -> None:
    bad = rejected(tmp_path, DATA)
    mended = bad.decode().replace(',"no', 'M,"no').replace("x\ty,z", "x").replace('"open', "open")

    found = read(tmp_path, mended)

    assert found.faults == []
    assert found.column("code") == ["M", "C", "D"]


@pytest.mark.parametrize(
    ("encoding", "mark", "options"),
    [
        ("utf-8", codecs.BOM_UTF8, ""),
        ("utf-16-le", codecs.BOM_UTF16_LE, ""),
        ("utf-16-be", b"", 'encoding = "utf-16-be"'),
        ("cp1252", b"", 'encoding = "cp1252"'),
    ],
)
def test_encoding_and_mark_stay(tmp_path: Path, encoding: str, mark: bytes, options: str) -> None:
    data = mark + "code,name\r\n,Peña\r\nA,ok\r\n,x".encode(encoding)

    assert rejected(tmp_path, data, options) == mark + "code,name\r\n,Peña\r\n,x\n".encode(encoding)


def test_skipped_lines_stay_and_a_file_without_header_gets_none(tmp_path: Path) -> None:
    titled = rejected(tmp_path, 'Title "x\n\ncode,name\nA,ok\n,no\n', "skip = 2")
    plain = rejected(tmp_path, "title\nA,ok\n,no\nB,ok\n", 'skip = 1\ncolumns = ["code", "name"]', "plain.csv")

    assert titled == b'Title "x\n\ncode,name\n,no\n'
    assert plain == b"title\n,no\n"


def test_a_target_that_ends_in_gz_is_compressed(tmp_path: Path) -> None:
    packed = rejected(tmp_path, gzip.compress(DATA.encode(), mtime=0), target="bad.csv.gz")

    assert gzip.decompress(packed).startswith(b"code,name\n,")


# case 101
def test_the_file_is_its_owners_and_never_written_through_a_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (tmp_path / "bad.csv").symlink_to(precious)
    (tmp_path / "bad.csv.part").symlink_to(precious)

    with pytest.raises(Conflict):
        rejected(tmp_path, DATA)
    rejected(tmp_path, DATA, target="good.csv")

    assert precious.read_text() == "keep"
    assert (tmp_path / "bad.csv").is_symlink()
    assert stat.S_IMODE((tmp_path / "good.csv").stat().st_mode) == 0o600


def test_a_target_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    source = read(tmp_path, DATA).source

    with pytest.raises(SfaError, match="cannot be written") as found:
        source.write_rejects(tmp_path / "none" / "bad.csv", {3})

    assert found.value.exit_code == 6


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    source = read(tmp_path, b"code,name\n,x\n" + b"A,b\n" * 200_000 + b"B,\xff\n").source

    with pytest.raises(SfaError):
        source.write_rejects(tmp_path / "bad.csv", {2})

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv"]


def test_all_good_rows_and_all_bad_rows_make_the_whole(tmp_path: Path) -> None:
    found = read(tmp_path, DATA)
    good = len(found.rows)

    found.source.write_rejects(tmp_path / "bad.csv", {fault.line for fault in found.faults})
    (tmp_path / "bad.csv").rename(tmp_path / "data.csv")

    assert (good, len(take(found.source).faults)) == (3, 3)
