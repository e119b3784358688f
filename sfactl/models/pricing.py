"""What decides a price beside the price books: rules, their tiers, prices of single accounts, exchange rates."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, key_of
from sfactl.models.types import Day, Whole, Words

_ABOUT = "product_id IS NULL OR family IS NULL"
_VALUE = (
    "CASE method WHEN 'percent' THEN discount_bp IS NOT NULL AND value_e4 IS NULL"
    " WHEN 'price' THEN value_e4 IS NOT NULL AND discount_bp IS NULL"
    " WHEN 'amount' THEN value_e4 IS NOT NULL AND discount_bp IS NULL ELSE value_e4 IS NULL AND discount_bp IS NULL END"
)
_SHARE = "discount_bp BETWEEN 0 AND 10000"
_DATES = "valid_to IS NULL OR valid_to > valid_from"


class PriceRule(Kept, table=True):
    """A rule of one step of pricing, for a segment, a territory or everybody.

    What single accounts were promised stands in `contract_price`, since not everybody may see it.
    """

    __tablename__ = "price_rule"
    __table_args__ = (
        CheckConstraint("step IN ('list', 'contract', 'schedule', 'promotion', 'floor')", name="step"),
        CheckConstraint("method IN ('price', 'percent', 'amount', 'range', 'slab', 'block')", name="method"),
        CheckConstraint("(step = 'list') = (method = 'block')", name="block"),
        CheckConstraint("(step = 'schedule') = (method IN ('range', 'slab'))", name="schedule"),
        CheckConstraint("segment IS NULL OR territory_id IS NULL", name="whom"),
        CheckConstraint(_ABOUT, name="about"),
        CheckConstraint(_VALUE, name="value"),
        CheckConstraint(_SHARE, name="discount"),
        CheckConstraint("value_e4 >= 0", name="price"),
        CheckConstraint("max_quantity_milli > min_quantity_milli", name="quantity"),
        CheckConstraint("currency IS NOT NULL OR method IN ('percent', 'range', 'slab')", name="currency"),
        CheckConstraint("origin IN ('policy', 'import')", name="origin"),
        CheckConstraint(_DATES, name="dates"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    step: str = Field(sa_type=Words)
    segment: str | None = Field(default=None, sa_type=Words)
    territory_id: int | None = key_of("territory", required=False)
    product_id: int | None = key_of("product", required=False)
    family: str | None = Field(default=None, sa_type=Words)
    min_quantity_milli: int = Field(default=0, sa_type=Whole)
    max_quantity_milli: int | None = Field(default=None, sa_type=Whole)
    "The first quantity to which it no longer applies."
    currency: str | None = Field(default=None, sa_type=Words)
    "The only currency it speaks of; a percentage may speak of all."
    method: str = Field(sa_type=Words)
    value_e4: int | None = Field(default=None, sa_type=Whole)
    "A price, or what is taken off one, in ten-thousandths of the currency's unit."
    discount_bp: int | None = Field(default=None, sa_type=Whole)
    overage_e4: int | None = Field(default=None, sa_type=Whole)
    "What a piece beyond the largest block costs; empty: no such quantity is sold."
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)
    origin: str = Field(default="policy", sa_type=Words)
    "Where it comes from: a policy that no longer says it takes it away, an import does not."


class PriceTier(Keyed, table=True):
    """A step of a schedule, from a quantity up to the next one's; or a block of so many pieces."""

    __tablename__ = "price_tier"
    __table_args__ = (
        UniqueConstraint("rule_id", "from_milli"),
        CheckConstraint("(price_e4 IS NULL) <> (discount_bp IS NULL)", name="value"),
        CheckConstraint(_SHARE, name="discount"),
        CheckConstraint("price_e4 >= 0", name="price"),
        CheckConstraint("from_milli >= 0", name="quantity"),
        STRICT,
    )

    rule_id: int = key_of("price_rule", index=False)
    from_milli: int = Field(sa_type=Whole)
    "Its first quantity; of a block, how many pieces are in it."
    price_e4: int | None = Field(default=None, sa_type=Whole)
    discount_bp: int | None = Field(default=None, sa_type=Whole)


class ContractPrice(Kept, table=True):
    """What an account was promised: by a contract, or because it is this customer."""

    __tablename__ = "contract_price"
    __table_args__ = (
        Index("ix_contract_price_account_id", "account_id", "product_id"),
        CheckConstraint("kind IN ('contract', 'customer')", name="kind"),
        CheckConstraint("method IN ('price', 'percent', 'amount')", name="method"),
        CheckConstraint(_ABOUT, name="about"),
        CheckConstraint(_VALUE, name="value"),
        CheckConstraint(_SHARE, name="discount"),
        CheckConstraint("value_e4 >= 0", name="price"),
        CheckConstraint("currency IS NOT NULL OR method = 'percent'", name="currency"),
        CheckConstraint(_DATES, name="dates"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    account_id: int = key_of("account", index=False)
    kind: str = Field(default="contract", sa_type=Words)
    product_id: int | None = key_of("product", required=False)
    family: str | None = Field(default=None, sa_type=Words)
    min_quantity_milli: int = Field(default=0, sa_type=Whole)
    currency: str | None = Field(default=None, sa_type=Words)
    method: str = Field(default="price", sa_type=Words)
    value_e4: int | None = Field(default=None, sa_type=Whole)
    discount_bp: int | None = Field(default=None, sa_type=Whole)
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)


class ExchangeRate(Keyed, table=True):
    """How much of one currency a unit of another was worth, from a day until the next rate's."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        UniqueConstraint("from_currency", "to_currency", "rated_on"),
        CheckConstraint("rate_e9 > 0", name="rate"),
        CheckConstraint("from_currency <> to_currency", name="currencies"),
        STRICT,
    )

    from_currency: str = Field(sa_type=Words)
    to_currency: str = Field(sa_type=Words)
    rated_on: date = Field(sa_type=Day)
    rate_e9: int = Field(sa_type=Whole)
    "Thousand-millionths."
