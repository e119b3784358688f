import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.money import LARGEST_MINOR, Money, minor_digits, round_half_up, split, to_minor
from sfactl.errors import UsageFault

SUMS = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123450, "EUR"), "1234.50"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(0, "USD"), "0.00"),
        (Money(5, "JPY"), "5"),
        (Money(-1234, "BHD"), "-1.234"),
        (Money(LARGEST_MINOR, "EUR"), "92233720368547758.07"),
        (Money(10**30 + 1, "EUR"), "10000000000000000000000000000.01"),
    ],
)
def test_money_is_written_with_the_places_of_its_currency(money: Money, text: str) -> None:
    assert str(money) == text
    assert money.decimal == Decimal(text)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("JPY", 0), ("BHD", 3), ("CLF", 4), ("IQD", 3), ("DEM", 2), ("ITL", 0)],
)
def test_each_currency_has_its_minor_digits(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "QQQ", "€"])
def test_an_unknown_currency_is_a_fault(currency: str) -> None:
    with pytest.raises(UsageFault, match="not a currency"):
        minor_digits(currency)


def test_amounts_of_one_currency_add_up() -> None:
    assert Money(1, "EUR") + Money(2, "EUR") == Money(3, "EUR")
    assert Money(1, "EUR") - Money(2, "EUR") == -Money(1, "EUR")


def test_amounts_of_two_currencies_do_not_add() -> None:
    with pytest.raises(UsageFault, match="EUR and JPY"):
        Money(1, "EUR") + Money(1, "JPY")
    with pytest.raises(UsageFault, match="EUR and JPY"):
        Money(1, "EUR") - Money(1, "JPY")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0.125", "EUR", 13),
        ("2.345", "EUR", 235),
        ("-0.125", "EUR", -13),
        ("1.005", "EUR", 101),
        ("0.4999999999999999999999999999999999999", "JPY", 0),
        ("0.5", "JPY", 1),
        ("1.0005", "BHD", 1001),
        ("9007199254740993.01", "EUR", 900719925474099301),
        ("123456789012345.6789", "CLF", 1234567890123456789),
        ("1234567890123456.78", "EUR", 123456789012345678),
        ("1E-900000", "EUR", 0),
        ("92233720368547758.07", "EUR", LARGEST_MINOR),
        ("-92233720368547758.07", "EUR", -LARGEST_MINOR),
    ],
)
def test_amounts_become_minor_units_half_up(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "92233720368547758.08", "1E+900000"])
def test_an_amount_that_cannot_be_kept_is_refused(amount: str) -> None:
    with pytest.raises(UsageFault, match="not an amount"):
        to_minor(Decimal(amount), "EUR")


def test_money_is_never_made_from_a_float() -> None:
    with pytest.raises(TypeError):
        to_minor(1.5, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        round_half_up(1.5)  # type: ignore[arg-type]


def test_a_line_of_nine_and_a_half_at_124_75_is_1185_13() -> None:
    assert to_minor(Decimal("9.5") * Decimal("124.75"), "EUR") == 118513


@given(st.fractions())
def test_rounding_goes_to_the_nearest_and_halves_go_away_from_zero(value: Fraction) -> None:
    rounded = round_half_up(value)

    assert abs(rounded - value) <= Fraction(1, 2)
    assert abs(rounded) >= abs(value) or abs(rounded - value) < Fraction(1, 2)
    assert round_half_up(-value) == -rounded


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25))
def test_decimals_and_fractions_round_alike(value: Decimal) -> None:
    assert round_half_up(value) == round_half_up(Fraction(value))


def test_a_hundred_percent_in_three_is_33_34_and_twice_33_33() -> None:
    assert split(10_000, [1, 1, 1]) == [3334, 3333, 3333]


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (1, [60, 40], [1, 0]),
        (-5, [1, 1], [-3, -2]),
        (0, [1, 2], [0, 0]),
        (1, [1] * 5, [1, 0, 0, 0, 0]),
        (10, [0, 1, 0], [0, 10, 0]),
        (100, [3334, 3333, 3333], [34, 33, 33]),
    ],
)
def test_a_sum_is_divided_by_largest_remainder_and_ties_go_to_the_first(
    minor: int, weights: list[int], parts: list[int]
) -> None:
    assert split(minor, weights) == parts


@given(SUMS, WEIGHTS)
def test_parts_add_up_and_each_is_less_than_one_unit_unfair(minor: int, weights: list[int]) -> None:
    parts = split(minor, weights)

    total = sum(weights)
    assert sum(parts) == minor
    assert all(abs(part - Fraction(minor * weight, total)) < 1 for part, weight in zip(parts, weights, strict=True))
    assert parts == split(minor, weights)
    assert [-part for part in parts] == split(-minor, weights)


def test_a_hundred_thousand_random_splits_are_exact_and_fair() -> None:
    source = random.Random(2)

    for _number in range(100_000):
        weights = [source.randint(0, 1000) for _part in range(source.randint(1, 12))]
        weights[0] += 1
        minor = source.randint(-(10**12), 10**12)
        parts = split(minor, weights)
        total = sum(weights)
        assert sum(parts) == minor
        assert all(abs(p * total - minor * w) < total for p, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2], [3, -1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)
