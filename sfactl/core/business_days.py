"""The days that count: all of them, or those on which people work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Days:
    """Which days count; with nothing said, every day of the calendar."""

    weekend: frozenset[int] = frozenset()
    "Days of the week that do not, from 0, Monday."
    holidays: tuple[date, ...] = ()

    @classmethod
    def of(cls, weekend: Iterable[str], holidays: Iterable[date]) -> "Days":
        """Business days, from the English names of the days of the weekend."""
        return cls(frozenset(map(_WEEK.index, weekend)), tuple(sorted(set(holidays))))

    def between(self, start: date, end: date) -> int:
        """How many days count from `start` up to, not including, `end`."""
        days = max((end - start).days, 0)
        weeks, rest = divmod(days, len(_WEEK))
        off = weeks * len(self.weekend)
        off += sum((start.weekday() + n) % len(_WEEK) in self.weekend for n in range(rest))
        return days - off - sum(start <= day < end and day.weekday() not in self.weekend for day in self.holidays)

    def elapsed(self, start: date, end: date, today: date) -> int:
        """How many of the days that count have passed at the end of `today`."""
        return self.between(start, min(max(today + timedelta(days=1), start), end))
