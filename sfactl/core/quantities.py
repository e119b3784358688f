"""Quantities as people write them, in thousandths of a piece."""

import re
from decimal import Decimal
from typing import Final

from sfactl.errors import UsageFault
from sfactl.i18n import _

LARGEST: Final = 1_000_000_000
"""No quantity is larger, in pieces."""
BY_THE_PIECE: Final = "each"
"""The unit of what is never divided."""
PIECE: Final = 1000
"""Thousandths."""


def parse_quantity(text: str) -> int:
    """Thousandths of a piece, from a number with a point and at most three decimals; zero is one.

    Raises:
        UsageFault: it is no such number, or more than anybody has.
    """
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,3})?", text):
        raise UsageFault(
            _("{text} is no quantity.").format(text=text), _("Write a number of at most three decimals: 3, 2.5")
        )
    number = Decimal(text)
    if number > LARGEST:
        raise UsageFault(
            _("{text} is more than any quantity is.").format(text=text),
            _("Say {most} at most.").format(most=LARGEST),
        )
    return int(number * PIECE)


def is_by_the_piece(unit: str | None) -> bool:
    """Whether what is sold in a unit is never divided."""
    return (unit or "").lower() == BY_THE_PIECE


def require_whole(product: str, unit: str | None, quantity_milli: int) -> None:
    """Refuse a part of a piece.

    Raises:
        UsageFault: the product is sold by the piece, and the quantity is no whole number.
    """
    if quantity_milli % PIECE and is_by_the_piece(unit):
        raise UsageFault(
            _("{product} is sold by the piece.").format(product=product),
            _("Say a whole number of it; or give it another unit with `sfactl import product FILE`."),
        )
