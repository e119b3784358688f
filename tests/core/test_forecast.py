"""What open opportunities promise: the trade's worked examples."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sfactl.core.forecast import Forecast, coverage, is_covered, needed_coverage, weighted_minor


def test_categories_are_told_one_on_top_of_the_other() -> None:
    """Closed 50, commit 150, best case 100, pipeline 200 → 50, 200, 300, 450."""
    found = Forecast(closed=50, commit=150, best_case=100, pipeline=200)

    assert (found.closed, found.commit_forecast, found.best_case_forecast, found.open_pipeline) == (50, 200, 300, 450)


def test_coverage_is_what_is_open_over_what_is_left() -> None:
    """4.8 M open, 1.6 M left → 3.0×, at a 22 % win rate 4.55× needed."""
    covered, needed = coverage(4_800_000, 2_000_000, 400_000), needed_coverage(Fraction(22, 100))

    assert covered == 3
    assert needed is not None and round(needed, 2) == Fraction(455, 100)
    assert is_covered(covered, needed) is False


@pytest.mark.parametrize(("quota", "closed"), [(None, 0), (100, 100), (100, 120), (0, 0)])
def test_without_a_quota_or_with_one_that_is_reached_no_coverage_is_defined(quota: int | None, closed: int) -> None:
    assert coverage(50, quota, closed) is None


def test_without_a_win_rate_nobody_knows_what_is_needed() -> None:
    assert needed_coverage(None) is None
    assert needed_coverage(Fraction(0)) is None
    assert is_covered(Fraction(3), None) is None


def test_an_amount_is_weighted_half_up() -> None:
    assert weighted_minor(12_345, 5_000) == 6_173
