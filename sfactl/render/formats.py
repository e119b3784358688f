"""Numbers, money and dates as a person reads them in his locale. None is shown as a dash: not defined, not zero."""

import re
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from sfactl.core.money import Money, minor_digits, round_half_up
from sfactl.errors import UsageFault
from sfactl.i18n import _

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

NULL: Final = "–"
"""What stands for an absent value."""
_OF_NOBODY: Final = ("C", "POSIX")
"""Locales of machines: nobody reads numbers without marks between the thousands."""
_LETTER_BEFORE_DIGIT: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")
_HALF_A_YEAR: Final = 182
_EXACT: Final = 100
"""Digits enough for any sum; the usual 28 are not."""
_REMEMBERED: Final = 4096
"""So many texts of shares and dates are kept: lists show the same ones again and again."""


def format_money(money: Money | None, locale: str, *, with_currency: bool = False) -> str:
    """The amount with all its places, and with its currency if asked: "1,234.50", "€1,234.50"."""
    if money is None:
        return NULL
    places = minor_digits(money.currency)
    if not with_currency:
        return format_number(money.minor, places, locale)
    from babel.numbers import format_currency

    pattern = _with_places(babel_locale(locale).currency_formats["standard"].pattern, places)
    with localcontext(prec=_EXACT):
        text = format_currency(money.decimal, money.currency, pattern, babel_locale(locale), currency_digits=False)
    return _LETTER_BEFORE_DIGIT.sub("\u00a0", text)  # a code is no symbol: "IQD 1.234"


@lru_cache(_REMEMBERED)
def format_share(share: Fraction | None, locale: str, places: int = 1) -> str:
    """The share as percent, rounded half-up: 2/5 is "40.0%", in Spanish "40,0 %"."""
    if share is None:
        return NULL
    number = format_number(round_half_up(Fraction(share) * 10 ** (places + 2)), places, locale)
    return re.sub("[#,.0]+", number, babel_locale(locale).percent_formats[None].pattern, count=1)


def format_discount(share: Fraction | None, locale: str) -> str:
    """A discount or a margin as it is compared, to the basis point, with one decimal or two: "10.0%", "10.99%"."""
    if share is None:
        return NULL
    basis_points = round_half_up(Fraction(share) * 10_000)
    return format_share(Fraction(basis_points, 10_000), locale, _shortened(basis_points, 2, 1)[1])


def format_integer(value: int | None, locale: str) -> str:
    """The whole number with its groups."""
    return NULL if value is None else format_number(value, 0, locale)


def format_quantity(thousandths: int | None, locale: str) -> str:
    """The quantity with as many of its three places as it needs: "12", "0.5"."""
    return NULL if thousandths is None else format_number(*_shortened(thousandths, 3, 0), locale)


def format_unit_price(ten_thousandths: int | None, locale: str) -> str:
    """The price of one unit with two to four places."""
    return NULL if ten_thousandths is None else format_number(*_shortened(ten_thousandths, 4, 2), locale)


@lru_cache(_REMEMBERED)
def format_date(day: date | None, locale: str) -> str:
    """The day with the month's name, so that nobody takes the month for the day."""
    if day is None:
        return NULL
    from babel.dates import format_date as babel_date

    return babel_date(day, "medium", locale=babel_locale(locale))


def format_near_date(day: date, today: date, locale: str) -> str:
    """The day in few characters: a year that is not this one is told."""
    if day.year != today.year:
        return format_date(day, locale)
    from babel.dates import format_skeleton

    return format_skeleton("MMMd", datetime.combine(day, time()), locale=babel_locale(locale))


def format_about(day: date, today: date, locale: str) -> str:
    """The day in very few characters: without a year when it is less than half a year away, else its month."""
    if abs((day - today).days) <= _HALF_A_YEAR:
        return format_near_date(day, day, locale)
    from babel.dates import format_skeleton

    return format_skeleton("yMMM", datetime.combine(day, time()), locale=babel_locale(locale))


def format_datetime(moment: datetime | None, locale: str, zone: tzinfo = UTC) -> str:
    """The moment to the second in that time zone, which is named."""
    if moment is None:
        return NULL
    local = moment.astimezone(zone)
    return f"{format_date(local.date(), locale)} {local:%H:%M:%S %Z}"


def format_compact(number: Fraction, locale: str) -> str:
    """A large number in few characters, for scales: "2.5M", in Spanish "2,5 M"."""
    from babel.numbers import format_compact_decimal

    shown = Decimal(round_half_up(number * 100)).scaleb(-2)
    return format_compact_decimal(shown, locale=babel_locale(locale), fraction_digits=1 if abs(number) >= 1000 else 0)


def format_number(units: int, places: int, locale: str) -> str:
    """`units` of 10**-places each, with that many places and the locale's groups: 123450 and 2 are "1,234.50"."""
    with localcontext(prec=_EXACT):
        return str(_pattern(places, locale).apply(Decimal(f"{units}E-{places}"), babel_locale(locale)))


def is_of_nobody(name: str) -> bool:
    """Whether it is the locale of a machine that was told none."""
    return _plain(name) in _OF_NOBODY


def _plain(name: str) -> str:
    return name.partition(".")[0].partition("@")[0].replace("-", "_")


def require_locale(name: str | None) -> str | None:
    """A locale by its name, as `es_ES`; nothing where nothing is said.

    Raises:
        UsageFault: there is none of the name.
    """
    from babel import Locale, UnknownLocaleError

    try:
        return None if name is None else str(Locale.parse(name.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        raise UsageFault(
            _("There is no locale {name}.").format(name=name), _("For example: en_US, en_GB, es_ES, es_MX.")
        ) from None


def _with_places(pattern: str, places: int) -> str:
    return re.sub(r"0(\.[0#]+)?", f"0.{'0' * places}" if places else "0", pattern, count=1)


@cache
def _pattern(places: int, locale: str) -> "NumberPattern":
    from babel.numbers import parse_pattern

    return parse_pattern(_with_places(babel_locale(locale).decimal_formats[None].pattern, places))


def _shortened(units: int, places: int, least: int) -> tuple[int, int]:
    while places > least and units % 10 == 0:
        units, places = units // 10, places - 1
    return units, places


@cache
def babel_locale(name: str) -> "Locale":
    """The locale of that name ("es", "es_MX.UTF-8"), else of its language, else English."""
    from babel import Locale, UnknownLocaleError

    plain = _plain(name)
    if plain in _OF_NOBODY:
        return Locale.parse("en")
    for candidate in (plain, plain.partition("_")[0]):
        try:
            return Locale.parse(candidate)
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse("en")
