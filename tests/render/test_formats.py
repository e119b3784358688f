from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.money import Money
from sfactl.render import formats


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(123450, "EUR"), "en", "1,234.50"),
        (Money(123450, "EUR"), "es", "1.234,50"),
        (Money(-5, "EUR"), "es_ES.UTF-8", "-0,05"),
        (Money(1234567, "JPY"), "en", "1,234,567"),
        (Money(1234567, "BHD"), "de-DE", "1.234,567"),
        (Money(10**34 + 1, "EUR"), "en", "100,000,000,000,000,000,000,000,000,000,000.01"),
        (Money(123450, "EUR"), "C", "1,234.50"),
        (Money(123450, "EUR"), "", "1,234.50"),
        (Money(123450, "EUR"), "no such locale", "1,234.50"),
        (None, "en", "–"),
    ],
)
def test_money_is_shown_with_all_its_places(money: Money | None, locale: str, text: str) -> None:
    assert formats.format_money(money, locale) == text


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(123450, "EUR"), "en", "€1,234.50"),
        (Money(-123450, "USD"), "en", "-$1,234.50"),
        (Money(123450, "EUR"), "es", "1.234,50\u00a0€"),
        (Money(1234, "JPY"), "en", "¥1,234"),
        (Money(1234, "IQD"), "en", "IQD\u00a01.234"),
    ],
)
def test_money_can_carry_its_currency(money: Money, locale: str, text: str) -> None:
    assert formats.format_money(money, locale, with_currency=True) == text


@pytest.mark.parametrize(
    ("share", "locale", "text"),
    [
        (Fraction(2, 5), "en", "40.0%"),
        (Fraction(2, 5), "es", "40,0\u00a0%"),
        (Fraction(-1, 7), "en", "-14.3%"),
        (Fraction(2469, 20000), "en", "12.3%"),
        (Fraction(1235, 10000), "en", "12.4%"),
        (Fraction(12), "en", "1,200.0%"),
        (None, "en", "–"),
    ],
)
def test_shares_are_shown_as_percent(share: Fraction | None, locale: str, text: str) -> None:
    assert formats.format_share(share, locale) == text


def test_a_share_is_shown_with_the_places_asked_for() -> None:
    assert formats.format_share(Fraction(1, 3), "en", places=0) == "33%"
    assert formats.format_share(Fraction(1, 3), "en", places=2) == "33.33%"


@pytest.mark.parametrize(("thousandths", "text"), [(12_000, "12"), (500, "0.5"), (-1, "-0.001"), (0, "0"), (None, "–")])
def test_quantities_have_the_places_they_need(thousandths: int | None, text: str) -> None:
    assert formats.format_quantity(thousandths, "en") == text


@pytest.mark.parametrize(("units", "text"), [(1_247_500, "124.75"), (12_345_678, "1,234.5678"), (10_000, "1.00")])
def test_unit_prices_have_two_to_four_places(units: int, text: str) -> None:
    assert formats.format_unit_price(units, "en") == text


def test_days_name_the_month() -> None:
    assert formats.format_date(date(2026, 10, 6), "en") == "Oct 6, 2026"
    assert formats.format_date(date(2026, 10, 6), "es") == "6 oct 2026"
    assert formats.format_date(None, "es") == "–"


def test_moments_are_shown_in_the_persons_time_zone() -> None:
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)

    assert formats.format_datetime(moment, "en") == "Jul 1, 2026 22:30:00 UTC"
    assert formats.format_datetime(moment, "es", ZoneInfo("Europe/Madrid")) == "2 jul 2026 00:30:00 CEST"


@given(st.integers(-(10**30), 10**30), st.integers(0, 4))
def test_no_digit_of_a_number_is_lost(units: int, places: int) -> None:
    text = formats.format_number(units, places, "en")

    assert int(text.replace(",", "").replace(".", "")) == units
    assert len(text.partition(".")[2]) == places
