"""A balance beside plain rules: accounts in turn, and always to the least loaded, each time with no more moves than the rule makes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sfactl.core import balancing_measures
from sfactl.core.balancing import WHOLE, Aim, Goal, Measure, Problem, Watch
from sfactl.core.balancing_baselines import in_turn, least_loaded
from sfactl.i18n import _
from sfactl.services.balancing import Decision

Owners = Mapping[str, str | None]


@dataclass(frozen=True)
class ComparisonRow:
    """What one way of sharing accounts out comes to."""

    way: str
    moved: int
    revenue_moved: Fraction
    spread: Fraction
    variation: Fraction
    outside: int
    "People whose load is outside of the band."
    fit: Fraction | None
    travel: int
    "Kilometres in a year, one way."
    odds: str | None
    "The wins to expect if each account had one sale; nothing where odds are no goal."
    better_in: tuple[str, ...] | None
    "The goals in which it is better than the rule above, and the spread of loads where that is."
    worse_in: tuple[str, ...] | None


def rows(
    decision: Decision,
    *,
    seed: int,
    work: int,
    watch: Watch | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[ComparisonRow]:
    """The accounts as they are, as they are balanced, and as each rule would share them out.

    Below each rule stands what is found for the same goals, but for those that are of moving, with no more moves than
    the rule makes.
    """
    from sfactl.core.balancing_solver import solve

    problem = decision.basis.problem
    goals = tuple(goal for goal in decision.goals if goal.aim is not Aim.DISRUPTION) or decision.goals
    told = _Told(problem, goals, decision.answer.loads[0].measure)
    found = [
        told.row(_("as it is"), balancing_measures.before(problem)),
        told.row(_("this balance"), decision.answer.owners),
    ]
    for name, rule in ((_("in turn, in each territory"), in_turn), (_("always to the least loaded"), least_loaded)):
        plain = rule(problem)
        most = sum(1 for _account in balancing_measures.moved(problem, plain))
        limited = replace(problem, limits=replace(problem.limits, most_moved=most))
        answer = solve(limited, goals, seed=seed, work=work, progress=watch, is_cancelled=is_cancelled)
        found.append(told.row(name, plain))
        if answer.is_feasible:
            found.append(told.row(_("balanced with no more moves"), answer.owners, beside=plain))
    return found


class _Told:
    """Says what each way comes to."""

    def __init__(self, problem: Problem, goals: Sequence[Goal], measure: Measure) -> None:
        self._problem, self._goals, self._measure = problem, goals, measure
        self._perfect = sum(balancing_measures.perfect_fit(account) for account in problem.accounts)
        self._revenue = sum(account.revenue_minor for account in problem.accounts)

    def row(self, way: str, owners: Owners, *, beside: Owners | None = None) -> ComparisonRow:
        """What accounts come to with these owners, and whether that is better than with others."""
        problem = self._problem
        loads = balancing_measures.loads(problem, self._measure, owners)
        spread = balancing_measures.spread(loads, problem.limits.band_bp)
        moved = list(balancing_measures.moved(problem, owners))
        revenue = sum(account.revenue_minor for account in moved)
        return ComparisonRow(
            way, len(moved), Fraction(revenue, self._revenue) if self._revenue else Fraction(0),
            Fraction(spread.spread_bp, WHOLE), Fraction(spread.variation_bp, WHOLE), spread.outside,
            Fraction(self._value(Aim.FIT, owners), self._perfect) if self._perfect else None,
            round(self._value(Aim.TRAVEL, owners) / 1000), self._odds(owners),
            *self._differences(owners, beside),
        )  # fmt: skip

    def _value(self, aim: Aim, owners: Owners) -> int:
        return balancing_measures.value(self._problem, Goal(aim), owners)

    def _odds(self, owners: Owners) -> str | None:
        if not any(goal.aim is Aim.ODDS for goal in self._goals):
            return None
        return f"{self._value(Aim.ODDS, owners) / WHOLE:.2f}"

    def _differences(
        self, owners: Owners, beside: Owners | None
    ) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        """The goals in which it is better than with others, and those in which it is worse; the spread, too, of which
        the band leaves much open.
        """
        if beside is None:
            return None, None
        gains = {str(goal): self._gain(goal, owners, beside) for goal in self._goals}
        gains[_("spread")] = self._spread(beside) - self._spread(owners)
        better = tuple(goal for goal, gain in gains.items() if gain > 0)
        return better, tuple(goal for goal, gain in gains.items() if gain < 0)

    def _spread(self, owners: Owners) -> int:
        loads = balancing_measures.loads(self._problem, self._measure, owners)
        return balancing_measures.spread(loads, self._problem.limits.band_bp).spread_bp

    def _gain(self, goal: Goal, owners: Owners, beside: Owners) -> int:
        here, there = (balancing_measures.value(self._problem, goal, each) for each in (owners, beside))
        return here - there if goal.is_more_better else there - here
