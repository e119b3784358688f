"""Where limits cannot be kept: for each of them the nearest value that can be, the others being kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sfactl.core import balancing_checks, balancing_solver
from sfactl.core.balancing import WHOLE, Aim, Goal, Measure, Problem
from sfactl.core.balancing_arrays import World

TRIES = 4
"""So many values are tried, from the nearest that sums allow on."""
PERCENT = 100
MOST_LOAD_BP = 1000 * PERCENT
"""Nobody is asked to do more than ten times what he can."""


@dataclass(frozen=True)
class Remedy:
    """A limit, by its name among the limits, and the nearest value at which all can be kept."""

    limit: str
    value: int
    is_nearest: bool
    "No value between it and what was asked for can be met; otherwise that is not known."


def remedies(problem: Problem, *, seed: int, work: int) -> Iterator[Remedy]:
    """For each limit that is in force, by itself: the nearest value that can be met, where one was found."""
    tried = _Tried(problem, seed, work)
    for found in (tried.moved(), tried.revenue(), tried.least(), tried.most(), tried.load()):
        if found is not None:
            yield found


class _Tried:
    """A problem whose limits are loosened one by one."""

    def __init__(self, problem: Problem, seed: int, work: int) -> None:
        self._problem, self._limits = problem, problem.limits
        self._seed, self._work = seed, work
        self._world = World(problem)

    def _with(self, **limits: Any) -> Problem:
        return replace(self._problem, limits=replace(self._limits, **limits))

    def _solved(self, measure: Measure, **limits: Any) -> Any:
        goals = (Goal(Aim.DISRUPTION, measure),)
        return balancing_solver.solve(self._with(**limits), goals, self._seed, self._work)

    def moved(self) -> Remedy | None:
        """At least so many accounts have to change hands."""
        if self._limits.most_moved is None:
            return None
        answer = self._solved(Measure.ACCOUNTS, most_moved=None)
        if not answer.is_feasible:
            return None
        return Remedy("most_moved", answer.outcomes[0].after, answer.outcomes[0].is_proven)

    def revenue(self) -> Remedy | None:
        """At least this part of the revenue has to change hands."""
        if self._limits.most_revenue_moved_bp is None:
            return None
        answer = self._solved(Measure.REVENUE, most_revenue_moved_bp=None)
        if not answer.is_feasible:
            return None
        found = answer.outcomes[0]
        part = -(-found.after * WHOLE // found.whole) if found.whole else 0
        return Remedy("most_revenue_moved_bp", part, found.is_proven)

    def least(self) -> Remedy | None:
        """Each person can have at least so many accounts."""
        return self._nearest("least_accounts", self._limits.least_accounts, 0)

    def most(self) -> Remedy | None:
        """Somebody has to have at least so many accounts."""
        most = self._limits.most_accounts
        return None if most is None else self._nearest("most_accounts", most, max(len(self._problem.accounts), most))

    def load(self) -> Remedy | None:
        """Somebody has to work so many per cent of his hours; only where the sums say that there is too much work."""
        most = self._limits.most_load_bp
        if most is None or self._is_possible():
            return None
        return self._nearest("most_load_bp", most, MOST_LOAD_BP, step=PERCENT)

    def _nearest(self, name: str, asked: int, loosest: int, *, step: int = 1) -> Remedy | None:
        """The nearest value, of those that sums allow, at which there is an answer; some are tried."""
        way = step if loosest > asked else -step
        count = abs(loosest - asked) // step
        first = max(_first_of(count, lambda n: self._is_possible(**{name: asked + n * way})), 1)
        for away in range(TRIES):
            tried = first + 2**away - 1
            if tried > count:
                return None
            if self._solved(Measure.ACCOUNTS, **{name: asked + tried * way}).is_feasible:
                return Remedy(name, asked + tried * way, away == 0)
        return None

    def _is_possible(self, **limits: Any) -> bool:
        """Whether sums allow it, whole accounts and families left aside."""
        problem = self._with(**limits)
        self._world.problem = problem
        return not balancing_checks.obstacles(problem, self._world)


def _first_of(count: int, holds: Callable[[int], bool]) -> int:
    """The first number up to a count for which something holds that holds for all after it; beyond the count when for none."""
    low, high = 0, count + 1
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
