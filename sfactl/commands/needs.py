"""What is needed of a bundle, as it stands on a command line: `--need seats=200 --with RAID --without TS-10`."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from sfactl import services
from sfactl.commands import complete
from sfactl.core.quantities import parse_quantity
from sfactl.errors import UsageFault
from sfactl.i18n import _

NeedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--need", metavar="ATTRIBUTE=N", help=_("At least so much of it: seats=200. May be given several times."),
        autocompletion=complete.attributes,
    ),
]  # fmt: skip
WithOption = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="OPTION[=N]", help=_("With this option, or exactly so many of it. Several times, too."),
        autocompletion=complete.products,
    ),
]  # fmt: skip
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="OPTION", help=_("Without this option. Several times, too."),
        autocompletion=complete.products,
    ),
]  # fmt: skip


def amounts(said: Iterable[str] | None, option: str) -> dict[str, int]:
    """Names with thousandths, from `NAME=N`.

    Raises:
        UsageFault: one of them is something else, or a name is there twice.
    """
    found: dict[str, int] = {}
    for text in said or ():
        name, equals, amount = text.rpartition("=")
        if not equals or not name:
            raise UsageFault(
                _("{text} has no quantity.").format(text=text), _("Write {option} NAME=3.").format(option=option)
            )
        if name in found:
            raise UsageFault(_("{name} is said twice.").format(name=name), _("Say it once."))
        found[name] = parse_quantity(amount)
    return found


def needs_of(need: list[str] | None, with_: list[str] | None, without: list[str] | None) -> Any:
    """What the flags ask for."""
    including: dict[str, int | None] = {}
    for text in with_ or ():
        name, equals, amount = text.rpartition("=")
        including[name if equals else text] = parse_quantity(amount) if equals else None
    return services.configuring.Wishes(amounts(need, "--need"), including, tuple(without or ()))
