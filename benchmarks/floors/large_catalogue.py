"""A catalogue of so many options and rules, configured: `large_catalogue.py OPTIONS RULES PREFERENCE`, or none to stop before it."""

import sys
import time
from random import Random

from sfactl.core.configuration import Catalogue, Feature, Option, Request, Rule, conflicts, constraints

PER_FEATURE = 20
ATTRIBUTES = ("seats", "storage_tb", "watts", "rack_units")


def large_catalogue(options: int, rules: int, seed: int = 1) -> Catalogue:
    """Features of twenty options, and rules of every kind about products near each other and far apart."""
    rng = Random(seed)
    names = [f"P{n:04}" for n in range(options)]
    features = tuple(
        Feature(
            f"F{start}",
            f"Feature {start}",
            tuple(_option(rng, f"F{start}", name) for name in names[start : start + PER_FEATURE]),
            rng.choice((0, 0, 1)),
            rng.choice((None, 4)),
        )
        for start in range(0, options, PER_FEATURE)
    )
    attributes = {
        name: {each: rng.randint(1, 40) * 1000 for each in ATTRIBUTES if rng.random() < 0.4} for name in names
    }
    attributes |= {name: attributes[name] | {"supply": rng.randint(100, 900) * 1000} for name in names[::10]}
    return Catalogue("B", "Bundle", features, tuple(_rule(rng, n, names) for n in range(rules)), attributes, 100_000)


def _option(rng: Random, feature: str, name: str) -> Option:
    price = rng.randint(1, 5000) * 10_000
    return Option(
        feature, name, name, most=rng.randint(1, 10) * 1000, price_e4=price, cost_e4=price * rng.randint(40, 80) // 100
    )


def _rule(rng: Random, n: int, names: list[str]) -> Rule:
    kind = rng.choices(("requires", "excludes", "at_most", "sum"), (10, 10, 4, 1))[0]
    some = tuple(rng.sample(names, rng.randint(1, 4)))
    if kind == "at_most":
        return Rule(f"R{n}", kind, what=some, most=rng.randint(2, 20) * 1000)
    if kind == "sum" and n % 2:
        return Rule(f"R{n}", kind, attribute="watts", against="supply")
    if kind == "sum":
        return Rule(f"R{n}", kind, attribute="rack_units", most=rng.randint(900, 2000) * 1000)
    return Rule(f"R{n}", kind, tuple(rng.sample(names, rng.randint(1, 2))), some)


def main(options: int, rules: int, prefer: str) -> None:
    """Configure it, and say how long that took without what comes before."""
    from sfactl.core.configuration_solver import Prefer, solve

    catalogue = large_catalogue(options, rules)
    started = time.process_time()
    must = constraints(catalogue, Request({"seats": 200_000, "storage_tb": 150_000}))
    if prefer == "none":
        return
    found = solve(catalogue, must, Prefer(prefer), seconds=60)
    taken = time.process_time() - started
    assert found is not None and not conflicts(catalogue, must, found.quantities)
    print(f"{prefer}: {taken:.2f} s, {'proven' if found.is_proven else 'not proven'}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
