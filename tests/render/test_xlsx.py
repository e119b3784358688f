"""A workbook: text is text whatever it starts with, numbers are numbers, and nothing half-done reaches the stream."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sfactl.core.money import Money
from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.render import xlsx
from sfactl.render.columns import Column, Kind
from sfactl.render.detail import Section, write_detail
from sfactl.render.output import Output
from sfactl.render.tree import write_tree
from sfactl.render.writers import write, write_lists
from tests.hostile import FORMULAS, HOSTILE, LINKS, WEB, random_texts
from tests.render.samples import COLUMNS, ROWS, TREE, TREE_COLUMNS, Row, output, stream
from tests.render.test_golden import same_as_golden
from tests.soak import times
from tests.workbooks import described, opened, rows_of

NAMES = (Column("name", "Name"), Column("code", "Code", Kind.CODE))
AMOUNT = COLUMNS[4]


def made(out: Output) -> bytes:
    out.stream.flush()
    data: bytes = out.stream.buffer.getvalue()  # type: ignore[attr-defined]
    return data


def book_of(rows: Any, columns: Any = NAMES, **options: Any) -> Any:
    out = output("xlsx")
    write(rows, columns, out, **options)
    return opened(made(out))


def shown(text: str) -> str:
    """A text as a cell holds it: harmless, with its lines."""
    return "\n".join(safe(line, 32_767) for line in text.replace("\r\n", "\n").split("\n"))


def test_a_list_looks_as_before() -> None:
    book = book_of(ROWS, COLUMNS, title="Accounts", footer="4 accounts.\nSums are not shown.")

    same_as_golden("list.xlsx.txt", described(book))


def test_a_tree_looks_as_before() -> None:
    out = output("xlsx")

    assert write_tree(TREE, TREE_COLUMNS, out, title="Territories") == len(TREE)

    same_as_golden("tree.xlsx.txt", described(opened(made(out))))


def test_a_record_looks_as_before() -> None:
    out = output("xlsx")
    sections = (Section("lines", "Lines", ROWS[:2], COLUMNS), Section("notes", "Notes", (), TREE_COLUMNS))

    write_detail(ROWS[1], COLUMNS, out, sections)

    same_as_golden("record.xlsx.txt", described(opened(made(out))))


def test_an_empty_list_looks_as_before() -> None:
    same_as_golden("empty.xlsx.txt", described(book_of([], COLUMNS)))


# case 85, case 86
@pytest.mark.parametrize("names", [HOSTILE, WEB, dict(enumerate(FORMULAS + LINKS))], ids=["hostile", "web", "formulas"])
def test_text_is_text_in_every_text_column(names: dict[Any, str]) -> None:
    book = book_of([Row(name=text, code=text) for text in names.values()])

    cells = [cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert [row[0] or "" for row in rows_of(book)[1:]] == [shown(text) for text in names.values()]


# case 85
def test_random_texts_come_back_harmless() -> None:
    texts = [text.replace("\r", "") for text in random_texts(times(300_000))]

    assert [row[0] or "" for row in rows_of(book_of([Row(name=text) for text in texts]))[1:]] == list(map(shown, texts))


# case 86
def test_a_formula_is_not_marked_so_that_its_text_is_what_it_was() -> None:
    assert rows_of(book_of([Row(name="=1+1"), Row(name="-2+3"), Row(name="'=1")]))[1:] == [
        ["=1+1", "ACC-1"], ["-2+3", "ACC-1"], ["'=1", "ACC-1"],
    ]  # fmt: skip


# case 86
def test_numbers_of_all_kinds_are_numbers_and_telephone_numbers_are_text() -> None:
    phone = Column("name", "Phone")
    (row,) = rows_of(book_of([Row(name="+34 600 000 000", amount=Money(-123450, "EUR"))], (phone, *COLUMNS[2:8])))[1:]

    assert row == ["+34 600 000 000", 31465, 12.5, -1234.5, 124.75, 0.4]


@pytest.mark.parametrize(
    ("money", "form"),
    [
        (Money(5, "EUR"), "#,##0.00 [$EUR]"), (Money(5, "JPY"), "#,##0 [$JPY]"), (Money(5, "BHD"), "#,##0.000 [$BHD]"),
    ],
)  # fmt: skip
def test_money_has_the_places_and_the_code_of_its_currency(money: Money, form: str) -> None:
    cell = book_of([Row(amount=money)], (AMOUNT,)).worksheets[0]["A2"]

    assert (Decimal(str(cell.value)), cell.number_format) == (money.decimal, form)


def test_an_amount_of_more_figures_than_a_spreadsheet_keeps_is_whole_as_text() -> None:
    large, exact = Money(2**63 - 1, "EUR"), Money(10**17, "EUR")

    rows = rows_of(book_of([Row(amount=large), Row(amount=exact)], (AMOUNT,)))

    assert rows[1:] == [["92233720368547758.07"], [1e15]]


def test_days_are_days_and_those_that_a_spreadsheet_counts_wrongly_are_text() -> None:
    days = [date(2026, 10, 6), date(9999, 12, 31), date(1900, 3, 1), date(1900, 2, 28), date(1, 1, 1)]

    rows = rows_of(book_of([Row(day=day) for day in days], (COLUMNS[8],)))

    assert [row[0] for row in rows[1:]] == [
        datetime(2026, 10, 6), datetime(9999, 12, 31), datetime(1900, 3, 1), "1900-02-28", "0001-01-01",
    ]  # fmt: skip


def test_moments_are_in_the_persons_time_zone_and_the_header_says_so() -> None:
    out = replace(output("xlsx"), zone=ZoneInfo("America/Denver"))

    write([Row(moment=datetime(2026, 1, 1, 1, 30, 5, tzinfo=UTC))], (COLUMNS[9],), out)

    assert rows_of(opened(made(out))) == [["At (America/Denver)"], [datetime(2025, 12, 31, 18, 30, 5)]]


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    rows = rows_of(book_of([Row(name="x" * 40_000), Row(name="🙂" * 40_000), Row(name="a" + "🙂" * 16_383)]))

    assert rows[1][0] == "x" * 32_766 + "…"
    assert rows[2][0] == "🙂" * 16_383 + "…"
    assert rows[3][0] == "a" + "🙂" * 16_383


def test_what_looks_like_an_escape_of_the_format_stays_as_it_is() -> None:
    assert rows_of(book_of([Row(name="_x001B_[31m")]))[1][0] == "_x001B_[31m"


@pytest.mark.parametrize("title", [*HOSTILE.values(), *WEB.values(), "History", "x" * 99, "'quoted'", "[]:*?/\\"])
def test_any_title_makes_a_sheets_name(title: str) -> None:
    out = output("xlsx")
    sections = [Section(str(n), title, ROWS[:1], NAMES) for n in range(3)]

    assert write_lists(sections, out) == 3

    assert len({sheet.title.casefold() for sheet in opened(made(out)).worksheets}) == 3


def test_a_row_too_many_is_refused_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 4)
    out = output("xlsx")

    assert write(ROWS[:3], NAMES, output("xlsx")) == 3
    with pytest.raises(UsageFault, match="no more than 3 rows"):
        write(ROWS, NAMES, out)

    assert made(out) == b""


def test_a_list_that_breaks_off_writes_nothing_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    out = output("xlsx")

    def rows() -> Iterator[Row]:
        yield from ROWS
        assert list(tmp_path.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(rows(), NAMES, out)

    assert made(out) == b""
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_does_not_go_to_a_terminal() -> None:
    out = output("xlsx", stream=stream(terminal=True))

    with pytest.raises(UsageFault, match="terminal") as caught:
        write(ROWS, NAMES, out)

    assert "> list.xlsx" in (caught.value.hint or "")
    assert made(out) == b""


def test_the_same_rows_are_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    out = output("xlsx")
    write(ROWS, COLUMNS, out)
    monkeypatch.setattr("time.time", lambda: 2e9)
    again = output("xlsx")
    write(ROWS, COLUMNS, again)

    assert made(out) == made(again)


def test_shares_are_numbers_that_are_shown_as_percent() -> None:
    cell = book_of([Row(share=Fraction(-1, 7))], (COLUMNS[6],)).worksheets[0]["A2"]

    assert (cell.value, cell.number_format) == (-0.1429, "0.0%")
