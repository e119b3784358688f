"""What a bundle may consist of, what is asked of it, and what a choice is against.

Quantities and amounts of attributes are thousandths. Everything that a configuration must keep is a `Constraint` of one of
two shapes, so that checking, solving and explaining cannot differ about it: how many of some options are chosen, or what
their quantities, each times a weight, come to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from sfactl.i18n import _

MOST_MILLI = 1_000_000_000
"""So many, a million pieces, where an option says no bound."""
MANY = 4
"""So many names stand in a sentence."""


class Kind(StrEnum):
    """Where a constraint comes from."""

    QUANTITY = "quantity"
    "How many of an option there may be."
    REQUIRED = "required"
    SOLD = "sold"
    "It is no longer sold."
    PRICE = "price"
    "It has no price."
    FEATURE = "feature"
    REQUIRES = "requires"
    EXCLUDES = "excludes"
    AT_MOST = "at_most"
    SUM = "sum"
    NEED = "need"
    WITH = "with"
    WITHOUT = "without"


@dataclass(frozen=True)
class Option:
    """A product that may be chosen for a feature."""

    feature: str
    product: str
    name: str
    least: int = 1000
    most: int | None = None
    step: int = 1000
    default: int = 0
    included: int = 0
    "So many are in the price of the bundle."
    is_required: bool = False
    price_e4: int | None = None
    "Ten-thousandths, for one piece; nothing when it has no price."
    cost_e4: int | None = None
    is_sold: bool = True

    @property
    def first(self) -> int:
        """The smallest quantity that may be chosen: at least `least`, and a multiple of the step."""
        return -(-self.least // self.step) * self.step

    @property
    def last(self) -> int:
        """The largest quantity that may be chosen."""
        most = MOST_MILLI if self.most is None else self.most
        return most // self.step * self.step

    def allows(self, quantity: int) -> bool:
        """Whether there may be so many."""
        return quantity == 0 or (self.first <= quantity <= self.last and quantity % self.step == 0)


@dataclass(frozen=True)
class Feature:
    """A part of a bundle; between `least` and `most` different options are chosen for it."""

    code: str
    name: str
    options: tuple[Option, ...]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Rule:
    """What a configuration must keep."""

    code: str
    kind: str
    "requires, excludes, at_most or sum."
    when: tuple[str, ...] = ()
    "Products of which any one makes it hold; always, when there is none."
    what: tuple[str, ...] = ()
    attribute: str | None = None
    against: str | None = None
    least: int | None = None
    most: int | None = None
    message: str | None = None


@dataclass(frozen=True)
class Catalogue:
    """A bundle with all that can be chosen for it."""

    bundle: str
    name: str
    features: tuple[Feature, ...]
    rules: tuple[Rule, ...] = ()
    attributes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    "Product to attribute to what one piece has of it."
    price_e4: int | None = None
    cost_e4: int | None = None

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """All options, in the catalogue's order."""
        return tuple(option for feature in self.features for option in feature.options)

    @cached_property
    def places(self) -> Mapping[str, tuple[int, ...]]:
        """Product to the numbers of the options that are it."""
        found: dict[str, tuple[int, ...]] = {}
        for n, option in enumerate(self.options):
            found[option.product] = (*found.get(option.product, ()), n)
        return found

    def of(self, products: Sequence[str]) -> tuple[int, ...]:
        """The options that are one of the products."""
        return tuple(sorted(n for product in set(products) for n in self.places.get(product, ())))

    def amount(self, product: str, attribute: str) -> int:
        """What one piece of a product has of an attribute."""
        return self.attributes.get(product, {}).get(attribute, 0)


@dataclass(frozen=True)
class Request:
    """What is asked of a configuration."""

    needs: Mapping[str, int] = field(default_factory=dict)
    "Attribute to what is needed of it, at least."
    including: Mapping[str, int | None] = field(default_factory=dict)
    "Product to exactly how many of it; at least some, where no number is said."
    excluding: tuple[str, ...] = ()


@dataclass(frozen=True)
class Constraint:
    """Something that a configuration must keep.

    With weights, `low <= sum of weight times quantity <= high`. Without, between `low` and `high` of the options are
    chosen, as soon as one of `when` is, or always when `when` is empty. One of the kind `QUANTITY` says neither: its one
    option has a quantity that its bounds allow.
    """

    kind: Kind
    code: str
    "The rule, the feature, the attribute or the product that it comes from."
    message: str
    options: tuple[int, ...]
    weights: tuple[int, ...] = ()
    low: int | None = None
    high: int | None = None
    when: tuple[int, ...] = ()

    def total(self, quantities: Sequence[int]) -> int:
        """What a choice has of it."""
        if self.weights:
            return sum(w * quantities[n] for n, w in zip(self.options, self.weights, strict=True))
        return sum(quantities[n] > 0 for n in self.options)

    def holds(self, catalogue: Catalogue, quantities: Sequence[int]) -> bool:
        """Whether a choice keeps it."""
        if self.kind is Kind.QUANTITY:
            return catalogue.options[self.options[0]].allows(quantities[self.options[0]])
        if self.when and not any(quantities[n] > 0 for n in self.when):
            return True
        total = self.total(quantities)
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)


@dataclass(frozen=True)
class Conflict:
    """Something that a choice is against, with as few of the chosen options as it takes."""

    constraint: Constraint
    options: tuple[int, ...]


def constraints(
    catalogue: Catalogue, request: Request | None = None, *, needs_prices: bool = False
) -> tuple[Constraint, ...]:
    """All that a configuration must keep: bounds, features, rules, and what is asked of it."""
    found = [*_of_options(catalogue), *_of_features(catalogue)]
    found += [each for rule in catalogue.rules for each in _of_rule(catalogue, rule)]
    if needs_prices:
        found += _of_prices(catalogue)
    if request is not None:
        found += _of_request(catalogue, request)
    return tuple(found)


def _of_options(catalogue: Catalogue) -> Iterator[Constraint]:
    for n, option in enumerate(catalogue.options):
        yield Constraint(Kind.QUANTITY, option.product, _bounds_said(option), (n,))
        if option.is_required:
            yield Constraint(
                Kind.REQUIRED, option.product, _("{name} is always in it.").format(name=option.name), (n,), low=1
            )
        if not option.is_sold:
            told = _("{name} is no longer sold.").format(name=option.name)
            yield Constraint(Kind.SOLD, option.product, told, (n,), high=0)  # fmt: skip


def _bounds_said(option: Option) -> str:
    least, most, step = shown(option.first), shown(option.last), shown(option.step)
    if option.most is None:
        told = _("{name}: {least} or more, in steps of {step}.")
    elif option.first == option.last:
        told = _("{name}: {least}, if at all.")
    else:
        told = _("{name}: {least} to {most}, in steps of {step}.")
    return told.format(name=option.name, least=least, most=most, step=step)


def _of_features(catalogue: Catalogue) -> Iterator[Constraint]:
    start = 0
    for feature in catalogue.features:
        numbers = tuple(range(start, start + len(feature.options)))
        start += len(feature.options)
        if feature.least or feature.most is not None:
            told = _feature_said(feature)
            yield Constraint(
                Kind.FEATURE, feature.code, told, numbers, low=feature.least or None, high=feature.most
            )  # fmt: skip


def _feature_said(feature: Feature) -> str:
    if feature.most is None:
        told = _("{feature}: choose at least {least}.")
    elif not feature.least:
        told = _("{feature}: choose at most {most}.")
    elif feature.least == feature.most:
        told = _("{feature}: choose {least}.")
    else:
        told = _("{feature}: choose {least} to {most}.")
    return told.format(feature=feature.name, least=feature.least, most=feature.most)


def _of_prices(catalogue: Catalogue) -> Iterator[Constraint]:
    """What has no price is not chosen by itself, beyond what the bundle's price includes."""
    for n, option in enumerate(catalogue.options):
        if option.price_e4 is None:
            told = _("{name} has no price.").format(name=option.name)
            yield Constraint(Kind.PRICE, option.product, told, (n,), (1,), high=option.included)


def _of_rule(catalogue: Catalogue, rule: Rule) -> Iterator[Constraint]:
    """A rule of products that the bundle does not offer says nothing of it."""
    kind = Kind(rule.kind)
    told = rule.message or said(catalogue, rule)
    if kind is Kind.SUM:
        yield _sum(catalogue, rule, told)
        return
    what = catalogue.of(rule.what)
    if kind is Kind.AT_MOST:
        if what:
            yield Constraint(kind, rule.code, told, what, (1,) * len(what), high=rule.most)
        return
    is_met = kind is Kind.REQUIRES and catalogue.bundle in rule.what
    is_idle = kind is Kind.EXCLUDES and not what
    when = () if catalogue.bundle in rule.when else catalogue.of(rule.when)
    if is_met or is_idle or (rule.when and not when and catalogue.bundle not in rule.when):
        return
    if kind is Kind.REQUIRES:
        yield Constraint(kind, rule.code, told, what, low=1, when=when)
    else:
        yield Constraint(kind, rule.code, told, what, high=0 if rule.when else 1, when=when)


def _sum(catalogue: Catalogue, rule: Rule, told: str) -> Constraint:
    """The sum of an attribute over the bundle and what is chosen, less that of the one it is held against.

    Amounts are thousandths, and so are quantities, so sums are millionths.
    """

    def net(product: str) -> int:
        against = catalogue.amount(product, rule.against) if rule.against else 0
        return catalogue.amount(product, rule.attribute or "") - against

    base = net(catalogue.bundle) * 1000
    named = catalogue.of(rule.what) if rule.what else range(len(catalogue.options))
    pairs = [(n, net(catalogue.options[n].product)) for n in named]
    pairs = [(n, weight) for n, weight in pairs if weight]
    low = None if rule.least is None else rule.least * 1000 - base
    most = 0 if rule.against and rule.most is None and rule.least is None else rule.most
    high = None if most is None else most * 1000 - base
    return _linear(Kind.SUM, rule.code, told, pairs, low, high)


def _linear(
    kind: Kind, code: str, told: str, pairs: Sequence[tuple[int, int]], low: int | None, high: int | None
) -> Constraint:
    """Over no options, it still says whether nothing is enough, or too much."""
    return Constraint(kind, code, told, tuple(n for n, _ in pairs), tuple(weight for _, weight in pairs), low, high)


def _of_request(catalogue: Catalogue, request: Request) -> Iterator[Constraint]:
    for attribute, least in request.needs.items():
        told = _("{least} {attribute} are needed.").format(least=shown(least), attribute=attribute)
        rule = Rule(attribute, "sum", attribute=attribute, least=least)
        made = _sum(catalogue, rule, told)
        yield Constraint(Kind.NEED, attribute, told, made.options, made.weights, made.low)
    for product, quantity in request.including.items():
        numbers = catalogue.of([product])
        if quantity is None:
            told = _("{name} is wanted.").format(name=name_of(catalogue, product))
            yield Constraint(Kind.WITH, product, told, numbers, low=1)
        else:
            told = _("{quantity} of {name} are wanted.").format(
                quantity=shown(quantity), name=name_of(catalogue, product)
            )
            yield Constraint(Kind.WITH, product, told, numbers, (1,) * len(numbers), quantity, quantity)
    for product in request.excluding:
        told = _("{name} is not wanted.").format(name=name_of(catalogue, product))
        yield Constraint(Kind.WITHOUT, product, told, catalogue.of([product]), high=0)


def said(catalogue: Catalogue, rule: Rule) -> str:
    """A rule in words, where the catalogue has none of its own for it."""
    when, what = listed(catalogue, rule.when), listed(catalogue, rule.what)
    if rule.kind == Kind.SUM:
        return _sum_said(rule)
    if rule.kind == Kind.AT_MOST:
        return _("At most {most} of {what} together.").format(most=shown(rule.most or 0), what=what)
    if rule.kind == Kind.REQUIRES:
        told = _("{when} needs {what}.") if rule.when else _("{what} is needed.")
    else:
        told = _("{when} does not go together with {what}.") if rule.when else _("Only one of {what}.")
    return told.format(when=when, what=what)


def _sum_said(rule: Rule) -> str:
    least, most = shown(rule.least or 0), shown(rule.most or 0)
    if rule.against:
        told = _("{attribute} add up to no more than {against}.")
    elif rule.least is not None and rule.most is not None:
        told = _("{attribute} add up to {least} to {most}.")
    elif rule.least is not None:
        told = _("{attribute} add up to {least} at least.")
    else:
        told = _("{attribute} add up to {most} at most.")
    return told.format(attribute=rule.attribute, against=rule.against, least=least, most=most)


def listed(catalogue: Catalogue, products: Sequence[str]) -> str:
    """Products by name, for a sentence."""
    names = [name_of(catalogue, product) for product in products[:MANY]]
    return _(" or ").join(names) + (" …" if len(products) > MANY else "")


def name_of(catalogue: Catalogue, product: str) -> str:
    """What people call a product of the bundle."""
    if product == catalogue.bundle:
        return catalogue.name
    numbers = catalogue.places.get(product)
    return catalogue.options[numbers[0]].name if numbers else product


def shown(milli: int) -> str:
    """Thousandths as people write them: 2.5."""
    whole, part = divmod(abs(milli), 1000)
    text = f"{whole}.{part:03}".rstrip("0") if part else str(whole)
    return f"-{text}" if milli < 0 else text


def conflicts(catalogue: Catalogue, must: Sequence[Constraint], quantities: Sequence[int]) -> list[Conflict]:
    """What a choice is against, each with a set of options of which none can be left out."""
    return [
        Conflict(each, _involved(each, quantities)) for each in must if not each.holds(catalogue, quantities)
    ]  # fmt: skip


def _involved(broken: Constraint, quantities: Sequence[int]) -> tuple[int, ...]:
    """A smallest set of chosen options that is against a constraint by itself: none of it can be left out."""
    triggers = [n for n in broken.when if quantities[n] > 0]
    both = [n for n in triggers if n in broken.options]
    trigger = tuple((both or triggers)[:1])
    if both and broken.high == 0:
        return trigger
    if broken.kind is Kind.QUANTITY:
        return broken.options
    if broken.high is not None and broken.total(quantities) > broken.high:
        return tuple(dict.fromkeys((*trigger, *_too_many(broken, quantities))))
    return trigger


def _too_many(broken: Constraint, quantities: Sequence[int]) -> tuple[int, ...]:
    """As few options as still go over the upper bound; what counts against it is kept where it is."""
    weights = broken.weights or (1,) * len(broken.options)
    parts = {
        n: weight * (quantities[n] if broken.weights else 1)
        for n, weight in zip(broken.options, weights, strict=True)
        if quantities[n] > 0
    }
    relief = sum(part for part in parts.values() if part < 0)
    kept = {n: part for n, part in parts.items() if part > 0}
    for n, part in sorted(kept.items(), key=lambda item: (item[1], -item[0])):
        if sum(kept.values()) + relief - part > (broken.high or 0):
            del kept[n]
    return tuple(sorted(kept))


def filled(catalogue: Catalogue, said_of: Mapping[int, int]) -> list[int]:
    """A choice by hand, with the default where nothing is said of a feature, and what is always in it."""
    touched = {catalogue.options[n].feature for n in said_of}
    quantities = []
    for n, option in enumerate(catalogue.options):
        usual = 0 if option.feature in touched else option.default
        if option.is_required and not usual:
            usual = option.default or option.first
        quantities.append(said_of.get(n, usual))
    return quantities


def caps(catalogue: Catalogue, must: Sequence[Constraint]) -> list[int]:
    """Per option, the most of which nothing can be taken away without breaking a constraint: what would meet one alone."""
    found = [0] * len(catalogue.options)
    for each in must:
        for n, asked in _asked(catalogue, each):
            option = catalogue.options[n]
            rounded = -(-asked // option.step) * option.step
            found[n] = max(found[n], min(max(rounded, option.first), option.last))
    return found


def _asked(catalogue: Catalogue, each: Constraint) -> Iterator[tuple[int, int]]:
    """The options that help to keep a constraint, and how many of each would do it alone at the worst."""
    if not each.weights:
        yield from ((n, 1) for n in each.options if each.low)
        return
    lasts = [catalogue.options[n].last for n in each.options]
    pairs = list(zip(each.options, each.weights, lasts, strict=True))
    if each.low is not None:
        drag = sum(weight * last for _n, weight, last in pairs if weight < 0)
        yield from (
            (n, -(-(each.low - drag) // weight)) for n, weight, _last in pairs if weight > 0 and each.low > drag
        )
    if each.high is not None:
        load, high = sum(weight * last for _n, weight, last in pairs if weight > 0), each.high
        yield from ((n, -(-(load - high) // -weight)) for n, weight, _last in pairs if weight < 0 and load > high)
