"""The columns of quotes, their lines, and how prices came about."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

QUOTE_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("opportunity", _("Opportunity"), Kind.CODE),
    Column("account", _("Account"), Kind.CODE, wide=True),
    Column("account_name", _("Account's name")),
    Column("seller", _("Seller"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE, wide=True),
    Column("status", _("Status")),
    Column("is_primary", _("Primary"), Kind.BOOL),
    Column("list_amount", _("List price"), Kind.MONEY, wide=True),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("discount", _("Discount"), Kind.DISCOUNT),
    Column("valid_until", _("Valid until"), Kind.DATE),
    Column("revision", _("Revision"), Kind.INTEGER, wide=True),
    Column("version", _("Version"), Kind.INTEGER, wide=True),
    Column("currency", _("Currency"), Kind.CODE),
)

PAGE_COLUMNS: Final = (
    *QUOTE_COLUMNS[:-1],
    Column("lines_amount", _("Sum of its lines"), Kind.MONEY),
    Column("header_discount", _("Off all of it"), Kind.MONEY),
    Column("price_book", _("Price book"), Kind.CODE),
    Column("step_order", _("Order of steps")),
    Column("priced_on", _("Prices of"), Kind.DATE),
    Column("payment_days", _("Paid in days"), Kind.INTEGER),
    Column("terms", _("Terms")),
    Column("locale", _("Written in"), Kind.CODE),
    Column("author", _("By"), Kind.CODE),
    Column("created_at", _("Made"), Kind.DATETIME),
    Column("sent_at", _("Sent"), Kind.DATETIME),
    Column("closed_on", _("Closed"), Kind.DATE),
    Column("closing_reason", _("Why")),
    Column("order", _("Order"), Kind.CODE),
    QUOTE_COLUMNS[-1],
)

_LINE: Final = (
    Column("line", _("Line"), Kind.INTEGER),
    Column("parent_line", _("Of line"), Kind.INTEGER, wide=True),
    Column("product", _("Product"), Kind.CODE),
    Column("product_name", _("Name")),
    Column("feature", _("Feature"), wide=True),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("list_price", _("List price"), Kind.UNIT_PRICE),
    Column("net_price", _("Net price"), Kind.UNIT_PRICE),
    Column("discount", _("Discount"), Kind.DISCOUNT),
    Column("list_amount", _("At list price"), Kind.MONEY, wide=True),
    Column("amount", _("Amount"), Kind.MONEY),
)
_COST: Final = (
    Column("cost", _("Cost"), Kind.UNIT_PRICE),
    Column("margin", _("Margin"), Kind.DISCOUNT),
)
_END: Final = (
    Column("note", _("Note")),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)


def line_columns(*, with_cost: bool) -> tuple[Column, ...]:
    """The columns of lines, for somebody who may see what things cost, or for whom there is no such column."""
    return (*_LINE, *_COST, *_END) if with_cost else (*_LINE, *_END)


STEP_COLUMNS: Final = (
    Column("line", _("Line"), Kind.INTEGER),
    Column("product", _("Product"), Kind.CODE),
    Column("step", _("Step")),
    Column("rule", _("Rule"), Kind.CODE),
    Column("title", _("Name")),
    Column("before", _("Before"), Kind.UNIT_PRICE),
    Column("after", _("After"), Kind.UNIT_PRICE),
    Column("lost_by", _("Lost by")),
    Column("currency", _("Currency"), Kind.CODE),
)

CHANGE_COLUMNS: Final = (
    Column("line", _("Line"), Kind.INTEGER),
    Column("product", _("Product"), Kind.CODE),
    Column("what", _("What")),
    Column("field", _("Field"), Kind.CODE, wide=True),
    Column("before", _("Before")),
    Column("after", _("After")),
)
