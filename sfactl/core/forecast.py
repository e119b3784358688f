"""What open opportunities promise."""

from fractions import Fraction

from sfactl.core.money import round_half_up


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
