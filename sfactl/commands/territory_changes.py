"""`sfactl territory move`, `edit`, `merge` and `split`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfactl import services
from sfactl.commands import complete
from sfactl.commands.options import TerritoryArgument
from sfactl.commands.planning import Planning, carry_out
from sfactl.commands.state import AppState
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.services.territory_moves import Part, Split

TerritoriesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="TERRITORY...", help=_("Code or name; one or several."), autocompletion=complete.territories
    ),
]  # fmt: skip
UnderOption = Annotated[
    str | None,
    typer.Option(
        "--under", metavar="TERRITORY", help=_("Below this territory."), autocompletion=complete.territories
    ),
]  # fmt: skip
ToTopOption = Annotated[bool, typer.Option("--to-top", help=_("Below none."))]
IntoOption = Annotated[
    str,
    typer.Option(
        "--into", metavar="TERRITORY", help=_("The territory that gets everything."),
        autocompletion=complete.territories,
    ),
]  # fmt: skip
NameOption = Annotated[str | None, typer.Option("--name", metavar="NAME", help=_("Its name."))]
KindOption = Annotated[str | None, typer.Option("--kind", metavar="KIND", help=_("What it is: region, district …"))]
PriorityOption = Annotated[
    int | None,
    typer.Option(
        "--priority", metavar="N", min=0, max=2**31,
        help=_("Where rules of several territories claim an account, the lowest number gets it."),
    ),
]  # fmt: skip
PartOption = Annotated[
    list[str] | None,
    typer.Option("--part", metavar="CODE[=NAME]", help=_("A part; one --where belongs to each, in their order.")),
]
PartWhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="CONDITION", help=_("Which accounts go to the part: region in AZ, NM")),
]
AccountsFileOption = Annotated[
    Path | None,
    typer.Option("--accounts", metavar="FILE", help=_("A CSV file instead: account and territory, which is a part.")),
]
BelowOption = Annotated[bool, typer.Option("--below", help=_("The parts lie below the territory, not beside it."))]


def move(
    ctx: typer.Context,
    territories: TerritoriesArgument,
    under: UnderOption = None,
    to_top: ToTopOption = False,
) -> None:
    """Move territories."""
    from sfactl.errors import UsageFault

    state: AppState = ctx.obj
    if (under is None) is not to_top:
        raise UsageFault(_("A territory goes below another, or to the top."), _("Say one of --under and --to-top."))
    request = services.territory_moves.Move(tuple(territories), under)
    asked = Planning.of(ctx)
    carry_out(state, "territory move", services.territory_moves.move, request, asked)


def edit(
    ctx: typer.Context,
    territory: TerritoryArgument,
    name: NameOption = None,
    kind: KindOption = None,
    priority: PriorityOption = None,
) -> None:
    """Rename a territory."""
    state: AppState = ctx.obj
    request = services.territory_moves.Edit(territory, name, kind, priority)
    asked = Planning.of(ctx)
    carry_out(state, "territory edit", services.territory_moves.edit, request, asked)


def merge(
    ctx: typer.Context,
    territories: TerritoriesArgument,
    into: IntoOption,
) -> None:
    """Merge territories into another."""
    state: AppState = ctx.obj
    request = services.territory_moves.Merge(tuple(territories), into)
    asked = Planning.of(ctx)
    carry_out(state, "territory merge", services.territory_moves.merge, request, asked)


def split(
    ctx: typer.Context,
    territory: TerritoryArgument,
    part: PartOption = None,
    where: PartWhereOption = None,
    accounts: AccountsFileOption = None,
    below: BelowOption = False,
) -> None:
    """Split a territory."""
    state: AppState = ctx.obj
    if accounts is not None:
        request = _by_file(state, territory, part or [], where or [], accounts, below)
    else:
        request = services.territory_moves.Split(territory, _by_conditions(part or [], where or []), None, below)
    asked = Planning.of(ctx)
    carry_out(state, "territory split", services.territory_moves.split, request, asked)


def _by_conditions(parts: list[str], conditions: list[str]) -> "tuple[Part, ...]":
    from sfactl.errors import UsageFault

    if len(parts) != len(conditions):
        raise UsageFault(
            _("Each part needs a condition: {parts} of --part, {conditions} of --where.").format(
                parts=len(parts), conditions=len(conditions)
            ),
            _("For example: --part AZ=Arizona --where 'region = AZ' --part NM --where 'region = NM'"),
        )
    return tuple(_part(text, condition) for text, condition in zip(parts, conditions, strict=True))


def _part(text: str, condition: str | None) -> "Part":
    code, _equals, name = text.partition("=")
    return services.territory_moves.Part(code.strip(), name.strip() or code.strip(), condition)


def _by_file(
    state: AppState, territory: str, parts: list[str], conditions: list[str], file: Path, below: bool
) -> "Split":
    from sfactl.errors import UsageFault

    if conditions:
        raise UsageFault(_("A split goes by conditions or by a file, not by both."), _("Leave one of them out."))
    said = [_part(text, None) for text in parts]
    with state.read() as session:
        codes = [part.code for part in said] or None
        placements = services.territory_files.placements(session, file, codes)
    named = said or [_part(code, None) for code in dict.fromkeys(each.territory for each in placements)]
    placed = {each.account: each.territory for each in placements}
    return services.territory_moves.Split(territory, tuple(named), placed, below)
