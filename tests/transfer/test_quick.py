"""One file whose columns are named as the fields."""

from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from sfactl.transfer.manifest import manifest_for
from tests.transfer.files import Reading, take, write


def quick(folder: Path, noun: str, data: str | bytes, name: str = "data.csv", **options: object) -> Reading:
    path = write(folder, name, data)
    (source,) = manifest_for(noun, path, **options).sources([folder], currency="EUR")  # type: ignore[arg-type]
    return take(source)


def test_headers_are_fields_whatever_case_and_blanks(tmp_path: Path) -> None:
    found = quick(tmp_path, "account", "CODE,Name,External-ID,owned since,Annual Revenue\nA,n,x,2026-01-02,12.50\n")

    assert found.source.mapped == ("code", "name", "external_id", "annual_revenue", "currency", "owned_since")
    assert found.values == [("A", "n", "x", 1250, "EUR", "2026-01-02")]
    assert found.source.warnings == []


def test_columns_that_are_no_field_are_told_once_with_the_nearest(tmp_path: Path) -> None:
    found = quick(tmp_path, "account", "code,name,teritory,colour\nA,n,T,red\n")

    assert found.values == [("A", "n")]
    (warning,) = found.source.warnings
    assert "teritory – did you mean territory?" in warning
    assert "colour" in warning


def test_a_required_column_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    found = quick(tmp_path, "account", "kode,name\nA,n\n")

    assert [(fault.line, fault.column) for fault in found.faults] == [(1, "code")]
    assert "is it “kode”?" in found.reasons[0]


def test_the_delimiter_is_the_one_that_finds_the_most_fields(tmp_path: Path) -> None:
    for delimiter in ",;\t|":
        found = quick(
            tmp_path, "account", f"code{delimiter}name{delimiter}x y\nA{delimiter}n{delimiter},;|\n".replace(",;|", "z")
        )
        assert found.values == [("A", "n")]


def test_the_options_of_a_manifest_apply(tmp_path: Path) -> None:
    data = "A|Peña|1.234,5|03/04/2026|-\n".encode("cp1252")

    found = quick(
        tmp_path,
        "account",
        data,
        encoding="cp1252",
        delimiter="|",
        decimal=",",
        thousands=".",
        dates=["day-first"],
        null=["-"],
        columns=["code", "name", "annual_revenue", "owned_since", "segment"],
    )

    assert found.values == [("A", "Peña", None, 123450, "EUR", "2026-04-03")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "klingon"}, "encoding: “klingon” is not an encoding"),
        ({"decimal": "x"}, "decimal: must be one of"),
        ({"dates": ["dd"]}, "dates: “dd” needs"),
        ({"colour": "red"}, "colour: is not a known key"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageFault, match=message):
        quick(tmp_path, "account", "code,name\n", **options)


def test_an_unknown_noun_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="did you mean account"):
        manifest_for("accounts", tmp_path / "x.csv")


def test_two_columns_for_one_field_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="are both owned_since"):
        quick(tmp_path, "account", "code,name,owned since,owned_since\n")


def test_the_apostrophes_of_own_exports_come_off_unless_told_otherwise(tmp_path: Path) -> None:
    data = "code,name\nA,'=1+1\n"

    assert quick(tmp_path, "account", data).column("name") == ["=1+1"]
    assert quick(tmp_path, "account", data, unguard=False).column("name") == ["'=1+1"]


def test_the_file_may_have_any_name_and_be_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "out"
    outside.mkdir()
    path = write(outside, "a*[b]\\c .csv", "code,name\nA,n\n")
    link = tmp_path / "link.csv"
    link.symlink_to(path)

    for file in (path, link):
        (source,) = manifest_for("account", file).sources([file.parent], currency="EUR")
        assert take(source).values == [("A", "n")]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\xff", b"code,code,name\nA,B,n\n", b"PK\x03\x04"])
def test_a_file_that_cannot_be_read_gives_its_fault(tmp_path: Path, data: bytes) -> None:
    found = quick(tmp_path, "account", data)

    assert found.rows == []
    assert len(found.faults) == 1


def test_a_file_that_is_not_there_gives_its_fault(tmp_path: Path) -> None:
    (source,) = manifest_for("account", tmp_path / "none.csv").sources([tmp_path], currency="EUR")

    assert take(source).faults[0].line == 0
