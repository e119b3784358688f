"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from sfactl.core.days import parse_day
from sfactl.errors import UsageFault

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        (" today ", TODAY),
        ("Today", TODAY),
        ("+7d", date(2026, 11, 25)),
        ("-1D", date(2026, 11, 17)),
        ("+2w", date(2026, 12, 2)),
        ("20261231", date(2026, 12, 31)),
        ("2026-W47-3", TODAY),
    ],
)
def test_a_day_is_a_date_today_or_so_many_days_from_it(text: str, day: date) -> None:
    assert parse_day(text, today=TODAY) == day


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "7d", "+7", "+7m", "+99999d", "31/12/2026", "+٧d"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageFault) as said:
        parse_day(text, today=TODAY)

    assert said.value.message == f"{text} is no date." and said.value.hint == "Write it as 2026-11-18."


def test_days_that_no_calendar_has_are_refused() -> None:
    with pytest.raises(UsageFault):
        parse_day("+9999w", today=date(9999, 1, 1))
