"""What can be promised, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.availability import Due, Part, Place, now_and_later, promise
from sfactl.core.quantities import parse_quantity
from sfactl.errors import UsageFault

TODAY = date(2026, 5, 20)
JUNE = date(2026, 6, 1)
JULY = date(2026, 7, 1)


def test_what_is_there_and_not_held_is_promised_today() -> None:
    place = Place("MAIN", 12_000, held=(Due(TODAY, 5_000),))

    assert promise(7_000, [place], TODAY) == (Part(7_000, "MAIN", TODAY),)


def test_the_rest_comes_with_the_next_arrival_and_what_nobody_knows_is_said() -> None:
    place = Place("MAIN", 3_000, expected=(Due(JUNE, 4_000), Due(JULY, 1_000)))

    parts = promise(10_000, [place], TODAY)

    assert parts == (Part(3_000, "MAIN", TODAY), Part(4_000, "MAIN", JUNE), Part(1_000, "MAIN", JULY), Part(2_000))
    assert now_and_later(parts, TODAY) == (3_000, 5_000, 2_000)
    assert promise(10_000, [place], TODAY, by=JUNE)[-1] == Part(3_000)


def test_pieces_that_are_needed_later_are_not_given_away_today() -> None:
    place = Place("MAIN", 10_000, expected=(Due(JUNE, 5_000),), held=(Due(JULY, 12_000),))

    assert place.free(TODAY, TODAY) == 3_000
    assert place.free(JUNE, TODAY) == 3_000


def test_what_should_have_come_and_did_not_is_not_promised() -> None:
    place = Place("MAIN", 1_000, expected=(Due(TODAY - timedelta(days=1), 9_000), Due(TODAY, 2_000)))

    assert place.free(JULY, TODAY) == 3_000


def test_one_warehouse_that_has_all_of_it_goes_before_a_fuller_split() -> None:
    small, large, larger = Place("A", 4_000), Place("B", 6_000), Place("C", 9_000)

    assert promise(5_000, [small, large, larger], TODAY) == (Part(5_000, "C", TODAY),)
    assert promise(12_000, [small, large, larger], TODAY) == (Part(9_000, "C", TODAY), Part(3_000, "B", TODAY))


dues = st.lists(st.builds(Due, st.dates(TODAY, JULY), st.integers(1, 9)), max_size=5).map(tuple)
places = st.lists(
    st.builds(Place, st.sampled_from("ABC"), st.integers(0, 9), st.none(), dues, dues),
    max_size=3, unique_by=lambda place: place.warehouse,
)  # fmt: skip


@given(places, st.integers(1, 40), st.one_of(st.none(), st.dates(TODAY, JULY)))
def test_a_promise_adds_up_and_takes_nothing_from_what_is_held(
    there: list[Place], wanted: int, by: date | None
) -> None:
    parts = promise(wanted, there, TODAY, by)

    assert sum(part.quantity_milli for part in parts) == wanted
    assert all(by is None or part.on is None or part.on <= max(by, TODAY) for part in parts)
    for place in there:
        after = place
        for part in parts:
            if part.warehouse == place.warehouse and part.on:
                after = after.hold(part.on, part.quantity_milli)
        for on in {each.on for each in after.held}:
            before, left = place._left(on, TODAY), after._left(on, TODAY)
            assert left >= 0 or left == before


@pytest.mark.parametrize(
    ("text", "milli"), [("5", 5_000), ("0.001", 1), ("2.5", 2_500), ("0", 0), ("1000000000", 10**12)]
)
def test_a_quantity_is_read_in_thousandths(text: str, milli: int) -> None:
    assert parse_quantity(text) == milli


@pytest.mark.parametrize(
    "text", ["", "-1", "x", "1.0001", "NaN", "Infinity", "1e3", "1,5", "٥", "1000000000.001", "9" * 400]
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(UsageFault):
        parse_quantity(text)
