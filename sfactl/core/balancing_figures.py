"""The figures of a balance in the units that people use: hours, money, shares, kilometres."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sfactl.core.balancing import WHOLE, Aim, Goal, Measure, goal_of
from sfactl.core.money import Money
from sfactl.i18n import N_, _


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


def goal_name(goal: Goal) -> str:
    """What people call a goal."""
    return _(_NAMES[str(goal)])


def unit_name(unit: str) -> str:
    """What people call a unit; a currency is called by its code."""
    return _(_UNITS[unit]) if unit in _UNITS else unit


def gains_text(gains: Mapping[str, int], currency: str) -> str:
    """What is gained and lost in the goals: `balance of work better by 3.5 h, travel worse by 45 km`."""
    return ", ".join(_gain_text(goal_of(goal), gain, currency) for goal, gain in gains.items() if gain)


def _gain_text(goal: Goal, gain: int, currency: str) -> str:
    said = _("{goal} better by {amount}") if gain > 0 else _("{goal} worse by {amount}")
    return said.format(goal=goal_name(goal), amount=_amount(goal, abs(gain), currency))


def _amount(goal: Goal, gain: int, currency: str) -> str:
    if goal.aim is Aim.FIT:
        return _decimal(Decimal(gain) / WHOLE, 2)
    found = figure(goal, gain, WHOLE, currency)
    return f"{found.text} {_SHORT.get(found.unit, found.unit)}".rstrip()


_NAMES: Final = {
    "balance=workload": N_("balance of work"), "balance=revenue": N_("balance of annual revenue"),
    "balance=potential": N_("balance of potential"), "balance=pipeline": N_("balance of open pipeline"),
    "balance=booked": N_("balance of revenue booked in 12 months"),
    "balance=accounts": N_("balance of accounts"), "fit": N_("fit"), "disruption=accounts": N_("accounts that move"),
    "disruption=revenue": N_("annual revenue that moves"), "disruption=pipeline": N_("open pipeline that moves"),
    "travel": N_("travel"), "odds": N_("odds"),
}  # fmt: skip
_UNITS: Final = {
    "hours": N_("hours"), "accounts": N_("accounts"), "share": N_("share"), "km": N_("km"), "wins": N_("wins"),
}  # fmt: skip
_SHORT: Final = {"hours": "h", "accounts": "", "wins": ""}


def _decimal(value: Decimal, places: int) -> str:
    return f"{value:.{places}f}"
