"""A bundle configured for what is needed, and a configuration that was made by hand, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sfactl.core import configuration
from sfactl.core.configuration import Catalogue, Conflict, Constraint, Kind, Option, Request
from sfactl.core.money import Money, minor_digits, round_half_up
from sfactl.db.session import Session
from sfactl.errors import Findings, UsageFault
from sfactl.i18n import _
from sfactl.services import catalogue, workspaces
from sfactl.services.catalogue import Prices

if TYPE_CHECKING:
    from sfactl.core.configuration_solver import Solution

SECONDS = 10.0
"""So long the solver may search where nothing is said."""
PREFERENCES = ("cost", "margin", "fewest")


@dataclass(frozen=True)
class Choice:
    """So many of an option; what the bundle's price includes and what has a price of its own stand apart."""

    feature: str
    product: str
    name: str
    quantity: int
    "Thousandths."
    is_included: bool
    unit_price: int | None
    "Ten-thousandths of the currency's unit."
    amount: Money | None
    currency: str


@dataclass(frozen=True)
class AttributeRow:
    """What a configuration has of an attribute, and what is needed."""

    attribute: str
    needed: int | None
    amount: int


@dataclass(frozen=True)
class Configuration:
    """A valid configuration of a bundle."""

    bundle: str
    name: str
    prefer: str
    is_proven: bool
    "Nothing better exists."
    gap: Fraction
    "So much better one may be at most: a part of the price or of the pieces; of a margin, so many hundredths of the price."
    bundle_price: Money | None
    list_price: Money
    "Of the bundle and all that has a price of its own: the sum of rounded lines."
    margin: Fraction | None
    "What part of it is not cost; nothing for those who may not see costs."
    currency: str
    choices: tuple[Choice, ...]
    attributes: tuple[AttributeRow, ...]


@dataclass(frozen=True)
class ConflictRow:
    """Something that a configuration is against."""

    kind: str
    code: str
    message: str
    choices: tuple[str, ...]
    "The chosen products that are against it together; without any one of them they are not."


@dataclass(frozen=True)
class ReasonRow:
    """One of the things that cannot be had together."""

    kind: str
    code: str
    message: str


@dataclass(frozen=True)
class NeedRow:
    """What is needed of an attribute, and how much of it there can be."""

    attribute: str
    needed: int
    possible: int | None
    "At most, beside all else that is asked; where that cannot be had either, by itself. Nothing when it is not known."


class Impossible(Findings):
    """No configuration meets what is asked; a smallest set of reasons is named, and how much is possible."""

    def __init__(self, found: Catalogue, reasons: Sequence[ReasonRow], needs: Sequence[NeedRow]) -> None:
        self.bundle, self.name, self.reasons, self.needs = found.bundle, found.name, tuple(reasons), tuple(needs)
        told = "\n".join(f"- {each.message}" for each in reasons)
        most = [
            _("At most {amount} {attribute} are possible.").format(
                amount=configuration.shown(each.possible), attribute=each.attribute
            )
            for each in needs
            if each.possible is not None and each.possible < each.needed
        ]
        super().__init__(
            _("No configuration of {bundle} keeps all of this:\n{reasons}").format(bundle=self.bundle, reasons=told),
            " ".join([*most, _("Ask for less, or leave an option free.")]),
        )


@dataclass(frozen=True)
class ChangeRow:
    """A quantity that mends a configuration."""

    feature: str
    product: str
    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a configuration that was made by hand."""

    bundle: str
    name: str
    is_valid: bool
    list_price: Money
    currency: str
    choices: tuple[Choice, ...]
    conflicts: tuple[ConflictRow, ...]
    changes: tuple[ChangeRow, ...]
    "The smallest change after which nothing is against it; nothing where it is valid."
    reasons: tuple[str, ...]
    "Why no change mends it."


@dataclass(frozen=True)
class Wishes:
    """What somebody asks for, in the words he knows: codes or names of products."""

    needs: Mapping[str, int]
    including: Mapping[str, int | None]
    excluding: Sequence[str] = ()


def configure(
    session: Session,
    bundle: str,
    wishes: Wishes,
    *,
    prefer: str = "cost",
    prices: Prices | None = None,
    seconds: float = SECONDS,
) -> Configuration:
    """The best valid configuration of a bundle, always the same one.

    Raises:
        UsageFault: an attribute or an option that the bundle does not have, or nothing was found in the time.
        NotAllowed: the best margin is asked for by somebody who may not see costs.
        Impossible: no configuration meets what is asked.
    """
    if prefer not in PREFERENCES:
        raise UsageFault(
            _("There is no preference {name}.").format(name=prefer),
            _("There are: {names}.").format(names=", ".join(PREFERENCES)),
        )
    if prefer == "margin":
        session.actor.require("cost.read")
    found = _read(session, bundle, prices)
    request = request_of(found, wishes)
    return _solved(session, found, request, prefer, _currency(session, prices), seconds)


def _read(session: Session, bundle: str, prices: Prices | None) -> Catalogue:
    key = catalogue.bundle_id(session, bundle)
    return catalogue.read(session, key, prices, with_cost=session.actor.may("cost.read"))


def _currency(session: Session, prices: Prices | None) -> str:
    return (prices.currency if prices else None) or workspaces.current(session).currency


def _solved(
    session: Session, found: Catalogue, request: Request, prefer: str, currency: str, seconds: float
) -> Configuration:
    from sfactl.core import configuration_solver as solver

    wanted = solver.Prefer(prefer)
    must = configuration.constraints(found, request, needs_prices=wanted is not solver.Prefer.FEWEST)
    if wanted is solver.Prefer.MARGIN:
        must = (*must, *_costs_known(found))
    solution = solver.solve(found, must, wanted, seconds=seconds)
    if solution is None:
        raise _impossible(found, request, must, seconds)
    return _configuration(
        found, request, solution, currency, prefer=prefer,
        margin=solver.share_of(found, solution.quantities) if session.actor.may("cost.read") else None,
    )  # fmt: skip


def _costs_known(found: Catalogue) -> list[Constraint]:
    """What nobody knows the cost of has no margin, and is not chosen for it."""
    return [
        Constraint(Kind.PRICE, each.product, _("{name} has no known cost.").format(name=each.name), (n,), high=0)
        for n, each in enumerate(found.options)
        if each.cost_e4 is None
    ]


def _impossible(found: Catalogue, request: Request, must: Sequence[Constraint], seconds: float) -> Impossible:
    from sfactl.core import configuration_solver as solver

    reasons = [
        ReasonRow(str(each.kind), each.code, each.message)
        for each in solver.unsolvable(found, must, seconds=seconds)
    ]  # fmt: skip
    needs = [
        NeedRow(each.code, request.needs[each.code], _most_of(found, must, each, seconds))
        for each in must
        if each.kind is Kind.NEED
    ]
    return Impossible(found, reasons, needs)


def _most_of(found: Catalogue, must: Sequence[Constraint], need: Constraint, seconds: float) -> int | None:
    """How much of an attribute there can be beside all else that is asked; where that cannot be met either, by itself."""
    from sfactl.core import configuration_solver as solver

    beside = [each for each in must if each is not need]
    alone = [each for each in must if each.kind is not Kind.NEED]
    for others in (beside, alone):
        total = solver.most_of(found, others, need, seconds=seconds)
        if total is not None:
            return found.amount(found.bundle, need.code) + total // 1000
    return None


def request_of(found: Catalogue, wishes: Wishes) -> Request:
    """What is asked, in the codes of the catalogue.

    Raises:
        UsageFault: the bundle has no such attribute or option, or one is wanted and not wanted.
    """
    known = sorted({name for amounts in found.attributes.values() for name in amounts})
    for name in wishes.needs:
        if name not in known:
            raise UsageFault(
                _("Nothing in {bundle} has an attribute {name}.").format(bundle=found.bundle, name=name),
                _("There are: {names}.").format(names=", ".join(known) or "–"),
            )
    including = {product_of(found, key): quantity for key, quantity in wishes.including.items()}
    excluding = tuple(product_of(found, key) for key in wishes.excluding)
    for product in excluding:
        if product in including:
            raise UsageFault(
                _("{product} is wanted, and not wanted.").format(product=product), _("Leave one of the two out.")
            )
    return Request(dict(wishes.needs), including, excluding)


def product_of(found: Catalogue, key: str) -> str:
    """The option that a person means, by code or name, in any case.

    Raises:
        UsageFault: the bundle has no such option.
    """
    for option in found.options:
        if option.product == key:
            return option.product
    named = {
        each.product for each in found.options if key.casefold() in (each.product.casefold(), each.name.casefold())
    }
    if len(named) == 1:
        return named.pop()
    raise UsageFault(
        _("{bundle} has no option {name}.").format(bundle=found.bundle, name=key),
        _("`sfactl product show {bundle}` shows its options.").format(bundle=found.bundle),
    )


def _configuration(
    found: Catalogue,
    request: Request,
    solution: "Solution",
    currency: str,
    *,
    prefer: str,
    margin: Fraction | None,
) -> Configuration:
    quantities = solution.quantities
    choices = _choices(found, quantities, currency)
    bundle_price = None if found.price_e4 is None else _amount(1000, found.price_e4, currency)
    return Configuration(
        found.bundle, found.name, prefer, solution.is_proven, solution.gap, bundle_price, _total(bundle_price, choices, currency), margin,
        currency, choices, _attributes(found, request, quantities),
    )  # fmt: skip


def _choices(found: Catalogue, quantities: Sequence[int], currency: str) -> tuple[Choice, ...]:
    rows: list[Choice] = []
    for option, quantity in zip(found.options, quantities, strict=True):
        included = min(quantity, option.included)
        if included:
            rows.append(_choice(option, included, currency, is_included=True))
        if quantity > included:
            rows.append(_choice(option, quantity - included, currency, is_included=False))
    return tuple(rows)


def _choice(option: Option, quantity: int, currency: str, *, is_included: bool) -> Choice:
    price = 0 if is_included else option.price_e4
    amount = None if price is None else _amount(quantity, price, currency)
    return Choice(option.feature, option.product, option.name, quantity, is_included, price, amount, currency)


def _amount(quantity: int, price_e4: int, currency: str) -> Money:
    return Money(round_half_up(Fraction(quantity * price_e4 * 10 ** minor_digits(currency), 10_000_000)), currency)


def _total(bundle_price: Money | None, choices: Sequence[Choice], currency: str) -> Money:
    amounts = [each.amount for each in choices if each.amount is not None]
    return sum(amounts, bundle_price or Money(0, currency))


def _attributes(found: Catalogue, request: Request, quantities: Sequence[int]) -> tuple[AttributeRow, ...]:
    """What is needed first, then whatever else adds up to something."""
    names = [*request.needs, *sorted({name for amounts in found.attributes.values() for name in amounts})]
    rows = []
    for name in dict.fromkeys(names):
        parts = (q * found.amount(each.product, name) for q, each in zip(quantities, found.options, strict=True))
        amount = found.amount(found.bundle, name) + sum(parts) // 1000
        if amount or name in request.needs:
            rows.append(AttributeRow(name, request.needs.get(name), amount))
    return tuple(rows)


def check(
    session: Session,
    bundle: str,
    choices: Mapping[str, int],
    *,
    needs: Mapping[str, int] | None = None,
    prices: Prices | None = None,
    seconds: float = SECONDS,
) -> Verdict:
    """What a configuration that was made by hand is against, and the smallest change that mends it.

    Args:
        choices: product, or feature and product with a colon between, to thousandths. A feature of which nothing is said
            has its defaults, and what is always in a bundle need not be said.

    Raises:
        UsageFault: an attribute or an option that the bundle does not have.
    """
    found = _read(session, bundle, prices)
    request = request_of(found, Wishes(needs or {}, {}))
    said = {place(found, key): quantity for key, quantity in choices.items()}
    quantities = configuration.filled(found, said)
    must = configuration.constraints(found, request)
    against = configuration.conflicts(found, must, quantities)
    changes, reasons = _mended(found, must, quantities, seconds) if against else ((), ())
    currency = _currency(session, prices)
    rows = _choices(found, quantities, currency)
    bundle_price = None if found.price_e4 is None else _amount(1000, found.price_e4, currency)
    return Verdict(
        found.bundle, found.name, not against, _total(bundle_price, rows, currency), currency, rows,
        tuple(_conflict_row(found, each) for each in against), changes, reasons,
    )  # fmt: skip


def is_valid(session: Session, bundle: str, choices: Mapping[str, int]) -> bool:
    """Whether a bundle with these options, and none besides, keeps its rules.

    Args:
        choices: feature and product with a colon between, to thousandths.
    """
    found = _read(session, bundle, None)
    names = {f"{option.feature}:{option.product}": n for n, option in enumerate(found.options)}
    if not choices.keys() <= names.keys():
        return False
    quantities = [0] * len(found.options)
    for key, quantity in choices.items():
        quantities[names[key]] = quantity
    must = configuration.constraints(found, request_of(found, Wishes({}, {})))
    return not configuration.conflicts(found, must, quantities)


def place(found: Catalogue, key: str) -> int:
    """The number of the option that a person means.

    Raises:
        UsageFault: there is none, or it is an option of several features.
    """
    feature, colon, product = key.partition(":")
    if colon and any(each.feature == feature for each in found.options):
        wanted = product_of(found, product)
        places = tuple(n for n in found.places[wanted] if found.options[n].feature == feature)
    else:
        places = found.places[product_of(found, key)]
    if len(places) != 1:
        features = ", ".join(f"{found.options[n].feature}:{found.options[n].product}" for n in places)
        raise UsageFault(
            _("{name} is an option of several features, or not of this one.").format(name=key),
            _("Write the feature before it: {names}.").format(names=features or "FEATURE:OPTION"),
        )
    return places[0]


def _mended(
    found: Catalogue, must: Sequence[Constraint], quantities: Sequence[int], seconds: float
) -> tuple[tuple[ChangeRow, ...], tuple[str, ...]]:
    from sfactl.core import configuration_solver as solver

    changes = solver.mend(found, must, quantities, seconds=seconds)
    if changes is None:
        return (), tuple(each.message for each in solver.unsolvable(found, must, seconds=seconds))
    options = found.options
    return tuple(
        ChangeRow(options[each.option].feature, options[each.option].product, options[each.option].name, each.before, each.after)
        for each in changes
    ), ()  # fmt: skip


def _conflict_row(found: Catalogue, each: Conflict) -> ConflictRow:
    names = tuple(found.options[n].product for n in each.options)
    return ConflictRow(str(each.constraint.kind), each.constraint.code, each.constraint.message, names)
