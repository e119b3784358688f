"""How much somebody can do, and the figures of a balance in the units that people use."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from sfactl.core.balancing import goal_of
from sfactl.core.balancing_figures import figure, gains_text
from sfactl.core.workload import minutes, ramped

RAMP = (Fraction(1, 4), Fraction(1, 2))


@pytest.mark.parametrize(
    ("hired_on", "hours_e3"),
    [
        (date(2026, 5, 31), 400_000),
        (date(2026, 4, 1), 800_000),
        (date(2026, 3, 31), 1_600_000),
        (date(2026, 6, 1), 400_000),
        (None, 1_600_000),
    ],
)
def test_somebody_new_can_do_a_part_in_his_first_months(hired_on: date | None, hours_e3: int) -> None:
    assert ramped(1600, hired_on, date(2026, 5, 20), RAMP) == hours_e3
    assert ramped(1600, hired_on, date(2026, 5, 20), ()) == 1_600_000


def test_hours_become_minutes_rounded_half_up() -> None:
    assert [minutes(value) for value in (18_000, 8, 9, 0)] == [1080, 0, 1, 0]


@pytest.mark.parametrize(
    ("goal", "value", "whole", "text", "unit"),
    [
        ("balance=workload", 90, 0, "1.5", "hours"),
        ("balance=revenue", 123456, 0, "1234.56", "EUR"),
        ("balance=accounts", 3, 0, "3", "accounts"),
        ("fit", 15_000, 30_000, "0.5000", "share"),
        ("fit", 0, 0, "1.0000", "share"),
        ("disruption", 4, 0, "4", "accounts"),
        ("travel", 1_499_999, 0, "1500", "km"),
        ("odds", 25_000, 0, "2.50", "wins"),
    ],
)
def test_values_of_goals_have_their_units(goal: str, value: int, whole: int, text: str, unit: str) -> None:
    found = figure(goal_of(goal), value, whole, "EUR")

    assert (found.text, found.unit) == (text, unit)


@pytest.mark.parametrize(
    ("gains", "text"),
    [
        ({"balance=workload": 210}, "balance of work better by 3.5 h"),
        ({"balance=accounts": -2, "fit": 12_500}, "balance of accounts worse by 2, fit better by 1.25"),
        ({"travel": -45_000, "odds": 0}, "travel worse by 45 km"),
        ({"balance=revenue": 123_456}, "balance of annual revenue better by 1234.56 EUR"),
        ({"odds": 2_500}, "odds better by 0.25"),
    ],
)
def test_gains_say_what_is_better_and_by_how_much(gains: dict[str, int], text: str) -> None:
    assert gains_text(gains, "EUR") == text
