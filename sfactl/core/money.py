"""Money in whole minor units, how it is rounded and how a sum is divided."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import Final

from sfactl.errors import UsageFault
from sfactl.i18n import _

LARGEST_MINOR: Final = 2**63 - 1
"""What a database column of whole numbers holds, either side of zero."""

_ISO_4217: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF XXX",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
    "GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
    "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS: Final = {code: digits for digits, codes in _ISO_4217.items() for code in codes.split()}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor units of its currency: `Money(123450, "EUR")` is 1,234.50 euros.

    `str` gives the decimal string of machine output, "1234.50". Sums of two currencies are refused.
    """

    minor: int
    currency: str

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exactly, with all the places of the currency."""
        return Decimal(f"{self.minor}E-{minor_digits(self.currency)}")

    def __str__(self) -> str:
        return f"{self.decimal:f}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same_currency(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same_currency(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def _same_currency(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise UsageFault(
                _("{one} and {other} cannot be added.").format(one=self.currency, other=other.currency),
                _("Ask for one currency at a time."),
            )
        return other


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has: EUR 2, JPY 0, BHD 3.

    From ISO 4217 for the currencies in use, from Babel's data for those of the past (DEM, FRF). An unknown
    code raises `UsageFault`.
    """
    digits = _DIGITS.get(currency)
    return _past_currency_digits(currency) if digits is None else digits


@cache
def _past_currency_digits(currency: str) -> int:
    from babel.core import get_global

    if currency not in get_global("all_currencies"):
        raise UsageFault(
            _("“{currency}” is not a currency code.").format(currency=currency),
            _("Use three capital letters from ISO 4217, such as EUR, USD or JPY."),
        )
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


@cache
def unusual_digits() -> dict[int, list[str]]:
    """The currencies, of now and of the past, whose minor unit has another number of decimals than two, by that number."""
    from babel.core import get_global

    found: dict[int, list[str]] = {}
    for currency in sorted({*_DIGITS, *get_global("currency_fractions")} - {"DEFAULT"}):
        digits = minor_digits(currency)
        if digits != 2:
            found.setdefault(digits, []).append(currency)
    return found


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount of major units in whole minor units, rounded half-up.

    Refuses what is not a finite number and what a database cannot hold (64 bits).
    """
    if not isinstance(amount, Decimal):
        raise TypeError(f"an amount is a Decimal, not {type(amount).__name__}")
    digits = minor_digits(currency)
    if amount.is_finite() and amount.adjusted() <= 20:
        sign, figures, exponent = amount.as_tuple()
        minor = round_half_up(Decimal((sign, figures, int(exponent) + digits)))
        if abs(minor) <= LARGEST_MINOR:
            return minor
    raise UsageFault(
        _("{amount} is not an amount that can be kept.").format(amount=amount),
        _("Use a number between −{most} and {most}.").format(most=Money(LARGEST_MINOR, currency)),
    )


def parse_amount(text: str) -> Decimal:
    """The amount of major units that a person wrote, with a point for decimals.

    Raises:
        UsageFault: it is none.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not text.isascii() or not set(text) <= set("+-.0123456789"):
        raise UsageFault(_("{text} is no amount.").format(text=text), _("For example: 300000.00"))
    return amount


def exact_minor(amount: Decimal, currency: str) -> int:
    """The amount of major units in whole minor units, where nothing needs rounding.

    Raises:
        UsageFault: it is below zero, or has more decimals than the currency.
    """
    minor = to_minor(amount, currency)
    if amount < 0 or Money(minor, currency).decimal != amount:
        raise UsageFault(
            _("{amount} is no amount of {currency}.").format(amount=amount, currency=currency),
            _("Write it without a sign, and with no more decimals than the currency has."),
        )
    return minor


def round_half_up(value: Decimal | Fraction) -> int:
    """The nearest whole number; halves go away from zero (2.5 → 3, −2.5 → −3)."""
    if isinstance(value, Decimal):
        return int(value.to_integral_value(ROUND_HALF_UP))  # exact: no context precision applies here
    if not isinstance(value, Fraction):
        raise TypeError(f"only decimals and fractions are rounded, not {type(value).__name__}")
    rounded = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return rounded if value >= 0 else -rounded


def split(minor: int, weights: Sequence[int] | Sequence[Fraction]) -> list[int]:
    """The sum divided in the proportion of the weights, so that the parts add up to it exactly.

    Largest remainder, ties to the first: no part is a whole minor unit away from its exact share. Weights are
    not negative and not all zero; the sum may be negative.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, nor all be zero")
    shares = [divmod(abs(minor) * weight, total) for weight in weights]
    parts = [whole for whole, _rest in shares]
    left = abs(minor) - sum(parts)
    for index in sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))[:left]:
        parts[index] += 1
    return parts if minor >= 0 else [-part for part in parts]
