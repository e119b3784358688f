"""For every account that moves, who of the others would be the next best: looked for among all of them at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sfactl.core.balancing import Aim, Goal, Measure, Move
from sfactl.core.balancing_arrays import Array, World, shares
from sfactl.core.balancing_question import chunks
from sfactl.core.balancing_reasons import Scales


def moves(world: World, found: Array, goals: Sequence[Goal], owners: Mapping[str, str]) -> tuple[Move, ...]:
    """All accounts that get another owner, what each of these moves gains by itself, and the next best person.

    The next best is, as in `balancing_reasons.alternatives`, the first whom no limit forbids, else the first of the others.
    """
    scales, problem = Scales(world.problem, goals, owners), world.problem
    nearest = dict(_nearest(world, found, goals))
    unit = dict(zip((account.key for account in world.accounts), world.unit.tolist(), strict=True))
    told = []
    for account in problem.accounts:
        if account.owner != owners[account.key]:
            other = nearest.get(unit[account.key])
            beside = None if other is None else scales.alternative(account, problem.people[other])
            told.append(replace(scales.moved(account), neighbour=beside))
    return tuple(told)


def _nearest(world: World, found: Array, goals: Sequence[Goal]) -> Iterator[tuple[int, int]]:
    """Unit to the next best person, for units that move."""
    if len(world.people) < 2:
        return
    has_moved = np.zeros(world.units, dtype=bool)
    has_moved[world.unit[world.owner != found[world.unit]]] = True
    room = _Room(world, found)
    for part in chunks(world):
        units = part[has_moved[part]]
        if len(units):
            keys = [-room.is_broken(units), *(_gains(world, found, goal, part, units) for goal in goals)]
            yield from zip(units.tolist(), _first(keys, found[units]).tolist(), strict=True)


def _first(keys: Sequence[Array], own: Array) -> Array:
    """For each row the column of the greatest first key, of equals the greatest second, and so on; never its own."""
    rows = np.arange(len(own))
    is_left = np.ones(keys[0].shape, dtype=bool)
    is_left[rows, own] = False
    for key in keys:
        left = np.where(is_left, key, -np.inf)
        is_left &= left == left.max(axis=1, keepdims=True)
    return is_left.argmax(axis=1)


class _Room:
    """Who has room for what, beside what he has."""

    def __init__(self, world: World, found: Array) -> None:
        self._world, self._found = world, found
        self._ends = [(measure, shares(world, measure)) for measure in (Measure.WORKLOAD, Measure.ACCOUNTS)]
        self._sums = {measure: _sums(world, found, measure) for measure, _known in self._ends}

    def is_broken(self, units: Array) -> Array:
        """Unit by person: 1 where a limit would be broken, else 0."""
        broken = ~self._world.eligible(units)
        for measure, known in self._ends:
            sums, amounts = self._sums[measure], self._world.amounts[measure][units]
            own = self._found[units]
            broken |= sums + amounts[:, None] > known.high
            broken |= (sums[own] - amounts < known.low[own])[:, None]
        return broken.astype(np.float64)


def _sums(world: World, found: Array, measure: Measure) -> Array:
    return np.bincount(found, weights=world.amounts[measure], minlength=len(world.people))


def _gains(world: World, found: Array, goal: Goal, part: Array, units: Array) -> Array:
    """Unit by person: how much better a goal would be."""
    if goal.aim is Aim.BALANCE:
        return _evened(world, found, goal.measure or Measure.WORKLOAD, units)
    costs = world.costs(goal, part)[units - part[0]]
    return costs[np.arange(len(units)), found[units]][:, None] - costs


def _evened(world: World, found: Array, measure: Measure, units: Array) -> Array:
    known, sums = shares(world, measure), _sums(world, found, measure)
    own, amounts = found[units], world.amounts[measure][units]
    now, less, more = known.outside(sums), np.zeros(len(units)), np.zeros((len(units), len(sums)))
    for low, high in zip(known.lows, known.highs, strict=True):
        given, taken = sums[own] - amounts, sums + amounts[:, None]
        less += np.maximum(np.maximum(low[own] - given, given - high[own]), 0)
        more += np.maximum(np.maximum(low - taken, taken - high), 0)
    return (now[own] - less)[:, None] + now - more
