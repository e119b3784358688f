"""How much work accounts ask for, and how much of it somebody can do."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sfactl.core.money import round_half_up


def hours_e3(calls: int, travel: Decimal, duration: Decimal) -> int:
    """Hours that an account asks for in a year, in thousandths, rounded half-up: `calls × (travel + duration)`.

    12 calls of one hour, each half an hour away, are 18 hours.
    """
    return round_half_up(calls * (travel + duration) * 1000)


def load(work_e3: int, capacity_hours: int) -> Fraction | None:
    """Work over capacity; None where the person can do none."""
    return Fraction(work_e3, capacity_hours * 1000) if capacity_hours else None


def minutes(hours_e3: int) -> int:
    """Thousandths of an hour as minutes, rounded half-up."""
    return round_half_up(Fraction(hours_e3 * 60, 1000))


def ramped(hours: int, hired_on: date | None, day: date, ramp: Sequence[Fraction]) -> int:
    """What somebody can do in a year, in thousandths of an hour: less in the first months after he came.

    The month in which he came is the first; with a ramp of 25 % and 50 %, half of 1,600 hours counts in the second.
    """
    if hired_on is None or not ramp:
        return hours * 1000
    month = max((day.year - hired_on.year) * 12 + day.month - hired_on.month, 0)
    return round_half_up(hours * 1000 * ramp[month]) if month < len(ramp) else hours * 1000
