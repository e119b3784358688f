"""Win odds: found where past sales carry them, and not claimed where they do not."""

from __future__ import annotations

import math
import random

import pytest

from sfactl.core.win_odds import Pair, Sale, estimate


def sales(count: int, *, effect: float, seed: int = 7) -> list[Sale]:
    """Sales whose odds depend on the match of skills, as much as it is said."""
    rnd = random.Random(seed)
    found = []
    for number in range(count):
        pair = Pair(rnd.choice(("Large", "Small")), rnd.random(), rnd.random() * 10, None)
        odds = 1 / (
            1 + math.exp(-(effect * (pair.match - 0.5) + (0.4 if pair.segment == "Large" else -0.4) * effect / 4))
        )
        found.append(Sale(pair, rnd.random() < odds, 700_000 + number // 3))
    return found


def test_what_skills_do_to_the_odds_is_found_and_calibrated() -> None:
    odds = estimate(sales(1500, effect=4.0))

    assert odds.trial is not None and odds.model is not None
    assert odds.trial.brier < odds.trial.brier_of_base
    assert odds.trial.log_loss < odds.trial.log_loss_of_base
    assert abs(odds.trial.predicted - odds.trial.won) < 0.06
    low, high = odds.model.odds([Pair("Small", 0.0, 5.0, None), Pair("Small", 1.0, 5.0, None)])
    assert low == pytest.approx(1 / (1 + math.exp(2.4)), abs=0.06)
    assert high == pytest.approx(1 / (1 + math.exp(-1.6)), abs=0.06)


def test_no_odds_are_claimed_from_chance() -> None:
    claimed = sum(estimate(sales(600, effect=0.0, seed=seed)).model is not None for seed in range(20))

    assert claimed <= 3


@pytest.mark.parametrize("count", [0, 1, 199])
def test_few_sales_say_nothing(count: int) -> None:
    odds = estimate(sales(count, effect=4.0))

    assert (odds.model, odds.trial, odds.reason) == (None, None, "few")


def test_sales_of_one_outcome_say_nothing() -> None:
    lost_lately = [
        Sale(each.pair, each.is_won and n < 400, each.closed) for n, each in enumerate(sales(600, effect=1.0))
    ]

    assert estimate(lost_lately).reason == "same"


def test_the_order_of_the_sales_does_not_matter() -> None:
    given = sales(500, effect=4.0)
    apart = [Sale(each.pair, each.is_won, 700_000 + n) for n, each in enumerate(given)]
    pair = [Pair("Large", 0.3, 2.0, None)]

    one, other = estimate(apart), estimate(list(reversed(apart)))

    assert one.model is not None and other.model is not None
    assert one.model.odds(pair) == other.model.odds(pair)
