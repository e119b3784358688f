"""The columns of stock, of what is expected, promised and held."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

STOCK_COLUMNS: Final = (
    Column("product", _("Product"), Kind.CODE),
    Column("product_name", _("Product's name")),
    Column("warehouse", _("Warehouse"), Kind.CODE),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("reserved", _("Reserved"), Kind.QUANTITY),
    Column("free", _("Free"), Kind.QUANTITY),
    Column("expected", _("Expected"), Kind.QUANTITY),
    Column("expected_on", _("Next arrival"), Kind.DATE),
    Column("reorder_point", _("Reorder point"), Kind.QUANTITY, wide=True),
    Column("bin", _("Bin"), wide=True),
    Column("counted_on", _("Counted"), Kind.DATE),
)

ARRIVAL_COLUMNS: Final = (
    Column("product", _("Product"), Kind.CODE),
    Column("product_name", _("Product's name")),
    Column("warehouse", _("Warehouse"), Kind.CODE),
    Column("reference", _("Reference"), Kind.CODE),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("expected_on", _("Expected on"), Kind.DATE),
    Column("received_on", _("Received on"), Kind.DATE, wide=True),
    Column("overdue", _("Overdue"), Kind.BOOL, value=lambda row: row.is_overdue),
)

PART_COLUMNS: Final = (
    Column("product", _("Product"), Kind.CODE),
    Column("product_name", _("Product's name")),
    Column("wanted", _("Wanted"), Kind.QUANTITY),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("status", _("When"), Kind.CODE),
    Column("warehouse", _("Warehouse"), Kind.CODE),
    Column("on", _("From"), Kind.DATE),
    Column("counted_on", _("Counted"), Kind.DATE),
    Column("age_days", _("Age in days"), Kind.INTEGER),
    Column("is_old", _("Old"), Kind.BOOL, wide=True),
    Column("alternative", _("Instead"), Kind.CODE),
)

RESERVATION_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("status", _("Status"), Kind.CODE),
    Column("product", _("Product"), Kind.CODE),
    Column("product_name", _("Product's name"), wide=True),
    Column("warehouse", _("Warehouse"), Kind.CODE),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("needed_on", _("Needed on"), Kind.DATE),
    Column("quote", _("Quote"), Kind.CODE),
    Column("user", _("Held by"), Kind.CODE),
    Column("made_at", _("Made at"), Kind.DATETIME, wide=True),
    Column("expires_at", _("Until"), Kind.DATETIME),
    Column("ended_at", _("Ended at"), Kind.DATETIME, wide=True),
    Column("reason", _("Reason"), wide=True),
)

RESERVATIONS_OF_QUOTE: Final = (
    *(column for column in RESERVATION_COLUMNS if column.key not in ("quote", "ended_at")),
    Column("age_days", _("Age in days"), Kind.INTEGER),
)
"""The same below the quote that they are held for."""
