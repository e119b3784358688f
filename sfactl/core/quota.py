"""Attainment of a quota, and the pace towards it."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sfactl.core.money import round_half_up


def attainment(credit_minor: int | Fraction, quota_minor: int | None) -> Fraction | None:
    """Credit / quota, exactly; not defined (None) when the quota is missing, or nothing is left of it."""
    return Fraction(credit_minor) / quota_minor if quota_minor and quota_minor > 0 else None


def is_reached(credit_minor: int | Fraction, quota_minor: int | None) -> bool | None:
    """Whether the unrounded attainment is at least 1; None where attainment is not defined."""
    share = attainment(credit_minor, quota_minor)
    return None if share is None else share >= 1


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a quota stands on one day, in minor units, each figure rounded half-up."""

    gap: int
    """Credit less what would be on track: negative is behind."""
    on_track: int
    """The quota's part that the elapsed days ask for."""
    projected: int | None
    """The credit at the end at the pace so far; None while no day has passed."""
    needed_per_day: int | None
    """What each day left has to bring, 0 once the quota is reached; None when no day is left."""


def pace(
    credit_minor: int | Fraction,
    quota_minor: int | None,
    *,
    days_elapsed: int,
    days_total: int,
    on_track: Fraction | None = None,
) -> Pace | None:
    """The pace towards a quota after `days_elapsed` of `days_total` days; None when quota is zero or missing.

    `on track = quota × elapsed share`, `projected = credit / elapsed share`,
    `needed per day = (quota − credit) / days left`. Days outside the period count as its first or last.

    Args:
        on_track: what a curve of the seasons asks for by now; the elapsed share is the curve's then.
    """
    if not quota_minor or quota_minor < 0:
        return None
    if days_total <= 0:
        raise ValueError("a period has at least one day")
    elapsed = min(max(days_elapsed, 0), days_total)
    share = Fraction(elapsed, days_total) if on_track is None else on_track / quota_minor
    due = round_half_up(quota_minor * share)
    left = days_total - elapsed
    return Pace(
        gap=round_half_up(Fraction(credit_minor)) - due,
        on_track=due,
        projected=round_half_up(Fraction(credit_minor) / share) if share > 0 else None,
        needed_per_day=round_half_up(max(quota_minor - Fraction(credit_minor), Fraction(0)) / left) if left else None,
    )


def months_left(day: date, end: date) -> int:
    """Whole months from a day to the end of a year (exclusive); the month that the day lies in counts from its first day only."""
    months = (end.year - day.year) * 12 + end.month - day.month - (day.day > 1)
    return min(max(months, 0), 12)


def moving_along(quota_minor: int, moved_minor: int, total_minor: int, *, months_left: int) -> int:
    """The part of a year's quota that goes along with accounts, rounded half-up.

    `quota × moved revenue / revenue of all his accounts × months left / 12`. All accounts of somebody whose quota is
    120,000 take 60,000 along on 1 July.
    """
    if total_minor <= 0 or moved_minor <= 0:
        return 0
    return round_half_up(Fraction(quota_minor * min(moved_minor, total_minor) * months_left, total_minor * 12))


def coverage_needed(won: int, lost: int) -> Fraction | None:
    """1 / win rate: how often what is left must stand in the pipeline; None where nothing was won."""
    return Fraction(won + lost, won) if won else None
