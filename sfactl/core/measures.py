"""What quotas are measured in: money, or things that are counted."""

from enum import StrEnum
from typing import Final

NO_CURRENCY: Final = "XXX"
"""The code of ISO 4217 for amounts that are no money."""


class Measure(StrEnum):
    """Of what there must be so much."""

    REVENUE = "revenue"
    "What was booked."
    WON_AMOUNT = "won_amount"
    "The amounts of opportunities that were won."
    WON_COUNT = "won_count"
    "How many opportunities were won."
    UNITS = "units"
    "Pieces that were booked."
    ACTIVITIES_DONE = "activities_done"
    "Calls, visits and the like that were done."

    @property
    def is_money(self) -> bool:
        """Whether it is an amount of money."""
        return self in (Measure.REVENUE, Measure.WON_AMOUNT)
