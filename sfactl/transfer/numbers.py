"""Numbers as people and programs write them, read exactly: a whole number and how many of its places are decimals."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sfactl.i18n import _
from sfactl.transfer.faults import BadCell

Number = tuple[int, int]
"""12.50 is (1250, 2)."""
LARGEST: Final = 2**63 - 1
_LONGEST: Final = 40
_BLANKS: Final = str.maketrans({"\xa0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u2212": "-"})
_MARK: Final = r"(?:[A-Z]{0,3}[$€£¥₹₩₽₺₴₪₫₱₦฿₡₲₵₸₭₮]|[A-Z]{3})"
_MARK_FIRST: Final = re.compile(rf"([(+\- ]*)({_MARK}) ?(.*)", re.DOTALL)
_MARK_LAST: Final = re.compile(rf"(.*?) ?({_MARK})([)\- ]*)", re.DOTALL)
_SIGNED: Final = re.compile(r"(?P<open>\( ?)|(?P<minus>- ?)|\+ ?")
_SIGN_OF: Final = {
    "€": ("EUR",),
    "£": ("GBP", "EGP", "FKP", "GIP", "LBP", "SDG", "SHP", "SSP", "SYP"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW", "KPW"),
    "₽": ("RUB",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "₪": ("ILS",),
    "₫": ("VND",),
    "₱": ("PHP", "CUP"),
    "₦": ("NGN",),
    "฿": ("THB",),
}


@dataclass(frozen=True)
class NumberStyle:
    """The marks of a file's numbers; None where the manifest says nothing."""

    decimal: str | None = None
    thousands: str | None = None

    @property
    def mark(self) -> str:
        """The decimal mark: as declared, else the one that the thousands mark leaves, else a point."""
        return self.decimal or ("," if self.thousands == "." else ".")

    @property
    def is_declared(self) -> bool:
        """Whether a point or comma before three digits can mean only one thing."""
        return self.decimal is not None or self.thousands is not None


CANONICAL: Final = NumberStyle(decimal=".")


def number_reader(style: NumberStyle) -> Callable[[str], Number]:
    """A function that reads a trimmed text in this style, or raises `BadCell`."""
    mark = re.escape(style.mark)
    plain = re.compile(rf"(-?[0-9]+)(?:{mark}([0-9]+))?")
    thousands = _any_blank(style.thousands)
    grouped = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|" if thousands else ""
    full = re.compile(rf"((?:{grouped}[0-9]+)?)(?:{mark}([0-9]+))?")
    is_open = not style.is_declared

    def read(text: str) -> Number:
        if len(text) > _LONGEST:
            raise BadCell(text, _("is too long for a number"))
        if text.isdigit() and text.isascii():
            return int(text), 0
        if found := plain.fullmatch(text):
            whole, decimals = found.groups()
            if decimals is None:
                return int(whole), 0
            if is_open and _may_be_thousands(whole, decimals):
                raise BadCell(text, _ambiguous(text))
            return int(whole + decimals), len(decimals)
        return written(text)

    def written(text: str) -> Number:
        body, is_negative = _without_sign(text.translate(_BLANKS))
        found = full.fullmatch(body)
        if not found or not (found[1] or found[2]):
            raise BadCell(text, _why_not(body, style))
        whole, decimals = re.sub(r"[^0-9]", "", found[1]), found[2] or ""
        if is_open and _may_be_thousands(whole, decimals):
            raise BadCell(text, _ambiguous(text))
        value = int(whole + decimals)
        return (-value if is_negative else value), len(decimals)

    return read


def _any_blank(thousands: str | None) -> str:
    if not thousands:
        return ""
    return "['’]" if thousands == "'" else re.escape(thousands)


def _may_be_thousands(whole: str, decimals: str) -> bool:
    digits = whole.lstrip("-")
    return len(decimals) == 3 and len(digits) <= 3 and digits[:1] not in ("", "0")


def _without_sign(text: str) -> tuple[str, bool]:
    """The digits and marks, and whether a minus before or behind or brackets around them say negative."""
    found = _SIGNED.match(text)
    if not found:
        return (text[:-1].rstrip(), True) if text.endswith("-") else (text, False)
    rest = text[found.end() :]
    if found["open"]:
        return (rest[:-1].rstrip(), True) if rest.endswith(")") else (text, False)
    return rest, found["minus"] is not None


def _ambiguous(text: str) -> str:
    other = text.replace(".", "")
    return _("may be {text} or {other}: say decimal = “.” or decimal = “,” for this file").format(
        text=text, other=other
    )


def _why_not(body: str, style: NumberStyle) -> str:
    strange = next((mark for mark in ",.' " if mark in body and mark not in (style.mark, style.thousands)), "")
    if strange and re.fullmatch(r"[0-9.,' ]+", body):
        return _(
            "holds “{mark}”, which is neither the decimal mark “{decimal}” nor a thousands mark: "
            "say thousands = “{mark}” or decimal = “{mark}” if it is one"
        ).format(mark=strange, decimal=style.mark)
    return _("is not a number")


def without_currency(text: str, currency: str) -> str:
    """The number without a currency sign or code before or behind it.

    Raises:
        BadCell: the sign belongs to another currency than the row's.
    """
    text = text.translate(_BLANKS)
    first, last = _MARK_FIRST.fullmatch(text), _MARK_LAST.fullmatch(text)
    if first:
        before, mark, rest = first.groups()
    elif last:
        before, mark, rest = last.groups()
        before, rest = "", before + rest
    else:
        return text
    if not _is_mark_of(mark, currency):
        raise BadCell(text, _("is in another currency than the row’s, {currency}").format(currency=currency))
    return (before + rest).strip()


def _is_mark_of(mark: str, currency: str) -> bool:
    if len(mark) == 3 and mark.isalpha() and mark.isascii():
        return mark == currency
    return currency in _SIGN_OF.get(mark[-1], (currency,))


def in_units(number: Number, places: int, scale: Number | None = None) -> int:
    """The number in units of 10^-places, rounded half-up (away from zero); `scale` multiplies it first.

    Raises:
        BadCell: a database cannot hold it (64 bits).
    """
    value, decimals = number
    if scale is not None:
        value *= scale[0]
        decimals += scale[1]
    shift = places - decimals
    if shift >= 0:
        units = value * int(10**shift)
    else:
        step = int(10**-shift)
        units = (2 * abs(value) + step) // (2 * step)
        units = units if value >= 0 else -units
    if not -LARGEST <= units <= LARGEST:
        raise BadCell("", _("is larger than can be kept"))
    return units


def scale_of(factor: Decimal) -> Number:
    """A factor as a whole number and its decimals."""
    sign, digits, exponent = factor.as_tuple()
    whole = int("".join(map(str, digits))) * (-1 if sign else 1)
    power = int(exponent)
    return (whole * 10**power, 0) if power > 0 else (whole, -power)
