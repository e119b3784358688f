"""The columns of orders and their lines."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

ORDER_COLUMNS: Final = (
    Column("code", _("Order"), Kind.CODE),
    Column("booked_on", _("Booked"), Kind.DATE),
    Column("completed_on", _("Completed"), Kind.DATE, wide=True),
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name")),
    Column("seller", _("Seller"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE),
    Column("channel", _("Channel")),
    Column("status", _("Status")),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("tax", _("Tax"), Kind.MONEY, wide=True),
    Column("freight", _("Freight"), Kind.MONEY, wide=True),
    Column("total", _("Total"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
)

ORDER_LINE_COLUMNS: Final = (
    Column("line", _("Line"), Kind.INTEGER),
    Column("product", _("Product"), Kind.CODE),
    Column("product_name", _("Product's name")),
    Column("family", _("Family")),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("unit_price", _("Unit price"), Kind.UNIT_PRICE),
    Column("discount", _("Discount"), Kind.DISCOUNT),
    Column("amount", _("Amount"), Kind.MONEY),
)
