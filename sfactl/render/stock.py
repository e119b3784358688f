"""The columns of stock."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

STOCK_COLUMNS: Final = (
    Column("product", _("Product"), Kind.CODE),
    Column("product_name", _("Product's name")),
    Column("warehouse", _("Warehouse"), Kind.CODE),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("reorder_point", _("Reorder point"), Kind.QUANTITY),
    Column("bin", _("Bin")),
    Column("counted_on", _("Counted"), Kind.DATE),
)
