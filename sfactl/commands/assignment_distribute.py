"""`sfactl assignment distribute`."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import (
    IndustryOption,
    OnlyOption,
    SearchOption,
    SegmentOption,
    TerritoryOption,
    WhereOption,
)
from sfactl.commands.planning import Planning, PlanningCommand, carry_out
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _

ToOption = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        metavar="USER",
        help=_("Only to this person. May be given several times."),
        autocompletion=complete.users,
    ),
]
NewSinceOption = Annotated[
    str | None, typer.Option("--new-since", metavar="DATE", help=_("Only what came in on this day or after."))
]
OpportunitiesOption = Annotated[
    bool, typer.Option("--opportunities", help=_("Open opportunities that nobody is credited with, too."))
]


def distribute(
    ctx: typer.Context,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    segment: SegmentOption = None,
    industry: IndustryOption = None,
    where: WhereOption = None,
    search: SearchOption = None,
    new_since: NewSinceOption = None,
    opportunities: OpportunitiesOption = False,
    to: ToOption = None,
) -> None:
    """Distribute what nobody has."""
    state: AppState = ctx.obj
    wanted = services.narrowing.AccountFilter(
        None, territory, only, segment, search, industry=industry, where=where
    )  # fmt: skip
    since = as_of_date(new_since, state) if new_since else None
    request = services.distribution.Request(wanted, tuple(to or ()), since, opportunities)
    asked = Planning.of(ctx)
    carry_out(
        state, "assignment distribute", services.distribution.lines, request, asked,
        options={"to": list(request.to), "new_since": new_since, "opportunities": opportunities},
    )  # fmt: skip


def register(to: typer.Typer) -> None:
    """Hang this command below `sfactl assignment`."""
    to.command(
        cls=PlanningCommand,
        help=_(
            "Give accounts that nobody owns to account managers of their territory, or of the next above it: those who know "
            "what the account needs and are below their capacity, the least loaded first, of equals who has waited longest."
        ),
        epilog=tree.examples(
            "sfactl assignment distribute --territory West --dry-run",
            "sfactl assignment distribute --opportunities --to lbegay --to nhartley --yes",
        ),
    )(distribute)
