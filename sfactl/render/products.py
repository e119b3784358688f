"""The columns of products and their prices."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

PRODUCT_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("family", _("Family")),
    Column("subfamily", _("Subfamily")),
    Column("unit", _("Unit")),
    Column("active", _("Active"), Kind.BOOL),
    Column("list_price", _("List price"), Kind.UNIT_PRICE),
    Column("currency", _("Currency"), Kind.CODE),
)

COST_COLUMNS: Final = (
    Column("cost", _("Cost"), Kind.UNIT_PRICE),
    Column("margin", _("Margin"), Kind.DISCOUNT),
)


def product_columns(*, with_cost: bool) -> tuple[Column, ...]:
    """The columns for somebody who may see what a product costs, or for somebody for whom there is no such column."""
    return (*PRODUCT_COLUMNS, *COST_COLUMNS) if with_cost else PRODUCT_COLUMNS


PRICE_COLUMNS: Final = (
    Column("product", _("Product"), Kind.CODE),
    Column("price_book", _("Price book"), Kind.CODE),
    Column("currency", _("Currency"), Kind.CODE),
    Column("unit_price", _("Unit price"), Kind.UNIT_PRICE),
    Column("valid_from", _("From"), Kind.DATE),
    Column("valid_to", _("Until"), Kind.DATE),
)
