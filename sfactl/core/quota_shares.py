"""How much of a quota falls into a period: by months, by the curve of the seasons, by who is there, and by his ramp.

A quota is cut once, into the months of its window, exactly and without a rest: first into fiscal quarters, then each of
them into its months, by the largest remainder. Any period is the sum of its months; of a month that it cuts, it has its
days. So the parts of a quota come to the quota, however it is cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Final

from sfactl.core.money import round_half_up, split
from sfactl.core.periods import Period

_DAY: Final = timedelta(days=1)
MONTHS: Final = 12
EVEN: Final = (Fraction(1, MONTHS),) * MONTHS
"""Every month of the fiscal year weighs the same."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a quota says besides its amount and its dates."""

    curve: tuple[Fraction, ...] | None = None
    "Twelve weights of the months of the fiscal year, which come to 1."
    ramp: tuple[Fraction, ...] = ()
    "The part that counts in the first months; later all does."
    active_from: date | None = None
    active_until: date | None = None
    first_month: int = 1
    "In which the fiscal year begins."
    by_days: bool = False
    "A month in which somebody comes or goes counts by its days; otherwise only whole months do."


PLAIN: Final = Terms()


@dataclass(frozen=True, slots=True)
class Piece:
    """A month of a quota's window, or the days of one that the window cuts, with what falls into it."""

    start: date
    end: date
    amount: int

    def of(self, start: date, end: date) -> int:
        """What falls into the days from `start` up to `end`, as far as they lie in the piece; the first days have more."""
        days = (self.end - self.start).days
        first = min(max((start - self.start).days, 0), days)
        last = min(max((end - self.start).days, first), days)
        return self._until(last, days) - self._until(first, days)

    def _until(self, day: int, days: int) -> int:
        each, rest = divmod(abs(self.amount), days)
        found = each * day + min(day, rest)
        return found if self.amount >= 0 else -found


def curve_of(weights: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Twelve weights of months that come to 1, from 2, 4 or 12 numbers that come to 100 over the fiscal year."""
    length = MONTHS // len(weights)
    return tuple(Fraction(weight) / 100 / length for weight in weights for _month in range(length))


def whole_months(start: date, end: date) -> int:
    """How many whole months lie between two days: 30 May to 30 August are three, to 29 August two."""
    months = (end.year - start.year) * MONTHS + end.month - start.month
    is_short = end.day < start.day and (end + _DAY).month == end.month
    return months - is_short if months else 0


def counts_whole(starts_on: date, ends_on: date, period: Period) -> bool:
    """Whether a quota counts whole in the period in which it begins: when it is not longer, in whole months.

    Where both are shorter than a month, days are compared.
    """
    quota, asked = whole_months(starts_on, ends_on), whole_months(period.start, period.end)
    return quota <= asked if asked else (ends_on - starts_on).days <= period.days


def pieces(amount: int, starts_on: date, ends_on: date, terms: Terms = PLAIN) -> tuple[Piece, ...]:
    """A quota cut into the months of its window; they come to its effective whole, rounded half-up."""
    spans = list(_months(starts_on, ends_on))
    exact = _exact(amount, spans, starts_on, terms)
    found: list[Piece] = []
    quarters = [list(group) for _n, group in groupby(range(len(spans)), lambda n: _quarter(spans[n][0], terms))]
    sums = [sum((exact[n] for n in numbers), Fraction(0)) for numbers in quarters]
    for whole, numbers in zip(_parts(round_half_up(sum(sums, Fraction(0))), sums), quarters, strict=True):
        parts = _parts(whole, [exact[n] for n in numbers])
        found += [Piece(*spans[n], part) for n, part in zip(numbers, parts, strict=True)]
    return tuple(found)


def of_period(parts: Sequence[Piece], start: date, end: date) -> int:
    """What of a quota that was cut falls into the days from `start` up to `end`."""
    return sum(part.of(start, end) for part in parts if part.start < end and part.end > start)


def _parts(whole: int, shares: Sequence[Fraction]) -> list[int]:
    weights = [abs(share) for share in shares]
    return split(whole, weights) if any(weights) else [0] * len(weights)


def _months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """The window cut at the first days of months."""
    while start < end:
        after = _first_after(start)
        yield start, min(after, end)
        start = after


def _first_after(day: date) -> date:
    return date(day.year + day.month // MONTHS, day.month % MONTHS + 1, 1)


def _quarter(day: date, terms: Terms) -> tuple[int, int]:
    index = day.year * MONTHS + day.month - terms.first_month
    return index // MONTHS, index % MONTHS // 3


def _exact(amount: int, spans: Sequence[tuple[date, date]], starts_on: date, terms: Terms) -> list[Fraction]:
    """What falls into each month: amount × weight × active share × ramp."""
    weights = [_weight(*span, terms.curve or EVEN, terms) for span in spans]
    if not any(weights):
        weights = [_weight(*span, EVEN, terms) for span in spans]
    total = sum(weights, Fraction(0))
    return [
        amount * weight / total * _active(*span, terms) * _ramped(span[0], starts_on, terms)
        for weight, span in zip(weights, spans, strict=True)
    ]


def _weight(start: date, end: date, curve: Sequence[Fraction], terms: Terms) -> Fraction:
    month = (_first_after(start) - start.replace(day=1)).days
    return curve[(start.month - terms.first_month) % MONTHS] * Fraction((end - start).days, month)


def _active(start: date, end: date, terms: Terms) -> Fraction:
    """The part of a month in which whoever has the quota is there."""
    first, last = max(terms.active_from or start, start), min(terms.active_until or end, end)
    share = Fraction(max((last - first).days, 0), (end - start).days)
    return share if terms.by_days else Fraction(share == 1)


def _ramped(month: date, starts_on: date, terms: Terms) -> Fraction:
    """The part that the ramp lets count in a month, counted from the first one that counts."""
    if not terms.ramp:
        return Fraction(1)
    began = terms.active_from or starts_on
    if began.day > 1 and not terms.by_days and began != starts_on:
        began = _first_after(began)
    number = (month.year - began.year) * MONTHS + month.month - began.month
    return terms.ramp[max(number, 0)] if number < len(terms.ramp) else Fraction(1)


def fair_shares(weights: tuple[Fraction, ...], history: Sequence[int], pipeline: Sequence[int]) -> list[Fraction]:
    """The share of each in what is divided: `a·even + b·history + c·pipeline`; they come to a + b + c.

    Where there is no history, or no pipeline, its part is divided evenly.
    """
    even, past, coming = weights
    count = len(history)
    sums = (sum(history), sum(pipeline))
    return [
        even / count
        + past * (Fraction(history[n], sums[0]) if sums[0] else Fraction(1, count))
        + coming * (Fraction(pipeline[n], sums[1]) if sums[1] else Fraction(1, count))
        for n in range(count)
    ]
