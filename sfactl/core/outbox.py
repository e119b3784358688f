"""When a mail that waits is sent, and when it is given up."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

SHORTEST_PAUSE: Final = timedelta(seconds=1)
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=4)
MOST_ATTEMPTS: Final = 50
"""With the longest pauses, a little over four days: as long as mail servers try."""
MARGIN: Final = timedelta(minutes=2)
"""How much later than its end a claim is taken for dead: clocks of two machines differ."""


class Status(StrEnum):
    """Where a mail is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    "Somebody is at work on it, or died at it and his time is not over."
    SENT = "sent"
    FAILED = "failed"
    "For good; `retry` puts it back."
    CANCELLED = "cancelled"


class Result(StrEnum):
    """What came of trying to hand a mail over."""

    SENT = "sent"
    LATER = "later"
    "The server may take it another time."
    LOST = "lost"
    "The connection was lost before the server had the mail."
    UNSURE = "unsure"
    "The connection was lost after the mail went over: the server may have it, and may not."
    FAILED = "failed"
    "The server never will."


def status_after(result: Result, attempts: int) -> Status:
    """Where a mail is after that attempt, the first of which is 1."""
    if result is Result.SENT:
        return Status.SENT
    if result is Result.FAILED or attempts >= MOST_ATTEMPTS:
        return Status.FAILED
    return Status.QUEUED


def pause(result: Result, attempts: int, jitter: float) -> timedelta:
    """How long to wait after that attempt: up to twice as long as after the one before.

    Args:
        jitter: from 0 to 1, at random, so that what failed together does not come back together. After an attempt of
            which nobody knows whether it arrived, the pause is always the longest.
    """
    if result is Result.UNSURE:
        return LONGEST_PAUSE
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 16))
    return SHORTEST_PAUSE + jitter * longest


def lease(most_s: int) -> timedelta:
    """How long a mail is a sender's alone, who needs at most so many seconds for it."""
    return timedelta(seconds=most_s) + MARGIN
