"""Before, during or after a purchase order: where an activity stands among an account's bookings."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

BEFORE_DAYS: Final = 90
"""An activity is before an order that is booked within so many days."""
USUAL_DAYS: Final = 30
"""An order of which nobody says when it was completed counts as completed so many days after its booking."""


class Phase(StrEnum):
    """Where a day stands to an order."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Booking:
    """An order's days: from its booking to its completion, both included."""

    code: str
    booked_on: date
    completed_on: date | None = None

    @property
    def ends_on(self) -> date:
        """The last day of its handling."""
        return max(self.booked_on, self.completed_on or self.booked_on + timedelta(days=USUAL_DAYS))


class Bookings:
    """The orders of one account, in any order when given."""

    def __init__(self, bookings: Iterable[Booking]) -> None:
        self._orders = sorted(bookings, key=lambda order: (order.booked_on, order.code))
        self._booked = [order.booked_on for order in self._orders]
        self._last_to_end: list[Booking] = []
        "For each order, which of it and those before it ends last; the later booked on the same day."
        for order in self._orders:
            last = self._last_to_end[-1] if self._last_to_end else order
            self._last_to_end.append(order if order.ends_on >= last.ends_on else last)

    def phase(self, day: date) -> tuple[Phase | None, str | None]:
        """The phase of a day, and the code of the order it is about.

        During: the latest booked of the orders that are being handled on the day. Else the nearer of two counts: the
        next order, when it is booked within `BEFORE_DAYS`, and the one that was completed last; the next one when both
        are as near.
        """
        begun = bisect_right(self._booked, day)
        past = self._last_to_end[begun - 1] if begun else None
        if past is not None and past.ends_on >= day:
            return Phase.DURING, next(order.code for order in self._orders[begun - 1 :: -1] if order.ends_on >= day)
        coming = self._next(begun, day)
        if coming is not None and (past is None or coming.booked_on - day <= day - past.ends_on):
            return Phase.BEFORE, coming.code
        return (None, None) if past is None else (Phase.AFTER, past.code)

    def phase_in_sale(self, day: date, closed_on: date | None, *, is_won: bool) -> tuple[Phase | None, str | None]:
        """The same of what was done for an opportunity: before, until it closes, whatever else is being handled.

        The order is the first that is booked from the day of winning on, within `BEFORE_DAYS`; none for one that is
        open or lost.
        """
        if closed_on is not None and day > closed_on:
            return self.phase(day)
        won = self._next(bisect_left(self._booked, closed_on), closed_on) if closed_on and is_won else None
        return Phase.BEFORE, won.code if won else None

    def _next(self, place: int, day: date) -> Booking | None:
        """The order at that place, if it is booked soon after the day."""
        soon = day + timedelta(days=BEFORE_DAYS)
        return self._orders[place] if place < len(self._orders) and self._booked[place] <= soon else None
