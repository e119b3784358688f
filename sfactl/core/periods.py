"""Periods: what `2026Q4`, `last-month` or `ytd` mean, and how a period is cut into parts.

A period is half-open: its start is included, its end is not. Years, halves and quarters are fiscal, months
and weeks are the calendar's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sfactl.errors import UsageFault
from sfactl.i18n import _

_DAY: Final = timedelta(days=1)
_FIRST_YEAR: Final = 1900


class Unit(StrEnum):
    """What a period is cut into."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


_MONTHS: Final = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.HALF: 6, Unit.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, not including, `end`; `label` is how a person writes it."""

    label: str
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("a period has at least one day")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def contains(self, day: date) -> bool:
        """Whether the day lies within it."""
        return self.start <= day < self.end

    def elapsed_days(self, today: date) -> int:
        """How many of its days have passed at the end of `today`: day 45 of 90 gives 45."""
        return min(max((today - self.start).days + 1, 0), self.days)

    def before(self, day: date | None = None) -> "Period":
        """The period of the same length just before it; while it runs, as much of that as has passed at the end of `day`.

        Of whole months it is as many months; of other periods as many days.
        """
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        is_months = self.start.day == self.end.day == 1
        start = _add_months(self.start, -months) if is_months else self.start - timedelta(days=self.days)
        end = self.start
        if day is not None and day + _DAY < self.end:
            end = min(end, start + timedelta(days=max(self.elapsed_days(day), 1)))
        return _range(start, end)

    def year_before(self) -> "Period":
        """The same dates one year earlier. A 29 February becomes the 28th as a start, 1 March as an end."""
        start, end = _year_earlier(self.start, 28, 2), _year_earlier(self.end, 1, 3)
        named = re.fullmatch("(FY)?([0-9]{4})(Q[1-4]|H[12]|-[0-9]{2})?", self.label)
        if named is None:
            return _range(start, end)
        return Period(f"{named[1] or ''}{int(named[2]) - 1:04}{named[3] or ''}", start, end)


def _year_earlier(day: date, leap_day: int, leap_month: int) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, leap_month, leap_day)
    return day.replace(year=day.year - 1)


def _range(start: date, end: date) -> Period:
    label = str(start) if end - start == _DAY else f"{start}..{end}"
    return Period(label, start, end)


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """A fiscal year that starts on the first day of `first_month`.

    From January it is the calendar year. From any other month `FY2026` is the year that *ends* in 2026, and
    `2026Q1` is its first quarter: with `first_month=7` FY2026 is July 2025 to June 2026.
    """

    first_month: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.first_month <= 12:
            raise ValueError("a month is a number from 1 to 12")

    def year_start(self, year: int) -> date:
        """The first day of the fiscal year of that name."""
        return date(year - (self.first_month != 1), self.first_month, 1)

    def containing(self, day: date, unit: Unit) -> Period:
        """The whole day, week (from Monday), month, fiscal quarter, half or year that the day lies in."""
        if unit is Unit.DAY:
            return _range(day, day + _DAY)
        if unit is Unit.WEEK:
            year, week, weekday = day.isocalendar()
            monday = day - timedelta(days=weekday - 1)
            return Period(f"{year:04}-W{week:02}", monday, monday + timedelta(days=7))
        months = _MONTHS[unit]
        index, into = divmod((day.month - self.first_month) % 12, months)
        start = _add_months(day.replace(day=1), -into)
        return Period(self._label(unit, start, index + 1), start, _add_months(start, months))

    def _label(self, unit: Unit, start: date, number: int) -> str:
        if unit is Unit.MONTH:
            return f"{start.year:04}-{start.month:02}"
        year = start.year + (self.first_month != 1 and start.month >= self.first_month)
        return {Unit.QUARTER: f"{year}Q{number}", Unit.HALF: f"{year}H{number}"}.get(unit, f"FY{year}")


def _add_months(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def parse_period(text: str, *, today: date, calendar: FiscalCalendar) -> Period:
    """The period that the text names; `today` is what relative names count from.

    Fiscal: `FY2026`, `2026Q4` or `2026-Q4`, `2026H1`. Calendar: `2026`, `2026-10`, `2026-W41`, `2026-10-15`,
    `today`, and the range `2026-10-01..2027-01-01` without its last day. Relative: `this-`, `last-`, `next-`
    with week, month, quarter, half or year (fiscal); `ytd`, the fiscal year to date including today;
    `last-12-months`, the twelve whole months before this one. The label stays true on any later day:
    `last-quarter` is labelled `2026Q3`.
    """
    for pattern, read in _FORMS:
        match = re.fullmatch(pattern, text.strip(), re.IGNORECASE)
        if match:
            try:
                return read(match, today, calendar)
            except (ValueError, OverflowError):
                break
    raise UsageFault(
        _("“{text}” is not a period.").format(text=text),
        _(
            "Write for example FY2026, 2026Q4, 2026H1, 2026-10, 2026-10-01..2027-01-01 (last day excluded), "
            "this-quarter, last-month, ytd or last-12-months."
        ),
    )


def _fiscal_year(match: re.Match[str], _today: date, calendar: FiscalCalendar) -> Period:
    return calendar.containing(calendar.year_start(int(match[1])), Unit.YEAR)


def _fiscal_part(match: re.Match[str], _today: date, calendar: FiscalCalendar) -> Period:
    unit = Unit.QUARTER if match[2] else Unit.HALF
    months = _MONTHS[unit] * (int(match[3] or match[5]) - 1)
    return calendar.containing(_add_months(calendar.year_start(int(match[1])), months), unit)


def _calendar_year(match: re.Match[str], _today: date, _calendar: FiscalCalendar) -> Period:
    year = int(match[1])
    return Period(match[1], date(year, 1, 1), date(year + 1, 1, 1))


def _month(match: re.Match[str], _today: date, calendar: FiscalCalendar) -> Period:
    return calendar.containing(date(int(match[1]), int(match[2]), 1), Unit.MONTH)


def _week(match: re.Match[str], _today: date, calendar: FiscalCalendar) -> Period:
    return calendar.containing(date.fromisocalendar(int(match[1]), int(match[2]), 1), Unit.WEEK)


def _day(match: re.Match[str], _today: date, calendar: FiscalCalendar) -> Period:
    return calendar.containing(date.fromisoformat(match[0]), Unit.DAY)


def _dates(match: re.Match[str], _today: date, _calendar: FiscalCalendar) -> Period:
    return _range(date.fromisoformat(match[1]), date.fromisoformat(match[2]))


def _relative(match: re.Match[str], today: date, calendar: FiscalCalendar) -> Period:
    unit = Unit(match[2].lower())
    current = calendar.containing(today, unit)
    return {
        "this": lambda: current,
        "last": lambda: calendar.containing(current.start - _DAY, unit),
        "next": lambda: calendar.containing(current.end, unit),
    }[match[1].lower()]()


def _last_few(match: re.Match[str], today: date, calendar: FiscalCalendar) -> Period:
    unit = Unit(match[2].lower())
    start = end = calendar.containing(today, unit).start
    for _step in range(int(match[1])):
        start = calendar.containing(start - _DAY, unit).start
        if start.year < _FIRST_YEAR:
            raise ValueError("too far back")
    return _range(start, end)


def _to_date(_match: re.Match[str], today: date, calendar: FiscalCalendar) -> Period:
    return _range(calendar.containing(today, Unit.YEAR).start, today + _DAY)


def _today_itself(_match: re.Match[str], today: date, calendar: FiscalCalendar) -> Period:
    return calendar.containing(today, Unit.DAY)


_YEAR: Final = "((?:19|20|21)[0-9]{2})"
_DATE: Final = "((?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2})"
_FORMS: Final[tuple[tuple[str, Callable[[re.Match[str], date, FiscalCalendar], Period]], ...]] = (
    (f"FY{_YEAR}", _fiscal_year),
    (f"{_YEAR}-?(?:(Q)([1-4])|(H)([12]))", _fiscal_part),
    (_YEAR, _calendar_year),
    (f"{_YEAR}-([0-9]{{2}})", _month),
    (f"{_YEAR}-W([0-9]{{2}})", _week),
    (_DATE, _day),
    (rf"{_DATE}\.\.{_DATE}", _dates),
    ("(this|last|next)-(week|month|quarter|half|year)", _relative),
    ("last-([0-9]{1,4})-(day|week|month|quarter|year)s?", _last_few),
    ("ytd", _to_date),
    ("today", _today_itself),
)


def parts(period: Period, by: str, calendar: FiscalCalendar) -> list[Period]:
    """The period cut at the borders of days, weeks, months, quarters, halves or years, in order.

    The parts touch, and cover the period exactly; one that is cut off at an end is labelled by its dates.
    """
    if by not in tuple(Unit):
        raise UsageFault(
            _("A period cannot be cut by “{by}”.").format(by=by),
            _("Use one of {units}.").format(units=", ".join(Unit)),
        )
    found: list[Period] = []
    start = period.start
    while start < period.end:
        whole = calendar.containing(start, Unit(by))
        end = min(whole.end, period.end)
        found.append(whole if (whole.start, whole.end) == (start, end) else _range(start, end))
        start = end
    return found
