"""Products with quantities, as they stand on a command line: `PUMP-200=5`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfactl.commands import complete
from sfactl.core.quantities import parse_quantity
from sfactl.errors import UsageFault
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.services.availability import Wish


def _products(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    return [] if "=" in incomplete else [(f"{code}=", name) for code, name in complete.products(ctx, incomplete)]


WishesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="PRODUCT=QUANTITY", help=_("A product and how much of it; one or several."), autocompletion=_products
    ),
]


def wishes_of(words: Sequence[str]) -> "list[Wish]":
    """What the words ask for.

    Raises:
        UsageFault: one is no product with a quantity.
    """
    from sfactl.services.availability import Wish

    found = []
    for word in words:
        product, _sign, quantity = word.rpartition("=")
        milli = parse_quantity(quantity) if product else 0
        if not milli:
            raise UsageFault(
                _("{word} is no product with a quantity.").format(word=word),
                _("Write it as {example}, with at most three decimals.").format(example="PUMP-200=5"),
            )
        found.append(Wish(product, milli))
    return found
