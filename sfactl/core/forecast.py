"""What open opportunities promise."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from sfactl.core.money import round_half_up
from sfactl.core.periods import Period


def weighted_minor(amount_minor: int, probability_bp: int) -> int:
    """Amount times probability, rounded half-up to a minor unit.

    Args:
        probability_bp: basis points; 10000 is certain.
    """
    return round_half_up(Fraction(amount_minor * probability_bp, 10000))


def coverage(open_minor: int, quota_minor: int | None, closed_minor: int) -> Fraction | None:
    """Open pipeline over what is left of the quota; None where there is no quota or nothing is left of it."""
    if quota_minor is None or quota_minor <= closed_minor:
        return None
    return Fraction(open_minor, quota_minor - closed_minor)


CATEGORIES: Final = ("closed", "commit", "best_case", "pipeline")
"""Where a forecast counts what is won and what is open; `omitted` counts nowhere."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Sums of a period by category, in minor units, and what they come to one on top of the other."""

    closed: int = 0
    commit: int = 0
    best_case: int = 0
    pipeline: int = 0

    @property
    def commit_forecast(self) -> int:
        """Closed and commit."""
        return self.closed + self.commit

    @property
    def best_case_forecast(self) -> int:
        """The commit forecast and best case."""
        return self.commit_forecast + self.best_case

    @property
    def open_pipeline(self) -> int:
        """All that is open: what is closed is left out."""
        return self.commit + self.best_case + self.pipeline


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says of an opportunity; what is None is as the data say."""

    category: str | None = None
    amount_minor: int | None = None
    close_on: date | None = None


def committed(sale: Word, word: Word | None, period: Period) -> int:
    """What an open opportunity adds to the commit forecast of a period, as somebody says, or else as the data say."""
    word = word or Word()
    category, close_on = word.category or sale.category, word.close_on or sale.close_on
    amount = sale.amount_minor if word.amount_minor is None else word.amount_minor
    counts = category == "commit" and close_on is not None and period.contains(close_on)
    return amount or 0 if counts else 0


def needed_coverage(win_rate: Fraction | None) -> Fraction | None:
    """How many times what is left of a quota must be open for it to be reached: one over the win rate."""
    return 1 / win_rate if win_rate else None


def is_covered(covered: Fraction | None, needed: Fraction | None) -> bool | None:
    """Whether as much is open as is needed; None where either is not defined."""
    return None if covered is None or needed is None else covered >= needed
