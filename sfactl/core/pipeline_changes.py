"""How an open pipeline became what it is: what came in, what it grew and shrank by, what left.

`start + new + pulled in + increased − decreased − pushed out − won − lost + transferred in − transferred out = now`
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

FIGURES: Final = (
    "start", "new", "pulled_in", "increased", "decreased", "pushed_out", "won", "lost", "transferred_in",
    "transferred_out", "now",
)  # fmt: skip
"""In the order of the sum; `now` is what the others add up to."""


@dataclass(frozen=True)
class Movement:
    """Opportunities of one way through a pipeline: how they came to be in it, and what became of them."""

    entry: str
    "start, new, pulled_in or transferred_in"
    exit: str
    "now, won, lost, pushed_out or transferred_out"
    count: int
    before_minor: int
    "Their amounts at the start; nothing for new ones."
    after_minor: int
    "Their amounts at the end. Of several, all have grown, or all have shrunk, or none has changed."


def effects(movement: Movement) -> Iterator[tuple[str, int, int]]:
    """Which figures a movement is in: figure, how many opportunities, and what it adds to the pipeline.

    Something comes in at the amount that it had at the start (a new one at its last), changes its amount in here, and
    leaves at its last; what is pushed out or transferred leaves as it was at the start, since its change is not ours.
    """
    count, before, after = movement.count, movement.before_minor, movement.after_minor
    if movement.entry == "new":
        yield "new", count, after
    elif movement.entry != "start":
        yield movement.entry, count, before
    if movement.exit in ("pushed_out", "transferred_out"):
        yield movement.exit, count, -before
        return
    if movement.entry != "new" and after != before:
        yield "increased" if after > before else "decreased", count, after - before
    if movement.exit != "now":
        yield movement.exit, count, -after
