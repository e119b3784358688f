"""The best that can be found where there are many pairs, with a bound: prices, a distribution by them, and what is still open proven."""

from dataclasses import replace
from typing import Any

import numpy as np

from sfactl.core import balancing_exact, balancing_flow
from sfactl.core.balancing import Measure
from sfactl.core.balancing_arrays import Array, World
from sfactl.core.balancing_question import Cancelled, Found, Question, Tell, chunks, whole_bound
from sfactl.core.balancing_relaxed import Pairs, Relaxed, Terms, Volume
from sfactl.core.balancing_search import Placement

PAIRS_A_SECOND = 4_000_000
"""So many pairs are looked at, in a second of a usual machine."""
OPEN_PAIRS = 10_000
"""Up to so many pairs that may be better are given to CP-SAT."""
STEPS = 300
MARGIN = 3e-4
"""For each unit so much of a usual amount is left free in totals, where no distribution that keeps them was found before."""
NOISES = (2e-3, 5e-4, 5e-4)
"""What part of a usual cost decides between equals, round by round, so that not all units go to the same of them."""


class _Search:
    """One question of many pairs."""

    def __init__(self, question: Question, begin: Array | None, seed: int, work: float, tell: Tell) -> None:
        self.question, self.tell, self.work, self.seed = question, tell, work, seed
        self.terms = Terms(question)
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.units = begin
        self.cost = question.cost(begin) if begin is not None else np.inf
        self.bound = question.least_cost()
        self.prices = self.terms.start()
        self._owned = _owned(question.world)
        self._round = 0

    @property
    def is_best(self) -> bool:
        """Whether nothing better can be."""
        return self.units is not None and self.cost <= whole_bound(self.bound, self.cost)

    def all(self) -> Found:
        """Look for it in every way there is."""
        measure = self.question.measure
        if measure:
            self.settle(measure)
        if measure is None or (self.question.totals and not self.is_best):
            self.approach()
        return self.prove()

    def settle(self, measure: Measure) -> None:
        """Even it out: at once into the band, where that can be; as far as it can be otherwise."""
        people = self.units if self.units is not None else self._owned
        for question in (self.question.inside(measure), self.question):
            terms = Terms(question)
            pairs = terms.pairs(terms.start(), self._kept(), self.rng)
            placement = Placement(terms, pairs, _places(pairs, people), {})
            self._mend(placement)
            if self.is_best:
                return
        self.bound = max(self.bound, balancing_flow.least_outside(self.question, measure))

    def approach(self) -> None:
        """Prices, a distribution by them, better prices…"""
        pairs, begin = self.pairs(), self.cost
        for n, noise in enumerate(NOISES):
            if self.is_best:
                return
            self._round = n
            margin = MARGIN * n if self.cost == begin else 0.0
            relaxed = self.relax(pairs, noise, margin)
            self.place(pairs, _rounded(relaxed, pairs, self.rng), is_leaning=True)
            if not pairs.is_all:
                pairs = self.pairs()
        if self.units is not None and self.cost == begin:
            self.place(pairs, self.units, is_leaning=False)

    def pairs(self) -> Pairs:
        """Those to look at now, with those that units have."""
        return self.terms.pairs(self.prices, self._kept(), self.rng)

    def _kept(self) -> Array:
        """Unit to those who are looked at in any case."""
        if self.units is None:
            return self._owned[:, None]
        return np.stack((self._owned, self.units), axis=1)

    def place(self, pairs: Pairs, people: Array, *, is_leaning: bool) -> None:
        """Begin with people for units, mend and improve, and keep it when it is the best."""
        placement = Placement(self.terms, pairs, _places(pairs, people), self.prices.totals if is_leaning else {})
        self._mend(placement)

    def _mend(self, placement: Placement) -> None:
        most = int(self.work * PAIRS_A_SECOND / 2 / len(NOISES))
        if not placement.repair(most, self._tell):
            return
        placement.improve(most // 2, self._tell)
        cost = self.question.cost(placement.at)
        if cost < self.cost and self.question.is_kept(placement.at):
            self.units, self.cost = placement.at.copy(), cost

    def relax(self, pairs: Pairs, noise: float, margin: float) -> Relaxed:
        """Better prices, and the bound they give."""
        upper = (
            self.cost if np.isfinite(self.cost) else self.bound + 0.1 * abs(self.bound) + self.terms.world.units * 0.01
        )
        steps = int(self.work * PAIRS_A_SECOND * 10 / 2 / len(NOISES) / pairs.who.size)
        relaxed = Volume(self.terms, pairs, self.prices, self.rng, noise).run(
            upper, min(steps, STEPS), self._tell, margin=margin * self.terms.world.units
        )
        self.prices = relaxed.prices
        self.bound = max(self.bound, self.terms.bound(relaxed.prices))
        return relaxed

    def _tell(self, _cost: float | None, _bound: float | None, done: float) -> None:
        parts = len(NOISES) + 1
        self.tell(self.cost if np.isfinite(self.cost) else None, self.bound, (self._round + done) / parts)

    def prove(self) -> Found:
        """Give what may still be better to CP-SAT, when it is little; what was found in the end."""
        free = None if self.is_best else self._open()
        if free is None:
            return Found(self.units, self.cost, whole_bound(self.bound, self.cost))
        found = balancing_exact.solve(self.question, self.units, free, seed=self.seed, work=self.work, tell=self.tell)
        return replace(found, bound=max(whole_bound(self.bound, found.cost), found.bound))

    def _open(self) -> Array | None:
        """The pairs that may be part of something better, all when nothing is known; None when they are too many."""
        world = self.question.world
        free, count = np.zeros((world.units, len(world.people)), dtype=bool), 0
        room = self.cost - self.terms.bound(self.prices)
        for part in chunks(world):
            table = self.terms.priced(part, self.prices)
            is_open = table - table.min(axis=1, keepdims=True) <= room if np.isfinite(room) else np.isfinite(table)
            count += int(is_open.sum())
            if count > OPEN_PAIRS + world.units:
                return None
            free[part] = is_open
        if self.units is not None:
            free[np.arange(world.units), self.units] = True
        return free


def _owned(world: World) -> Array:
    """Unit to the person who has its first account; -1 for nobody here."""
    return np.maximum(world.owner[world.starts], -1)


def _places(pairs: Pairs, people: Array) -> Array:
    """The column of each unit's person; where he is not looked at, the first that is real."""
    is_his = (pairs.who == people[:, None]) & pairs.is_real
    return np.where(is_his.any(axis=1), is_his.argmax(axis=1), pairs.is_real.argmax(axis=1))


def _rounded(relaxed: Relaxed, pairs: Pairs, rng: Any) -> Array:
    """People for units, each drawn by how the unit is divided; where that is nearly clear, the likeliest."""
    parts = np.where(pairs.is_real, relaxed.parts, 0.0) ** 2
    sums = np.cumsum(parts, axis=1)
    drawn = (sums < rng.random((len(parts), 1)) * sums[:, -1:]).sum(axis=1)
    return pairs.who[np.arange(len(parts)), np.minimum(drawn, parts.shape[1] - 1)]


def solve(question: Question, begin: Array | None, *, seed: int, work: float, tell: Tell) -> Found:
    """A good distribution, and a bound for the best."""
    run = _Search(question, begin, seed, work, tell)
    try:
        return run.all()
    except (Cancelled, KeyboardInterrupt):
        return Found(run.units, run.cost, whole_bound(run.bound, run.cost), was_cancelled=True)
