"""One goal of a balance, with all that must be kept meanwhile: what an engine is asked, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import numpy as np

from sfactl.core.balancing import WHOLE, Aim, Goal, Limits, Measure
from sfactl.core.balancing_arrays import Array, Shares, World, shares

MOVED = Goal(Aim.DISRUPTION, Measure.ACCOUNTS)
REVENUE_MOVED = Goal(Aim.DISRUPTION, Measure.REVENUE)


@dataclass(frozen=True)
class Question:
    """A goal whose cost is to be the least, and the limits and the goals before it."""

    world: World
    goal: Goal
    boxes: dict[Measure, tuple[Array, Array]]
    "Lowest and highest amount per person."
    ladders: dict[Measure, float] = field(default_factory=dict)
    "What may lie outside the band at most, of the balances that are held."
    totals: dict[Goal, float] = field(default_factory=dict)
    "What other goals may cost at most."

    @property
    def measure(self) -> Measure | None:
        """Of what a balance is asked for; nothing for other goals."""
        return (self.goal.measure or Measure.WORKLOAD) if self.goal.aim is Aim.BALANCE else None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All that is summed up per person."""
        asked = {*self.boxes, *self.ladders, *([self.measure] if self.measure else [])}
        return tuple(each for each in Measure if each in asked)

    def shares(self, measure: Measure) -> Shares:
        """The bounds of a measure with those that are held."""
        found = shares(self.world, measure)
        found.low, found.high = self.boxes.get(measure, (found.low, found.high))
        return found

    def cost(self, found: Array, goal: Goal | None = None) -> float:
        """What it costs in this goal, or in another one, that each unit is with a person."""
        goal = goal or self.goal
        if goal.aim is Aim.BALANCE:
            measure = goal.measure or Measure.WORKLOAD
            return float(self.shares(measure).outside(self.sums(found, measure)).sum())
        return float(sum(self._chunk_costs(found, goal, part) for part in chunks(self.world)))

    def _chunk_costs(self, found: Array, goal: Goal, part: Array) -> float:
        return float(self.world.costs(goal, part)[np.arange(len(part)), found[part]].sum())

    def sums(self, found: Array, measure: Measure) -> Array:
        """What each of the people has of a measure."""
        return np.bincount(found, weights=self.world.amounts[measure], minlength=len(self.world.people))

    def is_kept(self, found: Array) -> bool:
        """Whether all that must be kept is."""
        for measure in self.measures:
            known, sums = self.shares(measure), self.sums(found, measure)
            if (sums < known.low).any() or (sums > known.high).any():
                return False
        held = [(Goal(Aim.BALANCE, measure), most) for measure, most in self.ladders.items()]
        return all(self.cost(found, goal) <= most for goal, most in [*held, *self.totals.items()])

    def least_cost(self) -> float:
        """A bound that costs nothing to know: everybody gets what suits him best."""
        if self.goal.aim is Aim.BALANCE:
            return 0.0
        return float(sum(self._least_of(part) for part in chunks(self.world)))

    def _least_of(self, part: Array) -> float:
        costs = np.where(self.world.eligible(part), self.world.costs(self.goal, part), np.inf)
        return float(costs.min(axis=1).sum())

    def then(self, goal: Goal, cost: float) -> "Question":
        """The question after this one, what it cost being held."""
        boxes, ladders, totals = dict(self.boxes), dict(self.ladders), dict(self.totals)
        limits = self.world.problem.limits
        if self.measure is None:
            totals[self.goal] = min(totals.get(self.goal, np.inf), self._held(cost, limits))
        elif cost:
            ladders[self.measure] = cost + cost * limits.hold_bp // WHOLE
        else:
            boxes = self._inside(self.measure)
        return replace(self, goal=goal, boxes=boxes, ladders=ladders, totals=totals)

    def inside(self, measure: Measure) -> "Question":
        """The same, asking for as few moves as can be with everybody inside the band of a measure."""
        return replace(self, goal=MOVED, boxes=self._inside(measure))

    def _inside(self, measure: Measure) -> dict[Measure, tuple[Array, Array]]:
        known = self.shares(measure)
        bounds = np.maximum(known.low, known.lows[0]), np.minimum(known.high, known.highs[0])
        return {**self.boxes, measure: bounds}

    def _held(self, cost: float, limits: Limits) -> float:
        """What it may cost from now on: the value may get worse by a part of itself."""
        value = abs(self.world.best(self.goal) - cost)
        return cost + value * limits.hold_bp // WHOLE


def first(world: World, goal: Goal) -> Question:
    """The first question about a problem: only the limits are to be kept."""
    limits = world.problem.limits
    boxes = {}
    for measure in (Measure.WORKLOAD, Measure.ACCOUNTS):
        known = shares(world, measure)
        if known.low.any() or np.isfinite(known.high).any():
            boxes[measure] = known.low, known.high
    totals = {}
    if limits.most_moved is not None:
        totals[MOVED] = float(limits.most_moved)
    if limits.most_revenue_moved_bp is not None:
        revenue = sum(account.revenue_minor for account in world.accounts)
        totals[REVENUE_MOVED] = float(revenue * limits.most_revenue_moved_bp // WHOLE)
    return Question(world, goal, boxes, totals=totals)


PART = 4_000_000
"""So many pairs of a unit and a person are looked at together."""


def chunks(world: World) -> list[Array]:
    """Numbers of units, in parts that fit into memory."""
    size = max(PART // len(world.people), 1)
    return [np.arange(at, min(at + size, world.units)) for at in range(0, world.units, size)]


@dataclass(frozen=True)
class Found:
    """What an engine found."""

    units: Array | None
    "Unit to person; None when nothing was found."
    cost: float
    bound: float
    is_impossible: bool = False
    "Proven: there is nothing."
    was_cancelled: bool = False


def whole_bound(bound: float, cost: float) -> float:
    """A bound as a whole number, costs being whole: rounded up, but for what arithmetic is not sure of."""
    return float(min(ceil(bound - 1e-6 * max(abs(bound), 1.0) ** 0.5 - 1e-9 * abs(bound)), cost))


Tell = Callable[[float | None, float | None, float], Any]
"""Told: the best cost, the bound, and what part of the work is done; raises `Cancelled` to stop."""


class Cancelled(Exception):
    """Somebody wants no more of it."""
