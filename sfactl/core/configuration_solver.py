"""The best configuration of a bundle, why there is none, and the smallest change that mends one: by OR-Tools CP-SAT.

One worker and a fixed seed; among equally good configurations the one with fewer pieces, and then the one that stands earlier
in the catalogue, so that the answer is always the same one. The library is loaded by whoever imports this module.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from math import gcd
from typing import Any

from sfactl.core.configuration import MOST_MILLI, Catalogue, Constraint, Kind, caps
from sfactl.core.solver import cp_model
from sfactl.errors import UsageFault
from sfactl.i18n import _

PIECE = 1 << 28
"""What a piece weighs among equals; where it stands weighs less."""
LARGEST = 1 << 61
"""Sums beyond this are not given to the solver."""
CHANGE = 1 << 32
"""What changing an option at all weighs, in steps of its quantity."""
BEYOND = 100
"""So many times its bound is tried for an option, to know whether the bound is to blame."""
WORK_A_PROOF = 0.2
"""So much one question may take on the way to the smallest conflict."""
WORK_A_SECOND = 0.1
"""What may be spent where a second is allowed, in the solver's units, of which a usual machine does one in seven seconds."""
LEAST_WORK = 0.001
SLICE = 0.2
"""What part of what is left is spent before a better margin that was found is gone on from."""


class Prefer(StrEnum):
    """What makes one configuration better than another."""

    COST = "cost"
    "The lowest list price."
    MARGIN = "margin"
    "The largest part of the list price that is not cost."
    FEWEST = "fewest"
    "The fewest pieces."


@dataclass(frozen=True)
class Solution:
    """What was found."""

    quantities: tuple[int, ...]
    is_proven: bool
    "Nothing better exists, and nothing as good comes before it."
    gap: Fraction = Fraction(0)
    "So much better one may be at most: a part of its price or of its pieces, or of a margin so many hundredths."


@dataclass(frozen=True)
class Change:
    """A quantity that is to be another one."""

    option: int
    before: int
    after: int


@dataclass
class _Model:
    """A configuration as the solver sees it: per option, whether it is chosen and how many steps of it."""

    catalogue: Catalogue
    model: Any = field(default_factory=cp_model.CpModel)
    lasts: list[int] = field(default_factory=list)
    "Up to what quantity each is looked for."
    steps: list[Any] = field(default_factory=list)
    chosen: list[Any] = field(default_factory=list)
    _sums: dict[int, Any] = field(default_factory=dict)
    "By the constraint that they are of."

    def add_options(self, lasts: Sequence[int]) -> None:
        """The variables of all options, each up to a quantity."""
        for n, (option, last) in enumerate(zip(self.catalogue.options, lasts, strict=True)):
            steps = self.model.new_int_var(0, max(last, 0) // option.step, f"q{n}")
            is_chosen = self.model.new_bool_var(f"c{n}")
            self.model.add(steps >= 1).only_enforce_if(is_chosen)
            self.model.add(steps == 0).only_enforce_if(~is_chosen)
            self.lasts.append(last)
            self.steps.append(steps)
            self.chosen.append(is_chosen)

    def add(self, must: Constraint, *, on: Sequence[Any] = ()) -> None:
        """A constraint; with `on`, one that holds only while those literals are true."""
        if must.kind is Kind.QUANTITY:
            self._add_bounds(must.options[0], on)
            return
        total = self.total(must)
        for trigger in must.when or (None,):
            conditions = [*on] if trigger is None else [*on, self.chosen[trigger]]
            if must.low is not None:
                self.model.add(total >= must.low).only_enforce_if(*conditions)
            if must.high is not None:
                self.model.add(total <= must.high).only_enforce_if(*conditions)

    def _add_bounds(self, n: int, on: Sequence[Any]) -> None:
        option = self.catalogue.options[n]
        self.model.add(self.steps[n] <= option.last // option.step).only_enforce_if(*on)
        if option.first > option.step:
            self.model.add(self.steps[n] >= option.first // option.step).only_enforce_if(*on, self.chosen[n])

    def total(self, must: Constraint) -> Any:
        """What a configuration has of a constraint, as the solver sums it up."""
        if not must.weights:
            return sum(self.chosen[n] for n in must.options)
        weights = [w * self.catalogue.options[n].step for n, w in zip(must.options, must.weights, strict=True)]
        return cp_model.LinearExpr.weighted_sum([self.steps[n] for n in must.options], weights)

    def leave_nothing_to_spare(self, must: Sequence[Constraint]) -> None:
        """Only configurations of which not one step of one option can be taken away."""
        reasons: list[list[Any]] = [[~is_chosen] for is_chosen in self.chosen]
        for each in must:
            for n, weight in zip(each.options, each.weights or (0,) * len(each.options), strict=True):
                reasons[n] += self._reasons_of(each, n, weight)
        for literals in reasons:
            self.model.add_bool_or(literals)

    def _reasons_of(self, each: Constraint, n: int, weight: int) -> list[Any]:
        """Literals under which a constraint is broken by one step less of an option."""
        option = self.catalogue.options[n]
        if not each.weights:
            return [] if each.low is None else self._reasons_of_count(each, n)
        if (each.low is None or weight <= 0) and (each.high is None or weight >= 0):
            return []
        last_step = self._reason(each, weight * option.step)
        if option.first == option.step:
            return [last_step]
        whole = self._reason(each, weight * option.first)
        self.model.add(self.steps[n] == option.first // option.step).only_enforce_if(whole)
        return [last_step, whole]

    def _reason(self, each: Constraint, less: int) -> Any:
        """A literal under which a sum that is so much less, or more where that is negative, is out of bounds."""
        reason = self.model.new_bool_var("")
        if less > 0 and each.low is not None:
            self.model.add(self._sum(each) <= each.low - 1 + less).only_enforce_if(reason)
        elif each.high is not None:
            self.model.add(self._sum(each) >= each.high + 1 + less).only_enforce_if(reason)
        return reason

    def _sum(self, each: Constraint) -> Any:
        """What a configuration has of a constraint as one variable, so that many can be said of it at little cost."""
        if id(each) not in self._sums:
            parts = [weight * self.lasts[n] for n, weight in zip(each.options, each.weights, strict=True)]
            found = self.model.new_int_var(sum(min(p, 0) for p in parts), sum(max(p, 0) for p in parts), "")
            self.model.add(found == self.total(each))
            self._sums[id(each)] = found
        return self._sums[id(each)]

    def _reasons_of_count(self, each: Constraint, n: int) -> list[Any]:
        """The option is at its least, no more options are chosen than must be, and something else asks for them."""
        option, others = self.catalogue.options[n], [m for m in each.when if m != n]
        if each.when and not others:
            return []
        reason = self.model.new_bool_var("")
        self.model.add(self.steps[n] <= option.first // option.step).only_enforce_if(reason)
        self.model.add(self.total(each) <= (each.low or 0)).only_enforce_if(reason)
        if others:
            self.model.add_bool_or([self.chosen[m] for m in others]).only_enforce_if(reason)
        return [reason]

    def begin_with(self, found: Sequence[int]) -> None:
        """Let the next search begin with a configuration that is known."""
        self.model.clear_hints()
        for steps, option, quantity in zip(self.steps, self.catalogue.options, found, strict=True):
            self.model.add_hint(steps, quantity // option.step)

    def quantities(self, solver: Any) -> tuple[int, ...]:
        """What the solver found."""
        return tuple(
            int(solver.value(steps)) * option.step
            for steps, option in zip(self.steps, self.catalogue.options, strict=True)
        )


def _lasts(catalogue: Catalogue) -> list[int]:
    return [option.last for option in catalogue.options]


class _Budget:
    """What may be spent on an answer: work, which is the same on every machine, and time, which ends it in any case."""

    def __init__(self, seconds: float) -> None:
        self.work = seconds * WORK_A_SECOND
        self._end = time.monotonic() + seconds

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.work <= 0 or time.monotonic() >= self._end

    def solve(self, model: Any, *, most: float = 1.0) -> tuple[Any, Any]:
        """How a search ended, and the solver that knows what it found.

        Args:
            most: what part of what is left may be spent on it.
        """
        solver = _solver(self._end - time.monotonic())
        solver.parameters.max_deterministic_time = max(self.work * most, LEAST_WORK)
        status = solver.solve(model)
        self.work -= solver.deterministic_time
        return status, solver


def _solver(seconds: float) -> Any:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    # sums and bounds are most of a catalogue: looked at as a whole, and little else, they take a tenth of the time
    solver.parameters.linearization_level = 2
    solver.parameters.cut_level = 0
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_presolve_iterations = 1
    solver.parameters.symmetry_level = 0
    solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    return solver


def _model(catalogue: Catalogue, must: Sequence[Constraint], lasts: Sequence[int]) -> _Model:
    made = _Model(catalogue)
    made.add_options(lasts)
    for each in must:
        _require_room(catalogue, each)
        made.add(each)
    return made


def _require_room(catalogue: Catalogue, each: Constraint) -> None:
    if _largest(each, _lasts(catalogue)) > LARGEST // BEYOND:
        raise _too_large(each.code)


def _largest(each: Constraint, lasts: Sequence[int]) -> int:
    """How large the sum of a constraint may become on its way."""
    return sum(abs(weight) * lasts[n] for n, weight in zip(each.options, each.weights, strict=False))


def _too_large(name: str) -> UsageFault:
    return UsageFault(
        _("{name}: the numbers are too large to add up.").format(name=name),
        _("Give the options a `max`, or the attribute a larger unit."),
    )


def solve(catalogue: Catalogue, must: Sequence[Constraint], prefer: Prefer, *, seconds: float) -> Solution | None:
    """The best configuration that keeps all constraints; nothing when there is none.

    Args:
        must: with those of prices, where the preference is about money.
        seconds: after so long the best that was found by then is given, and said not to be proven.

    Raises:
        UsageFault: nothing was found in that time, or sums are too large.
    """
    budget = _Budget(seconds)
    lasts = caps(catalogue, must) if prefer is Prefer.MARGIN else _lasts(catalogue)
    made = _model(catalogue, must, lasts)
    if prefer is Prefer.MARGIN:
        made.leave_nothing_to_spare(must)
        return _best_share(made, budget)
    goal = sum(made.steps) if prefer is Prefer.FEWEST else _required(made, _worth(made).goal(1, 0))
    return _settled(made, goal, budget)


@dataclass(frozen=True)
class _Worth:
    """What of a configuration is price and what is margin, as weights of the solver's variables."""

    terms: tuple[Any, ...]
    most: tuple[int, ...]
    "How large each term can be."
    prices: tuple[int, ...]
    margins: tuple[int, ...]
    base_price: int
    base_margin: int

    def goal(self, price: int, margin: int) -> Any:
        """So many times the price less so many times the margin, divided by what all numbers have in common.

        Nothing when it could be too large for the solver.
        """
        factors, base = self._factors(price, margin)
        unit = self.unit(price, margin)
        factors = [factor // unit for factor in factors]
        room = abs(base // unit) + sum(abs(factor) * most for factor, most in zip(factors, self.most, strict=True))
        return cp_model.LinearExpr.weighted_sum(self.terms, factors) + base // unit if room < LARGEST else None

    def _factors(self, price: int, margin: int) -> tuple[list[int], int]:
        factors = [price * p - margin * m for p, m in zip(self.prices, self.margins, strict=True)]
        return factors, price * self.base_price - margin * self.base_margin

    def unit(self, price: int, margin: int) -> int:
        """What all numbers of a goal have in common."""
        factors, base = self._factors(price, margin)
        return gcd(base, *factors) or 1

    def share(self, solver: Any) -> Fraction:
        """What part of the price of a solution is margin."""
        values = [int(solver.value(term)) for term in self.terms]
        price = self.base_price + sum(value * p for value, p in zip(values, self.prices, strict=True))
        margin = self.base_margin + sum(value * m for value, m in zip(values, self.margins, strict=True))
        return Fraction(margin, price)

    def in_units_of(self, unit: int) -> "_Worth":
        """The same, each number rounded half-up to a larger unit."""

        def rounded(amount: int) -> int:
            return (2 * amount + unit) // (2 * unit)

        prices, margins = tuple(map(rounded, self.prices)), tuple(map(rounded, self.margins))
        return replace(
            self, prices=prices, margins=margins, base_price=rounded(self.base_price), base_margin=rounded(self.base_margin)
        )  # fmt: skip


def _worth(made: _Model) -> _Worth:
    """In ten-millionths. The price counts only for what the bundle does not include; the cost counts for all."""
    rows: list[tuple[Any, int, int, int]] = []
    for n, (option, last) in enumerate(zip(made.catalogue.options, made.lasts, strict=True)):
        price, cost = option.price_e4 or 0, (option.cost_e4 or 0) * option.step
        own = 0 if option.included else price * option.step
        rows.append((made.steps[n], last // option.step, own, own - cost))
        if option.included and price:
            rows.append((_beyond_included(made, n), last, price, price))
    terms, most, prices, margins = zip(*rows, strict=True) if rows else ((), (), (), ())
    bundle = made.catalogue
    base_price = (bundle.price_e4 or 0) * 1000
    return _Worth(terms, most, prices, margins, base_price, base_price - (bundle.cost_e4 or 0) * 1000)


def _beyond_included(made: _Model, n: int) -> Any:
    """Thousandths of an option that have a price of their own."""
    option = made.catalogue.options[n]
    priced = made.model.new_int_var(0, option.last, f"p{n}")
    made.model.add_max_equality(priced, [made.steps[n] * option.step - option.included, 0])
    return priced


def _required(made: _Model, goal: Any) -> Any:
    """A goal, unless its sum could be too large."""
    if goal is None:
        raise _too_large(made.catalogue.bundle)
    return goal


def _settled(made: _Model, goal: Any, budget: _Budget) -> Solution | None:
    """The least of a goal; and among those with the same, the one that is always chosen."""
    made.model.minimize(goal)
    status, solver = budget.solve(made.model)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise _none_in_time()
    found = made.quantities(solver)
    if status == cp_model.FEASIBLE:
        return Solution(found, False, _gap(solver))
    made.model.add(goal <= int(solver.value(goal)))
    return _first(made, found, budget)


def _gap(solver: Any) -> Fraction:
    """By what part of it the least of a goal may be less than what was found."""
    found, bound = Fraction(solver.objective_value), Fraction(solver.best_objective_bound)
    return min(max((found - bound) / found, Fraction(0)), Fraction(1)) if found > 0 else Fraction(0)


def _none_in_time() -> UsageFault:
    return UsageFault(
        _("No configuration was found in this time."), _("Give it more: --at-most-seconds 60; or ask for less.")
    )


def _first(made: _Model, found: tuple[int, ...], budget: _Budget) -> Solution:
    """Of all that the model still allows, the one with the fewest pieces that stands first in the catalogue."""
    made.begin_with(found)
    made.model.minimize(cp_model.LinearExpr.weighted_sum(made.steps, places(len(made.steps))))
    status, solver = budget.solve(made.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solution(found, False)
    return Solution(made.quantities(solver), status == cp_model.OPTIMAL)


def places(count: int) -> list[int]:
    """What a step of each option weighs among equals: a piece, where it stands, and a figure that tells it from others."""
    return [PIECE + (n << 12) + (n * 2_654_435_761 >> 4) % 4096 for n in range(count)]


def _best_share(made: _Model, budget: _Budget) -> Solution | None:
    """The largest share of the price that is margin, by Dinkelbach's way: what is best for a share, until none is better.

    Configurations without a price have no such share, and count only where there are no others. The way begins with the
    cheapest of the others.
    """
    worth = _worth(made)
    price = _required(made, worth.goal(1, 0))
    has_price = made.model.new_bool_var("has a price")
    made.model.add(price >= 1).only_enforce_if(has_price)
    made.model.add(price <= 0).only_enforce_if(~has_price)
    made.model.add_assumptions([has_price])
    made.model.minimize(price)
    status, solver = budget.solve(made.model, most=0.5)
    made.model.clear_assumptions()
    if status == cp_model.INFEASIBLE:
        return _settled(made, price, budget)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise _none_in_time()
    made.model.add(price >= 1)
    least = max(int(solver.best_objective_bound), 1) * worth.unit(1, 0)
    return _Shares(made, worth, made.quantities(solver), budget).best(_most_share(made, least))


def _most_share(made: _Model, least: int) -> Fraction:
    """A share that none exceeds: that of the option with the largest, and what the bundle itself adds to the least price."""
    bundle, options = made.catalogue, zip(made.catalogue.options, made.lasts, strict=True)
    shares = [Fraction(o.price_e4 - (o.cost_e4 or 0), o.price_e4) for o, last in options if o.price_e4 and last]
    top = max(shares, default=Fraction(0))
    own_price, own_cost = bundle.price_e4 or 0, bundle.cost_e4 or 0
    return top + max(own_price - own_cost - top * own_price, Fraction(0)) * 1000 / least


class _Shares:
    """The way to the largest share: each configuration that is better than the one before begins the next search."""

    def __init__(self, made: _Model, worth: _Worth, found: tuple[int, ...], budget: _Budget) -> None:
        self.made, self.worth, self.found, self.budget = made, worth, found, budget
        self.share = share_of(made.catalogue, found) or Fraction(0)

    def best(self, most: Fraction) -> Solution:
        """The best that was found, where none exceeds the share `most`."""
        part = SLICE
        while True:
            goal = self._goal()
            self.made.begin_with(self.found)
            self.made.model.minimize(goal)
            status, solver = self.budget.solve(self.made.model, most=part)
            is_better = status in (cp_model.OPTIMAL, cp_model.FEASIBLE) and solver.value(goal) < 0
            if is_better:
                self.found, self.share = self.made.quantities(solver), self.worth.share(solver)
            elif status == cp_model.OPTIMAL:
                self.made.model.add(goal <= 0)
                return _first(self.made, self.found, self.budget)
            elif part == 1:
                break
            part = SLICE if is_better else 1.0
            if self.budget.is_spent:
                break
        share = share_of(self.made.catalogue, self.found) or Fraction(0)
        return Solution(self.found, False, max(most - share, Fraction(0)))

    def _goal(self) -> Any:
        """What is below zero for whatever has a larger share; with money in a larger unit, where products need room."""
        while True:
            goal = self.worth.goal(self.share.numerator, self.share.denominator)
            if goal is not None:
                return goal
            self.share = self.share.limit_denominator(10**9)
            self.worth = self.worth.in_units_of(10)


def price_e7(catalogue: Catalogue, quantities: Sequence[int]) -> int:
    """The list price of a configuration with its bundle, in ten-millionths of the currency's unit."""
    priced = (
        max(q - each.included, 0) * (each.price_e4 or 0) for q, each in zip(quantities, catalogue.options, strict=True)
    )
    return (catalogue.price_e4 or 0) * 1000 + sum(priced)


def cost_e7(catalogue: Catalogue, quantities: Sequence[int]) -> int:
    """What a configuration costs with its bundle, in ten-millionths; what has no known cost counts as nothing."""
    costs = (q * (each.cost_e4 or 0) for q, each in zip(quantities, catalogue.options, strict=True))
    return (catalogue.cost_e4 or 0) * 1000 + sum(costs)


def share_of(catalogue: Catalogue, quantities: Sequence[int]) -> Fraction | None:
    """What part of the list price is not cost; nothing without a price."""
    price = price_e7(catalogue, quantities)
    return Fraction(price - cost_e7(catalogue, quantities), price) if price > 0 else None


def unsolvable(catalogue: Catalogue, must: Sequence[Constraint], *, seconds: float) -> tuple[Constraint, ...]:
    """Why no configuration keeps all constraints: some that cannot be kept together, and can without any one of them.

    What takes too long to leave out is left in. Bounds of options are left out first, and what is asked for last.
    """
    questions = _Questions(catalogue, must, _Budget(seconds))
    core = questions.core(range(len(must)))
    for n in tuple(core):
        if n in core:
            core = questions.core([other for other in core if other != n]) or core
    return tuple(must[n] for n in core)


class _Questions:
    """One model for many questions: of its constraints, any may be left out."""

    def __init__(self, catalogue: Catalogue, must: Sequence[Constraint], budget: _Budget) -> None:
        made, self._budget = _Model(catalogue), budget
        made.add_options(_beyond_bounds(catalogue, must))
        self._model = made.model
        self._kept = [~made.model.new_bool_var(f"l{n}") for n in range(len(must))]
        for each, is_kept in zip(must, self._kept, strict=True):
            made.add(each, on=[is_kept])

    def core(self, asked: Sequence[int]) -> list[int]:
        """Some of the constraints that cannot be kept together; none when all can be, or when it takes too long to know."""
        if self._budget.is_spent:
            return []
        self._model.clear_assumptions()
        self._model.add_assumptions([self._kept[n] for n in asked])
        status, solver = self._budget.solve(self._model, most=WORK_A_PROOF / self._budget.work)
        if status != cp_model.INFEASIBLE:
            return []
        named = set(solver.sufficient_assumptions_for_infeasibility())
        return [n for n in asked if self._kept[n].index in named]


def _beyond_bounds(catalogue: Catalogue, must: Sequence[Constraint]) -> list[int]:
    """So far options are looked for when their bounds may be to blame: as far as any quantity goes, if sums have room for it."""
    far = [MOST_MILLI] * len(catalogue.options)
    if all(_largest(each, far) <= LARGEST for each in must):
        return far
    for each in must:
        _require_room(catalogue, each)
    return [min(BEYOND * max(option.last, option.first), MOST_MILLI) for option in catalogue.options]


def most_of(catalogue: Catalogue, must: Sequence[Constraint], total: Constraint, *, seconds: float) -> int | None:
    """The most that a sum can come to in a configuration that keeps all constraints.

    Nothing when no configuration keeps them, or when it takes too long to know.
    """
    made = _model(catalogue, must, _lasts(catalogue))
    _require_room(catalogue, total)
    made.model.maximize(made.total(total))
    status, solver = _Budget(seconds).solve(made.model)
    if status != cp_model.OPTIMAL:
        return None
    return total.total(made.quantities(solver))


def mend(
    catalogue: Catalogue, must: Sequence[Constraint], quantities: Sequence[int], *, seconds: float
) -> list[Change] | None:
    """The smallest change after which a choice keeps all constraints; nothing when there is none.

    Smallest: the fewest options change; then their quantities change by the fewest steps; then as in the catalogue.
    """
    made = _model(catalogue, must, _lasts(catalogue))
    goal = sum(_distance(made, n, quantity) for n, quantity in enumerate(quantities))
    found = _settled(made, goal, _Budget(seconds))
    if found is None:
        return None
    pairs = enumerate(zip(quantities, found.quantities, strict=True))
    return [Change(n, before, after) for n, (before, after) in pairs if before != after]


def _distance(made: _Model, n: int, quantity: int) -> Any:
    """How far an option is from what was chosen: a great deal for any change, and its steps besides."""
    option, steps = made.catalogue.options[n], made.steps[n]
    near, odd = divmod(quantity, option.step)
    far = max(option.last // option.step, near) + 1
    away = made.model.new_int_var(0, far, f"d{n}")
    made.model.add(away >= steps - near)
    made.model.add(away >= near - steps)
    if odd:
        return away
    is_changed = made.model.new_bool_var(f"x{n}")
    made.model.add(steps == near).only_enforce_if(~is_changed)
    return is_changed * CHANGE + away


def reachable(catalogue: Catalogue, must: Sequence[Constraint], *, seconds: float) -> set[int]:
    """The options that some valid configuration has; none at all where there is none, or it takes too long to know.

    Each answer has as many options that no earlier one had as it can, so few answers tell of all.
    """
    budget = _Budget(seconds)
    made = _model(catalogue, must, _lasts(catalogue))
    seen: set[int] = set()
    while True:
        unseen = [is_chosen for n, is_chosen in enumerate(made.chosen) if n not in seen]
        made.model.maximize(sum(unseen))
        status, solver = budget.solve(made.model)
        if status != cp_model.OPTIMAL:
            return set()
        found = {n for n, is_chosen in enumerate(made.chosen) if solver.boolean_value(is_chosen)}
        if found <= seen:
            return seen
        seen |= found
