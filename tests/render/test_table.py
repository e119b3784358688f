import re
import unicodedata
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sfactl.core.money import Money
from sfactl.core.text import safe
from sfactl.render.columns import Column, Kind
from sfactl.render.layout import clipped, padded, width_of
from sfactl.render.tree import write_tree
from sfactl.render.writers import write
from tests.hostile import HOSTILE, random_texts
from tests.render.samples import COLUMNS, ROWS, Row, output, stream, written
from tests.soak import times

STYLE = re.compile(r"\x1b\[[0-9;]*m")
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
NAMES = (Column("code", "Code", Kind.CODE), Column("name", "Name"), Column("amount", "Amount", Kind.MONEY))


def table(rows: object, columns: object = COLUMNS, **options: object) -> str:
    out = output("table", **options)
    write(rows, columns, out)  # type: ignore[arg-type]
    return written(out)


@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("width", [None, 40, 200])
def test_hostile_names_are_inert_in_a_table(color: bool, width: int | None) -> None:
    names = [*HOSTILE.values(), *random_texts(300)]

    text = table([Row(name=name) for name in names], NAMES, color=color, width=width)

    plain = STYLE.sub("", text)
    assert HIDDEN.isdisjoint(map(unicodedata.category, plain.replace("\n", "")))
    assert (plain == text) is not color
    assert len(plain.splitlines()) % (len(names) + 2) in (0, 1, 3)  # rows, header and rule in each band


def test_markup_in_a_name_is_shown_as_it_is_typed() -> None:
    for label in ("markup", "unclosed tag", "link markup", "action markup", "emoji code", "escaped markup"):
        for color in (True, False):
            text = table([Row(name=HOSTILE[label])], NAMES, color=color, width=100)
            assert HOSTILE[label] in STYLE.sub("", text)


def test_hostile_names_are_inert_in_titles_footers_and_trees() -> None:
    for name in HOSTILE.values():
        out = output("table", color=True, width=60)
        write_tree([Row(code=name)], NAMES, out, title=name, footer=name)
        plain = STYLE.sub("", written(out)).replace("\n", "")
        assert HIDDEN.isdisjoint(map(unicodedata.category, plain))


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6), st.integers(45, 180), st.booleans())
def test_no_line_is_wider_than_the_terminal(names: list[str], width: int, color: bool) -> None:
    text = table([Row(name=name, city=name) for name in names], width=width, color=color)

    assert all(width_of(line) <= width for line in STYLE.sub("", text).splitlines())


@pytest.mark.parametrize("width", [None, 20, 40, 60, 80, 120, 200])
def test_numbers_dates_and_flags_are_never_cut(width: int | None) -> None:
    text = table([*ROWS, replace(ROWS[0], name="x" * 300)], width=width)

    for whole in ("1,000,000,000,000.001", "123.4567", "-14.3%", "Feb 29, 2024", "09:30:05 UTC", "31,465", "yes"):
        assert (whole in text) is (whole != "123.4567")
    assert text.count("Oct 6, 2026") == 7


def test_away_from_a_terminal_nothing_is_cut() -> None:
    name = "x" * 190

    assert name in table([Row(name=name)], NAMES)
    assert name not in table([Row(name=name)], NAMES, width=100)
    assert "x…" in table([Row(name=name)], NAMES, width=100)


@pytest.mark.parametrize("name", ["株式会社", "e\u0301" * 4, "ﾊﾝｶｸ", "🙂🙂", "Ñandú", "b\u0316\u0316\u0316"])
def test_columns_line_up_behind_wide_and_combining_characters(name: str) -> None:
    lines = table([Row(name=name), Row(name="plain")], NAMES, width=80).splitlines()

    assert len({cell_len(line) for line in lines[1:]}) == 1
    assert len({width_of(line) for line in lines[1:]}) == 1


# case 84
def test_cells_are_as_wide_as_the_terminal_library_says() -> None:
    for text in map(safe, random_texts(times(500_000))):
        assert width_of(text) == cell_len(text), repr(text)


@given(st.text().map(safe), st.integers(1, 30))
def test_a_clipped_text_fits_and_says_that_it_was_clipped(text: str, width: int) -> None:
    short = clipped(text, width, "…")

    assert width_of(short) <= width
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    assert width_of(padded(short, width)) == width


def test_wide_columns_are_shown_where_there_is_room_or_when_asked_for() -> None:
    assert "Cádiz" not in table(ROWS)
    assert "Cádiz" not in table(ROWS, width=139)
    assert "Cádiz" not in table(ROWS, width=145)  # they would not all fit
    assert "Cádiz" in table(ROWS, width=200)
    assert "Cádiz" in table(ROWS, width=40, fields=("code", "city"))


def test_a_row_that_does_not_fit_goes_on_in_a_second_band_under_its_name() -> None:
    first, second = table(ROWS, width=90).split("\n\n")

    for band in (first, second):
        assert band.splitlines()[-4].startswith("ACC-1  Acme")
    assert "Amount" in first
    assert "Currency" in second


def test_the_number_of_a_row_stands_in_each_of_its_bands() -> None:
    numbered = (COLUMNS[2], COLUMNS[0], *COLUMNS[3:])

    bands = table(ROWS, numbered, width=70).split("\n\n")

    assert len(bands) > 1
    for band in bands:
        assert band.splitlines()[-4].split()[:2] == ["31,465", "ACC-1"]


def test_one_currency_is_said_below_where_room_is_short() -> None:
    rows = [Row(amount=Money(10**12, "EUR")), Row(name=None)]
    columns = (*NAMES, Column("currency", "Currency", Kind.CODE))

    assert table(rows, columns, width=30).splitlines()[-1] == "Amounts in EUR."
    assert "Amounts" not in table(rows, columns, width=80)
    assert "Amounts" not in table([*rows, ROWS[1]], columns, width=30)


def test_negative_amounts_are_legible_without_colour() -> None:
    assert "-0.05" in table([Row(amount=Money(-5, "EUR"))], NAMES)


def test_without_colour_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in table(ROWS, width=80, color=False)
    assert "\x1b[1m" in table(ROWS, width=80, color=True)
    assert STYLE.sub("", table(ROWS, color=True)) == table(ROWS)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stream_without_unicode_gets_characters_that_it_has(encoding: str) -> None:
    rows = [Row(name="Ñandú – “株式会社” Ł", share=Fraction(1, 2)), replace(ROWS[3])]

    text = table(rows, stream=stream(encoding), width=200, locale="fr")

    assert "---" in text
    assert "#####....." in text
    assert "─" not in text
    assert ("Ñandú" in text) is (encoding != "ascii")
    assert ("Nandu" in text) is (encoding == "ascii")
    assert "31 465" in text.replace("\u00a0", " ")


def test_an_empty_list_shows_its_header() -> None:
    assert table([], NAMES).splitlines() == ["Code  Name  Amount", "────  ────  ──────"]


@pytest.mark.parametrize("width", [1, 5, 20])
def test_a_tiny_terminal_still_shows_everything(width: int) -> None:
    text = table(ROWS, width=width)

    assert "1,000,000,000,000.001" in text
    assert "BHD" in text
