"""Which rows are taken."""

from pathlib import Path

import pytest

from tests.transfer.files import read, write

DATA = "code,name,kind,end\nA,n,x,\nB,n,y,2020-01-01\nC,n,,NULL\nD,n,xy,\n"


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ('equals = "x"', "A"),
        ('equals = ""', "C"),
        ('in = ["x", "y"]', "AB"),
        ('in = "y"', "B"),
        ('not = "x"', "BCD"),
        ('not = ["x", "y", ""]', "D"),
        ("matches = '^x'", "AD"),
        ("empty = true", "C"),
        ("empty = false", "ABD"),
        ("matches = 'x', not = 'xy'", "A"),
        ('exists = { file = "kinds.csv", key = "k" }', "A"),
        ('missing = { file = "kinds.csv", key = "k" }', "BCD"),
        ('exists = { file = "kinds.csv", key = "k", where = { column = "on", equals = 1 } }', ""),
    ],
)
def test_conditions(tmp_path: Path, condition: str, codes: str) -> None:
    write(tmp_path, "kinds.csv", "k,on\nx,0\nz,1\n")

    found = read(tmp_path, DATA, options=f'where = {{ column = "kind", {condition} }}')

    assert "".join(map(str, found.column("code"))) == codes
    assert found.faults == []


def test_all_conditions_of_a_list_must_hold(tmp_path: Path) -> None:
    where = 'where = [{ column = "kind", empty = false }, { column = "end", empty = true }]'

    assert read(tmp_path, DATA, options=where + '\nnull = "NULL"').column("code") == ["A", "D"]


def test_a_condition_may_look_at_several_columns(tmp_path: Path) -> None:
    where = 'where = { column = "{code}/{kind}", equals = "B/y" }'

    assert read(tmp_path, DATA, options=where).column("code") == ["B"]


def test_numbers_in_conditions_need_no_quotes(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name,t\nA,n,3\nB,n,4\n", options='where = { column = "t", equals = 3 }')

    assert found.column("code") == ["A"]


def test_a_cell_that_cannot_be_read_is_a_fault_of_its_row(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name,t\nA,n,\x1b\nB,n,4\n", options='where = { column = "t", not = 3 }')

    assert (found.column("code"), [fault.line for fault in found.faults]) == (["B"], [2])


def test_faults_in_rows_that_are_left_out_do_not_matter(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name,t\n,n,3\nB,n,4\n", options='where = { column = "t", not = 3 }')

    assert (found.column("code"), found.faults) == (["B"], [])


def test_a_file_that_a_condition_needs_must_be_there(tmp_path: Path) -> None:
    (fault,) = read(
        tmp_path, DATA, options='where = { column = "kind", exists = { file = "no.csv", key = "k" } }'
    ).faults

    assert fault.file == "no.csv"
