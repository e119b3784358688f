"""Rules of pricing: which of several wins, and what each does to a price.

A price is an exact amount for the whole line, in the currency's unit, so nothing is rounded between two steps.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from itertools import pairwise

from sfactl.core.exact import ZERO, Exact

MILLI, E4, BP, E9 = 1000, 10_000, 10_000, 1_000_000_000
"""Parts of a piece, of a price, of a share and of a rate."""
PIECE = MILLI


class Step(StrEnum):
    """A step on the way from the list price to the net one."""

    LIST = "list"
    EXCHANGE = "exchange"
    CONTRACT = "contract"
    SCHEDULE = "schedule"
    PROMOTION = "promotion"
    SELLER = "seller"
    MANUAL = "manual"
    FLOOR = "floor"
    QUANTITY = "quantity"
    "From the price of a piece to all of the line; this and what follows is told, and follows from the line's figures."
    ROUNDING = "rounding"
    TOTAL_DISCOUNT = "total_discount"
    "The line's part of the discount on the whole quote."
    INCLUDED = "included"
    "Its price is in the bundle's."


ORDERED = (Step.CONTRACT, Step.SCHEDULE, Step.PROMOTION, Step.SELLER)
"""The steps whose order is the policy's; the list price comes before them and the floor after."""


class Method(StrEnum):
    """What a rule does."""

    PRICE = "price"
    "Says the price of a piece."
    PERCENT = "percent"
    "Takes a share off."
    AMOUNT = "amount"
    "Takes an amount off each piece."
    RANGE = "range"
    "The tier in which the quantity lies holds for every piece."
    SLAB = "slab"
    "Each piece has the price of the tier in which it lies."
    BLOCK = "block"
    "Pieces are sold in blocks; the smallest that holds them all is paid."


class Whom(IntEnum):
    """For whom a rule is made; the nearer wins."""

    CONTRACT = 0
    CUSTOMER = 1
    SEGMENT = 2
    TERRITORY = 3
    GENERAL = 4


class What(IntEnum):
    """Of what a rule speaks; the narrower wins."""

    PRODUCT = 0
    FAMILY = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of a schedule, up to where the next begins; of a block, its capacity and its price."""

    from_milli: int
    price_e4: int | None = None
    discount_bp: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that holds for this customer, currency and day."""

    key: int
    code: str
    title: str
    step: Step
    method: Method
    whom: Whom = Whom.GENERAL
    product: str | None = None
    family: str | None = None
    "What it speaks of: a product, a family, or, where neither is said, everything."
    min_milli: int = 0
    max_milli: int | None = None
    "The first quantity to which it no longer applies."
    valid_from: date = date.min
    value_e4: int | None = None
    discount_bp: int | None = None
    overage_e4: int | None = None
    tiers: tuple[Tier, ...] = ()
    "In the order of their quantities."

    @property
    def what(self) -> What:
        """How narrow it is."""
        return What.PRODUCT if self.product else What.FAMILY if self.family else What.ALL

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """What decides between rules of one step: the smallest wins."""
        return (self.whom, self.what, -self.min_milli, -self.valid_from.toordinal(), self.key)

    def is_for(self, quantity_milli: int) -> bool:
        """Whether it applies to such a quantity."""
        return quantity_milli >= self.min_milli and (self.max_milli is None or quantity_milli < self.max_milli)


CRITERIA = ("whom", "what", "quantity", "start", "key")
"""By what a rule loses, in the order of `Rule.rank`."""


def lost_by(loser: Rule, winner: Rule) -> str:
    """The first criterion by which the winner is the better one."""
    pairs = zip(CRITERIA, loser.rank, winner.rank, strict=True)
    return next((name for name, mine, best in pairs if mine != best), CRITERIA[-1])


def price_of(rule: Rule, amount: Exact, quantity_milli: int) -> Exact | None:
    """What a line costs once a rule is applied to what it cost before; None where a rule sells no such quantity.

    Never below zero.
    """
    if rule.method is Method.PRICE:
        return at(rule.value_e4 or 0, quantity_milli)
    if rule.method is Method.AMOUNT:
        return amount.less(at(rule.value_e4 or 0, quantity_milli))
    if rule.method is Method.PERCENT:
        return less_share(amount, rule.discount_bp or 0)
    if rule.method is Method.BLOCK:
        return _block(rule, quantity_milli)
    if rule.method is Method.RANGE:
        return _tiered(tier_at(rule.tiers, quantity_milli), amount, quantity_milli)
    total = ZERO
    for tier, milli in _slabs(rule.tiers, quantity_milli):
        total = total.plus(_tiered(tier, amount.times(milli, quantity_milli), milli))
    return total


def at(price_e4: int, quantity_milli: int) -> Exact:
    """So many pieces at a price."""
    return Exact(price_e4 * quantity_milli, E4 * MILLI)


def less_share(amount: Exact, discount_bp: int) -> Exact:
    """What is left once a share is taken off."""
    return amount.times(BP - discount_bp, BP)


def _tiered(tier: Tier | None, amount: Exact, quantity_milli: int) -> Exact:
    """What some pieces cost that cost `amount` before and lie in a tier, or below all of them."""
    if tier is None:
        return amount
    if tier.price_e4 is not None:
        return at(tier.price_e4, quantity_milli)
    return less_share(amount, tier.discount_bp or 0)


def tier_at(tiers: Sequence[Tier], quantity_milli: int) -> Tier | None:
    """The tier in which a quantity lies; its first quantity is in it, the next one's is not."""
    return next((tier for tier in reversed(tiers) if tier.from_milli <= quantity_milli), None)


def _slabs(tiers: Sequence[Tier], quantity_milli: int) -> Iterator[tuple[Tier | None, int]]:
    """How much of a quantity lies in which tier.

    Tiers that begin with the first piece count pieces: of tiers from 1 and from 10, the first holds the pieces 1 to 9.
    """
    first = min(tiers[0].from_milli, PIECE) if tiers else 0
    starts = [(None, 0), *((tier, tier.from_milli - first) for tier in tiers)]
    ends = [start for _tier, start in starts[1:]] + [quantity_milli]
    for (tier, start), end in zip(starts, ends, strict=True):
        if min(end, quantity_milli) > start:
            yield tier, min(end, quantity_milli) - start


def _block(rule: Rule, quantity_milli: int) -> Exact | None:
    for block in rule.tiers:
        if quantity_milli <= block.from_milli:
            return Exact(block.price_e4 or 0, E4)
    if rule.overage_e4 is None or not rule.tiers:
        return None
    largest = rule.tiers[-1]
    return Exact(largest.price_e4 or 0, E4).plus(at(rule.overage_e4, quantity_milli - largest.from_milli))


@dataclass(frozen=True, slots=True)
class Inversion:
    """A quantity that costs more than a larger one."""

    fewer_milli: int
    more_milli: int


def inversions(method: Method, tiers: Sequence[Tier]) -> list[Inversion]:
    """Where one more piece makes all of them together cheaper; only a range can be so.

    Tiers that take a share off are compared at any price of a piece, since it does not matter.
    """
    if method is not Method.RANGE:
        return []
    found = []
    for tier, following in pairwise(tiers):
        fewer, more = following.from_milli - PIECE, following.from_milli
        if fewer >= tier.from_milli and _comparable(tier, following):
            before, after = (_tiered(one, Exact(milli), milli) for one, milli in ((tier, fewer), (following, more)))
            if after.is_below(before):
                found.append(Inversion(fewer, more))
    return found


def _comparable(one: Tier, other: Tier) -> bool:
    return (one.price_e4 is None) == (other.price_e4 is None)


def starts_after(rules: Iterable[Rule], quantity_milli: int) -> list[int]:
    """Larger quantities at which another tier of a range begins."""
    return sorted(
        {
            tier.from_milli
            for rule in rules
            if rule.method is Method.RANGE
            for tier in rule.tiers
            if tier.from_milli > quantity_milli
        }
    )
