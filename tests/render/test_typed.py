"""What people of a locale type is what is shown to them, read back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.errors import UsageFault
from sfactl.render import typed

TODAY = date(2026, 11, 18)
LOCALES = ("en_US", "en_GB", "en_IN", "es_ES", "es_MX", "de_DE", "de_CH", "fr_FR", "sv_SE", "hu", "ja", "ar", "C")


@given(st.sampled_from(LOCALES), st.integers(-(10**14), 10**14), st.integers(0, 4))
def test_a_number_is_read_as_it_is_shown(locale: str, units: int, places: int) -> None:
    plain = f"{Decimal(f'{units}E-{places}'):f}"

    assert typed.number(typed.shown_number(plain, locale), locale) == plain


@given(st.sampled_from(LOCALES), st.dates(date(1000, 1, 1)))
def test_a_day_is_read_as_it_is_shown(locale: str, day: date) -> None:
    assert typed.day(typed.shown_day(day, locale), locale, today=TODAY) == day
    assert typed.day(day.isoformat(), locale, today=TODAY) == day


@pytest.mark.parametrize(
    ("locale", "text", "number"),
    [
        ("en_US", "48,000", "48000"), ("en_US", "48000.5", "48000.5"), ("en_US", "-1,234.50", "-1234.50"),
        ("es_ES", "48.000", "48000"), ("es_ES", "48.000,50", "48000.50"), ("es_ES", "48000.50", "48000.50"),
        ("es_ES", "5,5", "5.5"), ("es_MX", "48,000.50", "48000.50"), ("de_CH", "48’000.50", "48000.50"),
        ("fr_FR", "48 000,5", "48000.5"), ("en_IN", "12,34,567.5", "1234567.5"),
    ],
)  # fmt: skip
def test_marks_between_thousands_are_those_of_the_locale(locale: str, text: str, number: str) -> None:
    assert typed.number(text, locale) == number


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en_US", "1,5"), ("en_US", "48.000,50"), ("en_US", "1,23,456"), ("en_US", "12a"), ("en_US", "1e5"),
        ("en_US", ",500"), ("en_US", "1.2.3"), ("en_US", ""), ("es_ES", "1.5.00"), ("en_US", "٣"), ("en_US", "5."),
    ],
)  # fmt: skip
def test_a_number_that_nobody_writes_so_is_refused_and_never_guessed(locale: str, text: str) -> None:
    with pytest.raises(UsageFault, match="is no number"):
        typed.number(text, locale)


@pytest.mark.parametrize(
    ("locale", "text", "day"),
    [
        ("en_US", "12/31/2026", date(2026, 12, 31)), ("en_US", "12/31/26", date(2026, 12, 31)),
        ("en_GB", "31/12/2026", date(2026, 12, 31)), ("de_DE", "31.12.26", date(2026, 12, 31)),
        ("es_ES", "1/2/2026", date(2026, 2, 1)), ("en_US", "1/2/2026", date(2026, 1, 2)),
        ("es_ES", "2026/12/31", date(2026, 12, 31)), ("en_US", "+7d", date(2026, 11, 25)), ("es_ES", "today", TODAY),
    ],
)  # fmt: skip
def test_a_day_has_the_order_of_the_locale(locale: str, text: str, day: date) -> None:
    assert typed.day(text, locale, today=TODAY) == day


@pytest.mark.parametrize("text", ["3/4/2026", "12/31/26", "03.04.2026"])
def test_without_a_locale_nobody_guesses_which_number_is_the_month(text: str) -> None:
    with pytest.raises(UsageFault) as said:
        typed.day(text, "C", today=TODAY)

    assert said.value.hint == "Write it as 2026-11-18, today or +7d."


@pytest.mark.parametrize("text", ["31/12/2026", "12/32/2026", "12/31", "next week", "", "1/2/202"])
def test_a_day_that_is_none_is_refused_with_one_that_is(text: str) -> None:
    with pytest.raises(UsageFault) as said:
        typed.day(text, "en_US", today=TODAY)

    assert said.value.hint == "Write it as 11/18/2026, today or +7d."
