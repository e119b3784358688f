"""The best distribution, proven, where there are few pairs: by OR-Tools CP-SAT with one worker and a fixed seed."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np

from sfactl.core.balancing_arrays import Array
from sfactl.core.balancing_question import Cancelled, Found, Question, Tell
from sfactl.core.solver import cp_model

WORK_A_SECOND = 0.3
"""What a second of a usual machine is in the solver's units."""
LOOK_S = 0.2
"""So often is asked, while it works, whether to stop."""


class _Model:
    """A question as the solver sees it: per unit and person who may have it, whether he does."""

    def __init__(self, question: Question, free: Array) -> None:
        self.question = question
        self.model: Any = cp_model.CpModel()
        self.units, self.people = np.nonzero(free)
        self.chosen = [self.model.new_bool_var("") for _ in self.units]
        self._of_unit = _grouped(self.units, free.shape[0])
        self._of_person = _grouped(self.people, free.shape[1])
        self._sums: dict[Any, list[Any]] = {}
        self._all = np.arange(free.shape[0])
        for pairs in self._of_unit:
            self.model.add_exactly_one(self.chosen[n] for n in pairs)
        self._keep()
        self.model.minimize(self._expression(question.goal))

    def _keep(self) -> None:
        question = self.question
        for measure in question.measures:
            known = question.shares(measure)
            for total, low, high in zip(self._amounts(measure), known.low, known.high, strict=True):
                if low > 0:
                    self.model.add(total >= int(low))
                if np.isfinite(high):
                    self.model.add(total <= int(high))
        for measure, most in question.ladders.items():
            self.model.add(self._outside(measure) <= int(most))
        for goal, most in question.totals.items():
            self.model.add(self._expression(goal) <= int(most))

    def _expression(self, goal: Any) -> Any:
        if goal.aim == "balance":
            return self._outside(self.question.measure)
        costs = self.question.world.costs(goal, self._all)[self.units, self.people]
        return self._sum(range(len(self.chosen)), costs)

    def _amounts(self, measure: Any) -> list[Any]:
        """Per person, a variable that is what he has of a measure."""
        if measure not in self._sums:
            amounts = self.question.world.amounts[measure][self.units]
            self._sums[measure] = [self._total(pairs, amounts) for pairs in self._of_person]
        return self._sums[measure]

    def _total(self, pairs: list[int], amounts: Array) -> Any:
        total = self.model.new_int_var(0, int(amounts[pairs].sum()), "")
        self.model.add(total == self._sum(pairs, amounts[pairs]))
        return total

    def _sum(self, pairs: Any, weights: Array) -> Any:
        return cp_model.LinearExpr.weighted_sum([self.chosen[n] for n in pairs], [int(each) for each in weights])

    def _outside(self, measure: Any) -> Any:
        known = self.question.shares(measure)
        most = int(self.question.world.amounts[measure].sum())
        found = []
        for n, total in enumerate(self._amounts(measure)):
            for low, high in zip(known.lows[:, n], known.highs[:, n], strict=True):
                away = self.model.new_int_var(0, max(most, int(low)), "")
                self.model.add(away >= int(low) - total)
                self.model.add(away >= total - int(high))
                found.append(away)
        return sum(found)

    def begin_with(self, units: Array) -> None:
        """Say where to begin."""
        self.model.clear_hints()
        for n, variable in enumerate(self.chosen):
            self.model.add_hint(variable, int(units[self.units[n]] == self.people[n]))

    def found(self, solver: Any) -> Array:
        """Unit to person."""
        kept = [n for n, variable in enumerate(self.chosen) if solver.boolean_value(variable)]
        units = np.zeros(len(self._of_unit), dtype=np.int64)
        units[self.units[kept]] = self.people[kept]
        return units


def _grouped(keys: Array, count: int) -> list[list[int]]:
    groups: list[list[int]] = [[] for _ in range(count)]
    for n, key in enumerate(keys):
        groups[key].append(n)
    return groups


def solve(question: Question, begin: Array | None, free: Array, *, seed: int, work: float, tell: Tell) -> Found:
    """The least cost, where only the pairs that are `free` are looked at; a bound for those.

    Args:
        begin: a distribution that keeps everything; None when none is known.
        free: unit by person.
        work: in seconds of a usual machine.
    """
    made = _Model(question, free)
    best, cost = begin, question.cost(begin) if begin is not None else np.inf
    if begin is not None:
        made.begin_with(begin)
    solver = _solver(seed, work)
    status, was_cancelled = _watched(solver, made.model, lambda: tell(None if best is None else cost, None, 0.5))
    if status == cp_model.INFEASIBLE:
        return Found(None, np.inf, np.inf, is_impossible=True)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) and (best is None or solver.objective_value < cost):
        best, cost = made.found(solver), float(round(solver.objective_value))
    bound = solver.best_objective_bound if status != cp_model.UNKNOWN else question.least_cost()
    return Found(best, cost, min(bound, cost), was_cancelled=was_cancelled)


def _solver(seed: int, work: float) -> Any:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = max(work * WORK_A_SECOND, 0.01)
    solver.parameters.linearization_level = 2
    solver.parameters.catch_sigint_signal = False
    return solver


def _watched(solver: Any, model: Any, look: Callable[[], Any]) -> tuple[Any, bool]:
    """How a search ended, and whether somebody stopped it; it runs beside, so that he is heard meanwhile."""
    status: list[Any] = []
    search = Thread(target=lambda: status.append(solver.solve(model)))
    search.start()
    was_cancelled = False
    try:
        while search.is_alive():
            search.join(LOOK_S)
            look()
    except (Cancelled, KeyboardInterrupt):
        was_cancelled = True
        solver.stop_search()
    search.join()
    return status[0], was_cancelled
