"""Goals in their order: each made as good as it can be, and held while the next is looked at.

All work is counted in steps, so that the answer is the same on every machine.
"""

import time
from collections.abc import Callable, Sequence

import numpy as np

from sfactl.core import balancing_checks, balancing_exact, balancing_large, balancing_measures, balancing_neighbours
from sfactl.core.balancing import (
    WHOLE,
    Aim,
    Answer,
    Goal,
    Kind,
    Measure,
    Obstacle,
    Outcome,
    Problem,
    Progress,
    Watch,
)  # fmt: skip
from sfactl.core.balancing_arrays import Array, World
from sfactl.core.balancing_question import MOVED, Cancelled, Found, Question, Tell, first
from sfactl.i18n import _


def solve(
    problem: Problem,
    goals: Sequence[Goal],
    seed: int = 1,
    work: float = 60,
    progress: Watch | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Who is to have which account; see `balancing.solve`."""
    balancing_checks.require_sound(problem, goals)
    world = World(problem)
    if obstacles := balancing_checks.obstacles(problem, world):
        return Answer({}, obstacles=obstacles)
    asked = [*goals] if any(goal.aim is Aim.DISRUPTION for goal in goals) else [*goals, MOVED]
    run = _Run(world, asked, seed, work, progress, is_cancelled)
    run.all()
    return run.answer()


EXACT_PAIRS = 1000
"""Up to so many pairs all of them are given to CP-SAT at once."""
TELL_S = 0.1
"""So often somebody is told how far it is, and asked whether to stop."""


class _Run:
    """One search, goal by goal."""

    def __init__(
        self, world: World, goals: Sequence[Goal], seed: int, work: float, progress: Watch | None,
        is_cancelled: Callable[[], bool] | None,
    ) -> None:  # fmt: skip
        self._world, self._goals, self._seed, self._work = world, goals, seed, work
        self._progress, self._is_cancelled = progress, is_cancelled
        self._found: Array | None = None
        self._bounds: list[float] = []
        self._reached: list[float] = []
        self._was_cancelled = self._is_impossible = False
        self._told_at = 0.0

    def all(self) -> None:
        """Look at one goal after the other."""
        question = first(self._world, self._goals[0])
        for n, goal in enumerate(self._goals):
            found = self._one(question, n)
            self._found = found.units if found.units is not None else self._found
            if self._found is None:
                self._is_impossible = found.is_impossible
                return
            self._bounds.append(min(found.bound, found.cost))
            self._reached.append(question.cost(self._found, goal))
            if n + 1 < len(self._goals):
                question = question.then(self._goals[n + 1], self._reached[-1])

    def _one(self, question: Question, n: int) -> Found:
        if self._was_cancelled:
            return self._as_it_is(question)
        work, tell = self._work / len(self._goals), self._teller(n)
        try:
            tell(None if self._found is None else question.cost(self._found), None, 0)
            found = _engine(question)(question, self._found, seed=self._seed, work=work, tell=tell)
        except (Cancelled, KeyboardInterrupt):
            found = self._as_it_is(question)
            self._was_cancelled = True
        self._was_cancelled |= found.was_cancelled
        return found

    def _as_it_is(self, question: Question) -> Found:
        if self._found is None:
            return Found(None, np.inf, np.inf)
        return Found(self._found, question.cost(self._found), question.least_cost())

    def _teller(self, n: int) -> Tell:
        goal = self._goals[n]

        def tell(cost: float | None, bound: float | None, done: float) -> None:
            if done and time.monotonic() < self._told_at + TELL_S:
                return
            self._told_at = time.monotonic()
            if self._is_cancelled is not None and self._is_cancelled():
                raise Cancelled
            if self._progress is not None:
                self._progress(
                    Progress(
                        goal, n + 1, len(self._goals), self._value(goal, cost), self._value(goal, bound),
                        round((n + done) * WHOLE / len(self._goals)),
                    )
                )  # fmt: skip

        return tell

    def _value(self, goal: Goal, cost: float | None) -> int | None:
        """What a cost is in the goal's own value."""
        if cost is None or not np.isfinite(cost):
            return None
        return int(self._world.best(goal) - round(cost)) if goal.is_more_better else round(cost)

    def answer(self) -> Answer:
        """What was found."""
        if self._found is None:
            return Answer({}, obstacles=(self._none(),), was_cancelled=self._was_cancelled)
        problem, owners = self._world.problem, self._world.owners(self._found)
        found = zip(self._goals, self._reached, self._bounds, strict=True)
        return Answer(
            owners, tuple(self._outcome(goal, owners, reached, bound) for goal, reached, bound in found),
            balancing_measures.loads(problem, self._measure(), owners),
            balancing_neighbours.moves(self._world, self._found, self._goals, owners), was_cancelled=self._was_cancelled,
        )  # fmt: skip

    def _none(self) -> Obstacle:
        if self._is_impossible:
            return Obstacle(Kind.NOT_FOUND, _("each limit can be kept, but not all of them together"))
        return Obstacle(Kind.NOT_FOUND, _("no distribution that keeps all limits was found in the work allowed"))

    def _outcome(self, goal: Goal, owners: dict[str, str], reached: float, bound: float) -> Outcome:
        problem, better = self._world.problem, max if goal.is_more_better else min
        before = balancing_measures.value(problem, goal, balancing_measures.before(problem))
        after = balancing_measures.value(problem, goal, owners)
        limit, best = self._value(goal, bound), self._value(goal, reached)
        best = after if best is None else better(best, after)
        return Outcome(goal, before, after, best, best if limit is None else limit, self._whole(goal))

    def _whole(self, goal: Goal) -> int:
        if goal.measure is not None:
            return sum(account.amount(goal.measure) for account in self._world.accounts)
        return self._world.best(goal)

    def _measure(self) -> Measure:
        balances = (goal.measure for goal in self._goals if goal.aim is Aim.BALANCE)
        return next(balances, None) or Measure.WORKLOAD


def _engine(question: Question) -> Callable[..., Found]:
    world = question.world
    pairs = int(world.allowed.sum(axis=1)[world.kind].sum())
    return _exactly if pairs <= EXACT_PAIRS else balancing_large.solve


def _exactly(question: Question, begin: Array | None, *, seed: int, work: float, tell: Tell) -> Found:
    free = question.world.eligible(np.arange(question.world.units))
    return balancing_exact.solve(question, begin, free, seed=seed, work=work, tell=tell)
