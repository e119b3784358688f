"""When things happen in the demo company, counted from the day it is made."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sfactl.core.money import Money
from sfactl.core.periods import FiscalCalendar, Period, Unit

Row = dict[str, str]
"""A line of a CSV file, by column."""

CURRENCY = "USD"
PAST_QUARTERS = 8
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Timeline:
    """Today, the quarter it lies in, and those before it."""

    today: date
    quarters: tuple[Period, ...]
    "In order; the last one is still running."

    @property
    def current(self) -> int:
        """The index of the quarter that is still running."""
        return len(self.quarters) - 1

    def booked_until(self, quarter: int) -> date:
        """The first day of the quarter on which nothing was booked yet."""
        return min(self.quarters[quarter].end, self.today + _DAY)


def timeline(today: date) -> Timeline:
    """The quarters up to today."""
    calendar = FiscalCalendar()
    quarters = [calendar.containing(today, Unit.QUARTER)]
    for _step in range(PAST_QUARTERS):
        quarters.insert(0, calendar.containing(quarters[0].start - _DAY, Unit.QUARTER))
    return Timeline(today, tuple(quarters))


def stream(seed: int, name: str) -> Random:
    """Random numbers for one part of the company, the same on every machine."""
    return Random(f"{seed}/{name}")  # noqa: S311 - an invented company needs no secrets


def day_between(rng: Random, start: date, end: date) -> date:
    """A day from `start` up to, not including, `end`; `start` itself where that leaves none."""
    return start + rng.randrange(max((end - start).days, 1)) * _DAY


def working_day(rng: Random, start: date, end: date) -> date:
    """A Monday to Friday in that span, more often late than early: quarters fill at their end."""
    day = day_between(rng, start, end)
    if rng.randrange(3) == 0:
        day = max(day, day_between(rng, start, end))
    friday, monday = day - (day.weekday() - 4) * _DAY, day + (7 - day.weekday()) * _DAY
    if day.weekday() < 5:
        return day
    if friday >= start:
        return friday
    return monday if monday < end else day


def money_text(minor: int) -> str:
    """The amount as a file has it: 1234.50."""
    return str(Money(minor, CURRENCY))


def date_text(day: date | None) -> str:
    """The date as a file has it; nothing for none."""
    return "" if day is None else day.isoformat()
