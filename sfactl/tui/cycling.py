"""Going from one of several to the next, and from the last to the first."""

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def following(choices: Iterable[T], now: T) -> T:
    """The one after `now`."""
    known = list(choices)
    return known[(known.index(now) + 1) % len(known)]
