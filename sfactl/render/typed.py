"""Dates and numbers as people of a locale type them, read into the one form that commands and services take."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from sfactl.core.days import parse_day
from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.formats import babel_locale, format_number, is_of_nobody

_PARTS: Final = re.compile(r"([0-9]{1,4})[./ -]+([0-9]{1,2})[./ -]+([0-9]{1,4})\.?")
_PLAIN: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_ALIKE: Final = {
    **dict.fromkeys(map(ord, "\u00a0\u202f\u2009"), " "), ord("’"): "'", ord("−"): "-",
    **dict.fromkeys(map(ord, "\u200e\u200f\u061c"), ""),
}  # fmt: skip
"""Blanks, quotes and signs that look alike, and marks of direction that nobody sees."""
_CENTURY: Final = 2000
_SHOWN: Final = 60


@dataclass(frozen=True)
class Marks:
    """How a locale writes numbers."""

    decimal: str
    group: str
    grouping: tuple[int, int]
    "How many digits the last group has, and the others."


@cache
def marks(locale: str) -> Marks:
    """The marks of a locale."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    found = babel_locale(locale)
    first, others = found.decimal_formats[None].grouping
    return Marks(get_decimal_symbol(found), get_group_symbol(found), (first, others))


def number(text: str, locale: str) -> str:
    """A number as commands take it, with a point for decimals: in Spanish, `48.000,50` is `48000.50`.

    What the locale would not write so is read as commands read it: `48000.5`.

    Raises:
        UsageFault: it is neither.
    """
    said, how = _alike(text.strip()), marks(locale)
    sign, plain = ("-", said[1:]) if said[:1] == "-" else ("", said)
    whole, point, rest = plain.partition(how.decimal)
    digits = _joined(whole, how)
    found = None if digits is None else f"{sign}{digits}{'.' if point else ''}{rest}"
    for each in (found, said):
        if each is not None and _PLAIN.fullmatch(each):
            return each
    raise UsageFault(_("{text} is no number.").format(text=safe(text, _SHOWN)), _as(shown_number("1200.5", locale)))


def may_be_another(text: str, locale: str) -> str | None:
    """What else somebody may mean by a number: in English, `1.000` is 1, and 1000 to whoever writes as in Spanish.

    Returns:
        The other number, as the locale writes it; None where there is no doubt.
    """
    whole, _point, rest = _alike(text.strip()).partition(marks(locale).decimal)
    is_doubtful = re.fullmatch(r"-?[1-9][0-9]{0,2}", whole) and re.fullmatch("[0-9]{3}", rest)
    return shown_number(whole + rest, locale) if is_doubtful else None


def _alike(text: str) -> str:
    return text.translate(_ALIKE)


def _joined(whole: str, how: Marks) -> str | None:
    """The digits before the decimals without the marks between them; None where the marks stand elsewhere."""
    mark = _alike(how.group)
    first, *others = whole.split(mark) if mark else [whole]
    pieces = [first, *others]
    if not all(piece.isascii() and piece.isdigit() for piece in pieces):
        return None
    last, between = how.grouping
    sizes = [between] * (len(others) - 1) + [last] if others else []
    is_so = [len(piece) for piece in others] == sizes and (not others or 0 < len(first) <= between)
    return "".join(pieces) if is_so else None


def shown_number(text: str, locale: str) -> str:
    """A number that commands take, as people of the locale write it."""
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    places = max(-exponent, 0) if isinstance(exponent, int) else 0
    return format_number(int(value.scaleb(places)), places, locale)


def day(text: str, locale: str, *, today: date) -> date:
    """The day that somebody typed: `12/31/2026`, `31.12.26`, `2026-12-31`, `today`, `+7d`.

    Raises:
        UsageFault: it is none.
    """
    found = _PARTS.fullmatch(text.strip())
    try:
        return _ordered(found, locale) if found else parse_day(text, today=today)
    except (ValueError, UsageFault):
        raise UsageFault(_("{text} is no date.").format(text=safe(text, _SHOWN)), _as(example(locale, today))) from None


def example(locale: str, today: date) -> str:
    """How a day may be typed."""
    return _("{day}, today or +7d").format(day=shown_day(today, locale))


def shown_day(day: date, locale: str) -> str:
    """A day in figures, as the locale writes it, with the whole year."""
    from babel.dates import format_date

    return format_date(day, _pattern(locale), locale=babel_locale(locale))


@cache
def _pattern(locale: str) -> str:
    if is_of_nobody(locale):
        return "y-MM-dd"
    pattern = str(babel_locale(locale).date_formats["short"].pattern).partition("G")[0]
    return re.sub("y+", "y", _alike(pattern).strip())


def _ordered(found: re.Match[str], locale: str) -> date:
    """The day of three numbers, in the order of the locale; a year of four figures may stand first everywhere."""
    order = "yMd" if len(found[1]) > 2 else "".join(sorted("yMd", key=_pattern(locale).index))
    said = {part: found[number] for number, part in enumerate(order, 1)}
    if len(said["y"]) not in ((4,) if is_of_nobody(locale) else (2, 4)):
        raise ValueError("a year has two figures or four; four where nobody says in which order they stand")
    year = int(said["y"]) + (_CENTURY if len(said["y"]) == 2 else 0)
    return date(year, int(said["M"]), int(said["d"]))


def _as(example_: str) -> str:
    return _("Write it as {example}.").format(example=example_)
