"""Figures as a person takes them in at a glance: whole amounts, signed growth, small charts of text."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from sfactl.core.money import Money, round_half_up
from sfactl.render import formats

_STEPS: Final = "▁▂▃▄▅▆▇█"
_NOTHING: Final = "·"


def whole_money(money: Money | None, locale: str, *, with_currency: bool = False) -> str:
    """The amount rounded half-up to the currency's major unit: "1,235", "1,235 USD"."""
    if money is None:
        return formats.NULL
    text = formats.format_number(round_half_up(money.decimal), 0, locale)
    return f"{text} {money.currency}" if with_currency else text


def signed_share(share: Fraction | None, locale: str) -> str:
    """The share as percent; more than nothing has a plus before it."""
    text = formats.format_share(share, locale)
    return f"+{text}" if share is not None and share > 0 else text


def sparkline(values: Sequence[int | None]) -> str:
    """One character a value, as high as its part of the greatest; a dot stands for nothing."""
    most = max((value or 0 for value in values), default=0)
    return "".join(_step(value, most) for value in values)


def _step(value: int | None, most: int) -> str:
    if not value or value < 0:
        return _NOTHING
    return _STEPS[min(value * len(_STEPS) // most, len(_STEPS) - 1)]


def part_bar(part: int, most: int, width: int) -> str:
    """A bar that is full for the greatest of its kind; any part that is not nothing shows at least half a block."""
    if part <= 0 or most <= 0 or width <= 0:
        return " " * max(width, 0)
    halves = max(round_half_up(Fraction(part * width * 2, most)), 1)
    return ("█" * (halves // 2) + "▌" * (halves % 2)).ljust(width)
