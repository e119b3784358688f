"""`pricing.toml`: how prices are made, and what a quote says beside them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sfactl.config.strict import Strict

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
UnitPrice = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=4)]
Quantity = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=3)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Step = Literal["contract", "schedule", "promotion", "seller"]


class BookEntry(Strict):
    """Which price book holds for whom; the first that fits is taken."""

    code: Code
    segment: str | None = None
    currency: Currency | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class TierEntry(Strict):
    """A quantity from which on a share is taken off, or a price holds."""

    start: Quantity = Field(alias="from")
    percent: Percent | None = None
    price: UnitPrice | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.percent is None) == (self.price is None):
            raise ValueError("a tier has either `percent` or `price`")
        return self


class BlockEntry(Strict):
    """So many pieces are sold together for a price."""

    size: Quantity
    price: UnitPrice


class _About(Strict):
    """Whom and what a rule is about, and when it holds."""

    name: str | None = None
    product: Code | None = None
    family: str | None = None
    currency: Currency | None = None
    valid_from: date = date(2000, 1, 1)
    valid_to: date | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.product is not None and self.family is not None:
            raise ValueError("it is about a `product` or a `family`, not both")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("`valid_to` lies after `valid_from`")
        return self


class _ForSome(_About):
    segment: str | None = None
    territory: Code | None = None

    @model_validator(mode="after")
    def _is_for_one(self) -> Self:
        if self.segment is not None and self.territory is not None:
            raise ValueError("it is for a `segment` or a `territory`, not both")
        return self


class ValueEntry(_ForSome):
    """A price, a share off, or an amount off, from a quantity on."""

    min_quantity: Quantity = Decimal(0)
    max_quantity: Quantity | None = None
    "The first quantity to which it no longer applies."
    price: UnitPrice | None = None
    percent: Percent | None = None
    amount: UnitPrice | None = None

    @model_validator(mode="after")
    def _says_one_value(self) -> Self:
        said = [value for value in (self.price, self.percent, self.amount) if value is not None]
        if len(said) != 1:
            raise ValueError("it says one of `price`, `percent` and `amount`")
        if self.percent is None and self.currency is None:
            raise ValueError("a price or an amount needs its `currency`")
        if self.max_quantity is not None and self.max_quantity <= self.min_quantity:
            raise ValueError("`max_quantity` is more than `min_quantity`")
        return self

    @property
    def method(self) -> str:
        """price, percent or amount."""
        return "price" if self.price is not None else "percent" if self.percent is not None else "amount"


class ScheduleEntry(_ForSome):
    """What larger quantities cost."""

    kind: Literal["range", "slab"]
    "Whether a tier holds for every piece, or for those that lie in it."
    tier: list[TierEntry] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        starts = [tier.start for tier in self.tier]
        if starts != sorted(set(starts)):
            raise ValueError("tiers begin at rising quantities")
        if self.currency is None and any(tier.price is not None for tier in self.tier):
            raise ValueError("tiers with a price need the `currency`")
        return self


class BlocksEntry(_About):
    """A product that is sold in blocks instead of at the price of a price book."""

    product: Code
    currency: Currency
    block: list[BlockEntry] = Field(min_length=1, max_length=100)
    overage: UnitPrice | None = None
    "What a piece beyond the largest block costs; more is not sold where it is not said."

    @model_validator(mode="after")
    def _rises(self) -> Self:
        sizes = [block.size for block in self.block]
        if sizes != sorted(set(sizes)) or sizes[0] <= 0:
            raise ValueError("blocks have rising sizes above 0")
        return self


class TermEntry(Strict):
    """A sentence that stands below an offer, where its condition holds."""

    when: str | None = None
    "A condition over net, discount, payment_days, currency, country, segment and revision."
    text: dict[Literal["en", "es"], str] = Field(min_length=1)


class PricingFile(Strict):
    """`pricing.toml`: how prices are made, and what a quote says beside them."""

    order: list[Step] = Field(default=["contract", "schedule", "promotion", "seller"])
    valid_days: int = Field(default=30, ge=1, le=3650)
    payment_days: int = Field(default=30, ge=0, le=3650)
    seller: str = Field(default="", max_length=500)
    "Who offers: name and address, a line each, as documents print it."
    book: list[BookEntry] = Field(default_factory=list)
    block: dict[Code, BlocksEntry] = Field(default_factory=dict)
    contract: dict[Code, ValueEntry] = Field(default_factory=dict)
    schedule: dict[Code, ScheduleEntry] = Field(default_factory=dict)
    promotion: dict[Code, ValueEntry] = Field(default_factory=dict)
    floor: dict[Code, ValueEntry] = Field(default_factory=dict)
    term: list[TermEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if sorted(self.order) != ["contract", "promotion", "schedule", "seller"]:
            raise ValueError("`order` names contract, schedule, promotion and seller once each")
        names = [
            name for rules in (self.block, self.contract, self.schedule, self.promotion, self.floor) for name in rules
        ]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two rules are called {name}")
        return self
