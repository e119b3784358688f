"""The figures of a balance in the units that people use: hours, money, shares, kilometres."""

from dataclasses import dataclass
from decimal import Decimal

from sfactl.core.balancing import WHOLE, Aim, Goal, Measure, goal_of
from sfactl.core.money import Money


@dataclass(frozen=True)
class Figure:
    """A number with its unit."""

    text: str
    unit: str


def figure(goal: Goal, value: int, whole: int, currency: str) -> Figure:
    """The value of a goal.

    Args:
        whole: all there is of it: of fit, what a perfect one comes to.
    """
    if goal.aim is Aim.FIT:
        return Figure(_decimal(Decimal(value) / whole if whole else Decimal(1), 4), "share")
    if goal.aim is Aim.TRAVEL:
        return Figure(_decimal(Decimal(value) / 1000, 0), "km")
    if goal.aim is Aim.ODDS:
        return Figure(_decimal(Decimal(value) / WHOLE, 2), "wins")
    return _measured(goal.measure or Measure.WORKLOAD, value, currency)


def _measured(measure: Measure, value: int, currency: str) -> Figure:
    if measure is Measure.WORKLOAD:
        return Figure(_decimal(Decimal(value) / 60, 1), "hours")
    if measure is Measure.ACCOUNTS:
        return Figure(str(value), "accounts")
    return Figure(str(Money(value, currency).decimal), currency)


def gain_text(goal: str, gain: int, currency: str) -> str:
    """What is gained in a goal, with its sign and unit: `+3.5 h`."""
    said = goal_of(goal)
    if said.aim is Aim.FIT:
        return f"{_decimal(Decimal(gain) / WHOLE, 2, signed=True)}"
    found = figure(said, abs(gain), WHOLE, currency)
    return f"{'+' if gain > 0 else '−'}{found.text} {_SHORT.get(found.unit, found.unit)}".rstrip()


_SHORT = {"hours": "h", "accounts": "", "wins": ""}


def _decimal(value: Decimal, places: int, *, signed: bool = False) -> str:
    text = f"{value:.{places}f}"
    if not signed:
        return text
    return f"+{text}" if value > 0 else text.replace("-", "−")
