"""A bound for any number of pairs: what people may have is not kept but paid for, at prices that make the bound as high as they can.

With prices (multipliers of Lagrange) every unit goes to whom it costs least, by itself; the sum of that, less what the prices are paid
for, is below what any distribution costs that keeps all limits, whatever the prices are. They are found by the volume algorithm
(F. Barahona, R. Anbil, Mathematical Programming 87, 2000), which tells too how units are divided in the relaxed optimum. It looks
only at pairs that may matter; the bound itself is computed over all.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sfactl.core.balancing import Aim, Goal, Measure
from sfactl.core.balancing_arrays import Array, Shares
from sfactl.core.balancing_question import Question, Tell, chunks

WIDTH = 32
"""So many people are looked at for a unit, at most."""
WORKERS = 2
"""So many threads look at units, each at some of them: what they find does not depend on how many there are."""
BLOCK = 1 << 16
"""So many pairs one of them looks at together."""
PATIENCE = 6
LEAST_PACE = 1e-5
SMOOTH = 0.1
"""What part of the average each new answer is."""


@dataclass
class Prices:
    """What is paid for each unit of what must be kept."""

    people: dict[Measure, Array]
    "Per person, for having more of the measure; below zero: for having less."
    totals: dict[Goal, float] = field(default_factory=dict)
    ladders: dict[Measure, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Scales:
    """How large an amount usually is, so that prices of different things are alike."""

    people: dict[Measure, float]
    totals: dict[Goal, float]


@dataclass(frozen=True)
class Pairs:
    """The people that are looked at for each unit."""

    who: Array
    "Unit by place: person."
    is_real: Array
    "Unit by place; the others stand for nothing."
    costs: dict[Goal, Array]
    "Unit by place, for the goal and all totals."
    is_all: bool
    "Everybody who may have a unit is among them."


class Terms:
    """What is the same in all rounds of a question: bounds, amounts, scales."""

    def __init__(self, question: Question) -> None:
        self.question, self.world = question, question.world
        self.shares: dict[Measure, Shares] = {measure: question.shares(measure) for measure in question.measures}
        self.amounts = {measure: self.world.amounts[measure] for measure in question.measures}
        self.goals = [*question.totals] if question.measure else [question.goal, *question.totals]
        self.points = {measure: self._points(measure) for measure in question.measures}
        self._outside = {
            m: self._outside_of(m) for m in question.measures if m in question.ladders or m is question.measure
        }
        sample = np.unique(np.linspace(0, self.world.units - 1, min(self.world.units, 500)).astype(np.int64))
        self.scales = Scales(
            {m: float(amounts.mean()) or 1.0 for m, amounts in self.amounts.items()},
            {goal: self._usual(goal, sample) for goal in self.goals},
        )

    def _usual(self, goal: Goal, units: Array) -> float:
        costs = np.concatenate([self.world.costs(goal, units[n : n + 1]) for n in range(len(units))])
        spread = costs.max(axis=1) - np.where(self.world.eligible(units), costs, np.inf).min(axis=1)
        return float(np.maximum(spread, 0).mean()) or 1.0

    def _points(self, measure: Measure) -> Array:
        """Where, per person, what a person has may be cheapest: bounds and rungs."""
        known, total = self.shares[measure], self.amounts[measure].sum()
        high = np.minimum(known.high, total)
        rows = [known.low, high]
        if measure in self.question.ladders or measure is self.question.measure:
            rows += [*known.lows, *known.highs]
        return np.clip(np.array(rows), known.low, np.maximum(high, known.low))

    def _outside_of(self, measure: Measure) -> Array:
        known, points = self.shares[measure], self.points[measure]
        return np.array([known.outside(row) for row in points]) if len(points) else points

    def start(self) -> Prices:
        """Nothing is paid."""
        zero = np.zeros(len(self.world.people))
        return Prices(
            dict.fromkeys(self.amounts, zero), dict.fromkeys(self.question.totals, 0.0),
            dict.fromkeys(self.question.ladders, 0.0),
        )  # fmt: skip

    def people(
        self, prices: Prices, sums: dict[Measure, Array]
    ) -> tuple[float, dict[Measure, Array], dict[Measure, float]]:
        """What people have at these prices: its cost, the amounts, and what lies outside of those that are held.

        Args:
            sums: what units give them, which is taken where any amount costs the same.
        """
        cost, has, outside = 0.0, {}, {}
        columns = np.arange(len(self.world.people))
        for measure, price in prices.people.items():
            weight = 1.0 if measure is self.question.measure else prices.ladders.get(measure, 0.0)
            points = self.points[measure]
            table = -price * points
            if measure in self._outside:
                table = table + weight * self._outside[measure]
            best = table.argmin(axis=0)
            cost += float(table[best, columns].sum())
            has[measure] = points[best, columns]
            if weight == 0:
                known = self.shares[measure]
                is_free = price == 0
                has[measure] = np.where(is_free, np.clip(sums[measure], known.low, known.high), has[measure])
            if measure in self.question.ladders:
                outside[measure] = float(self._outside[measure][best, columns].sum())
        paid = sum(prices.totals[goal] * most for goal, most in self.question.totals.items())
        paid += sum(prices.ladders[measure] * most for measure, most in self.question.ladders.items())
        return cost - paid, has, outside

    def priced(self, units: Array, prices: Prices) -> Array:
        """Unit by person: what it costs at these prices; infinite for whoever may not have it."""
        found = np.zeros((len(units), len(self.world.people)))
        for goal in self.goals:
            weight = 1.0 if goal == self.question.goal else 0.0
            weight += prices.totals.get(goal, 0.0)
            if weight:
                found += weight * self.world.costs(goal, units)
        for measure, price in prices.people.items():
            found += self.amounts[measure][units, None] * price
        found[~self.world.eligible(units)] = np.inf
        return found

    def bound(self, prices: Prices) -> float:
        """What nothing can cost less than, over all pairs."""
        units = sum(float(self.priced(part, prices).min(axis=1).sum()) for part in chunks(self.world))
        nothing = {measure: np.zeros(len(self.world.people)) for measure in self.amounts}
        return units + self.people(prices, nothing)[0]

    def pairs(self, prices: Prices, keep: Array, rng: Any) -> Pairs:
        """The people who cost a unit least at these prices, and those in `keep` (unit by any number of places, -1 for none)."""
        width = min(int(self.world.allowed.sum(axis=1).max()), WIDTH)
        who = np.empty((self.world.units, width), dtype=np.int64)
        is_real = np.empty(who.shape, dtype=bool)
        costs = {goal: np.empty(who.shape) for goal in self.goals}
        for part in chunks(self.world):
            table = self.priced(part, prices)
            self._prefer(table, keep[part], rng)
            chosen = np.sort(_smallest(table, width), axis=1)
            who[part], is_real[part] = (
                chosen,
                np.isfinite(np.take_along_axis(table, chosen, axis=1)) | self._is_kept(chosen, keep[part]),
            )
            is_real[part] &= np.take_along_axis(self.world.eligible(part), chosen, axis=1)
            for goal in self.goals:
                costs[goal][part] = np.take_along_axis(self.world.costs(goal, part), chosen, axis=1)
        return Pairs(who, is_real, costs, width == int(self.world.allowed.sum(axis=1).max()))

    def _prefer(self, table: Array, keep: Array, rng: Any) -> None:
        usual = np.abs(table[np.isfinite(table)]).mean() or 1.0
        table += rng.random(table.shape) * (usual * 1e-6 + 1e-12)
        rows = np.arange(len(table))
        for place in range(keep.shape[1]):
            has = keep[:, place] >= 0
            mine = has.copy()
            mine[has] = np.isfinite(table[rows[has], keep[has, place]])
            table[rows[mine], keep[mine, place]] = -np.inf

    @staticmethod
    def _is_kept(chosen: Array, keep: Array) -> Array:
        return (chosen[:, :, None] == keep[:, None, :]).any(axis=2)


def _smallest(table: Array, width: int) -> Array:
    if width >= table.shape[1]:
        return np.repeat(np.arange(table.shape[1])[None, :], len(table), axis=0)
    return np.argpartition(table, width, axis=1)[:, :width]


@dataclass
class Relaxed:
    """Where the prices stand."""

    prices: Prices
    bound: float
    "Over the pairs that were looked at, about."
    parts: Array
    "Unit by place: how the unit is divided, about."


class Volume:
    """The search for prices over some pairs."""

    def __init__(self, terms: Terms, pairs: Pairs, begin: Prices, rng: Any, noise: float) -> None:
        self.terms, self.pairs = terms, pairs
        self._rows = np.arange(terms.world.units)
        goal = terms.question.goal
        base = np.zeros(pairs.who.shape) if goal.aim is Aim.BALANCE else pairs.costs[goal]
        usual = float(base[pairs.is_real].mean()) or 1.0
        self._base = np.where(pairs.is_real, base + rng.random(base.shape) * usual * noise, np.inf)
        self.best, self.bound = begin, -np.inf
        self.parts = np.zeros(pairs.who.shape)
        self._away: dict[Any, Any] = {}
        self._margin = 0.0
        size = max(BLOCK // pairs.who.shape[1], 1)
        self._blocks = [slice(at, at + size) for at in range(0, len(self._rows), size)]

    def run(self, upper: float, steps: int, tell: Tell, *, margin: float = 0.0) -> Relaxed:
        """So many steps towards the best prices, where `upper` is what is known to be possible.

        Args:
            margin: totals are to be less than they may by so many usual amounts, so that mending has room.
        """
        self._margin = margin
        with ThreadPoolExecutor(WORKERS) as workers:
            self._workers = workers
            return self._searched(upper, steps, tell)

    def _searched(self, upper: float, steps: int, tell: Tell) -> Relaxed:
        self.bound, chosen, away = self._at(self.best)
        self.parts[self._rows, chosen] = 1.0
        self._away = away
        pace, waited = 0.1, 0
        for n in range(steps):
            if n % 10 == 0:
                tell(None, None, n / steps / 2)
            length = self._length(self._away)
            if length <= 1e-12:
                break
            target = max(min(upper - self.bound, 0.2 * abs(self.bound)), 1e-3 * abs(self.bound), 1e-9)
            prices = self._moved(pace * target / length)
            value, chosen, away = self._at(prices)
            self._average(chosen, away)
            if value > self.bound + 1e-9 * abs(self.bound):
                self.bound, self.best = value, prices
                pace, waited = min(pace * 1.1, 2.0), 0
            elif (waited := waited + 1) >= PATIENCE:
                pace, waited = max(pace * 0.5, LEAST_PACE), 0
        return Relaxed(self.best, self.bound, self.parts)

    def _average(self, chosen: Array, away: dict[Any, Any]) -> None:
        self.parts *= 1 - SMOOTH
        self.parts[self._rows, chosen] += SMOOTH
        for key, amount in away.items():
            self._away[key] = (1 - SMOOTH) * self._away[key] + SMOOTH * amount

    def _at(self, prices: Prices) -> tuple[float, Array, dict[Any, Any]]:
        """The bound at some prices, what each unit chooses, and how far that is from what must be kept."""
        terms, pairs = self.terms, self.pairs
        chosen, paid = self._chosen(prices)
        who = pairs.who[self._rows, chosen]
        count = len(terms.world.people)
        sums = {m: np.bincount(who, weights=a, minlength=count) for m, a in terms.amounts.items()}
        cost, has, outside = terms.people(prices, sums)
        away: dict[Any, Any] = {m: (sums[m] - has[m]) / terms.scales.people[m] for m in sums}
        for goal, most in terms.question.totals.items():
            over = float(pairs.costs[goal][self._rows, chosen].sum()) - most
            away[goal] = over / terms.scales.totals[goal] + self._margin
            cost += prices.totals[goal] * self._margin * terms.scales.totals[goal]
        for measure, most in terms.question.ladders.items():
            away["ladder", measure] = (outside[measure] - most) / terms.scales.people[measure]
        return float(paid.sum()) + cost, chosen, away

    def _chosen(self, prices: Prices) -> tuple[Array, Array]:
        """The place that each unit chooses, and what it costs there; some units at a time, so that they stay in the cache."""
        chosen, paid = np.empty(len(self._rows), dtype=np.int64), np.empty(len(self._rows))
        list(self._workers.map(lambda part: self._choose(prices, part, chosen, paid), self._blocks))
        return chosen, paid

    def _choose(self, prices: Prices, part: slice, chosen: Array, paid: Array) -> None:
        pairs, table = self.pairs, self._base[part].copy()
        more = np.empty_like(table)
        for goal, price in prices.totals.items():
            if price:
                np.multiply(pairs.costs[goal][part], price, out=more)
                table += more
        for measure, price in prices.people.items():
            if price.any():
                np.take(price, pairs.who[part], out=more, mode="clip")
                more *= self.terms.amounts[measure][part, None]
                table += more
        table.argmin(axis=1, out=chosen[part])
        paid[part] = table[np.arange(len(table)), chosen[part]]

    def _length(self, away: dict[Any, Any]) -> float:
        """The square of how far it is, without what would make a price that is nothing fall below it."""
        found = 0.0
        for key, amount in away.items():
            if isinstance(key, Measure):
                found += float((amount**2).sum())
            elif amount > 0 or self._price(key) > 0:
                found += amount**2
        return found

    def _price(self, key: Any) -> float:
        return self.best.totals[key] if isinstance(key, Goal) else self.best.ladders[key[1]]

    def _moved(self, step: float) -> Prices:
        """Prices a step further."""
        scales, best, away = self.terms.scales, self.best, self._away
        people = {m: price + step * away[m] / scales.people[m] for m, price in best.people.items()}
        totals = {g: max(price + step * away[g] / scales.totals[g], 0.0) for g, price in best.totals.items()}
        ladders = {m: max(p + step * away["ladder", m] / scales.people[m], 0.0) for m, p in best.ladders.items()}
        return Prices(people, totals, ladders)
