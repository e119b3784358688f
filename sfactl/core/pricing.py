"""What a quote costs: from list prices, rule by rule, to the net sum, exactly.

One line goes through list price, contract price, quantity schedule, promotion and seller's discount, in the order that the
quote keeps, and is rounded once, at its end. A sum is the sum of rounded lines. A price set by hand stands for all that
lies between the list price and the floor; the rules are asked all the same, so that it is known when they change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sfactl.core.exact import ZERO, Exact
from sfactl.core.money import LARGEST_MINOR, minor_digits, round_half_up, split
from sfactl.core.price_rules import (
    BP,
    E4,
    E9,
    MILLI,
    ORDERED,
    Rule,
    Step,
    at,
    less_share,
    lost_by,
    price_of,
    starts_after,
)
from sfactl.errors import UsageFault
from sfactl.i18n import _


@dataclass(frozen=True, slots=True)
class Listed:
    """A price of a piece in a price book; with a rate where the book is in another currency."""

    book: str
    unit_e4: int
    currency: str | None = None
    "The book's, where it is another one than the quote's."
    rate_e9: int = E9

    @property
    def converted_e4(self) -> int:
        """The price in the quote's currency, to four places."""
        return Exact(self.unit_e4 * self.rate_e9, E9).rounded()


@dataclass(frozen=True, slots=True)
class Manual:
    """A price of a piece that somebody set by hand, and what the rules gave at that time."""

    price_e4: int
    base_e4: int | None = None
    "Not known yet: it is being set now."


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a product."""

    line: int
    product: str
    quantity_milli: int
    listed: Listed | None
    family: str | None = None
    discount_bp: int = 0
    "What the seller takes off."
    manual: Manual | None = None
    is_included: bool = False
    "Its price is in the bundle's."


@dataclass(frozen=True, slots=True)
class Header:
    """A discount on all of a quote: a share, or an amount."""

    discount_bp: int | None = None
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A step as it was taken; or a rule that might have been, and lost."""

    step: Step
    rule: str | None
    title: str | None
    before_e4: int | None
    after_e4: int | None
    lost_by: str | None = None


def endings(net_e4: int, quantity_milli: int, amount_minor: int, net_minor: int, unit: int) -> Iterator[Taken]:
    """How a line goes on from the net price of a piece to what it comes to, in ten-thousandths of the currency's unit.

    Args:
        amount_minor: before the discount on the whole quote.
        unit: so many minor units are one.
    """
    exact = at(net_e4, quantity_milli).rounded(E4)
    amount, net = (minor * E4 // unit for minor in (amount_minor, net_minor))
    yield Taken(Step.QUANTITY, None, None, net_e4, exact)
    if exact != amount:
        yield Taken(Step.ROUNDING, None, None, exact, amount)
    if amount != net:
        yield Taken(Step.TOTAL_DISCOUNT, None, None, amount, net)


@dataclass(frozen=True, slots=True)
class Better:
    """A larger quantity that costs less."""

    quantity_milli: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its prices."""

    line: int
    list_e4: int
    net_e4: int
    base_e4: int
    "What the rules give, whatever was set by hand."
    list_minor: int
    amount_minor: int
    header_minor: int
    "Its part of the discount on all of the quote."
    steps: tuple[Taken, ...]
    floor: Exact | None = None
    "The least that the whole line may cost."
    floor_e4: int | None = None
    is_base_changed: bool = False
    is_below_floor: bool = False
    better: Better | None = None

    @property
    def net_minor(self) -> int:
        """What the line comes to in the end."""
        return self.amount_minor - self.header_minor


@dataclass(frozen=True, slots=True)
class Priced:
    """A quote with its prices."""

    lines: tuple[PricedLine, ...]
    list_minor: int
    lines_minor: int
    header_minor: int

    @property
    def net_minor(self) -> int:
        """What the quote comes to."""
        return self.lines_minor - self.header_minor

    @property
    def discount(self) -> Fraction:
        """How far the net sum lies below the list sum, exactly; zero where nothing has a list price."""
        return 1 - Fraction(self.net_minor, self.list_minor) if self.list_minor else Fraction(0)

    @property
    def discount_bp(self) -> int:
        """The same, rounded, and zero where the net sum is the higher one."""
        return max(round_half_up(self.discount * BP), 0)


def price(
    lines: Sequence[Line],
    rules: Iterable[Rule],
    *,
    currency: str,
    order: Sequence[Step] = ORDERED,
    header: Header | None = None,
) -> Priced:
    """What a quote costs.

    Args:
        rules: those that hold for this customer, currency and day.
        order: the steps between the list price and the floor, as the quote keeps them.

    Raises:
        UsageFault: a product has no price, is not sold in such a quantity, or a discount is more than there is.
    """
    about = _About(rules)
    unit = 10 ** minor_digits(currency)
    priced = [_Waterfall(line, about.of(line), order, unit).priced() for line in lines]
    return _with_header(priced, header or Header(), unit)


class _About:
    """Rules by what they are about, the best one first."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._ranked = sorted(rules, key=lambda rule: rule.rank)
        self._places: dict[str | None, list[int]] = {}
        for place, rule in enumerate(self._ranked):
            self._places.setdefault(rule.product, []).append(place)
        self._found: dict[tuple[str, str | None], list[Rule]] = {}

    def of(self, line: Line) -> list[Rule]:
        """Those that speak of a line's product, whatever its quantity."""
        named = (line.product, line.family)
        if named not in self._found:
            places = sorted(self._places.get(line.product, []) + self._places.get(None, []))
            ranked = (self._ranked[place] for place in places)
            self._found[named] = [rule for rule in ranked if rule.family in (None, line.family)]
        return self._found[named]


def _with_header(lines: Sequence[PricedLine], header: Header, unit: int) -> Priced:
    """The lines with their parts of the discount on the whole quote, largest remainder first."""
    amounts = [line.amount_minor for line in lines]
    total = sum(amounts)
    discount = header.amount_minor
    if header.discount_bp is not None:
        discount = Exact(total * header.discount_bp, BP).rounded()
    if not 0 <= discount <= total:
        raise UsageFault(
            _("The discount on the whole quote is more than the quote comes to."),
            _("Take off less, or give it as a share."),
        )
    parts = split(discount, amounts) if discount else [0] * len(amounts)
    done = tuple(_checked(line, part, unit) for line, part in zip(lines, parts, strict=True))
    list_minor = sum(line.list_minor for line in lines)
    if max(list_minor, total) > LARGEST_MINOR:
        raise UsageFault(_("The quote comes to more than can be kept."), _("Divide it into several."))
    return Priced(done, list_minor, total, discount)


def _checked(line: PricedLine, header_minor: int, unit: int) -> PricedLine:
    """A line with its part of the discount, and whether it lies below its floor now."""
    if line.floor is None:
        return replace(line, header_minor=header_minor) if header_minor else line
    is_below = line.amount_minor - header_minor < line.floor.rounded(unit)
    return replace(line, header_minor=header_minor, is_below_floor=is_below)


class _Waterfall:
    """One line on its way through the steps."""

    def __init__(
        self, line: Line, about: Sequence[Rule], order: Sequence[Step], unit: int, *, is_told: bool = True
    ) -> None:
        self.line, self.about, self.order, self.unit, self.is_told = line, about, order, unit, is_told
        self.steps: list[Taken] = []
        self.unit_e4: int | None = None
        self.rules: dict[Step, list[Rule]] = {}
        for rule in about:
            if rule.is_for(line.quantity_milli):
                self.rules.setdefault(rule.step, []).append(rule)

    def priced(self) -> PricedLine:
        """The line with its prices."""
        line = self.line
        if line.is_included:
            return PricedLine(line.line, 0, 0, 0, 0, 0, 0, ())
        listed = self._list()
        list_e4 = self._unit_e4(listed)
        base = amount = self._automatic(listed, with_seller=line.manual is None)
        base_e4 = self._unit_e4(base)
        if line.manual:
            amount = at(line.manual.price_e4, line.quantity_milli)
            self._take(Step.MANUAL, None, None, amount)
        floor = self._floor(listed, amount)
        was = line.manual.base_e4 if line.manual else None
        return PricedLine(
            line.line, list_e4, self._unit_e4(amount), base_e4, self._minor(listed), self._minor(amount), 0,
            tuple(self.steps), floor, None if floor is None else self._unit_e4(floor),
            is_base_changed=was is not None and was != base_e4, better=self._better(amount),
        )  # fmt: skip

    def _unit_e4(self, amount: Exact) -> int:
        bottom = amount.bottom * self.line.quantity_milli
        return (2 * amount.top * E4 * MILLI + bottom) // (2 * bottom)

    def _minor(self, amount: Exact) -> int:
        minor = amount.rounded(self.unit)
        if minor > LARGEST_MINOR:
            raise UsageFault(
                _("Line {line} comes to more than can be kept.").format(line=self.line.line),
                _("Divide it into several quotes."),
            )
        return minor

    def _take(self, step: Step, rule: str | None, title: str | None, after: Exact) -> None:
        if self.is_told:
            was, self.unit_e4 = self.unit_e4, self._unit_e4(after)
            self.steps.append(Taken(step, rule, title, was, self.unit_e4))

    def _apply(self, rules: Sequence[Rule], amount: Exact) -> Exact:
        """What the first of some rules makes of a price; the others are kept as losers."""
        winner = rules[0]
        after = price_of(winner, amount, self.line.quantity_milli)
        if after is None:
            raise UsageFault(
                _("Line {line}: {product} is not sold in such a quantity.").format(
                    line=self.line.line, product=self.line.product
                ),
                _("Ask for at most {most}.").format(most=winner.tiers[-1].from_milli // MILLI if winner.tiers else 0),
            )
        self._take(winner.step, winner.code, winner.title, after)
        self._lose(rules)
        return after

    def _lose(self, rules: Sequence[Rule]) -> None:
        for loser in rules[1:]:
            self.steps.append(Taken(loser.step, loser.code, loser.title, None, None, lost_by(loser, rules[0])))

    def _list(self) -> Exact:
        """The price of a block, or else of the price book, in the quote's currency."""
        blocks = self.rules.get(Step.LIST)
        if blocks:
            return self._apply(blocks, ZERO)
        listed = self.line.listed
        if listed is None:
            raise UsageFault(
                _("Line {line}: {product} has no price.").format(line=self.line.line, product=self.line.product),
                _("Import one for the day and the currency of the quote, or take another price book."),
            )
        amount = at(listed.converted_e4, self.line.quantity_milli)
        if listed.currency is None:
            self._take(Step.LIST, listed.book, None, amount)
        else:
            self.unit_e4 = listed.unit_e4
            self.steps.append(Taken(Step.LIST, listed.book, listed.currency, None, listed.unit_e4))
            self._take(Step.EXCHANGE, listed.currency, None, amount)
        return amount

    def _automatic(self, amount: Exact, *, with_seller: bool) -> Exact:
        """What the rules make of the list price, in the quote's order."""
        for step in self.order:
            if step is Step.SELLER:
                if with_seller and self.line.discount_bp:
                    amount = less_share(amount, self.line.discount_bp)
                    self._take(Step.SELLER, None, None, amount)
            elif rules := self.rules.get(step):
                amount = self._apply(rules, amount)
        return amount

    def _floor(self, listed: Exact, amount: Exact) -> Exact | None:
        """The least that the line may cost: a price, or so much off the list price."""
        rules = self.rules.get(Step.FLOOR)
        if not rules:
            return None
        self._take(Step.FLOOR, rules[0].code, rules[0].title, amount)
        self._lose(rules)
        return price_of(rules[0], listed, self.line.quantity_milli)

    def _better(self, amount: Exact) -> Better | None:
        """The larger quantity that costs least, if one costs less than what is asked for."""
        ranges = self.rules.get(Step.SCHEDULE, [])[:1]
        if self.line.manual or not ranges:
            return None
        best: Better | None = None
        for milli in starts_after(ranges, self.line.quantity_milli):
            other = self._amount_of(milli)
            if other.is_below(amount):
                amount, best = other, Better(milli, self._minor(other))
        return best

    def _amount_of(self, quantity_milli: int) -> Exact:
        line = replace(self.line, quantity_milli=quantity_milli)
        other = _Waterfall(line, self.about, self.order, self.unit, is_told=False)
        return other._automatic(other._list(), with_seller=True)


def usual_order(steps: Iterable[str]) -> Iterator[Step]:
    """Steps by their words, in their order.

    Raises:
        UsageFault: one is not among those whose order is free, is said twice, or is left out.
    """
    words = list(steps)
    if sorted(words) != sorted(ORDERED):
        raise UsageFault(
            _("“{steps}” is no order of steps.").format(steps=", ".join(words)),
            _("Say each of these once: {steps}.").format(steps=", ".join(ORDERED)),
        )
    yield from (Step(word) for word in words)
