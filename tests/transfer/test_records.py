"""Delimited files that are not as they should be (case 94)."""

from pathlib import Path

import pytest

from sfactl.transfer import records
from tests.transfer.files import ACCOUNT, read


@pytest.mark.parametrize(
    ("option", "mark"), [(",", ","), (";", ";"), ("tab", "\t"), ("\\t", "\t"), ("|", "|"), ("pipe", "|")]
)
def test_delimiters_by_sign_and_by_name(tmp_path: Path, option: str, mark: str) -> None:
    found = read(tmp_path, f"code{mark}name\nA{mark}b c\n", options=f'delimiter = "{option}"')

    assert found.values == [("A", "b c")]


def test_quoted_delimiters_quotes_and_line_ends_are_text(tmp_path: Path) -> None:
    found = read(tmp_path, 'code,name\nA,"x, ""y""\r\nz"\r\nB,w\r\n')

    assert found.values == [("A", 'x, "y"\nz'), ("B", "w")]
    assert [row.line for row in found.rows] == [2, 4]


def test_lines_are_right_after_quoted_line_ends_blank_lines_and_across_blocks(tmp_path: Path) -> None:
    data = "code,name\n" + "".join(f'A{n},"one\ntwo"\n\n' for n in range(30_000)) + "B\n"

    found = read(tmp_path, data)

    assert [row.line for row in found.rows[:3]] == [2, 5, 8]
    assert found.rows[-1].line == 2 + 3 * 29_999
    assert found.faults[0].line == 2 + 3 * 30_000


def test_missing_and_extra_fields_are_faults(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name,x\nA,b\nB,c,d\nC,d,e,f\n")

    assert found.values == [("B", "c")]
    assert [(fault.line, fault.reason.split(":")[0]) for fault in found.faults] == [
        (2, "has 2 fields where the header has 3"),
        (4, "has 4 fields where the header has 3"),
    ]
    assert found.faults[0].value == "A,b"


def test_blank_lines_and_rows_of_nothing_but_delimiters_are_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, "\n\ncode,name\n\n   \n,\n ,  \nA,b\n\n")

    assert found.values == [("A", "b")]
    assert found.faults == []


def test_a_header_among_the_rows_is_passed_over_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,b\ncode,name\nC,d\ncode,name\n")

    assert found.values == [("A", "b"), ("C", "d")]
    assert found.source.warnings == ["data.csv: the header stands 2 more times among the rows; it was passed over."]


def test_a_header_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, "code,name,code\nA,b,c\n").faults

    assert (fault.line, fault.column) == (1, "code")
    assert "twice in the header" in fault.reason


def test_columns_can_be_named_in_place_of_a_header(tmp_path: Path) -> None:
    options = 'skip = 1\ncolumns = ["code", "name", "other"]'

    found = read(tmp_path, "code,name,code\nA,b,c\n", options=options)

    assert found.values == [("A", "b")]
    assert found.rows[0].line == 2


def test_a_file_without_header_is_read_from_its_first_line(tmp_path: Path) -> None:
    found = read(tmp_path, "A,b\nC,d\n", options='columns = ["code", "name"]')

    assert [(row.line, *row.values) for row in found.rows] == [(1, "A", "b"), (2, "C", "d")]


def test_title_lines_are_skipped(tmp_path: Path) -> None:
    found = read(tmp_path, 'Report of 1 May\n"of" all\ncode,name\nA,b\n', options="skip = 2")

    assert [(row.line, *row.values) for row in found.rows] == [(4, "A", "b")]


def test_headers_are_trimmed_and_found_whatever_their_case(tmp_path: Path) -> None:
    found = read(tmp_path, " Code , NAME\nA,b\n")

    assert found.values == [("A", "b")]


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, "codes,name\nA,b\n").faults

    assert (fault.file, fault.line, fault.column) == ("data.csv", 1, "code")
    assert "is it “codes”?" in fault.reason


def test_every_missing_column_is_named_and_the_wrong_delimiter_suspected(tmp_path: Path) -> None:
    found = read(tmp_path, "code;name\nA;b\n")

    assert [fault.column for fault in found.faults] == ["code", "name"]
    assert "is the delimiter “;”?" in found.reasons[1]


def test_an_unclosed_quote_loses_its_own_line_and_no_other(tmp_path: Path) -> None:
    found = read(tmp_path, 'code,name\nA,"b\nC,d\nE,f\n')

    assert found.values == [("C", "d"), ("E", "f")]
    assert [(fault.line, fault.reason) for fault in found.faults] == [(2, "has a quote that is never closed")]


def test_an_unclosed_quote_that_meets_another_loses_no_line_between(tmp_path: Path) -> None:
    found = read(tmp_path, 'code,name\nA,"b\nC,d\nE,"f",g\nH,"i"j\nK,l\n')

    assert found.values == [("C", "d"), ("K", "l")]
    assert [fault.line for fault in found.faults] == [2, 4, 5]


def test_a_quote_inside_a_quoted_field_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, 'code,name\nA,"5" pipe"\nB,c\n')

    assert found.values == [("B", "c")]
    assert "must be doubled" in found.reasons[0]


def test_quotes_can_be_plain_text(tmp_path: Path) -> None:
    found = read(tmp_path, 'code,name\nA,"5" pipe\n', options='quote = ""')

    assert found.values == [("A", '"5" pipe')]


def test_a_file_may_escape_its_quotes(tmp_path: Path) -> None:
    found = read(tmp_path, 'code,name\nA,"say \\"hi\\""\nB,\\N\n', options="escape = '\\'\nnull = ['N']")

    assert found.rows[0].values == ("A", 'say "hi"')
    assert found.faults[0].line == 3


def test_too_many_stray_quotes_end_the_reading(tmp_path: Path) -> None:
    # A quoted field that closes on the next line, before something else: two physical lines each time.
    found = read(tmp_path, "code,name\n" + 'A,"b\n"x\n' * 60)

    assert found.faults[-1].is_final
    assert "too many stray quotes" in found.reasons[-1]


def test_a_field_of_two_megabytes_is_refused_and_the_next_row_read(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA," + "x" * 2_000_000 + "\nB,c\n")

    assert found.values == [("B", "c")]
    assert [fault.line for fault in found.faults] == [2]
    assert "more than a million characters" in found.reasons[0]


def test_a_long_text_is_refused_and_shown_shortened(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, "code,name\nA," + "x" * 20_000 + "\n").faults

    assert fault.reason == "has 20000 characters, and at most 10000 fit"
    assert len(fault.value) == 100


def test_five_thousand_columns_are_read(tmp_path: Path) -> None:
    header = ",".join(["code", "name", *(f"c{n}" for n in range(4998))])

    found = read(tmp_path, f"{header}\nA,b{',x' * 4998}\n")

    assert found.values == [("A", "b")]


def test_form_feeds_and_line_separators_do_not_end_lines(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,x\u2028y\nB,z\n")

    assert found.values == [("A", "x\u2028y"), ("B", "z")]
    assert [row.line for row in found.rows] == [2, 3]


def test_every_bad_cell_of_a_row_is_reported(tmp_path: Path) -> None:
    fields = {**ACCOUNT, "employees": '"n"', "annual_revenue": '"r"', "owned_since": '"d"', "currency": '"c"'}

    found = read(tmp_path, "code,name,n,r,d,c\n,b,x,y,z,EUX\n", fields=fields)

    assert found.rows == []
    assert [(fault.line, fault.column, fault.value) for fault in found.faults] == [
        (2, "code", ""),
        (2, "n", "x"),
        (2, "r", "y"),
        (2, "c", "EUX"),
        (2, "d", "z"),
    ]


def test_forty_faults_are_forty_faults(tmp_path: Path) -> None:
    data = "code,name\n" + "".join(f",n{n}\n" if n % 2 else f"A{n},n\n" for n in range(80))

    found = read(tmp_path, data)

    assert (len(found.rows), len(found.faults)) == (40, 40)


def test_lost_letters_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,Pe\ufffda\n")

    assert found.values == [("A", "Pe\ufffda")]
    assert "1 text holds U+FFFD" in found.source.warnings[0]


def test_control_characters_are_refused(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\nA,a\x1b[31mb\nB,a\x85b\nC,a\x07\n")

    assert found.rows == []
    assert "U+001B" in found.reasons[0]


def test_values_are_trimmed_and_composed(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name\n  A  ,\u00a0 Pen\u0303a \n")

    assert found.values == [("A", "Pe\u00f1a")]


def test_a_source_can_be_read_again_from_the_start(tmp_path: Path) -> None:
    source = read(tmp_path, "code,name\nA,b\ncode,name\n").source

    assert list(source.rows()) == list(source.rows())
    assert len(source.warnings) == 1


def test_the_limit_of_a_field_is_a_million_characters() -> None:
    assert records._LONGEST_FIELD == 1 << 20
