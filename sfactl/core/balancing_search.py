"""Distributions that keep all limits, made better step by step: somebody else gets a unit, and where he has no room gives one away.

What breaks a limit is counted by how far it is beyond it, in usual amounts; first there must be none of that, then the cost counts.
"""

from typing import Any

import numpy as np

from sfactl.core.balancing import Goal, Measure
from sfactl.core.balancing_arrays import Array
from sfactl.core.balancing_question import Tell
from sfactl.core.balancing_relaxed import Pairs, Terms

NOTHING = 1e-7
LARGE = 1e18


class Placement:
    """Where units are, what people have of each measure, and what it costs."""

    def __init__(self, terms: Terms, pairs: Pairs, places: Array, prices: dict[Goal, float]) -> None:
        """Begin with a place (a column of the pairs) for each unit.

        Args:
            prices: what a total is paid with while places are chosen, so that none is exceeded needlessly.
        """
        self.terms, self.pairs, self.places = terms, pairs, places.copy()
        self._rows = np.arange(len(places))
        self._measure = terms.question.measure
        self._base = np.zeros(pairs.who.shape) if self._measure else pairs.costs[terms.question.goal]
        self._leaning = self._base + sum(price * pairs.costs[goal] for goal, price in prices.items() if price)
        self._count = len(terms.world.people)
        self.at = pairs.who[self._rows, self.places]
        self.evaluated = self._end = 0
        self._sum_up()
        order = np.argsort(np.where(pairs.is_real, pairs.who, self._count).ravel(), kind="stable")
        self._takers = order
        self._first = np.searchsorted(
            np.where(pairs.is_real, pairs.who, self._count).ravel()[order], np.arange(self._count + 1)
        )

    def _sum_up(self) -> None:
        terms, pairs = self.terms, self.pairs
        self.sums = {m: np.bincount(self.at, weights=a, minlength=self._count) for m, a in terms.amounts.items()}
        self.totals = {goal: float(pairs.costs[goal][self._rows, self.places].sum()) for goal in terms.question.totals}
        self.outside = {m: float(terms.shares[m].outside(self.sums[m]).sum()) for m in terms.question.ladders}

    @property
    def cost(self) -> float:
        """What it costs in the goal."""
        if self._measure:
            return float(self.terms.shares[self._measure].outside(self.sums[self._measure]).sum())
        return float(self._base[self._rows, self.places].sum())

    def broken(self) -> float:
        """How far beyond the limits it is."""
        return float(self._broken_by_people().sum()) + self._broken_by_totals()

    def _broken_by_people(self) -> Array:
        everybody = np.arange(self._count)
        return sum((self._beyond(m, everybody, sums) for m, sums in self.sums.items()), np.zeros(self._count))

    def _broken_by_totals(self) -> float:
        question, scales = self.terms.question, self.terms.scales
        found = sum(max(self.totals[g] - most, 0.0) / scales.totals[g] for g, most in question.totals.items())
        return found + sum(max(self.outside[m] - most, 0.0) / scales.people[m] for m, most in question.ladders.items())

    def _beyond(self, measure: Measure, people: Array, sums: Array) -> Array:
        known = self.terms.shares[measure]
        return (
            np.maximum(np.maximum(known.low[people] - sums, sums - known.high[people]), 0)
            / self.terms.scales.people[measure]
        )

    def _outside(self, measure: Measure, people: Array, sums: Array) -> Array:
        known = self.terms.shares[measure]
        return np.maximum(np.maximum(known.lows[:, people] - sums, sums - known.highs[:, people]), 0).sum(axis=0)

    def weigh(self, units: Array, places: Array) -> tuple[Array, Array]:
        """How much more is broken, and how much more it costs, if each of the units alone had another place.

        The cost counts what totals are paid with.
        """
        self.evaluated += len(units) + OVERHEAD
        givers, takers = self.at[units], self.pairs.who[units, places]
        now = self.places[units]
        cost = self._leaning[units, places] - self._leaning[units, now]
        broken = np.zeros(len(units))
        for measure, sums in self.sums.items():
            amounts = self.terms.amounts[measure][units]
            ends = ((givers, sums[givers], -amounts), (takers, sums[takers], amounts))
            for people, has, more in ends:
                broken += self._beyond(measure, people, has + more) - self._beyond(measure, people, has)
            if measure in self.outside or measure is self._measure:
                away = sum(
                    self._outside(measure, p, has + more) - self._outside(measure, p, has) for p, has, more in ends
                )
                if measure is self._measure:
                    cost = cost + away
                else:
                    broken += (
                        self._over(self.outside[measure], away, self.terms.question.ladders[measure])
                        / self.terms.scales.people[measure]
                    )
        for goal, most in self.terms.question.totals.items():
            costs = self.pairs.costs[goal]
            more = costs[units, places] - costs[units, now]
            broken += self._over(self.totals[goal], more, most) / self.terms.scales.totals[goal]
        is_no_move = (givers == takers) | ~self.pairs.is_real[units, places]
        return np.where(is_no_move, LARGE, broken), np.where(is_no_move, LARGE, cost)

    @staticmethod
    def _over(total: float, more: Any, most: float) -> Any:
        return np.maximum(total + more - most, 0) - max(total - most, 0.0)

    def put(self, unit: int, place: int) -> None:
        """Give a unit another place."""
        giver, taker, now = int(self.at[unit]), int(self.pairs.who[unit, place]), int(self.places[unit])
        for measure, sums in self.sums.items():
            amount = self.terms.amounts[measure][unit]
            both = np.array([giver, taker])
            before = self._outside(measure, both, sums[both]).sum() if measure in self.outside else 0.0
            sums[giver] -= amount
            sums[taker] += amount
            if measure in self.outside:
                self.outside[measure] += float(self._outside(measure, both, sums[both]).sum() - before)
        for goal in self.totals:
            self.totals[goal] += float(self.pairs.costs[goal][unit, place] - self.pairs.costs[goal][unit, now])
        self.places[unit], self.at[unit] = place, taker

    def _of(self, person: int) -> tuple[Array, Array]:
        """All that somebody could give away: units and places."""
        units = np.flatnonzero(self.at == person)
        width = self.pairs.who.shape[1]
        return np.repeat(units, width), np.tile(np.arange(width), len(units))

    def _for(self, person: int) -> tuple[Array, Array]:
        """All that somebody could get."""
        flat = self._takers[self._first[person] : self._first[person + 1]]
        return flat // self.pairs.who.shape[1], flat % self.pairs.who.shape[1]

    def repair(self, most: int, tell: Tell) -> bool:
        """Move units until no limit is broken; at most so many pairs are looked at. Whether that was reached."""
        end = self._end = self.evaluated + most
        stuck, has_moved = np.zeros(self._count, dtype=bool), False
        while self.evaluated < end:
            broken = np.where(stuck, 0, self._broken_by_people())
            person = int(broken.argmax())
            if broken[person] <= NOTHING:
                if self.broken() <= NOTHING:
                    return True
                if not (self._cheapen() or has_moved):
                    return False
                stuck[:], has_moved = False, False
            elif self._relieve(person) or self._exchange(person):
                has_moved = True
            else:
                stuck[person] = True
            tell(None, None, 0.5)
        return self.broken() <= NOTHING

    def _around(self, person: int) -> tuple[Array, Array]:
        """What could be done for somebody: units and places of what he could give away, or of what he could get where he has too little."""
        has_little = any(sums[person] < self.terms.shares[m].low[person] for m, sums in self.sums.items())
        return self._for(person) if has_little else self._of(person)

    def _relieve(self, person: int) -> bool:
        """Move the one unit from or to a person that mends most for what it costs."""
        units, places = self._around(person)
        broken, cost = self.weigh(units, places)
        best = _best(broken, cost)
        if best is None:
            return False
        self.put(int(units[best]), int(places[best]))
        return True

    def _exchange(self, person: int) -> bool:
        """Take a unit from or to a person, and let who got it give one away, or who gave it get one."""
        units, places = self._around(person)
        broken, cost = self.weigh(units, places)
        order = np.lexsort((cost, broken))[:TRIES]
        return any(self._put_in_pairs(int(units[n]), int(places[n])) for n in order if broken[n] < LARGE)

    def _follow(self, unit: int, giver: int, before: float) -> bool:
        taker = int(self.at[unit])
        pairs = self._of(taker), self._for(giver)
        units, places = np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
        is_other = units != unit
        units, places = units[is_other], places[is_other]
        if not len(units):
            return False
        broken, cost = self.weigh(units, places)
        best = _best(broken, cost, before - self.broken())
        if best is None:
            return False
        self.put(int(units[best]), int(places[best]))
        return True

    def _cheapen(self) -> bool:
        """Move units so that totals that are exceeded become less."""
        if self._broken_by_totals() <= NOTHING:
            return False
        units, places = np.nonzero(self.pairs.is_real)
        broken, cost = self.weigh(units, places)
        helps = np.flatnonzero(broken < -NOTHING)
        order = helps[np.argsort(cost[helps] / -broken[helps], kind="stable")][:BATCH]
        done = sum(self._put_if_it_helps(units[n : n + 1], places[n : n + 1]) for n in order)
        return done > 0 or self._cheapen_in_pairs()

    def _put_if_it_helps(self, unit: Array, place: Array) -> bool:
        helps = bool(self.weigh(unit, place)[0][0] < -NOTHING)
        if helps:
            self.put(int(unit[0]), int(place[0]))
        return helps

    def _cheapen_in_pairs(self) -> bool:
        """Move units to where totals become less, somebody else making room."""
        units, places = np.nonzero(self.pairs.is_real & (self._too_dear() > NOTHING))
        less = self._too_dear()[units, places]
        more = self._leaning[units, places] - self._leaning[units, self.places[units]]
        done = 0
        for n in np.argsort(more / less, kind="stable")[: 8 * BATCH]:
            if self._broken_by_totals() <= NOTHING or self.evaluated >= self._end:
                break
            done += self._put_in_pairs(int(units[n]), int(places[n]))
        return done > 0

    def _too_dear(self) -> Array:
        """Unit by place: by how much totals that are exceeded would become less."""
        found = np.zeros(self.pairs.who.shape)
        for goal, most in self.terms.question.totals.items():
            if self.totals[goal] > most:
                costs = self.pairs.costs[goal]
                found += (costs[self._rows, self.places][:, None] - costs) / self.terms.scales.totals[goal]
        return found

    def _put_in_pairs(self, unit: int, place: int) -> bool:
        now, giver, before = int(self.places[unit]), int(self.at[unit]), self.broken()
        self.put(unit, place)
        if self._follow(unit, giver, before):
            return True
        self.put(unit, now)
        return False

    def improve(self, most: int, tell: Tell) -> None:
        """Make it cheaper, without breaking a limit, until nothing helps or so many pairs were looked at."""
        end = self.evaluated + most
        if self._measure:
            self._even(self._measure, end, tell)
            return
        while self.evaluated < end:
            changed = self._pass(end, tell)
            if not changed:
                return

    def _even(self, measure: Measure, end: int, tell: Tell) -> None:
        """Whoever has most outside the band gives or gets something, until nobody can."""
        known, stuck = self.terms.shares[measure], np.zeros(self._count, dtype=bool)
        while self.evaluated < end:
            outside = np.where(stuck, 0, known.outside(self.sums[measure]))
            person = int(outside.argmax())
            if outside[person] <= 0:
                return
            tell(None, None, 0.5)
            if self._lighten(person, has_little=self.sums[measure][person] < known.lows[0, person]):
                stuck[:] = False
            else:
                stuck[person] = True

    def _lighten(self, person: int, *, has_little: bool) -> bool:
        units, places = self._for(person) if has_little else self._of(person)
        broken, cost = self.weigh(units, places)
        order = np.lexsort((cost, np.maximum(broken, 0)))
        if len(order) and broken[order[0]] <= NOTHING and cost[order[0]] < -NOTHING:
            self.put(int(units[order[0]]), int(places[order[0]]))
            return True
        return any(self._make_room(int(units[n]), int(places[n]), cost[n]) for n in order[:TRIES] if cost[n] < LARGE)

    def _pass(self, end: int, tell: Tell) -> int:
        units, places, gains = self._wanted()
        changed = 0
        for n, unit in enumerate(units):
            if n % 20 == 0:
                tell(None, None, 0.5)
            if self.evaluated >= end:
                break
            changed += self._better(int(unit), places[n], gains[n])
        return changed

    def _wanted(self) -> tuple[Array, Array, Array]:
        """Units that would cost less elsewhere, the most promising first, with their places in order."""
        table = np.where(self.pairs.is_real, self._base, LARGE)
        gains = self._base[self._rows, self.places][:, None] - table
        units = np.flatnonzero(gains.max(axis=1) > NOTHING)
        units = units[np.argsort(-gains[units].max(axis=1), kind="stable")]
        places = np.argsort(-gains[units], axis=1, kind="stable")[:, :CHOICES]
        return units, places, np.take_along_axis(gains[units], places, axis=1)

    def _better(self, unit: int, places: Array, gains: Array) -> bool:
        """Move a unit to the first of some places where that makes it cheaper, somebody else making room where he must."""
        places = places[gains > NOTHING]
        units = np.full(len(places), unit)
        broken, cost = self._strictly(units, places)
        fits = np.flatnonzero((broken <= NOTHING) & (cost < -NOTHING))
        if len(fits):
            self.put(unit, int(places[fits[cost[fits].argmin()]]))
            return True
        return any(self._make_room(unit, int(place), cost[n]) for n, place in enumerate(places) if broken[n] < LARGE)

    def _strictly(self, units: Array, places: Array) -> tuple[Array, Array]:
        """As `weigh`, but what counts is the goal alone."""
        broken, cost = self.weigh(units, places)
        if self._leaning is not self._base and not self._measure:
            cost = np.where(cost >= LARGE, LARGE, self._base[units, places] - self._base[units, self.places[units]])
        return broken, cost

    def _make_room(self, unit: int, place: int, cost: float) -> bool:
        now, giver = int(self.places[unit]), int(self.at[unit])
        self.put(unit, place)
        pairs = self._of(int(self.at[unit])), self._for(giver)
        units, places = np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
        is_other = units != unit
        units, places = units[is_other], places[is_other]
        if len(units):
            broken, more = self._strictly(units, places)
            good = np.flatnonzero((broken <= NOTHING - self.broken()) & (more + cost < -NOTHING))
            if len(good):
                best = good[more[good].argmin()]
                self.put(int(units[best]), int(places[best]))
                return True
        self.put(unit, now)
        return False


TRIES = 20
OVERHEAD = 500
"""What weighing anything at all takes, in pairs."""
BATCH = 500
CHOICES = 4


def _best(broken: Array, cost: Array, more: float = 0.0) -> int | None:
    """Of what mends, beyond so much, what costs least for how much it mends."""
    helps = np.flatnonzero(broken < more - NOTHING)
    if not len(helps):
        return None
    mends = more - broken[helps]
    costs = cost[helps]
    return int(helps[np.where(costs > 0, costs / mends, costs * mends).argmin()])
