"""How two versions of a quote differ, in words for a person and in values for a machine."""

from decimal import Decimal
from typing import Any

from sfactl.core.money import Money
from sfactl.core.quote_changes import Difference
from sfactl.i18n import _


def said(difference: Difference) -> str:
    """A difference on one line: `line 1 P-1, quantity: 10 → 12`."""
    before, after = (shown(difference, value) for value in (difference.before, difference.after))
    told = f"{word(difference)}: {before} → {after}"
    if difference.line is None:
        return told
    place = _("line {line} {product}").format(line=difference.line, product=difference.product)
    return f"{place}, {told}"


def word(difference: Difference) -> str:
    """What differs, in the language of the person."""
    words = {
        "line": _("quantity"), "quantity_milli": _("quantity"), "list_e4": _("list price"), "net_e4": _("net price"), "net_minor": _("amount"),
        "discount_bp": _("seller's discount"), "manual_e4": _("price set by hand"), "product": _("product"),
        "is_standard": _("standard configuration"), "is_below_floor": _("below the floor"),
        "header_minor": _("off all of it"), "valid_until": _("valid until"), "payment_days": _("paid in days"),
        "terms": _("terms"), "name": _("name"), "currency": _("currency"),
    }  # fmt: skip
    return words.get(difference.field, difference.field)


def shown(difference: Difference, value: Any) -> str:
    """One of its values as machine output has it."""
    if value is None:
        return "–"
    if difference.field in ("line", "quantity_milli"):
        return plain(value, 3)
    if difference.field.endswith("_e4"):
        return f"{Decimal(value).scaleb(-4):f}"
    if difference.field.endswith("_minor"):
        return str(Money(value, difference.currency))
    return f"{plain(value, 2)}%" if difference.field.endswith("_bp") else str(value)


def plain(parts: int, places: int) -> str:
    """A number without zeros at its end."""
    return f"{Decimal(parts).scaleb(-places).normalize():f}"
