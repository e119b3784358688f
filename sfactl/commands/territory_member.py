"""The `sfactl territory member` commands."""

from enum import StrEnum
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import AsOfOption, TerritoryArgument, UserArgument
from sfactl.commands.planning import Planning, PlanningCommand, carry_out
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.territories import MEMBER_COLUMNS

app = tree.noun(_("Who works in which territory, and from when to when."))


class Role(StrEnum):
    """What somebody is in a territory."""

    MANAGER = "manager"
    ACCOUNT_MANAGER = "account_manager"
    SPECIALIST = "specialist"


OfTerritoryArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="TERRITORY", help=_("Only this territory and those below it."), autocompletion=complete.territories
    ),
]  # fmt: skip
OfUserOption = Annotated[
    str | None,
    typer.Option("--user", metavar="USER", help=_("Only where this person works."), autocompletion=complete.users),
]
EverybodyOption = Annotated[bool, typer.Option("--all", help=_("Also those of the past and of the future."))]
RoleOption = Annotated[Role, typer.Option("--role", help=_("As what."))]
AnyRoleOption = Annotated[Role | None, typer.Option("--role", help=_("Only in this role."))]
FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help=_("The first day; today, if not said."))]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help=_("The first day on which it is over."))]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help=_("The first day on which it is over; today, if not said."))
]


@app.command(
    "list",
    help=_("List who works in a territory and below it, now or on a day."),
    epilog=tree.examples("sfactl territory member list Southwest", "sfactl territory member list --user lbegay --all"),
)
def list_(
    ctx: typer.Context,
    territory: OfTerritoryArgument = None,
    user: OfUserOption = None,
    as_of: AsOfOption = None,
    everybody: EverybodyOption = False,
) -> None:
    """List members."""
    state: AppState = ctx.obj
    day = as_of_date(as_of, state) if as_of else None
    with state.read() as session:
        rows = services.territories.members(session, territory=territory, user=user, as_of=day, everybody=everybody)
        state.show(rows, MEMBER_COLUMNS)


@app.command(
    cls=PlanningCommand,
    help=_("Let somebody work in a territory."),
    epilog=tree.examples(
        "sfactl territory member add Southwest nhartley",
        "sfactl territory member add SW mike --role manager --from 2026-07-01",
    ),
)
def add(
    ctx: typer.Context,
    territory: TerritoryArgument,
    user: UserArgument,
    role: RoleOption = Role.ACCOUNT_MANAGER,
    since: FromOption = None,
    until: ToOption = None,
) -> None:
    """Add a member."""
    state: AppState = ctx.obj
    first = as_of_date(since, state) if since else None
    last = as_of_date(until, state) if until else None
    request = services.territory_moves.Join(territory, user, role.value, first, last)
    asked = Planning.of(ctx)
    carry_out(state, "territory member add", services.territory_moves.join, request, asked)


@app.command(
    cls=PlanningCommand,
    help=_("Let somebody work in a territory no longer."),
    epilog=tree.examples("sfactl territory member end Southwest nhartley --on 2026-07-01"),
)
def end(
    ctx: typer.Context,
    territory: TerritoryArgument,
    user: UserArgument,
    role: AnyRoleOption = None,
    on: OnOption = None,
) -> None:
    """End a membership."""
    state: AppState = ctx.obj
    day = as_of_date(on, state) if on else None
    request = services.territory_moves.Leave(territory, user, role.value if role else None, day)
    asked = Planning.of(ctx)
    carry_out(state, "territory member end", services.territory_moves.leave, request, asked)
