"""Offers: what is offered to whom, at which price, and how each price came about."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, follows_account, key_of
from sfactl.models.types import Day, Flag, Stamp, Whole, Words


class Quote(Kept, table=True):
    """An offer, in one of its revisions. All its sums are stored; documents print them and compute none.

    Whose it is and where it lies follows its opportunity.
    """

    __table_args__ = (
        follows_account(),
        UniqueConstraint("of_id", "revision"),
        Index("ix_quote_account_id", "account_id", "territory_id"),
        CheckConstraint(
            "status IN ('draft', 'submitted', 'approved', 'rejected', 'recalled', 'expired', 'stale', 'sent', 'accepted',"
            " 'declined')",
            name="status",
        ),
        CheckConstraint("(of_id IS NULL) = (revision = 1)", name="revision"),
        CheckConstraint("primary_of_id = opportunity_id", name="primary"),
        CheckConstraint("header_bp IS NULL OR header_bp BETWEEN 0 AND 10000", name="header"),
        CheckConstraint("list_minor >= 0 AND lines_minor >= 0 AND net_minor >= 0", name="sums"),
        CheckConstraint("lines_minor - header_minor = net_minor AND header_minor >= 0", name="net"),
        CheckConstraint("valid_until > priced_on", name="dates"),
        CheckConstraint("payment_days >= 0", name="payment"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    revision: int = Field(default=1, sa_type=Whole)
    of_id: int | None = key_of("quote", required=False, index=False)
    "The first revision; empty in the first one itself."
    name: str = Field(sa_type=Words)
    opportunity_id: int = key_of("opportunity")
    primary_of_id: int | None = Field(default=None, unique=True, sa_type=Whole)
    "The opportunity whose amount it decides; one quote of it does, at most."
    account_id: int = Field(sa_type=Whole)
    account_name: str = Field(sa_type=Words)
    territory_id: int = key_of("territory")
    owner_id: int | None = key_of("app_user", required=False)
    credited_territory_id: int = key_of("territory")
    credited_id: int | None = key_of("app_user", required=False)
    contact_id: int | None = key_of("contact", required=False)
    "To whom it goes."
    author_id: int = key_of("app_user")
    currency: str = Field(sa_type=Words)
    status: str = Field(default="draft", sa_type=Words)
    price_book: str = Field(default="standard", sa_type=Words)
    step_order: str = Field(sa_type=Words)
    "The steps of pricing in the order that held when it was made, separated by commas."
    priced_on: date = Field(sa_type=Day)
    "The day of which prices and rates hold."
    valid_until: date = Field(sa_type=Day)
    "The first day on which it is no longer an offer."
    locale: str = Field(default="en_US", sa_type=Words)
    "The language and form of numbers in which the customer reads it."
    payment_days: int = Field(default=30, sa_type=Whole)
    terms: str | None = Field(default=None, sa_type=Words)
    "What was agreed for this offer alone, beside the terms of the policy."
    header_bp: int | None = Field(default=None, sa_type=Whole)
    "A discount on all of it, as a share; then `header_minor` follows the lines."
    list_minor: int = Field(default=0, sa_type=Whole)
    lines_minor: int = Field(default=0, sa_type=Whole)
    "The sum of its lines before the discount on all of it."
    header_minor: int = Field(default=0, sa_type=Whole)
    net_minor: int = Field(default=0, sa_type=Whole)
    discount_bp: int = Field(default=0, sa_type=Whole)
    "How far the net sum lies below the list sum, rounded."
    digest: str | None = Field(default=None, sa_type=Words)
    "Of all that would be agreed, as it was last stored (`core/quote_digest.py`)."
    changed_by_id: int | None = key_of("app_user", required=False, index=False)
    sent_at: datetime | None = Field(default=None, sa_type=Stamp)
    closed_on: date | None = Field(default=None, sa_type=Day)
    "When it was accepted or declined, or its time was over."
    closing_reason: str | None = Field(default=None, sa_type=Words)
    order_id: int | None = key_of("sales_order", required=False)
    "The order that it became."


class QuoteLine(Keyed, table=True):
    """A product that is offered, with its prices as they were computed."""

    __tablename__ = "quote_line"
    __table_args__ = (
        UniqueConstraint("quote_id", "line"),
        CheckConstraint("line > 0 AND (parent_line IS NULL OR parent_line <> line)", name="line"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint("discount_bp BETWEEN 0 AND 10000", name="discount"),
        CheckConstraint("manual_e4 IS NULL OR (manual_e4 >= 0 AND manual_reason IS NOT NULL)", name="manual"),
        CheckConstraint("list_e4 >= 0 AND net_e4 >= 0", name="prices"),
        CheckConstraint("amount_minor - header_minor = net_minor AND net_minor >= 0", name="net"),
        STRICT,
    )

    quote_id: int = key_of("quote", index=False)
    line: int = Field(sa_type=Whole)
    parent_line: int | None = Field(default=None, sa_type=Whole)
    "The line of the bundle it belongs to."
    product_id: int = key_of("product")
    product_name: str = Field(sa_type=Words)
    feature: str | None = Field(default=None, sa_type=Words)
    "For which feature of its bundle it was chosen."
    is_included: bool = Field(default=False, sa_type=Flag)
    "Its price is in the bundle's."
    is_standard: bool = Field(default=True, sa_type=Flag)
    "Its bundle is configured as the catalogue allows."
    quantity_milli: int = Field(sa_type=Whole)
    list_e4: int = Field(default=0, sa_type=Whole)
    net_e4: int = Field(default=0, sa_type=Whole)
    "The price of a piece after all steps, rounded to four places; the line's sum comes from the exact one."
    list_minor: int = Field(default=0, sa_type=Whole)
    amount_minor: int = Field(default=0, sa_type=Whole)
    "The line before the discount on the whole quote."
    header_minor: int = Field(default=0, sa_type=Whole)
    "Its part of that discount."
    net_minor: int = Field(default=0, sa_type=Whole)
    discount_bp: int = Field(default=0, sa_type=Whole)
    "What the seller takes off."
    manual_e4: int | None = Field(default=None, sa_type=Whole)
    "A price that somebody set by hand."
    manual_reason: str | None = Field(default=None, sa_type=Words)
    manual_by_id: int | None = key_of("app_user", required=False, index=False)
    manual_at: datetime | None = Field(default=None, sa_type=Stamp)
    manual_base_e4: int | None = Field(default=None, sa_type=Whole)
    "What the rules gave when it was set."
    is_base_changed: bool = Field(default=False, sa_type=Flag)
    "The rules give something else since."
    floor_e4: int | None = Field(default=None, sa_type=Whole)
    is_below_floor: bool = Field(default=False, sa_type=Flag)
    better_milli: int | None = Field(default=None, sa_type=Whole)
    "A larger quantity that costs less."
    better_minor: int | None = Field(default=None, sa_type=Whole)


class QuoteLineCost(Keyed, table=True):
    """What a piece of a line cost when the line was priced; the newest row of a line holds.

    Triggers of the database write it, since who offers need not know what things cost.
    """

    __tablename__ = "quote_line_cost"
    __table_args__ = (Index("ix_quote_line_cost_quote_id", "quote_id", "line", "id"), STRICT)

    quote_id: int = key_of("quote", index=False)
    line: int = Field(sa_type=Whole)
    product_id: int = key_of("product")
    cost_e4: int = Field(sa_type=Whole)
    "In the quote's currency."


class PriceStep(Keyed, table=True):
    """A step on the way from a line's list price to its net one; or a rule that might have had it, and lost."""

    __tablename__ = "price_step"
    __table_args__ = (
        UniqueConstraint("quote_id", "line", "position"),
        CheckConstraint(
            "step IN ('list', 'exchange', 'contract', 'schedule', 'promotion', 'seller', 'manual', 'floor')",
            name="step",
        ),
        STRICT,
    )

    quote_id: int = key_of("quote", index=False)
    line: int = Field(sa_type=Whole)
    position: int = Field(sa_type=Whole)
    step: str = Field(sa_type=Words)
    rule: str | None = Field(default=None, sa_type=Words)
    "The rule's code, or the price book's."
    title: str | None = Field(default=None, sa_type=Words)
    before_e4: int | None = Field(default=None, sa_type=Whole)
    after_e4: int | None = Field(default=None, sa_type=Whole)
    "Empty: the rule lost."
    lost_by: str | None = Field(default=None, sa_type=Words)
    "By what it lost: whom, what, quantity, newer or key."


class QuoteVersion(Keyed, table=True):
    """What a quote promised in each of its versions, so that whoever comes second can be told what the first changed."""

    __tablename__ = "quote_version"
    __table_args__ = (UniqueConstraint("quote_id", "version"), STRICT)

    quote_id: int = key_of("quote", index=False)
    version: int = Field(sa_type=Whole)
    user_id: int = key_of("app_user")
    changed_at: datetime = Field(sa_type=Stamp)
    content: str = Field(sa_type=Words)
    "As JSON."
