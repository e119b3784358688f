"""How columns that stand below each other in two widgets share a width."""

from collections.abc import Sequence
from itertools import accumulate


def shared(width: int, count: int, least: int) -> list[int]:
    """The widths of so many columns: as even as whole cells are, the wider ones first, and none below the least."""
    if not count:
        return []
    even, rest = divmod(width, count)
    return [max(even + (place < rest), least) for place in range(count)]


def edges(widths: Sequence[int]) -> list[int]:
    """Where each column begins."""
    return list(accumulate(widths, initial=0))[:-1]
