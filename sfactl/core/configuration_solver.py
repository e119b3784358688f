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
SECONDS_A_PROOF = 1.0
"""So long one question may take on the way to the smallest conflict."""


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
            self.model.add(self.total(each) - less <= each.low - 1).only_enforce_if(reason)
        elif each.high is not None:
            self.model.add(self.total(each) - less >= each.high + 1).only_enforce_if(reason)
        return reason

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

    def quantities(self, solver: Any) -> tuple[int, ...]:
        """What the solver found."""
        return tuple(
            int(solver.value(steps)) * option.step
            for steps, option in zip(self.steps, self.catalogue.options, strict=True)
        )


def _lasts(catalogue: Catalogue) -> list[int]:
    return [option.last for option in catalogue.options]


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
    end = time.monotonic() + seconds
    lasts = caps(catalogue, must) if prefer is Prefer.MARGIN else _lasts(catalogue)
    made = _model(catalogue, must, lasts)
    if prefer is Prefer.MARGIN:
        made.leave_nothing_to_spare(must)
        return _best_share(made, end)
    goal = sum(made.steps) if prefer is Prefer.FEWEST else _required(made, _worth(made).goal(1, 0))
    return _settled(made, goal, end)


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
        factors = [price * p - margin * m for p, m in zip(self.prices, self.margins, strict=True)]
        base = price * self.base_price - margin * self.base_margin
        unit = gcd(base, *factors) or 1
        factors = [factor // unit for factor in factors]
        room = abs(base // unit) + sum(abs(factor) * most for factor, most in zip(factors, self.most, strict=True))
        return cp_model.LinearExpr.weighted_sum(self.terms, factors) + base // unit if room < LARGEST else None

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


def _settled(made: _Model, goal: Any, end: float) -> Solution | None:
    """The least of a goal; and among those with the same, the one that is always chosen."""
    made.model.minimize(goal)
    solver = _solver(end - time.monotonic())
    status = solver.solve(made.model)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise _none_in_time()
    found = made.quantities(solver)
    if status == cp_model.FEASIBLE:
        return Solution(found, False)
    made.model.add(goal <= int(solver.value(goal)))
    return _first(made, found, end)


def _none_in_time() -> UsageFault:
    return UsageFault(
        _("No configuration was found in this time."), _("Give it more: --at-most-seconds 60; or ask for less.")
    )


def _first(made: _Model, found: tuple[int, ...], end: float) -> Solution:
    """Of all that the model still allows, the one with the fewest pieces that stands first in the catalogue."""
    made.model.clear_hints()
    for steps, option, quantity in zip(made.steps, made.catalogue.options, found, strict=True):
        made.model.add_hint(steps, quantity // option.step)
    made.model.minimize(cp_model.LinearExpr.weighted_sum(made.steps, places(len(made.steps))))
    solver = _solver(end - time.monotonic())
    status = solver.solve(made.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solution(found, False)
    return Solution(made.quantities(solver), status == cp_model.OPTIMAL)


def places(count: int) -> list[int]:
    """What a step of each option weighs among equals: a piece, where it stands, and a figure that tells it from others."""
    return [PIECE + (n << 12) + (n * 2_654_435_761 >> 4) % 4096 for n in range(count)]


def _best_share(made: _Model, end: float) -> Solution | None:
    """The largest share of the price that is margin, by Dinkelbach's way: what is best for a share, until none is better.

    Configurations without a price have no such share, and count only where there are no others.
    """
    worth = _worth(made)
    price = _required(made, worth.goal(1, 0))
    has_price = made.model.new_bool_var("has a price")
    made.model.add(price >= 1).only_enforce_if(has_price)
    made.model.add(price <= 0).only_enforce_if(~has_price)
    first = _settled(made, -has_price, end)
    if first is None or not first.is_proven or price_e7(made.catalogue, first.quantities) <= 0:
        return first
    return _better(made, worth, first.quantities, end)


def _better(made: _Model, worth: _Worth, found: tuple[int, ...], end: float) -> Solution:
    share = share_of(made.catalogue, found) or Fraction(0)
    while True:
        goal = worth.goal(share.numerator, share.denominator)
        if goal is None:  # money in a larger unit, so that its products have room
            share = share.limit_denominator(10**9)
            worth = worth.in_units_of(10)
            continue
        made.model.minimize(goal)
        solver = _solver(end - time.monotonic())
        status = solver.solve(made.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Solution(found, False)
        now = made.quantities(solver)
        if status == cp_model.FEASIBLE:
            return Solution(now, False)
        if solver.value(goal) >= 0:
            break
        found, share = now, worth.share(solver)
    made.model.add(goal <= 0)
    return _first(made, found, end)


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
    end = time.monotonic() + seconds
    questions = _Questions(catalogue, must)
    core = questions.core(range(len(must)), end)
    for n in tuple(core):
        if n in core and time.monotonic() < end:
            core = questions.core([other for other in core if other != n], end) or core
    return tuple(must[n] for n in core)


class _Questions:
    """One model for many questions: of its constraints, any may be left out."""

    def __init__(self, catalogue: Catalogue, must: Sequence[Constraint]) -> None:
        made = _Model(catalogue)
        made.add_options(_beyond_bounds(catalogue, must))
        self._model = made.model
        self._kept = [~made.model.new_bool_var(f"l{n}") for n in range(len(must))]
        for each, is_kept in zip(must, self._kept, strict=True):
            made.add(each, on=[is_kept])

    def core(self, asked: Sequence[int], end: float) -> list[int]:
        """Some of the constraints that cannot be kept together; none when all can be, or when it takes too long to know."""
        self._model.clear_assumptions()
        self._model.add_assumptions([self._kept[n] for n in asked])
        solver = _solver(min(end - time.monotonic(), SECONDS_A_PROOF))
        if solver.solve(self._model) != cp_model.INFEASIBLE:
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
    solver = _solver(seconds)
    if solver.solve(made.model) != cp_model.OPTIMAL:
        return None
    return total.total(made.quantities(solver))


def mend(
    catalogue: Catalogue, must: Sequence[Constraint], quantities: Sequence[int], *, seconds: float
) -> list[Change] | None:
    """The smallest change after which a choice keeps all constraints; nothing when there is none.

    Smallest: the fewest options change; then their quantities change by the fewest steps; then as in the catalogue.
    """
    end = time.monotonic() + seconds
    made = _model(catalogue, must, _lasts(catalogue))
    goal = sum(_distance(made, n, quantity) for n, quantity in enumerate(quantities))
    found = _settled(made, goal, end)
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
    end = time.monotonic() + seconds
    made = _model(catalogue, must, _lasts(catalogue))
    seen: set[int] = set()
    while True:
        unseen = [is_chosen for n, is_chosen in enumerate(made.chosen) if n not in seen]
        made.model.maximize(sum(unseen))
        solver = _solver(end - time.monotonic())
        status = solver.solve(made.model)
        if status != cp_model.OPTIMAL:
            return set()
        found = {n for n, is_chosen in enumerate(made.chosen) if solver.boolean_value(is_chosen)}
        if found <= seen:
            return seen
        seen |= found
