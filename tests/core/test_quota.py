from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core import quota
from sfactl.core.quota import Pace, attainment, is_reached, pace


def test_the_worked_example_is_on_pace_for_240_000() -> None:
    found = pace(12_000_000, 30_000_000, days_elapsed=45, days_total=90)

    assert attainment(12_000_000, 30_000_000) == Fraction(40, 100)
    assert found == Pace(gap=-3_000_000, on_track=15_000_000, projected=24_000_000, needed_per_day=400_000)


@pytest.mark.parametrize("quota", [0, None])
def test_without_a_quota_attainment_is_not_defined(quota: int | None) -> None:
    assert attainment(5, quota) is None
    assert is_reached(5, quota) is None
    assert pace(5, quota, days_elapsed=1, days_total=2) is None


def test_reached_is_decided_on_unrounded_values() -> None:
    assert is_reached(999_999_999, 1_000_000_000) is False
    assert is_reached(1_000_000_000, 1_000_000_000) is True
    assert is_reached(1_000_000_001, 1_000_000_000) is True


def test_credit_below_zero_is_below_zero_percent() -> None:
    assert attainment(-50, 100) == Fraction(-1, 2)
    assert is_reached(-50, 100) is False


def test_before_the_first_day_nothing_can_be_projected() -> None:
    found = pace(0, 100, days_elapsed=-3, days_total=10)

    assert found == Pace(gap=0, on_track=0, projected=None, needed_per_day=10)


def test_after_the_last_day_nothing_is_needed_a_day() -> None:
    found = pace(80, 100, days_elapsed=25, days_total=10)

    assert found == Pace(gap=-20, on_track=100, projected=80, needed_per_day=None)


def test_a_reached_quota_needs_nothing_a_day() -> None:
    found = pace(150, 100, days_elapsed=5, days_total=10)

    assert found is not None
    assert found.needed_per_day == 0


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(1, 365))
def test_at_the_end_on_track_is_the_quota_and_projected_the_credit(credit: int, quota: int, days: int) -> None:
    found = pace(credit, quota, days_elapsed=days, days_total=days)

    assert found is not None
    assert (found.on_track, found.projected) == (quota, credit)


def test_half_a_years_quota_goes_along_in_the_middle_of_the_year():
    """120,000 a year, 1 July, by months: 60,000."""
    left = quota.months_left(date(2026, 7, 1), date(2027, 1, 1))

    assert left == 6
    assert quota.moving_along(12_000_000, 5_000, 5_000, months_left=left) == 6_000_000
    assert quota.moving_along(12_000_000, 2_500, 5_000, months_left=left) == 3_000_000


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2026, 1, 1), 12),
        (date(2026, 1, 2), 11),
        (date(2026, 12, 1), 1),
        (date(2026, 12, 2), 0),
        (date(2027, 3, 1), 0),
    ],
)
def test_a_month_that_has_begun_does_not_go_along(day: date, left: int):
    assert quota.months_left(day, date(2027, 1, 1)) == left


def test_nothing_goes_along_where_nothing_is_sold():
    assert quota.moving_along(100, 0, 10, months_left=6) == 0
    assert quota.moving_along(100, 5, 0, months_left=6) == 0
