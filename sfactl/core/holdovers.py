"""How the revenue of an open opportunity is shared when its account goes to somebody else.

Shares are basis points by person, and add up to 10000; where none are kept, the seller has all.
"""

from collections.abc import Mapping

from sfactl.core.money import split

WHOLE = 10_000

Shares = Mapping[int, int]


def taken_over(shares: Shares, was: int, to: int | None) -> dict[int, int]:
    """The shares after one person's goes to another, whole; to nobody when nobody follows him."""
    after = {person: share for person, share in shares.items() if person != was}
    if to is not None:
        after[to] = after.get(to, 0) + shares.get(was, 0)
    return after


def shared(shares: Shares, was: int, to: int, to_share_bp: int) -> dict[int, int]:
    """The shares after one person's is divided with another: exactly, by the largest remainder.

    Args:
        to_share_bp: how much of the first one's share the other gets.
    """
    kept, given = split(shares.get(was, 0), (WHOLE - to_share_bp, to_share_bp))
    after = {**shares, was: kept, to: shares.get(to, 0) + given}
    return {person: share for person, share in after.items() if share}


def given_back(shares: Shares, was: int, to: int | None) -> dict[int, int]:
    """The shares after a holdover: what is left with the first one goes to the other too.

    One person alone has all, and needs no share.
    """
    after = taken_over(shares, was, to)
    return {} if list(after.values()) == [WHOLE] else after
