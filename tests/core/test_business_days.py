"""The days that count."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.business_days import Days

WEEKEND = ("saturday", "sunday")
MAY_DAY = date(2026, 5, 1)


def test_with_nothing_said_every_day_counts() -> None:
    assert Days().between(date(2026, 1, 1), date(2026, 4, 1)) == 90
    assert Days().elapsed(date(2026, 1, 1), date(2026, 4, 1), date(2026, 2, 14)) == 45


def test_weekends_and_holidays_do_not_count() -> None:
    may = Days.of(WEEKEND, [MAY_DAY, date(2026, 5, 2)])

    assert may.between(date(2026, 5, 1), date(2026, 6, 1)) == 20, (
        "21 less the first, a Friday; the second is a Saturday"
    )
    assert may.elapsed(date(2026, 5, 1), date(2026, 6, 1), date(2026, 5, 4)) == 1


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
    st.sets(st.dates(date(2020, 1, 1), date(2031, 1, 1)), max_size=20),
)
def test_days_are_those_that_one_counts_by_hand(start: date, length: int, holidays: set[date]) -> None:  # fmt: skip
    by_hand = [start + timedelta(days=n) for n in range(length)]

    found = Days.of(WEEKEND, holidays).between(start, start + timedelta(days=length))

    assert found == sum(day.weekday() < 5 and day not in holidays for day in by_hand)
