"""Whether people have room for what there is: by a flow from accounts to those who may have them.

Where the flow is too small, the cut names the accounts and the people that are the bottleneck.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from sfactl.core.balancing import Kind, Measure, Obstacle
from sfactl.core.balancing_arrays import Array, World, least, most, shares
from sfactl.i18n import _

max_flow: Any = import_module("ortools.graph.python.max_flow")  # it carries no types


@dataclass(frozen=True)
class _Cut:
    """What does not fit: classes that have too few people, or people that have too few classes."""

    classes: Array
    people: Array
    missing: int


def obstacles(world: World) -> Iterator[Obstacle]:
    """Too much work, too many accounts, or too few, for some group of people."""
    problem = world.problem
    work, room = _by_class(world, Measure.WORKLOAD), shares(world, Measure.WORKLOAD).high
    if np.isfinite(room).all() and (cut := _cut(world.allowed, work, room)):
        yield _too_much(world, cut, work, room)
    counts = _by_class(world, Measure.ACCOUNTS)
    highs = np.array([min(most(problem, person), counts.sum()) for person in problem.people])
    if cut := _cut(world.allowed, counts, highs):
        yield _too_many(world, cut, counts, highs)
    lows = np.array([least(problem, person) for person in problem.people])
    if cut := _cut(world.allowed.T, lows, counts):
        yield _too_few(world, cut, lows)


def _by_class(world: World, measure: Measure) -> Array:
    return np.bincount(world.kind, weights=world.amounts[measure], minlength=len(world.allowed))


def _cut(may: Array, have: Array, room: Array) -> _Cut | None:
    """What of `have` has no room; nothing when all has."""
    rows, columns = np.nonzero(may)
    source, sink = sum(may.shape), sum(may.shape) + 1
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(np.full(len(have), source), np.arange(len(have)), have.astype(np.int64))
    flow.add_arcs_with_capacity(rows, columns + len(have), have[rows].astype(np.int64))
    flow.add_arcs_with_capacity(np.arange(len(room)) + len(have), np.full(len(room), sink), room.astype(np.int64))
    flow.solve(source, sink)
    missing = int(have.sum()) - flow.optimal_flow()
    if missing <= 0:
        return None
    reached = np.array([node for node in flow.get_source_side_min_cut() if node != source], dtype=np.int64)
    return _Cut(reached[reached < len(have)], reached[reached >= len(have)] - len(have), missing)


def _too_much(world: World, cut: _Cut, work: Array, room: Array) -> Obstacle:
    said = _("the accounts of {territories} ask for {work} hours, and {people} can do {room}")
    return _named(
        world, cut, Kind.CAPACITY, said, work=_hours(work[cut.classes].sum()), room=_hours(room[cut.people].sum())
    )


def _too_many(world: World, cut: _Cut, counts: Array, highs: Array) -> Obstacle:
    said = _("there are {count} accounts in {territories}, and {people} may have {most}")
    return _named(
        world, cut, Kind.ACCOUNTS, said, count=int(counts[cut.classes].sum()), most=int(highs[cut.people].sum())
    )


def _too_few(world: World, cut: _Cut, lows: Array) -> Obstacle:
    said = _("{people} need {least} accounts at least, and there are {missing} too few that they may have")
    turned = _Cut(cut.people, cut.classes, cut.missing)
    return _named(world, turned, Kind.ACCOUNTS, said, least=int(lows[cut.classes].sum()), missing=cut.missing)


def _named(world: World, cut: _Cut, kind: Kind, said: str, **figures: int) -> Obstacle:
    """What is in the way, with the names of the territories and people that it is about."""
    territories, people = _territories(world, cut.classes), _people(world, cut.people)
    said = said.format(territories=_listed(territories), people=_listed(people), **figures)
    return Obstacle(kind, said, people=people, territories=territories)


def _territories(world: World, classes: Array) -> tuple[str, ...]:
    is_there = np.isin(world.kind, classes)[world.unit]
    return tuple(sorted({account.territory for account, is_in in zip(world.accounts, is_there, strict=True) if is_in}))


def _people(world: World, numbers: Array) -> tuple[str, ...]:
    return tuple(world.people[n].key for n in sorted(numbers))


def _listed(keys: tuple[str, ...]) -> str:
    from sfactl.core.balancing_checks import some

    return some(keys)


def _hours(minutes: float) -> int:
    """Whole hours, rounded half-up."""
    return (int(minutes) + 30) // 60
