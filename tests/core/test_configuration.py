"""Configurations: what they must keep, the best of them, why there is none, and the smallest change that mends one."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core import configuration_solver as solver
from sfactl.core.configuration import (
    Catalogue,
    Constraint,
    Feature,
    Kind,
    Option,
    Request,
    Rule,
    caps,
    conflicts,
    constraints,
    filled,
)
from sfactl.core.configuration_solver import Prefer
from tests.configurations import Quantities, every_choice, is_valid, random_catalogue, random_request
from tests.soak import IS_SOAK

WORLDS = 2000 if IS_SOAK else 70
"""For each of three preferences."""
SEEDS = st.integers(0, 2**32)


def worth(catalogue: Catalogue, prefer: Prefer, quantities: Quantities) -> tuple[object, ...]:
    """Sorts the best first, as the program promises."""
    steps = [q // option.step for q, option in zip(quantities, catalogue.options, strict=True)]
    order = sum(weight * step for weight, step in zip(solver.places(len(steps)), steps, strict=True))
    if prefer is Prefer.FEWEST:
        return sum(steps), order
    if prefer is Prefer.COST:
        return solver.price_e7(catalogue, quantities), order
    share = solver.share_of(catalogue, quantities)
    return share is None, -(share or 0), order


def has_to_spare(catalogue: Catalogue, request: Request, quantities: Quantities) -> bool:
    """Whether a step of some option can be taken away."""
    for n, (option, quantity) in enumerate(zip(catalogue.options, quantities, strict=True)):
        less = quantity - option.step if quantity > option.first else 0
        if quantity and is_valid(catalogue, request, (*quantities[:n], less, *quantities[n + 1 :])):
            return True
    return False


@pytest.mark.parametrize("prefer", Prefer)
def test_what_is_found_is_the_best_that_counting_all_finds(prefer: Prefer) -> None:
    solvable = 0
    for seed in range(WORLDS):
        rng = Random(f"{prefer} {seed}")
        catalogue = random_catalogue(rng)
        request = random_request(rng, catalogue)
        must = constraints(catalogue, request)
        lasts = caps(catalogue, must) if prefer is Prefer.MARGIN else None

        found = solver.solve(catalogue, must, prefer, seconds=30)

        valid = [each for each in every_choice(catalogue, lasts) if is_valid(catalogue, request, each)]
        if prefer is Prefer.MARGIN:
            valid = [each for each in valid if not has_to_spare(catalogue, request, each)]
        best = min(valid, key=lambda each: worth(catalogue, prefer, each), default=None)
        assert (found.quantities if found else None) == best, seed
        assert found is None or found.is_proven
        solvable += found is not None
    assert WORLDS // 4 < solvable < WORLDS, "the worlds have both kinds"


@given(SEEDS, st.data())
def test_a_choice_is_against_nothing_only_when_it_is_valid(seed: int, data: st.DataObject) -> None:
    catalogue = random_catalogue(Random(seed))
    request = random_request(Random(seed + 1), catalogue)
    chosen = tuple(data.draw(st.sampled_from((0, 500, 1000, 1500, 2000, 3000, 4000))) for _ in catalogue.options)

    against = conflicts(catalogue, constraints(catalogue, request), chosen)

    assert (not against) == is_valid(catalogue, request, chosen)
    for each in against:
        for left_out in each.options:
            fewer = [q if n in each.options and n != left_out else 0 for n, q in enumerate(chosen)]
            assert not is_too_much(each.constraint, chosen) or not is_too_much(each.constraint, fewer), left_out


def is_too_much(constraint: Constraint, quantities: Sequence[int]) -> bool:
    """Whether more is chosen than a constraint without relief allows."""
    is_on = not constraint.when or any(quantities[n] for n in constraint.when)
    has_relief = any(weight < 0 for weight in constraint.weights)
    return is_on and not has_relief and constraint.high is not None and constraint.total(quantities) > constraint.high


def test_what_mends_a_choice_is_valid_and_nothing_smaller_does() -> None:
    mended = 0
    for seed in range(WORLDS // 4):
        rng = Random(f"mend {seed}")
        catalogue = random_catalogue(rng)
        request = random_request(rng, catalogue)
        chosen = tuple(rng.choice((0, option.first, option.last, 700)) for option in catalogue.options)

        changes = solver.mend(catalogue, constraints(catalogue, request), chosen, seconds=30)

        valid = [each for each in every_choice(catalogue) if is_valid(catalogue, request, each)]
        fewest = min((sum(a != b for a, b in zip(each, chosen, strict=True)) for each in valid), default=None)
        assert (None if changes is None else len(changes)) == fewest, seed
        if changes is not None:
            after = list(chosen)
            for change in changes:
                assert change.before == chosen[change.option]
                after[change.option] = change.after
            assert is_valid(catalogue, request, tuple(after))
            mended += bool(changes)
    assert mended


def test_the_reasons_for_which_nothing_is_found_are_as_few_as_can_be() -> None:
    explained = 0
    for seed in range(WORLDS // 2):
        rng = Random(f"why {seed}")
        catalogue = random_catalogue(rng)
        must = constraints(catalogue, random_request(rng, catalogue))
        if any(all(each.holds(catalogue, choice) for each in must) for choice in every_choice(catalogue)):
            continue

        reasons = solver.unsolvable(catalogue, must, seconds=30)

        assert reasons
        for left_out in reasons:
            others = [each for each in reasons if each is not left_out]
            assert not solver.unsolvable(catalogue, others, seconds=30), left_out
        explained += 1
    assert explained > 5


def test_the_options_that_can_be_chosen_are_those_that_some_valid_configuration_has() -> None:
    for seed in range(WORLDS // 4):
        catalogue = random_catalogue(Random(f"reach {seed}"))
        valid = [each for each in every_choice(catalogue) if is_valid(catalogue, Request(), each)]

        reached = solver.reachable(catalogue, constraints(catalogue), seconds=30)

        assert reached == {n for each in valid for n, quantity in enumerate(each) if quantity}


def rack(**more: object) -> Catalogue:
    """A rack with power and disks."""
    disks = (
        Option("disk", "D2", "2 TB disk", most=8000, price_e4=100),
        Option("disk", "D8", "8 TB disk", most=4000, price_e4=500),
    )
    power = (
        Option("power", "P5", "500 W", most=1000, price_e4=50),
        Option("power", "P9", "900 W", most=1000, price_e4=80),
    )
    rules = (
        Rule("heat", "sum", attribute="watts", against="supply", message="The power supplies must carry the load."),
        Rule("big", "requires", ("D8",), ("P9",)),
        Rule("one-kind", "excludes", what=("P5", "P9")),
    )
    attributes = {
        "D2": {"tb": 2000, "watts": 10_000}, "D8": {"tb": 8000, "watts": 30_000}, "P5": {"supply": 500_000},
        "P9": {"supply": 900_000}, "RACK": {"watts": 450_000},
    }  # fmt: skip
    features = (Feature("disk", "Disks", disks, 1, 2), Feature("power", "Power", power, 1, 1))
    return Catalogue("RACK", "Rack", features, rules, attributes, **more)  # type: ignore[arg-type]


def cheapest(catalogue: Catalogue, request: Request, prefer: Prefer = Prefer.COST) -> dict[str, int]:
    found = solver.solve(catalogue, constraints(catalogue, request), prefer, seconds=30)
    assert found and found.is_proven
    return {o.product: q // 1000 for o, q in zip(catalogue.options, found.quantities, strict=True) if q}


def test_the_cheapest_rack_grows_with_what_is_needed() -> None:
    assert cheapest(rack(), Request({"tb": 6000})) == {"D2": 3, "P5": 1}
    assert cheapest(rack(), Request({"tb": 14_000})) == {"D2": 7, "P9": 1}, "seven disks are too much for 500 W"
    assert cheapest(rack(), Request({"tb": 8000}), Prefer.FEWEST) == {"D8": 1, "P9": 1}
    assert cheapest(rack(), Request({"tb": 6000}, {"D8": None})) == {"D8": 1, "P9": 1}


def test_reasons_are_in_the_words_of_the_catalogue() -> None:
    must = constraints(rack(), Request({"tb": 6000}, {"D8": None}, ("P9",)))

    reasons = solver.unsolvable(rack(), must, seconds=30)

    assert [each.message for each in reasons] == [
        "8 TB disk needs 900 W.",
        "8 TB disk is wanted.",
        "900 W is not wanted.",
    ]


def test_every_bound_that_stands_in_the_way_of_a_need_is_a_reason_and_nothing_else() -> None:
    fridges = tuple(Option("fridges", f"F{n}", f"Fridge {n}", most=10_000) for n in (60, 220, 440))
    sensor = Option("sensors", "TS", "Sensor", most=100_000)
    features = (Feature("fridges", "Fridges", fridges, 1), Feature("sensors", "Sensors", (sensor,), 1, 1))
    litres = {f"F{n}": {"litres": n * 1000} for n in (60, 220, 440)}
    catalogue = Catalogue("COLD", "Cold", features, attributes=litres)
    must = constraints(catalogue, Request({"litres": 900_000_000}))

    reasons = solver.unsolvable(catalogue, must, seconds=30)

    assert [(each.kind, each.code) for each in reasons] == [
        (Kind.QUANTITY, "F60"), (Kind.QUANTITY, "F220"), (Kind.QUANTITY, "F440"), (Kind.NEED, "litres"),
    ]  # fmt: skip


def test_the_most_that_is_possible_is_what_counting_all_finds() -> None:
    answered = 0
    for seed in range(WORLDS // 4):
        catalogue = random_catalogue(Random(f"most {seed}"))
        valid = [each for each in every_choice(catalogue) if is_valid(catalogue, Request(), each)]
        need = constraints(catalogue, Request({"seats": 1000}))[-1]

        found = solver.most_of(catalogue, constraints(catalogue), need, seconds=30)

        assert found == max((need.total(each) for each in valid), default=None)
        answered += found is not None and found > 0
    assert answered > 5


def test_a_choice_by_hand_is_told_what_it_is_against_and_what_mends_it() -> None:
    must = constraints(rack())
    chosen = [8000, 0, 1000, 0]

    told = [(each.constraint.message, each.options) for each in conflicts(rack(), must, chosen)]

    assert told == [("The power supplies must carry the load.", (0,))]
    assert solver.mend(rack(), must, chosen, seconds=30) == [solver.Change(0, 8000, 5000)]


def test_what_is_included_costs_nothing_up_to_the_number_that_is() -> None:
    options = (
        Option("a", "X", "X", most=5000, included=2000, price_e4=100_000),
        Option("a", "Y", "Y", most=9000, price_e4=60_000),
    )
    catalogue = Catalogue("B", "B", (Feature("a", "A", options),), (), {"X": {"n": 1000}, "Y": {"n": 1000}})

    assert cheapest(catalogue, Request({"n": 2000})) == {"X": 2}
    assert cheapest(catalogue, Request({"n": 3000})) == {"X": 2, "Y": 1}
    assert solver.price_e7(catalogue, (3000, 0)) == 100_000 * 1000


def test_the_best_margin_adds_nothing_that_nothing_asks_for() -> None:
    options = (
        Option("a", "GOOD", "Good", most=9000, price_e4=100_000, cost_e4=40_000),
        Option("a", "FAT", "Fat", most=9000, price_e4=100_000, cost_e4=1),
    )
    catalogue = Catalogue("B", "B", (Feature("a", "A", options),), (), {"GOOD": {"n": 1000}})

    assert cheapest(catalogue, Request({"n": 2000}), Prefer.MARGIN) == {"GOOD": 2}


def test_a_margin_that_is_not_proven_best_says_how_much_better_one_may_be() -> None:
    unproven = 0
    for seed in range(WORLDS // 4):
        catalogue = random_catalogue(Random(f"gap {seed}"))
        must = constraints(catalogue, random_request(Random(f"gap {seed}"), catalogue))
        best = solver.solve(catalogue, must, Prefer.MARGIN, seconds=30)
        if best is None or not (share := solver.share_of(catalogue, best.quantities)):
            continue

        made = solver._model(catalogue, must, caps(catalogue, must))
        made.leave_nothing_to_spare(must)
        bound = solver._most_share(made, max(solver.price_e7(catalogue, cheapest_of(catalogue, must)), 1))

        assert best.is_proven and best.gap == 0 and share <= bound
        unproven += 1
    assert unproven > 5


def cheapest_of(catalogue: Catalogue, must: Sequence[Constraint]) -> Quantities:
    found = solver.solve(catalogue, must, Prefer.COST, seconds=30)
    assert found
    return found.quantities


def test_what_has_no_price_is_not_chosen_for_being_cheap() -> None:
    options = (Option("a", "FREE", "Free"), Option("a", "DEAR", "Dear", price_e4=100))
    catalogue = Catalogue("B", "B", (Feature("a", "A", options, 1),))
    must = constraints(catalogue, needs_prices=True)

    found = solver.solve(catalogue, must, Prefer.COST, seconds=30)

    assert found and found.quantities == (0, 1000)
    assert [each.kind for each in must].count(Kind.PRICE) == 1


def test_defaults_stand_where_nothing_is_said_of_a_feature() -> None:
    options = (Option("a", "X", "X", default=2000), Option("a", "Y", "Y"))
    needed = (Option("b", "Z", "Z", is_required=True),)
    catalogue = Catalogue("B", "B", (Feature("a", "A", options), Feature("b", "B", needed)))

    assert filled(catalogue, {}) == [2000, 0, 1000]
    assert filled(catalogue, {1: 3000}) == [0, 3000, 1000]


def test_equally_good_configurations_are_told_apart_by_the_catalogue_order() -> None:
    options = tuple(Option("a", f"X{n}", f"X{n}", price_e4=10_000) for n in range(6))
    catalogue = Catalogue("B", "B", (Feature("a", "A", options, 2, 2),))

    assert cheapest(catalogue, Request()) == {"X0": 1, "X1": 1}
