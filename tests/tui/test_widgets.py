"""Small parts by themselves: what fits where, charts of text, sheets."""

from fractions import Fraction

import pytest

from sfactl.core.money import Money
from sfactl.tui import drawings
from sfactl.tui.cells import Cell
from sfactl.tui.widgets import key_bar
from sfactl.tui.widgets.fact_sheet import Section, drawn
from sfactl.tui.widgets.fitting import GridColumn, fit

COLUMNS = (
    GridColumn("Code"),
    GridColumn("Account", is_text=True),
    GridColumn("Amount", is_right=True),
    GridColumn("Name", is_text=True, rank=2),
    GridColumn("Chance", is_right=True, rank=3),
)
ROWS = [tuple(map(Cell, ("OPP-1", "A" * 40, "1,234.00", "N" * 10, "10.0%")))]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (200, [(0, 5), (1, 40), (2, 8), (3, 10), (4, 6)]),
        (69, [(0, 5), (1, 32), (2, 8), (3, 10), (4, 6)]),
        (68, [(0, 5), (1, 39), (2, 8), (3, 10)]),
        (50, [(0, 5), (1, 33), (2, 8)]),
        (40, [(0, 5), (1, 23), (2, 8)]),
        (10, [(0, 5), (1, 20), (2, 8)]),
    ],
)
def test_columns_that_may_be_left_out_go_before_text_is_cut_and_numbers_never_are(
    width: int, expected: list[tuple[int, int]]
) -> None:
    assert fit(COLUMNS, ROWS, width) == expected


def test_columns_without_rows_are_as_wide_as_their_headers() -> None:
    assert fit(COLUMNS, [], 200) == [(0, 4), (1, 7), (2, 6), (3, 4), (4, 6)]
    assert fit((), [], 10) == []


@pytest.mark.parametrize(
    ("text", "width", "right", "shown"),
    [
        ("abc", 5, False, "abc  "),
        ("abc", 5, True, "  abc"),
        ("abcdef", 4, False, "abc…"),
        ("株式会社", 5, False, "株式…"),
        ("株式会社", 4, False, "株 …"),
        ("abc", 0, False, ""),
    ],
)
def test_a_cell_takes_exactly_its_width(text: str, width: int, right: bool, shown: str) -> None:
    assert Cell(text).fitted(width, right=right) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], ""),
        ([0, 0], "··"),
        ([None, -5, 1], "··█"),
        ([1, 2, 3, 4, 5, 6, 7, 8], "▂▃▄▅▆▇██"),
        ([1, 1_000_000], "▁█"),
    ],
)
def test_a_sparkline_is_as_high_as_each_part_of_the_greatest(values: list[int | None], shown: str) -> None:
    assert drawings.sparkline(values) == shown


@pytest.mark.parametrize(
    ("part", "most", "shown"),
    [(0, 10, "    "), (10, 10, "████"), (5, 10, "██  "), (1, 1000, "▌   "), (-3, 10, "    "), (3, 0, "    ")],
)
def test_a_part_is_drawn_against_the_greatest(part: int, most: int, shown: str) -> None:
    assert drawings.part_bar(part, most, 4) == shown


def test_whole_amounts_are_rounded_half_up_in_the_locale() -> None:
    assert drawings.whole_money(Money(123450, "EUR"), "es") == "1.235"
    assert drawings.whole_money(Money(123449999, "EUR"), "es", with_currency=True) == "1.234.500 EUR"
    assert drawings.whole_money(Money(1234, "JPY"), "en") == "1,234"
    assert drawings.whole_money(None, "en") == "–"


def test_growth_has_its_sign() -> None:
    assert drawings.signed_share(Fraction(1, 4), "en") == "+25.0%"
    assert drawings.signed_share(Fraction(-1, 4), "en") == "-25.0%"
    assert drawings.signed_share(Fraction(0), "en") == "0.0%"
    assert drawings.signed_share(None, "en") == "–"


def test_a_sheet_puts_cells_below_each_other_and_folds_the_last_text() -> None:
    facts = Section("Title", ((Cell("Next step"), Cell("Call the buyer tomorrow")), (Cell("Seller"), Cell("carl"))))
    numbers = Section("", ((Cell("2026-10"), Cell("5")), (Cell("2026-11"), Cell("1,200"))), right=frozenset({1}))
    nothing = Section("People", (), empty="Nobody works here.")

    assert [line.plain for line in drawn([facts, numbers, nothing], 22)] == [
        "Title",
        "Next step  Call the",
        "           buyer",
        "           tomorrow",
        "Seller     carl",
        "",
        "2026-10      5",
        "2026-11  1,200",
        "",
        "People",
        "Nobody works here.",
    ]


def test_a_sheet_shows_every_column_of_a_table_however_narrow_it_is() -> None:
    rows = (
        (Cell("Qualify"), Cell("11"), Cell("118,500.00"), Cell("14,050.00")),
        (Cell("Propose"), Cell("9"), Cell("93,700.00"), Cell("23,425.00")),
    )
    header = ("Stage", "Went on", "Amount", "Weighted")
    funnel = Section("Funnel", rows, header=header, right=frozenset({1, 2, 3}))

    assert [line.plain for line in drawn([funnel], 32)] == [
        "Funnel",
        "Stage    Went on      Amount",
        "Qualify       11  118,500.00",
        "Propose        9   93,700.00",
        "",
        "Stage     Weighted",
        "Qualify  14,050.00",
        "Propose  23,425.00",
    ]


def test_texts_in_a_table_are_folded_before_its_columns_part() -> None:
    rows = ((Cell("1"), Cell("short of what is wanted"), Cell("Jun 1"), Cell("count it again soon")),)
    table = Section("", rows, header=("Line", "Stock", "On", "Remark"))

    assert [line.plain for line in drawn([table], 40)] == [
        "Line  Stock         On     Remark",
        "1     short of      Jun 1  count it",
        "      what is              again soon",
        "      wanted",
    ]


@pytest.mark.parametrize(("width", "shown"), [
    (80, "esc Close l Log p Plan y Copy ? Help ^p Find q Quit"), (44, "esc Close l Log p Plan y Copy ? Help ^p Find"),
    (30, "esc Close l Log p Plan ? Help"), (20, "esc Close ? Help"), (9, "esc Close ? Help"),
])  # fmt: skip
def test_keys_give_way_where_there_is_no_room_but_help_and_the_way_out_stay(width: int, shown: str) -> None:
    keys = [
        key_bar.Shown(name, key, sign, word, "", True)
        for name, key, sign, word in (
            ("x.close", "escape", "esc", "Close"), ("x.log", "l", "l", "Log"), ("x.plan", "p", "p", "Plan"),
            ("screen.copy-command", "y", "y", "Copy"), ("app.help", "question_mark", "?", "Help"),
            ("app.palette", "ctrl+p", "^p", "Find"), ("app.quit", "q", "q", "Quit"),
        )
    ]  # fmt: skip

    assert " ".join(f"{each.sign} {each.text}" for each in key_bar.in_sight(keys, width)) == shown
