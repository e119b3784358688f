"""How much work accounts ask for, and how much of it somebody can do."""

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
