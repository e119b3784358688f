"""How an open pipeline became what it is, as a rule of numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.pipeline_changes import Movement, effects

ENTRIES, EXITS = (
    ("start", "new", "pulled_in", "transferred_in"),
    ("now", "won", "lost", "pushed_out", "transferred_out"),
)


def told(entry: str, leaving: str, before: int, after: int) -> list[tuple[str, int]]:
    return [(figure, minor) for figure, _count, minor in effects(Movement(entry, leaving, 1, before, after))]


def test_something_is_won_at_its_last_amount_and_leaves_as_it_was_when_it_goes_elsewhere() -> None:
    assert told("start", "won", 100, 120) == [("increased", 20), ("won", -120)]
    assert told("start", "transferred_out", 100, 120) == [("transferred_out", -100)]
    assert told("transferred_in", "now", 100, 90) == [("transferred_in", 100), ("decreased", -10)]
    assert told("new", "lost", 0, 90) == [("new", 90), ("lost", -90)]
    assert told("start", "pushed_out", 100, 90) == [("pushed_out", -100)]


@given(st.sampled_from(ENTRIES), st.sampled_from(EXITS), st.integers(0, 10**12), st.integers(0, 10**12))
def test_what_a_movement_adds_leads_from_its_amount_at_the_start_to_that_at_the_end(
    entry: str, leaving: str, before: int, after: int
) -> None:
    if leaving in ("pushed_out", "transferred_out") and entry != "start":
        return  # what was not there cannot leave as it was
    added = sum(minor for _figure, minor in told(entry, leaving, before, after))

    assert (before if entry == "start" else 0) + added == (after if leaving == "now" else 0)
