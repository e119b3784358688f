"""How a booking is divided among those who are credited with it."""

from collections.abc import Mapping

from sfactl.core.money import split


def credited(amount_minor: int, shares: Mapping[int, int]) -> dict[int, int]:
    """The part of each person, by revenue shares in basis points; the parts add up to the amount exactly.

    Persons without a share get nothing. Ties go to the first.
    """
    people = [person for person, share in shares.items() if share > 0]
    if not people:
        return {}
    return dict(zip(people, split(amount_minor, [shares[person] for person in people]), strict=True))


def beside(amount_minor: int, share_bp: int) -> int:
    """The part of somebody whose credit stands beside (overlay), rounded half-up away from zero."""
    return split(amount_minor, [share_bp, 10_000 - share_bp])[0] if share_bp < 10_000 else amount_minor
