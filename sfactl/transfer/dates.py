"""Dates as files write them, read to ISO text by a declared format or not at all."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

from sfactl.i18n import _
from sfactl.transfer.faults import BadCell

WORDS: Final = ("iso", "iso-zoned", "day-first", "month-first", "excel", "excel-1904")
"""The formats that have a name; others are written with %Y, %m, %d and so on."""
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january ene enero",
            "feb february febrero",
            "mar march marzo",
            "apr april abr abril",
            "may mayo",
            "jun june junio",
            "jul july julio",
            "aug august ago agosto",
            "sep sept september septiembre setiembre",
            "oct october octubre",
            "nov november noviembre",
            "dec december dic diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months in English and Spanish, long and short."""

_CLOCK: Final = r"(?:[T ](?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,][0-9]{1,9})?)?)?"
_ZONE: Final = r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_SEPARATED: Final = r"(?P<{0}>[0-9]{{1,2}})(?P<sep>[./-])(?P<{1}>[0-9]{{1,2}})(?P=sep)(?P<Y>[0-9]{{4}})"
_PATTERNS: Final = {
    "iso": r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})" + _CLOCK,
    "iso-zoned": r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})" + _CLOCK + _ZONE,
    "day-first": _SEPARATED.format("d", "m") + _CLOCK,
    "month-first": _SEPARATED.format("m", "d") + _CLOCK,
}
_DIRECTIVES: Final = {
    "Y": "(?P<Y>[0-9]{4})",
    "y": "(?P<y>[0-9]{2})",
    "m": "(?P<m>[0-9]{1,2})",
    "d": "(?P<d>[0-9]{1,2})",
    "b": r"(?P<b>[^\W\d_]+)\.?",
    "B": r"(?P<b>[^\W\d_]+)",
    "H": "(?P<H>[0-9]{1,2})",
    "I": "(?P<I>[0-9]{1,2})",
    "M": "(?P<M>[0-9]{1,2})",
    "S": "(?P<S>[0-9]{1,2})",
    "f": "[0-9]{1,9}",
    "p": "[AaPp]\\.?[Mm]\\.?",
    "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    "%": "%",
}
_EXCEL_LAST: Final = 2_958_465
_CACHED: Final = 50_000

Reader = Callable[[str], str | None]
"""ISO text, or None when the text does not have the form."""


class NoSuchDay(ValueError):
    """The form is right; the calendar has no such day."""


def date_reader(formats: Sequence[str]) -> Callable[[str], str]:
    """A function from a trimmed text to ISO text; the first format that fits decides. It raises `BadCell`."""
    readers = [_format_reader(form) for form in formats]
    seen: dict[str, str] = {}

    def read(text: str) -> str:
        known = seen.get(text)
        if known is not None:
            return known
        try:
            day = next((day for reader in readers if (day := reader(text)) is not None), None)
        except NoSuchDay:
            raise BadCell(text, _("is a day that the calendar does not have")) from None
        if day is None:
            raise BadCell(text, _why_not(text, formats))
        if len(seen) >= _CACHED:
            seen.clear()
        seen[text] = day
        return day

    return read


def check_format(form: str) -> None:
    """Raise `ValueError` when the text is no date format."""
    if form in WORDS:
        return
    _compile(form)


def _format_reader(form: str) -> Reader:
    if form == "excel":
        return _excel_1900
    if form == "excel-1904":
        return _excel_1904
    pattern = re.compile(_PATTERNS[form]) if form in _PATTERNS else _compile(form)

    def read(text: str) -> str | None:
        found = pattern.fullmatch(text)
        return _iso(found.groupdict()) if found else None

    return read


def _compile(form: str) -> re.Pattern[str]:
    """The pattern of a format with percent signs."""
    pieces = re.findall(r"%(.?)|([^%]+)", form, re.DOTALL)
    letters = [letter for letter, plain in pieces if not plain]
    wrong = next((letter for letter in letters if letter not in _DIRECTIVES), None)
    if wrong is not None:
        raise ValueError(_("“%{letter}” is not known in a date format").format(letter=wrong))
    groups = ["m" if letter in "bB" else "Y" if letter == "y" else letter for letter in letters]
    if sorted(letter for letter in groups if letter in "Ymd") not in (["Y", "d", "m"], ["Y", "m"]):
        raise ValueError(_("“{form}” needs %Y and %m, once each, and %d unless days are left out").format(form=form))
    if len(set(groups)) < len(groups):
        raise ValueError(_("“{form}” names something twice").format(form=form))
    return re.compile("".join(re.escape(plain) if plain else _DIRECTIVES[letter] for letter, plain in pieces))


def _iso(parts: dict[str, str | None]) -> str | None:
    """ISO text from what a pattern found; a format without a day means the first of the month."""
    if name := parts.get("b"):
        month = MONTHS.get(name.casefold(), 0)
        if not month:
            return None
    else:
        month = int(parts.get("m") or 0)
    year = int(parts["Y"] or 0) if "Y" in parts else _century(int(parts["y"] or 0))
    day = int(parts["d"] or 0) if "d" in parts else 1
    if _is_no_clock(parts):
        raise NoSuchDay
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise NoSuchDay from None


def _century(year: int) -> int:
    """As POSIX has it: 69 to 99 lie in the twentieth century."""
    return year + (1900 if year >= 69 else 2000)


def _is_no_clock(parts: dict[str, str | None]) -> bool:
    hour, minute, second = (int(parts.get(key) or 0) for key in "HMS")
    return hour > 23 or minute > 59 or second > 59


def _excel_1900(text: str) -> str | None:
    serial = _serial(text)
    if serial is None:
        return None
    if serial == 60:  # Excel's 29 February 1900, which never was
        raise NoSuchDay
    return (date(1899, 12, 30) + timedelta(days=serial + (serial < 60))).isoformat()


def _excel_1904(text: str) -> str | None:
    serial = _serial(text)
    return None if serial is None else (date(1904, 1, 1) + timedelta(days=serial)).isoformat()


def _serial(text: str) -> int | None:
    found = re.fullmatch(r"([0-9]{1,7})(?:[.,][0-9]{1,12})?", text)
    return int(found[1]) if found and 1 <= int(found[1]) < _EXCEL_LAST - 1462 else None


def _why_not(text: str, formats: Sequence[str]) -> str:
    if re.match(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}\b(?![0-9])", text):
        return _("has a year of two digits: say dates = “%d/%m/%y” or the like if that is meant")
    if formats == ["iso"] and re.match(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}", text):
        return _("is not a date in the form YYYY-MM-DD: say dates = “day-first” or “month-first”")
    if re.search(r"[0-9](Z|[+-][0-9]{2}:?[0-9]{2})$", text) and "iso" in formats and ":" in text:
        return _("has a time zone: say dates = “iso-zoned” to take the day as written")
    if formats == ["iso"]:
        return _("is not a date in the form YYYY-MM-DD")
    return _("is not a date in the form {forms}").format(forms=", ".join(formats))


_SPAN: Final = re.compile(r"([0-9]{1,4}) (day|week|month|quarter|year)s?")
_MONTHS_IN: Final = {"month": 1, "quarter": 3, "year": 12}
_DAYS_IN: Final = {"day": 1, "week": 7}


def add_span(day: str, span: str) -> str:
    """The ISO day that lies `span` ("3 months", "90 days") later; a day that a month lacks becomes its last.

    Raises:
        ValueError: the text is no span, or the calendar ends before.
    """
    found = _SPAN.fullmatch(span)
    if not found:
        raise ValueError(_("“{span}” is not a span such as “3 months” or “90 days”").format(span=span))
    count, unit = int(found[1]), found[2]
    start = date.fromisoformat(day)
    try:
        if unit in _DAYS_IN:
            return (start + timedelta(days=count * _DAYS_IN[unit])).isoformat()
        months = start.year * 12 + start.month - 1 + count * _MONTHS_IN[unit]
        first = date(months // 12, months % 12 + 1, 1)
        following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    except (ValueError, OverflowError):
        raise ValueError(_("{day} plus {span} lies beyond the calendar").format(day=day, span=span)) from None
    last = (following - timedelta(days=1)).day
    return first.replace(day=min(start.day, last)).isoformat()


def day_after(day: str) -> str:
    """The next ISO day; raises `BadCell` after the calendar's last."""
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except OverflowError:
        raise BadCell(day, _("has no day after it: name it as a null word if it means “open”")) from None
