"""The columns of bundles, their configurations, and what is wrong with one."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

CHOICE_COLUMNS: Final = (
    Column("feature", _("Feature"), Kind.CODE),
    Column("product", _("Product"), Kind.CODE),
    Column("name", _("Name")),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("is_included", _("Included"), Kind.BOOL),
    Column("unit_price", _("Unit price"), Kind.UNIT_PRICE),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)
ATTRIBUTE_COLUMNS: Final = (
    Column("attribute", _("Attribute"), Kind.CODE),
    Column("needed", _("Needed"), Kind.QUANTITY),
    Column("amount", _("There is"), Kind.QUANTITY),
)
CONFLICT_COLUMNS: Final = (
    Column("kind", _("Kind"), Kind.CODE),
    Column("code", _("Rule"), Kind.CODE),
    Column("message", _("What it says")),
    Column("choices", _("Chosen against it")),
)
CHANGE_COLUMNS: Final = (
    Column("feature", _("Feature"), Kind.CODE),
    Column("product", _("Product"), Kind.CODE),
    Column("name", _("Name")),
    Column("before", _("Now"), Kind.QUANTITY),
    Column("after", _("Then"), Kind.QUANTITY),
)
OPTION_COLUMNS: Final = (
    Column("feature", _("Feature"), Kind.CODE),
    Column("feature_name", _("Feature's name")),
    Column("product", _("Option"), Kind.CODE),
    Column("name", _("Name")),
    Column("least", _("At least"), Kind.QUANTITY),
    Column("most", _("At most"), Kind.QUANTITY),
    Column("default", _("Default"), Kind.QUANTITY),
    Column("included", _("Included"), Kind.QUANTITY),
    Column("required", _("Required"), Kind.BOOL),
    Column("attributes", _("Attributes")),
)
RULE_COLUMNS: Final = (
    Column("code", _("Rule"), Kind.CODE),
    Column("kind", _("Kind"), Kind.CODE),
    Column("rule", _("What it says")),
)
FINDING_COLUMNS: Final = (
    Column("finding", _("Finding"), Kind.CODE),
    Column("bundle", _("Bundle"), Kind.CODE),
    Column("key", _("What"), Kind.CODE),
    Column("detail", _("Detail")),
)
VERDICT_COLUMNS: Final = (
    Column("bundle", _("Bundle"), Kind.CODE),
    Column("name", _("Name")),
    Column("is_valid", _("Valid"), Kind.BOOL),
    Column("list_price", _("List price"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
    Column("reasons", _("Why nothing mends it")),
)
IMPOSSIBLE_COLUMNS: Final = (
    Column("bundle", _("Bundle"), Kind.CODE),
    Column("name", _("Name")),
)
REASON_COLUMNS: Final = CONFLICT_COLUMNS[:-1]
POSSIBLE_COLUMNS: Final = (
    Column("attribute", _("Attribute"), Kind.CODE),
    Column("needed", _("Needed"), Kind.QUANTITY),
    Column("possible", _("Possible"), Kind.QUANTITY),
)
_BEFORE_MARGIN: Final = (
    Column("bundle", _("Bundle"), Kind.CODE),
    Column("name", _("Name")),
    Column("prefer", _("Preferred"), Kind.CODE),
    Column("is_proven", _("Proven best"), Kind.BOOL),
    Column("gap", _("Better by at most"), Kind.DISCOUNT),
    Column("bundle_price", _("Price of the bundle"), Kind.MONEY),
    Column("list_price", _("List price"), Kind.MONEY),
)
_MARGIN: Final = Column("margin", _("Margin"), Kind.DISCOUNT)
_CURRENCY: Final = Column("currency", _("Currency"), Kind.CODE)


def configuration_columns(*, with_cost: bool) -> tuple[Column, ...]:
    """The columns of a configuration for somebody who may see costs, or for whom there is no margin."""
    return (*_BEFORE_MARGIN, _MARGIN, _CURRENCY) if with_cost else (*_BEFORE_MARGIN, _CURRENCY)
