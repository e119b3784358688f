"""Quantities as people write them, in thousandths of a piece."""

from decimal import Decimal, InvalidOperation
from typing import Final

LARGEST: Final = Decimal(10) ** 9
"""No quantity is larger."""


def parse_quantity(text: str) -> int:
    """Thousandths of a piece, from a number with a point and at most three decimals.

    Raises:
        ValueError: it is no such number, or not above zero.
    """
    try:
        number = Decimal(text) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite() or not 0 < number <= LARGEST or number != number.quantize(Decimal("0.001")):
        raise ValueError(text)
    return int(number * 1000)
