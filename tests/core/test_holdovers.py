"""How an open opportunity is shared when its account goes to somebody else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.holdovers import WHOLE, given_back, shared, taken_over
from sfactl.core.money import split

ALONE = {1: WHOLE}


@st.composite
def shares(draw: st.DrawFn) -> dict[int, int]:
    people = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5, unique=True))
    weights = draw(st.lists(st.integers(1, 100), min_size=len(people), max_size=len(people)))
    return dict(zip(people, split(WHOLE, weights), strict=True))


def test_a_third_and_the_rest_add_up():
    assert shared(ALONE, 1, 2, 3334) == {1: 6666, 2: 3334}


def test_a_share_of_a_share_goes_to_the_largest_remainder():
    assert shared({1: 3333, 3: 6667}, 1, 2, 5000) == {1: 1667, 2: 1666, 3: 6667}


def test_no_share_is_kept_where_nothing_is_left():
    assert shared(ALONE, 1, 2, WHOLE) == {2: WHOLE}


def test_one_who_has_a_share_already_gets_more():
    assert taken_over({1: 6000, 2: 4000}, 1, 2) == {2: WHOLE}


def test_a_share_goes_to_nobody_where_nobody_follows():
    assert taken_over({1: 6000, 2: 4000}, 1, None) == {2: 4000}


def test_after_a_holdover_one_person_alone_needs_no_share():
    assert given_back({1: 6666, 2: 3334}, 1, 2) == {}
    assert given_back({1: 2000, 2: 3000, 3: 5000}, 1, 2) == {2: 5000, 3: 5000}


@given(shares(), st.integers(1, 6), st.integers(1, 6), st.integers(0, WHOLE))
def test_whatever_is_shared_stays_whole(before: dict[int, int], was: int, to: int, bp: int):
    for after in (shared(before, was, to, bp), taken_over(before, was, to)):
        if was != to:
            assert sum(after.values()) == WHOLE
            assert all(share >= 0 for share in after.values())
            assert {person: share for person, share in after.items() if person not in (was, to)} == {
                person: share for person, share in before.items() if person not in (was, to)
            }
