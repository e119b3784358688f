"""What bundles consist of, which rules a choice must keep, and what an opportunity needs."""

from sqlalchemy import CheckConstraint, UniqueConstraint

from sfactl.models.base import STRICT, Field, Keyed, key_of
from sfactl.models.types import Flag, Whole, Words


class Feature(Keyed, table=True):
    """A part of a bundle for which options are chosen."""

    __table_args__ = (
        UniqueConstraint("bundle_id", "code"),
        CheckConstraint("least >= 0 AND (most IS NULL OR most >= least)", name="options"),
        STRICT,
    )

    bundle_id: int = key_of("product", index=False)
    code: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    least: int = Field(default=0, sa_type=Whole)
    "At least so many different options are chosen."
    most: int | None = Field(default=None, sa_type=Whole)
    position: int = Field(sa_type=Whole)
    from_policy: bool = Field(default=False, sa_type=Flag)
    "The policy keeps it; an import leaves it alone."


class FeatureOption(Keyed, table=True):
    """A product that may be chosen for a feature, and how many of it."""

    __tablename__ = "feature_option"
    __table_args__ = (
        UniqueConstraint("feature_id", "product_id"),
        CheckConstraint("least_milli > 0 AND (most_milli IS NULL OR most_milli >= least_milli)", name="quantity"),
        CheckConstraint("step_milli > 0 AND default_milli >= 0 AND included_milli >= 0", name="amounts"),
        STRICT,
    )

    feature_id: int = key_of("feature", index=False)
    product_id: int = key_of("product")
    position: int = Field(sa_type=Whole)
    least_milli: int = Field(default=1000, sa_type=Whole)
    "Thousandths; so many at least, once it is chosen."
    most_milli: int | None = Field(default=None, sa_type=Whole)
    step_milli: int = Field(default=1000, sa_type=Whole)
    "A quantity is a multiple of this."
    default_milli: int = Field(default=0, sa_type=Whole)
    "So many where nothing is said of the feature."
    included_milli: int = Field(default=0, sa_type=Whole)
    "So many are in the price of the bundle; the others have their own."
    is_required: bool = Field(default=False, sa_type=Flag)
    "Always chosen."
    from_policy: bool = Field(default=False, sa_type=Flag)


class ProductAttribute(Keyed, table=True):
    """A number that says something of one piece of a product: seats, watts, rack units."""

    __tablename__ = "product_attribute"
    __table_args__ = (UniqueConstraint("product_id", "name"), STRICT)

    product_id: int = key_of("product", index=False)
    name: str = Field(sa_type=Words)
    amount_milli: int = Field(sa_type=Whole)
    from_policy: bool = Field(default=False, sa_type=Flag)


class ConfigurationRule(Keyed, table=True):
    """What every configuration of a bundle, or of all bundles, must keep."""

    __tablename__ = "configuration_rule"
    __table_args__ = (
        CheckConstraint("kind IN ('requires', 'excludes', 'at_most', 'sum')", name="kind"),
        CheckConstraint("kind <> 'sum' OR attribute IS NOT NULL", name="attribute"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    bundle_id: int | None = key_of("product", required=False)
    "The bundle it holds for; all of them when empty."
    position: int = Field(sa_type=Whole)
    kind: str = Field(sa_type=Words)
    attribute: str | None = Field(default=None, sa_type=Words)
    "What is added up over the bundle and what is chosen."
    against: str | None = Field(default=None, sa_type=Words)
    "The attribute whose sum is not to be exceeded."
    least_milli: int | None = Field(default=None, sa_type=Whole)
    most_milli: int | None = Field(default=None, sa_type=Whole)
    message: str | None = Field(default=None, sa_type=Words)
    "What a person is told whose choice is against it."
    from_policy: bool = Field(default=False, sa_type=Flag)


class RuleProduct(Keyed, table=True):
    """A product that a rule speaks of: as the condition, or as what follows from it."""

    __tablename__ = "rule_product"
    __table_args__ = (
        UniqueConstraint("rule_id", "part", "product_id"),
        CheckConstraint("part IN ('when', 'what')", name="part"),
        STRICT,
    )

    rule_id: int = key_of("configuration_rule", index=False)
    part: str = Field(sa_type=Words)
    product_id: int = key_of("product")
    position: int = Field(default=0, sa_type=Whole)


class OpportunityNeed(Keyed, table=True):
    """What the customer of an opportunity needs of a bundle."""

    __tablename__ = "opportunity_need"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "bundle_id", "kind", "name"),
        CheckConstraint("kind IN ('bundle', 'need', 'with', 'without')", name="kind"),
        CheckConstraint("amount_milli IS NULL OR amount_milli >= 0", name="amount"),
        STRICT,
    )

    opportunity_id: int = key_of("opportunity", index=False)
    bundle_id: int = key_of("product")
    kind: str = Field(sa_type=Words)
    "`bundle`: so many of it; `need`: so much of an attribute; `with` and `without`: an option."
    name: str = Field(default="", sa_type=Words)
    "The attribute, or the code of the option."
    amount_milli: int | None = Field(default=None, sa_type=Whole)
