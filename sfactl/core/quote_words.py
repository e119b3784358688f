"""What a person types of a quote: `P-1=200`, `2=12.5`, `1=10%`; read into whole numbers."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from sfactl.core.quantities import parse_quantity
from sfactl.errors import UsageFault
from sfactl.i18n import _

_MOST = 10**12


def decimal_of(text: str, places: int) -> Decimal:
    """A number that is not below zero, with so many places at most.

    Raises:
        UsageFault: it is none.
    """
    try:
        number = Decimal(text) if text.isascii() and set(text) <= set("0123456789.") else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number > _MOST or number != round(number, places):
        raise UsageFault(
            _("{text} is no such number.").format(text=text),
            _("Write it with a point and at most {places} decimals: 12.5").format(places=places),
        )
    return number


def milli(text: str) -> int:
    """A quantity above zero, in thousandths."""
    quantity = parse_quantity(text)
    if not quantity:
        raise UsageFault(_("A quantity is more than zero."), _("Take the line out with --remove LINE."))
    return quantity


def share_bp(text: str) -> int:
    """A percentage between 0 and 100, in basis points."""
    number = decimal_of(text.removesuffix("%"), 2)
    if number > 100:
        raise UsageFault(_("{text} is more than all of it.").format(text=text), _("A discount is at most 100%."))
    return int(number * 100)


def price_e4(text: str) -> int:
    """A price of a piece, in ten-thousandths."""
    return int(decimal_of(text, 4) * 10_000)


def pairs(words: Iterable[str], example: str) -> list[tuple[str, str]]:
    """Two words around the last `=` of each.

    Raises:
        UsageFault: one has none.
    """
    found = []
    for word in words:
        name, mark, value = word.rpartition("=")
        if not (name and mark and value):
            raise UsageFault(
                _("“{word}” does not say two things.").format(word=word),
                _("For example: {example}").format(example=example),
            )
        found.append((name, value))
    return found


def lines(words: Iterable[str], example: str) -> list[tuple[int, str]]:
    """Numbers of lines, each with what is said of it."""
    return [(line_of(name), value) for name, value in pairs(words, example)]


def line_of(text: str) -> int:
    """The number of a line.

    Raises:
        UsageFault: it is none.
    """
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 9):
        raise UsageFault(
            _("{text} is no number of a line.").format(text=text), _("For example: {example}").format(example="1")
        )
    return int(text)
