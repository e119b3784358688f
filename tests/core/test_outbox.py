"""When a mail that waits is sent, and when it is given up."""

from datetime import timedelta

import pytest

from sfactl.core.outbox import LONGEST_PAUSE, MOST_ATTEMPTS, Result, Status, lease, pause, status_after


def test_pauses_grow_up_to_a_cap() -> None:
    longest = [pause(Result.LATER, attempt, 1.0) for attempt in (1, 2, 3, 4, 30)]

    assert [each - timedelta(seconds=1) for each in longest] == [
        timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8), LONGEST_PAUSE,
    ]  # fmt: skip


def test_jitter_takes_any_part_of_a_pause_but_never_all() -> None:
    assert pause(Result.LOST, 3, 0.0) == timedelta(seconds=1)
    assert pause(Result.LOST, 3, 0.5) == timedelta(minutes=2, seconds=1)


@pytest.mark.parametrize("jitter", [0.0, 1.0])
def test_what_may_have_arrived_waits_longest(jitter: float) -> None:
    assert pause(Result.UNSURE, 1, jitter) == LONGEST_PAUSE


def test_what_is_refused_for_good_is_not_tried_again() -> None:
    assert status_after(Result.FAILED, 1) is Status.FAILED
    assert status_after(Result.SENT, 1) is Status.SENT
    assert status_after(Result.UNSURE, 1) is Status.QUEUED
    assert status_after(Result.LATER, MOST_ATTEMPTS - 1) is Status.QUEUED
    assert status_after(Result.LATER, MOST_ATTEMPTS) is Status.FAILED


def test_a_claim_outlasts_all_that_one_mail_may_take() -> None:
    assert lease(360) > timedelta(seconds=360)
