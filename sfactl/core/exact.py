"""Amounts that are never rounded on their way: a fraction of whole numbers, not reduced, so that it is quick."""

from typing import NamedTuple


class Exact(NamedTuple):
    """An amount that is not below zero: `top / bottom`."""

    top: int
    bottom: int = 1

    def times(self, top: int, bottom: int = 1) -> "Exact":
        """So many times as much."""
        return Exact(self.top * top, self.bottom * bottom)

    def plus(self, other: "Exact") -> "Exact":
        """Both together."""
        return Exact(self.top * other.bottom + other.top * self.bottom, self.bottom * other.bottom)

    def less(self, other: "Exact") -> "Exact":
        """What is left of it; nothing, where the other is more."""
        return Exact(max(self.top * other.bottom - other.top * self.bottom, 0), self.bottom * other.bottom)

    def is_below(self, other: "Exact") -> bool:
        """Whether it is the smaller one."""
        return self.top * other.bottom < other.top * self.bottom

    def rounded(self, parts: int = 1) -> int:
        """In whole parts of its unit, so many to one; halves go up."""
        return (2 * self.top * parts + self.bottom) // (2 * self.bottom)


ZERO = Exact(0)
