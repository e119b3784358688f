"""How even it can be at most: work flows, divided at will, to those who may have it."""

from importlib import import_module
from typing import Any

import numpy as np

from sfactl.core.balancing import Measure
from sfactl.core.balancing_arrays import Array
from sfactl.core.balancing_question import Question


def least_outside(question: Question, measure: Measure) -> float:
    """What lies outside the band at least, limits on moves and goals before it left aside; not rounded."""
    world, known = question.world, question.shares(measure)
    amounts = np.bincount(world.kind, weights=world.amounts[measure], minlength=len(world.allowed))
    solver = _solver()
    sums: list[Any] = [[] for _ in world.people]
    for kind in np.flatnonzero(amounts):
        parts = [(int(n), solver.NumVar(0, float(amounts[kind]), "")) for n in np.flatnonzero(world.allowed[kind])]
        solver.Add(solver.Sum([part for _n, part in parts]) == float(amounts[kind]))
        for n, part in parts:
            sums[n].append(part)
    solver.Minimize(
        solver.Sum([_outside(solver, sums[n], known.lows[:, n], known.highs[:, n]) for n in range(len(sums))])
    )
    return float(solver.Objective().Value()) if solver.Solve() == solver.OPTIMAL else 0.0


def _outside(solver: Any, parts: list[Any], lows: Array, highs: Array) -> Any:
    total = solver.Sum(parts)
    found = []
    for low, high in zip(lows, highs, strict=True):
        away = solver.NumVar(0, solver.infinity(), "")
        solver.Add(away >= float(low) - total)
        solver.Add(away >= total - float(high))
        found.append(away)
    return solver.Sum(found)


def _solver() -> Any:
    module: Any = import_module("ortools.linear_solver.pywraplp")
    return module.Solver.CreateSolver("GLOP")
