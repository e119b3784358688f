"""How likely a sale is won, by who sells it to whom: a logistic regression over past sales, and whether it is worth anything.

The estimate is made of the older sales and tried on the newer ones, which it has not seen. Only where it does better there than
the plain share of wins, by more than chance would, is it made again of all and used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Final

LEAST_SALES: Final = 200
LEAST_OF_EACH: Final = 40
"""So many won and so many lost sales there must be."""
OLDER: Final = 0.7
"""This part of the sales, the older ones, makes the estimate that is tried on the others."""
LEAST_OF_SEGMENT: Final = 25
"""A segment with fewer sales counts with the rest."""
LEAST_KNOWN: Final = 0.8
"""A feature that fewer sales have is left out."""
STRICTNESS: Final = 1.645
"""So many standard errors the gain must be above nothing: chance does it in one of twenty cases."""
_RIDGE: Final = 1.0
_ROUNDS: Final = 50
FEATURES: Final = ("match", "tenure", "distance")


@dataclass(frozen=True)
class Pair:
    """Somebody who sells to an account."""

    segment: str
    match: float
    "How much of what the account needs he knows: 0 to 1."
    tenure: float | None
    "Years for which he has been here."
    distance: float | None
    "Kilometres between them."


@dataclass(frozen=True)
class Sale:
    """A sale that is closed."""

    pair: Pair
    is_won: bool
    closed: int
    "Number of the day."


@dataclass(frozen=True)
class Trial:
    """How the estimate does on sales that it has not seen, beside the plain share of wins."""

    sales: int
    "All there are."
    tried: int
    "The newer ones, on which it was tried."
    base: float
    "The share of wins of the older ones."
    brier: float
    "The mean square of what it is off: 0 is perfect."
    brier_of_base: float
    log_loss: float
    log_loss_of_base: float
    predicted: float
    "The mean of the odds that it gave."
    won: float
    "The share that was won."
    is_better: bool
    "By more than chance."


@dataclass(frozen=True)
class Odds:
    """An estimate, and how it was tried; without a model where it is of no use."""

    trial: Trial | None
    model: "Model | None"
    reason: str = ""
    "Why there is none, as a word: few, same, worse."


@dataclass(frozen=True)
class Model:
    """Odds by who sells to whom."""

    segments: tuple[str, ...]
    used: tuple[str, ...]
    means: Mapping[str, float]
    scales: Mapping[str, float]
    weights: Any
    "Of the constant, of the segments and of the features, in this order."

    def odds(self, pairs: Sequence[Pair]) -> Any:
        """The odds of each pair, from 0 to 1."""
        return _odds(_matrix(self, pairs), self.weights)


def estimate(sales: Sequence[Sale]) -> Odds:
    """What past sales say of the odds, or that they say nothing.

    Args:
        sales: in any order; sales of one day count as one time.
    """
    ordered = sorted(sales, key=lambda sale: sale.closed)
    won = sum(sale.is_won for sale in ordered)
    if len(ordered) < LEAST_SALES or min(won, len(ordered) - won) < LEAST_OF_EACH:
        return Odds(None, None, "few")
    older, newer = _divided(ordered)
    if not newer or len({sale.is_won for sale in newer}) < 2 or len({sale.is_won for sale in older}) < 2:
        return Odds(None, None, "same")
    trial = _tried(_fitted(older), older, newer)
    return Odds(trial, _fitted(ordered)) if trial.is_better else Odds(trial, None, "worse")


def _divided(ordered: Sequence[Sale]) -> tuple[Sequence[Sale], Sequence[Sale]]:
    """The older and the newer sales; no day is in both."""
    day = ordered[int(len(ordered) * OLDER)].closed
    return [sale for sale in ordered if sale.closed < day], [sale for sale in ordered if sale.closed >= day]


def _tried(model: Model, older: Sequence[Sale], newer: Sequence[Sale]) -> Trial:
    import numpy as np

    truth = np.array([float(sale.is_won) for sale in newer])
    base = sum(sale.is_won for sale in older) / len(older)
    odds = model.odds([sale.pair for sale in newer])
    own, plain = _losses(odds, truth), _losses(np.full(len(newer), base), truth)
    gain = plain - own
    error = float(gain.std(ddof=1)) / sqrt(len(newer)) if len(newer) > 1 else 0.0
    brier, of_base = float(((odds - truth) ** 2).mean()), float(((base - truth) ** 2).mean())
    return Trial(
        len(older) + len(newer), len(newer), base, brier, of_base, float(own.mean()), float(plain.mean()),
        float(odds.mean()), float(truth.mean()), bool(gain.mean() > STRICTNESS * error and brier < of_base),
    )  # fmt: skip


def _losses(odds: Any, truth: Any) -> Any:
    import numpy as np

    safe = np.clip(odds, 1e-6, 1 - 1e-6)
    return -(truth * np.log(safe) + (1 - truth) * np.log(1 - safe))


def _fitted(sales: Sequence[Sale]) -> Model:
    """The model that fits best, what it says being held back a little: Newton's steps, always the same number at most."""
    import numpy as np

    model = _empty(sales)
    matrix = _matrix(model, [sale.pair for sale in sales])
    truth = np.array([float(sale.is_won) for sale in sales])
    ridge = np.full(matrix.shape[1], _RIDGE)
    ridge[0] = 0.0
    weights = np.zeros(matrix.shape[1])
    for _round in range(_ROUNDS):
        odds = _odds(matrix, weights)
        slope = np.einsum("ij,i->j", matrix, truth - odds) - ridge * weights
        bend = np.einsum("ij,i,ik->jk", matrix, odds * (1 - odds), matrix) + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return replace(model, weights=weights)


def _empty(sales: Sequence[Sale]) -> Model:
    """Which segments and features there are, and on which scale."""
    counts: dict[str, int] = {}
    for sale in sales:
        counts[sale.pair.segment] = counts.get(sale.pair.segment, 0) + 1
    segments = sorted(name for name, count in counts.items() if count >= LEAST_OF_SEGMENT)
    means, scales = {}, {}
    for name in FEATURES:
        known = [value for sale in sales if (value := getattr(sale.pair, name)) is not None]
        if len(known) < LEAST_KNOWN * len(sales):
            continue
        mean = sum(known) / len(known)
        spread = sqrt(sum((value - mean) ** 2 for value in known) / len(known))
        if spread > 1e-9:
            means[name], scales[name] = mean, spread
    return Model(tuple(segments[1:]), tuple(means), means, scales, None)


def _matrix(model: Model, pairs: Sequence[Pair]) -> Any:
    """A row a pair: one, its segment, and its features on their scales; what is not known counts as the mean."""
    import numpy as np

    rows = [
        [
            1.0,
            *(float(pair.segment == name) for name in model.segments),
            *(_scaled(model, name, getattr(pair, name)) for name in model.used),
        ]
        for pair in pairs
    ]
    return np.array(rows).reshape(len(rows), 1 + len(model.segments) + len(model.used))


def _scaled(model: Model, name: str, value: float | None) -> float:
    """How many standard deviations above the mean; never more than four, so that nothing is said of what was never seen."""
    if value is None:
        return 0.0
    return min(max((value - model.means[name]) / model.scales[name], -4.0), 4.0)


def _odds(matrix: Any, weights: Any) -> Any:
    """The odds of each row."""
    import numpy as np

    return _sigmoid(np.einsum("ij,j->i", matrix, weights))


def _sigmoid(values: Any) -> Any:
    import numpy as np

    return 1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0)))
