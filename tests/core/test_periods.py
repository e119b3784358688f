from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.periods import FiscalCalendar, Period, Unit, parse_period, parts
from sfactl.errors import UsageFault

TODAY = date(2026, 10, 16)
JANUARY = FiscalCalendar()
DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))
CALENDARS = st.integers(1, 12).map(FiscalCalendar)
NAMES = st.sampled_from(
    [
        *("FY2026", "2026Q1", "2026-Q4", "2026H2", "2026-10", "2026", "2024-02-29", "2026-W53", "today", "ytd"),
        *("2026-10-01..2027-01-01", "last-12-months", "last-7-days", "this-week", "last-month", "next-month"),
        *("this-quarter", "last-half", "next-year"),
    ]
)


def read(text: str, *, today: date = TODAY, first_month: int = 1) -> tuple[str, date, date]:
    period = parse_period(text, today=today, calendar=FiscalCalendar(first_month))
    return period.label, period.start, period.end


@pytest.mark.parametrize(
    ("text", "label", "start", "end"),
    [
        ("FY2026", "FY2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("fy2026", "FY2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026Q4", "2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-q4", "2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026H1", "2026H1", date(2026, 1, 1), date(2026, 7, 1)),
        ("2026-H2", "2026H2", date(2026, 7, 1), date(2027, 1, 1)),
        ("2026-10", "2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("2026-12", "2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026", "2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-10-15", "2026-10-15", date(2026, 10, 15), date(2026, 10, 16)),
        ("2024-02-29", "2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
        ("2026-W53", "2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
        ("2026-10-01..2027-01-01", "2026-10-01..2027-01-01", date(2026, 10, 1), date(2027, 1, 1)),
        (" this-month ", "2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("last-month", "2026-09", date(2026, 9, 1), date(2026, 10, 1)),
        ("next-month", "2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("this-week", "2026-W42", date(2026, 10, 12), date(2026, 10, 19)),
        ("this-quarter", "2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("last-quarter", "2026Q3", date(2026, 7, 1), date(2026, 10, 1)),
        ("next-quarter", "2027Q1", date(2027, 1, 1), date(2027, 4, 1)),
        ("last-half", "2026H1", date(2026, 1, 1), date(2026, 7, 1)),
        ("this-year", "FY2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("last-year", "FY2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("ytd", "2026-01-01..2026-10-17", date(2026, 1, 1), date(2026, 10, 17)),
        ("last-12-months", "2025-10-01..2026-10-01", date(2025, 10, 1), date(2026, 10, 1)),
        ("last-1-month", "2026-09-01..2026-10-01", date(2026, 9, 1), date(2026, 10, 1)),
        ("today", "2026-10-16", date(2026, 10, 16), date(2026, 10, 17)),
    ],
)
def test_a_period_is_read(text: str, label: str, start: date, end: date) -> None:
    assert read(text) == (label, start, end)


@pytest.mark.parametrize("first_month", range(1, 13))
def test_a_fiscal_year_starts_in_its_month_and_is_named_after_the_year_it_ends_in(first_month: int) -> None:
    started = 2026 if first_month == 1 else 2025

    _label, start, end = read("FY2026", first_month=first_month)

    assert start == date(started, first_month, 1)
    assert end == date(started + 1, first_month, 1)
    assert (end - timedelta(days=1)).year == 2026


@pytest.mark.parametrize("first_month", range(1, 13))
def test_quarters_and_halves_make_up_the_fiscal_year(first_month: int) -> None:
    calendar = FiscalCalendar(first_month)
    year = parse_period("FY2026", today=TODAY, calendar=calendar)
    named = {
        unit: [parse_period(f"2026{letter}{n}", today=TODAY, calendar=calendar) for n in range(1, count + 1)]
        for unit, letter, count in ((Unit.QUARTER, "Q", 4), (Unit.HALF, "H", 2))
    }

    assert parts(year, Unit.QUARTER, calendar) == named[Unit.QUARTER]
    assert parts(year, Unit.HALF, calendar) == named[Unit.HALF]
    assert [p.label for p in parts(year, Unit.YEAR, calendar)] == ["FY2026"]
    assert len(parts(year, Unit.MONTH, calendar)) == 12


@pytest.mark.parametrize("first_month", range(1, 13))
def test_the_fiscal_year_to_date_includes_today(first_month: int) -> None:
    calendar = FiscalCalendar(first_month)
    day = date(2023, 1, 1)
    while day < date(2025, 1, 1):
        period = parse_period("ytd", today=day, calendar=calendar)
        assert period.start.day == 1
        assert period.start.month == first_month
        assert period.end == day + timedelta(days=1)
        assert period.days <= 366
        day += timedelta(days=1)


def test_a_fiscal_year_from_july_2025_is_fy2026() -> None:
    assert read("this-quarter", first_month=7) == ("2027Q2", date(2026, 10, 1), date(2027, 1, 1))
    assert read("2026Q1", first_month=7) == ("2026Q1", date(2025, 7, 1), date(2025, 10, 1))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "x",
            "Q4",
            "2026Q5",
            "2026Q0",
            "2026H3",
            "2026-13",
            "2026-00",
            "2026-02-29",
            "2026-W54",
            "26Q1",
        ),
        *(
            "1066",
            "2200",
            "FY26",
            "2026-1",
            "2026-10-1",
            "last-0-months",
            "last-9999-months",
            "last-127-years",
        ),
        *(
            "2026-10-01..",
            "2027-01-01..2026-01-01",
            "2026-01-01..2026-01-01",
            "２０２６",
            "2026\n2027",
            "ytd2026",
        ),
    ],
)
def test_what_is_no_period_is_a_fault_that_shows_examples(text: str) -> None:
    with pytest.raises(UsageFault, match="not a period") as caught:
        read(text)

    assert "2026Q4" in (caught.value.hint or "")


@given(NAMES, DAYS, CALENDARS)
def test_a_label_names_the_same_period_on_any_day(text: str, today: date, calendar: FiscalCalendar) -> None:
    period = parse_period(text, today=today, calendar=calendar)

    assert parse_period(period.label, today=date(2030, 5, 5), calendar=calendar) == period


@given(DAYS, st.integers(1, 900), st.sampled_from(list(Unit)), CALENDARS)
def test_parts_cover_the_period_exactly(start: date, days: int, unit: Unit, calendar: FiscalCalendar) -> None:
    period = Period("x", start, start + timedelta(days=days))

    found = parts(period, unit, calendar)

    assert found[0].start == period.start
    assert found[-1].end == period.end
    assert all(one.end == other.start for one, other in pairwise(found))
    assert sum(part.days for part in found) == period.days
    assert all(calendar.containing(p.start, unit) == calendar.containing(p.end - timedelta(1), unit) for p in found)
    assert all(parse_period(part.label, today=TODAY, calendar=calendar) == part for part in found)


def test_a_part_that_is_cut_off_carries_its_dates() -> None:
    period = Period("x", date(2026, 10, 15), date(2026, 12, 1))

    assert [part.label for part in parts(period, "month", JANUARY)] == ["2026-10-15..2026-11-01", "2026-11"]


def test_a_period_is_not_cut_by_an_unknown_unit() -> None:
    with pytest.raises(UsageFault, match="fortnight"):
        parts(Period("x", date(2026, 1, 1), date(2027, 1, 1)), "fortnight", JANUARY)


def test_the_end_of_a_period_is_outside() -> None:
    period = parse_period("2026-10", today=TODAY, calendar=JANUARY)

    assert period.contains(date(2026, 10, 1))
    assert period.contains(date(2026, 10, 31))
    assert not period.contains(date(2026, 11, 1))
    assert not period.contains(date(2026, 9, 30))


def test_a_period_has_at_least_one_day() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Period("x", TODAY, TODAY)


def test_elapsed_days_count_today_and_stay_within_the_period() -> None:
    quarter = parse_period("2026Q4", today=TODAY, calendar=JANUARY)

    assert quarter.elapsed_days(date(2026, 9, 1)) == 0
    assert quarter.elapsed_days(date(2026, 10, 1)) == 1
    assert quarter.elapsed_days(date(2026, 11, 14)) == 45
    assert quarter.elapsed_days(date(2027, 5, 1)) == quarter.days == 92


@pytest.mark.parametrize(
    ("text", "label", "start", "end"),
    [
        ("FY2026", "FY2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("2026Q4", "2025Q4", date(2025, 10, 1), date(2026, 1, 1)),
        ("2026H1", "2025H1", date(2025, 1, 1), date(2025, 7, 1)),
        ("2024-02", "2023-02", date(2023, 2, 1), date(2023, 3, 1)),
        ("2025-02", "2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2026", "2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("2024-02-29", "2023-02-28..2023-03-01", date(2023, 2, 28), date(2023, 3, 1)),
        ("2024-02-28", "2023-02-28..2023-03-01", date(2023, 2, 28), date(2023, 3, 1)),
        ("2024-02-01..2024-02-29", "2023-02-01..2023-03-01", date(2023, 2, 1), date(2023, 3, 1)),
        ("2026-W42", "2025-10-12..2025-10-19", date(2025, 10, 12), date(2025, 10, 19)),
    ],
)
def test_the_year_before_has_the_same_dates(text: str, label: str, start: date, end: date) -> None:
    before = parse_period(text, today=TODAY, calendar=JANUARY).year_before()

    assert (before.start, before.end) == (start, end)
    assert before.label in (label, str(start))


@given(DAYS, st.integers(1, 400))
def test_the_year_before_is_never_empty_and_differs_by_a_leap_day_at_most(start: date, days: int) -> None:
    period = Period("x", start, start + timedelta(days=days))

    before = period.year_before()

    assert abs(before.days - period.days) <= 1
    assert before.end <= period.end - timedelta(days=365) + timedelta(days=1)


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_fiscal_year_starts_in_a_month_that_exists(month: int) -> None:
    with pytest.raises(ValueError, match="month"):
        FiscalCalendar(month)
