"""Random small catalogues, and what a configuration must keep, said a second time without the program's own constraints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

from sfactl.core.configuration import Catalogue, Feature, Option, Request, Rule

ATTRIBUTES = ("seats", "watts", "supply")
Quantities = tuple[int, ...]


def random_catalogue(rng: Random) -> Catalogue:
    """A few features with a few options each, and rules of every kind about them."""
    features, names = [], [f"p{n}" for n in range(rng.randint(2, 5))]
    rest = list(names)
    while rest:
        taken = [rest.pop(0) for _ in range(min(len(rest), rng.randint(1, 3)))]
        code = f"f{len(features)}"
        least = rng.choice((0, 0, 1))
        most = rng.choice((None, None, max(1, least), 2))
        features.append(Feature(code, code.title(), tuple(_option(rng, code, name) for name in taken), least, most))
    rules = tuple(_rule(rng, f"r{n}", names) for n in range(rng.randint(0, 4)))
    attributes = {name: {each: rng.randint(0, 5) * 500 for each in ATTRIBUTES if rng.random() < 0.7} for name in names}
    attributes["B"] = {"supply": rng.randint(0, 4) * 1000}
    return Catalogue("B", "Box", tuple(features), rules, attributes, rng.choice((None, 1_000_000)), 500_000)


def _option(rng: Random, feature: str, name: str) -> Option:
    step = rng.choice((1000, 1000, 500))
    least = rng.choice((1, 1, 2)) * step
    price = rng.randint(0, 20) * 50_000
    return Option(
        feature, name, name.title(), least, least + rng.randint(0, 2) * step, step,
        included=rng.choice((0, 0, 0, step)), is_required=rng.random() < 0.1, price_e4=price,
        cost_e4=rng.randint(0, 20) * 40_000, is_sold=rng.random() > 0.05,
    )  # fmt: skip


def _rule(rng: Random, code: str, names: list[str]) -> Rule:
    kind = rng.choice(("requires", "excludes", "at_most", "sum"))
    some = tuple(rng.sample(names, rng.randint(1, min(3, len(names)))))
    when = tuple(rng.sample([*names, "B", "elsewhere"], rng.randint(0, 2)))
    if kind == "at_most":
        return Rule(code, kind, what=some, most=rng.randint(1, 5) * 1000)
    if kind == "sum":
        against = rng.choice((None, "supply"))
        least = None if against else rng.choice((None, rng.randint(0, 3) * 1000))
        most = None if against or least is not None else rng.randint(0, 9) * 1000
        return Rule(code, kind, (), rng.choice(((), some)), rng.choice(("seats", "watts")), against, least, most)
    return Rule(code, kind, when, some)


def random_request(rng: Random, catalogue: Catalogue) -> Request:
    """Something that may be asked, and met or not."""
    names = [option.product for option in catalogue.options]
    needs = {"seats": rng.randint(0, 8) * 500} if rng.random() < 0.7 else {}
    including: dict[str, int | None] = {}
    if rng.random() < 0.3:
        including[rng.choice(names)] = rng.choice((None, 1000))
    excluding = tuple(name for name in names if name not in including and rng.random() < 0.1)
    return Request(needs, including, excluding)


def every_choice(catalogue: Catalogue, lasts: list[int] | None = None) -> Iterator[Quantities]:
    """All quantities that the options' own bounds allow."""
    lasts = lasts or [option.last for option in catalogue.options]
    yield from product(*(
        [0, *range(option.first, min(option.last, last) + 1, option.step)]
        for option, last in zip(catalogue.options, lasts, strict=True)
    ))  # fmt: skip


def is_valid(catalogue: Catalogue, request: Request, quantities: Quantities) -> bool:
    """Whether a configuration keeps everything."""
    count: dict[str, int] = {}
    for option, quantity in zip(catalogue.options, quantities, strict=True):
        count[option.product] = count.get(option.product, 0) + quantity
        within = option.least <= quantity and (option.most is None or quantity <= option.most)
        if quantity and not (within and quantity % option.step == 0 and option.is_sold):
            return False
        if option.is_required and not quantity:
            return False
    if not all(_fits(feature, catalogue, quantities) for feature in catalogue.features):
        return False
    return all(_keeps(catalogue, rule, count) for rule in catalogue.rules) and _meets(catalogue, request, count)


def _fits(feature: Feature, catalogue: Catalogue, quantities: Quantities) -> bool:
    chosen = sum(
        1 for option, quantity in zip(catalogue.options, quantities, strict=True)
        if option.feature == feature.code and quantity
    )  # fmt: skip
    return feature.least <= chosen and (feature.most is None or chosen <= feature.most)


def _sum(catalogue: Catalogue, count: dict[str, int], attribute: str, of: tuple[str, ...] = ()) -> float:
    own = catalogue.attributes.get(catalogue.bundle, {}).get(attribute, 0)
    return own + sum(
        quantity / 1000 * catalogue.attributes.get(name, {}).get(attribute, 0)
        for name, quantity in count.items()
        if not of or name in of
    )


def _keeps(catalogue: Catalogue, rule: Rule, count: dict[str, int]) -> bool:
    here = {name for name, quantity in count.items() if quantity} | {catalogue.bundle}
    offered = {*count, catalogue.bundle}
    holds = bool(here & set(rule.when)) if rule.when else True
    chosen = here & set(rule.what)
    if rule.kind == "requires":
        return not holds or bool(chosen)
    if rule.kind == "excludes":
        return not holds or (not chosen if rule.when else len(chosen) <= 1) or not offered & set(rule.what)
    if rule.kind == "at_most":
        return sum(count.get(name, 0) for name in rule.what) <= (rule.most or 0)
    total = _sum(catalogue, count, rule.attribute or "", rule.what)
    if rule.against:
        return total <= _sum(catalogue, count, rule.against, rule.what)
    return (rule.least is None or total >= rule.least) and (rule.most is None or total <= rule.most)


def _meets(catalogue: Catalogue, request: Request, count: dict[str, int]) -> bool:
    return (
        all(_sum(catalogue, count, name) >= least for name, least in request.needs.items())
        and all(
            count[name] > 0 if wanted is None else count[name] == wanted for name, wanted in request.including.items()
        )
        and not any(count[name] for name in request.excluding)
    )
