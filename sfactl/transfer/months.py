"""Headers that mean a month or a quarter: “Jan 2026”, “2026-01”, “01/2026”, “ene-26”, “Q1 2026”, “Jan”."""

import re
from datetime import date
from typing import Final

from sfactl.transfer.dates import MONTHS

_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
        r"(?P<month>\d{2})-(?P<day>\d{2})",
        r"(?P<name>[^\W\d_]{3,})\.?(?:[ _/.-]*(?P<year>\d{4}|\d{2}))?",
        r"(?P<year>\d{4})[ _/.-]*(?P<name>[^\W\d_]{3,})",
        r"(?P<year>\d{4})(?:[ _/.-]?M?)(?P<month>\d{2})",
        r"(?P<month>\d{1,2})[/.-](?P<year>\d{4})",
        r"(?:(?P<year>\d{4})[ -]?)?[QT](?P<quarter>[1-4])",
        r"[QT](?P<quarter>[1-4])[ /-]*(?P<year>\d{4}|\d{2})",
        r"(?P<month>\d{1,2})",
    )
)


def first_day(label: str, year: int | None = None) -> str | None:
    """The ISO day that the month, quarter or day of a header begins on; None for any other text.

    Args:
        year: of headers that name none.
    """
    for form in _FORMS:
        found = form.fullmatch(label.strip())
        day = _day(found.groupdict(), year) if found else None
        if day is not None:
            return day
    return None


def needs_year(label: str) -> bool:
    """Whether a header names a month and no year."""
    return first_day(label) is None and first_day(label, 2000) is not None


def _day(parts: dict[str, str | None], year: int | None) -> str | None:
    year = _year(parts.get("year")) or year
    month = _month(parts)
    if not year or not month:
        return None
    try:
        return date(year, month, int(parts.get("day") or 1)).isoformat()
    except ValueError:
        return None


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) + (2000 if len(text) == 2 else 0)


def _month(parts: dict[str, str | None]) -> int | None:
    if name := parts.get("name"):
        return MONTHS.get(name.casefold())
    if quarter := parts.get("quarter"):
        return int(quarter) * 3 - 2
    return int(parts.get("month") or 0)
