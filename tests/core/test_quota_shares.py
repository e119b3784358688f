"""How quotas fall into periods."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.periods import FiscalCalendar, Period, Unit, parse_period
from sfactl.core.quota_shares import PLAIN, Terms, counts_whole, curve_of, of_period, pieces, whole_months

YEAR_END = curve_of([Fraction(each) for each in (20, 20, 20, 40)])
YEAR = date(2026, 1, 1), date(2027, 1, 1)


def period(text: str) -> Period:
    return parse_period(text, today=date(2026, 5, 20), calendar=FiscalCalendar())


def quarters(amount: int, terms: Terms) -> list[int]:
    parts = pieces(amount, *YEAR, terms)
    return [of_period(parts, period(f"2026Q{n}").start, period(f"2026Q{n}").end) for n in range(1, 5)]


@pytest.mark.parametrize(
    ("month", "first"),
    [(1, 2_000_000), (2, 1_333_333), (3, 666_667), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 0), (12, 0)],
)  # fmt: skip
def test_the_worked_example_begins_in_any_month(month: int, first: int) -> None:
    """100,000, weights 20/20/20/40 %, from the first of the month: whole months of each quarter that are left."""
    found = quarters(10_000_000, Terms(YEAR_END, active_from=date(2026, month, 1)))

    left = [min(max(3 * n + 4 - month, 0), 3) for n in range(4)]
    exact = [Fraction(whole * months, 3) for whole, months in zip((2, 2, 2, 4), left, strict=True)]
    assert found[0] == first
    assert sum(found) == round(sum(exact) * 1_000_000)
    assert all(abs(part - share * 1_000_000) < 1 for part, share in zip(found, exact, strict=True))


def test_from_march_on_the_worked_example_comes_to_86_666_67() -> None:
    found = quarters(10_000_000, Terms(YEAR_END, active_from=date(2026, 3, 1)))

    assert found == [666_667, 2_000_000, 2_000_000, 4_000_000]
    assert sum(found) == 8_666_667


def test_a_ramp_counts_half_then_three_quarters_then_all() -> None:
    ramp = tuple(Fraction(each, 100) for each in (50, 50, 75, 75))

    months = [piece.amount for piece in pieces(1_200_000, *YEAR, Terms(ramp=ramp))]

    assert months == [50_000, 50_000, 75_000, 75_000, *[100_000] * 8]


def test_a_ramp_begins_with_the_first_month_that_counts() -> None:
    ramp, came = (Fraction(1, 2), Fraction(3, 4)), date(2026, 3, 15)

    by_months = [piece.amount for piece in pieces(3100 * 12, *YEAR, Terms(ramp=ramp, active_from=came))]
    by_days = [piece.amount for piece in pieces(3100 * 12, *YEAR, Terms(ramp=ramp, active_from=came, by_days=True))]

    assert by_months[:6] == [0, 0, 0, 1550, 2325, 3100]
    assert by_days[:5] == [0, 0, 850, 2325, 3100], "17 of 31 days, half of them"


def test_who_leaves_has_the_months_that_he_was_there() -> None:
    found = [piece.amount for piece in pieces(1200, *YEAR, Terms(active_until=date(2026, 4, 16)))]

    assert found == [100, 100, 100, *[0] * 9]


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2013, 5, 30), date(2013, 8, 30), 3), (date(2013, 5, 30), date(2013, 8, 29), 2),
        (date(2013, 5, 31), date(2013, 6, 30), 1), (date(2013, 1, 1), date(2014, 1, 1), 12),
        (date(2013, 1, 1), date(2013, 1, 31), 0), (date(2013, 1, 31), date(2013, 2, 28), 1),
    ],
)  # fmt: skip
def test_whole_months_are_counted_from_the_day_of_the_start(start: date, end: date, months: int) -> None:
    assert whole_months(start, end) == months


@pytest.mark.parametrize(
    ("asked", "whole"), [("2026Q1", True), ("2026", True), ("2026-01", False), ("2026-W02", False), ("2026-01-01..2026-04-01", True)]
)  # fmt: skip
def test_a_quarters_quota_counts_whole_where_it_is_not_longer(asked: str, whole: bool) -> None:
    assert counts_whole(date(2026, 1, 1), date(2026, 4, 1), period(asked)) is whole


def test_a_quota_of_days_counts_whole_where_it_has_no_more_days() -> None:
    assert counts_whole(date(2026, 1, 1), date(2026, 1, 8), period("2026-W02"))
    assert not counts_whole(date(2026, 1, 1), date(2026, 1, 9), period("2026-W02"))


def test_the_rest_of_a_division_goes_to_the_first() -> None:
    assert [piece.amount for piece in pieces(100, date(2026, 1, 1), date(2026, 4, 1))] == [34, 33, 33]
    assert [piece.amount for piece in pieces(-100, date(2026, 1, 1), date(2026, 4, 1))] == [-34, -33, -33]


def test_what_counts_from_july_counts_in_what_is_left_of_the_year() -> None:
    along = pieces(-6_000_000, date(2026, 7, 1), date(2027, 1, 1))

    assert of_period(along, *YEAR) == -6_000_000
    assert of_period(along, period("2026Q3").start, period("2026Q3").end) == -3_000_000
    assert of_period(along, period("2026Q2").start, period("2026Q2").end) == 0


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SPANS = st.tuples(DAYS, st.integers(1, 800)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))
CURVES = st.sampled_from([2, 4, 12]).flatmap(
    lambda n: (
        st.lists(st.integers(0, 50), min_size=n, max_size=n)
        .filter(any)
        .map(lambda weights: curve_of([Fraction(100 * weight, sum(weights)) for weight in weights]))
    )
)
TERMS = st.builds(
    Terms, st.none() | CURVES, st.lists(st.fractions(0, 1, max_denominator=20), max_size=6).map(tuple),
    st.none() | DAYS, st.none() | DAYS, st.integers(1, 12), st.booleans(),
)  # fmt: skip


@given(st.integers(-(10**9), 10**12), SPANS, TERMS, st.lists(DAYS, max_size=8))
def test_the_parts_of_any_cut_come_to_the_whole(
    amount: int, span: tuple[date, date], terms: Terms, cuts: list[date]
) -> None:
    parts = pieces(amount, *span, terms)

    borders = [date(2019, 1, 1), *sorted(cuts), date(2034, 1, 1)]
    found = [of_period(parts, start, end) for start, end in pairwise(borders)]

    assert sum(found) == sum(part.amount for part in parts)
    assert all(part * amount >= 0 for part in found)


@given(st.integers(0, 10**12), SPANS, CURVES, st.integers(1, 12))
def test_who_is_there_all_the_time_has_all_of_it(
    amount: int, span: tuple[date, date], curve: tuple[Fraction, ...], first: int
) -> None:
    assert sum(part.amount for part in pieces(amount, *span, Terms(curve, first_month=first))) == amount
    assert sum(part.amount for part in pieces(amount, *span, PLAIN)) == amount


@given(st.integers(0, 10**9), st.integers(1, 12), st.integers(2020, 2030))
def test_a_year_has_the_weights_of_its_quarters_to_the_minor_unit(amount: int, first: int, year: int) -> None:
    calendar = FiscalCalendar(first)
    whole = calendar.containing(calendar.year_start(year), Unit.YEAR)
    parts = pieces(amount, whole.start, whole.end, Terms(YEAR_END, first_month=first))

    found, start = [], whole.start
    while start < whole.end:
        quarter = calendar.containing(start, Unit.QUARTER)
        found.append(of_period(parts, quarter.start, quarter.end))
        start = quarter.end

    weights = (Fraction(1, 5), Fraction(1, 5), Fraction(1, 5), Fraction(2, 5))
    assert all(abs(part - amount * weight) < 1 for part, weight in zip(found, weights, strict=True))
