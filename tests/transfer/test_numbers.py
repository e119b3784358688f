"""Numbers (case 92)."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.money import to_minor
from sfactl.transfer.faults import BadCell
from sfactl.transfer.numbers import NumberStyle, in_units, number_reader, scale_of, without_currency

ENGLISH = NumberStyle(".", ",")
SPANISH = NumberStyle(",", ".")
GERMAN = NumberStyle(",", ".")
SWISS = NumberStyle(".", "'")
FRENCH = NumberStyle(",", " ")
UNSAID = NumberStyle()
PLAIN = NumberStyle(".")

SAMPLES = [
    "1.234,56",
    "1,234.56",
    "1234,5",
    "1.234",
    "1,234",
    "12.34",
    "1.234.567",
    "1.23,4",
    "--1",
    "1e5",
    "１２３",
    "٣",
    "NaN",
    "inf",
    "0x1F",
    "1_000",
]


def value(text: str, style: NumberStyle) -> Decimal | None:
    try:
        whole, places = number_reader(style)(text)
    except BadCell:
        return None
    return Decimal(whole).scaleb(-places)


@pytest.mark.parametrize(
    ("style", "read"),
    [
        (ENGLISH, {"1,234.56": "1234.56", "1.234": "1.234", "1,234": "1234", "12.34": "12.34"}),
        (
            SPANISH,
            {"1.234,56": "1234.56", "1234,5": "1234.5", "1.234": "1234", "1,234": "1.234", "1.234.567": "1234567"},
        ),
        (PLAIN, {"1.234": "1.234", "12.34": "12.34"}),
        (NumberStyle(","), {"1234,5": "1234.5", "1,234": "1.234"}),
        (UNSAID, {"12.34": "12.34"}),
        (SWISS, {"1.234": "1.234", "12.34": "12.34"}),
    ],
)
def test_each_sample_is_read_by_its_style_or_refused(style: NumberStyle, read: dict[str, str]) -> None:
    found = {text: str(number) for text in SAMPLES if (number := value(text, style)) is not None}

    assert found == read


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("0", PLAIN, "0"),
        ("-12.50", PLAIN, "-12.50"),
        ("+7", PLAIN, "7"),
        (".50", PLAIN, "0.50"),
        ("-.5", PLAIN, "-0.5"),
        ("12.50-", PLAIN, "-12.50"),
        ("(12.50)", PLAIN, "-12.50"),
        ("( 1,234.50 )", ENGLISH, "-1234.50"),
        ("−3", PLAIN, "-3"),
        ("- 3", PLAIN, "-3"),
        ("1\u00a0234,5", FRENCH, "1234.5"),
        ("1\u202f234\u202f567", FRENCH, "1234567"),
        ("1 234,5", FRENCH, "1234.5"),
        ("1'234.5", SWISS, "1234.5"),
        ("1’234.5", SWISS, "1234.5"),
        ("0.125", UNSAID, "0.125"),
        ("1234.567", UNSAID, "1234.567"),
        ("1.2345", UNSAID, "1.2345"),
    ],
)
def test_signs_brackets_and_blanks(text: str, style: NumberStyle, number: str) -> None:
    assert value(text, style) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "-", "()", "(5", "5)", "1.", "1..2", "12,34,567", "1,23", "1 2", "²", "5%", "-(5)", "9" * 41]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert value(text, ENGLISH) is None


@pytest.mark.parametrize("text", ["1.234", "-1.234", "999.999"])
def test_what_may_be_a_thousand_is_refused_where_no_mark_is_declared(text: str) -> None:
    with pytest.raises(BadCell, match="say decimal"):
        number_reader(UNSAID)(text)


@pytest.mark.parametrize(
    ("text", "style", "mark"), [("1,234", PLAIN, ","), ("1 234", PLAIN, " "), ("1.234.567", UNSAID, "")]
)
def test_an_undeclared_mark_is_named_with_its_remedy(text: str, style: NumberStyle, mark: str) -> None:
    with pytest.raises(BadCell) as found:
        number_reader(style)(text)

    assert not mark or f"thousands = “{mark}”" in found.value.reason


@pytest.mark.parametrize(
    ("text", "currency", "bare"),
    [
        ("€ 5.00", "EUR", "5.00"),
        ("5,00 €", "EUR", "5,00"),
        ("5\u00a0€", "EUR", "5"),
        ("$1,234.50", "USD", "1,234.50"),
        ("($1,234.50)", "USD", "(1,234.50)"),
        ("-$5", "USD", "-5"),
        ("$-5", "USD", "-5"),
        ("US$5", "USD", "5"),
        ("1234.50 USD", "USD", "1234.50"),
        ("USD 1234.50", "USD", "1234.50"),
        ("5 €-", "EUR", "5-"),
        ("£5", "GBP", "5"),
        ("¥5", "JPY", "5"),
        ("¥5", "CNY", "5"),
        ("$5", "MXN", "5"),
        ("12", "EUR", "12"),
    ],
)
def test_a_currency_sign_is_taken_off(text: str, currency: str, bare: str) -> None:
    assert without_currency(text, currency) == bare


@pytest.mark.parametrize(("text", "currency"), [("€5", "USD"), ("5 EUR", "USD"), ("£5", "EUR"), ("¥5", "EUR")])
def test_a_sign_of_another_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(BadCell, match="another currency"):
        without_currency(text, currency)


def test_a_sign_between_digits_is_no_currency_sign() -> None:
    assert without_currency("1€50", "EUR") == "1€50"


@pytest.mark.parametrize(
    ("number", "places", "units"),
    [
        ((125, 3), 2, 13),
        ((-125, 3), 2, -13),
        ((1005, 3), 2, 101),
        ((2345, 3), 2, 235),
        ((5, 0), 2, 500),
        ((149, 2), 0, 1),
    ],
)
def test_halves_go_away_from_zero(number: tuple[int, int], places: int, units: int) -> None:
    assert in_units(number, places) == units


def test_what_a_database_cannot_hold_is_refused() -> None:
    assert in_units((2**63 - 1, 0), 0) == 2**63 - 1
    with pytest.raises(BadCell):
        in_units((2**63, 0), 0)


def test_a_scale_multiplies_before_rounding() -> None:
    assert in_units((12345, 1), 2, scale_of(Decimal(1000))) == 123_450_000
    assert in_units((155, 1), 4, scale_of(Decimal("0.01"))) == 1550
    assert scale_of(Decimal("1E+3")) == (1000, 0)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_amounts_round_as_money_does(amount: Decimal) -> None:
    assert in_units(number_reader(PLAIN)(f"{amount:f}"), 2) == to_minor(amount, "EUR")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_grouped_numbers_are_read_back(amount: Decimal) -> None:
    english = f"{amount:,}"
    spanish = english.translate(str.maketrans(",.", ".,"))

    assert value(english, ENGLISH) == value(spanish, SPANISH) == amount


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    for style in (UNSAID, PLAIN, SPANISH, FRENCH):
        value(text, style)
        with contextlib.suppress(BadCell):
            without_currency(text, "EUR")
