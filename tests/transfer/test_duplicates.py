"""Keys that come twice."""

import random
from pathlib import Path

import pytest

from sfactl.transfer.cells import MOST_MIXED
from sfactl.transfer.duplicates import Seen
from tests.transfer.files import ACCOUNT, read


def test_a_key_that_came_before_is_a_fault_that_names_the_line(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,one\nB,two\nA,three\n")

    assert found.column("name") == ["one", "two"]
    (fault,) = found.faults
    assert (fault.line, fault.column, fault.value) == (4, "code", "A")
    assert fault.reason == "is the key of line 2 already"


def test_codes_are_the_same_whatever_case_blanks_and_compatibility_forms(tmp_path: Path) -> None:
    # Case 96.
    found = read(tmp_path, "code,name\nAcme 1,n\nACME  1,n\nＡｃｍｅ 1,n\nAc\u200bme 1,n\nАcme 1,n\n")

    assert [row.line for row in found.rows] == [2, 6]  # the last begins with a Cyrillic letter


# case 96
@pytest.mark.parametrize("name", ["Аcme", "Acmе", "Αcme", "OСI", "ΒMW", "PaуPal 24"])
def test_a_word_that_mixes_alphabets_is_told_and_not_merged(tmp_path: Path, name: str) -> None:
    """A Cyrillic or Greek letter that looks like a Latin one."""
    latin = name.translate(str.maketrans("АеΑСΒу", "AeACBy"))

    found = read(tmp_path, f"code,name\n{latin},n\n{name},n\n")

    assert found.column("code") == [latin, name]
    assert found.faults == []
    assert f"“{name}”" in found.source.warnings[0]
    assert len(found.source.warnings) == 1


@pytest.mark.parametrize(
    "name", ["Москва", "Ελλάς", "Peñíscola", "Москва Trade", "Acme–Ελλάς", "10 kΩ", "5 μm", "株式会社 Acme"]
)
def test_words_of_one_alphabet_each_are_no_warning(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, f"code,name\nA,{name}\n").source.warnings == []


def test_few_of_many_mixed_words_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\n" + "".join(f"Аcme {n},n\n" for n in range(50)))

    assert found.source.warnings[0].count("“") == MOST_MIXED


def test_external_ids_are_told_apart_by_case(tmp_path: Path) -> None:
    fields = {**ACCOUNT, "external_id": '"x"'}

    found = read(tmp_path, "code,name,x\nA,n,id1\nB,n,ID1\nC,n,id1\nD,n,\nE,n,\nD,n,\n", fields=fields)

    assert [fault.line for fault in found.faults] == [4, 7]


def test_a_key_of_several_fields(tmp_path: Path) -> None:
    fields = {"product": '"p"', "warehouse": '"w"', "quantity": '"q"'}

    found = read(tmp_path, "p,w,q\nA,x,1\nA,y,1\nA,x,2\n", noun="stock", fields=fields)

    assert [(fault.line, fault.column, fault.value) for fault in found.faults] == [(4, "p, w", "A, x")]


def test_a_row_with_a_fault_takes_no_key(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,\nA,b\n")

    assert ([row.line for row in found.rows], [fault.line for fault in found.faults]) == ([3], [2])


def test_distinct_passes_over_rows_that_are_the_same_and_no_others(tmp_path: Path) -> None:
    data = "g,name,x\nNorth,n,1\nNorth,n,2\nSouth,n,3\nNorth,other,4\n"

    found = read(tmp_path, data, fields={"code": '"g"', "name": '"name"'}, options="distinct = true")

    assert found.column("code") == ["North", "South"]
    assert found.faults[0].line == 5
    assert found.faults[0].reason == "is the key of line 2 too, which has other values"


def test_a_second_reading_starts_with_no_keys(tmp_path: Path) -> None:
    source = read(tmp_path, "code,name\nA,b\n").source

    assert len(list(source.rows())) == len(list(source.rows())) == 1


def test_no_key_is_forgotten_as_the_table_grows() -> None:
    seen = Seen(with_rows=True)
    keys = [f"key-{number}" for number in range(20_000)]
    for line, key in enumerate(keys, start=1):
        assert seen.first(key, line, (key,)) is None

    for key in random.Random(7).sample(keys, 2_000):
        assert seen.first(key, 0, (key,)) == (keys.index(key) + 1, True)
        assert seen.first(key, 0, (key, 1)) == (keys.index(key) + 1, False)


def test_a_million_keys_fit_in_little_memory() -> None:
    seen = Seen(with_rows=False)
    for number in range(100_000):
        seen.first(str(number), number)

    size = sum(table.itemsize * len(table) for table in (seen._keys, seen._lines, seen._rows))

    assert size / 100_000 < 60
