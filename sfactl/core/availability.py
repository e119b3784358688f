"""How much of a product can be promised, from where and from which day: a function of what is there, due and held.

What is promised to one is never promised to another: from the day on that something is needed, all that is needed on any
later day must be there, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True)
class Due:
    """Pieces on a day: expected from then on, or held for somebody from then on."""

    on: date
    quantity_milli: int


@dataclass(frozen=True)
class Place:
    """What one warehouse has of one product, gets of it, and holds for somebody; quantities in thousandths."""

    warehouse: str
    on_hand_milli: int = 0
    counted_on: date | None = None
    expected: tuple[Due, ...] = ()
    held: tuple[Due, ...] = ()

    def free(self, on: date, today: date) -> int:
        """How much can be promised for a day; what should have come before today and did not counts for nothing."""
        days = {on, *(each.on for each in self.held if each.on > on)}
        return max(0, min(self._left(day, today) for day in days))

    def _left(self, day: date, today: date) -> int:
        comes = sum(each.quantity_milli for each in self.expected if today <= each.on <= day)
        return self.on_hand_milli + comes - sum(each.quantity_milli for each in self.held if each.on <= day)

    def hold(self, on: date, quantity_milli: int) -> "Place":
        """The same place, with that much less to promise."""
        return replace(self, held=(*self.held, Due(on, quantity_milli)))


@dataclass(frozen=True)
class Part:
    """A part of what is wanted: from which warehouse and day; neither, where nobody knows."""

    quantity_milli: int
    warehouse: str | None = None
    on: date | None = None


def promise(wanted_milli: int, places: Sequence[Place], today: date, by: date | None = None) -> tuple[Part, ...]:
    """Where and when what is wanted can be had: as early as possible, from as few warehouses as possible, in order of days.

    Args:
        by: what comes later is not promised; without it, whatever is expected counts.
    """
    left, now, parts = wanted_milli, {place.warehouse: place for place in places}, []
    for day in _days(places, today, by):
        for place in _nearest(list(now.values()), day, today, left):
            taken = min(left, now[place.warehouse].free(day, today))
            if taken > 0:
                now[place.warehouse] = now[place.warehouse].hold(day, taken)
                parts.append(Part(taken, place.warehouse, day))
                left -= taken
    return (*parts, Part(left)) if left else tuple(parts)


def _days(places: Sequence[Place], today: date, by: date | None) -> list[date]:
    coming = {each.on for place in places for each in place.expected if each.on > today}
    return [today, *sorted(day for day in coming if by is None or day <= by)]


def _nearest(places: Sequence[Place], day: date, today: date, wanted: int) -> list[Place]:
    """First one that has all of it, then the fullest; equal ones by code."""

    def order(place: Place) -> tuple[bool, int, str]:
        free = place.free(day, today)
        return free < wanted, -free, place.warehouse

    return sorted(places, key=order)


def now_and_later(parts: Sequence[Part], today: date) -> tuple[int, int, int]:
    """How much there is today, how much later, and how much nobody knows of."""
    here = sum(part.quantity_milli for part in parts if part.on == today)
    missing = sum(part.quantity_milli for part in parts if part.on is None)
    return here, sum(part.quantity_milli for part in parts) - here - missing, missing
