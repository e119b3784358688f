"""The `sfactl territory` commands that look into one territory, or at several side by side."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete
from sfactl.commands.options import AsOfOption, LimitOption, OnlyOption, PeriodOption, TerritoryArgument
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.territories import MIX_COLUMNS, PEOPLE_COLUMNS, RISK_COLUMNS, TOP_ACCOUNT_COLUMNS

ComparedArgument = Annotated[
    list[str],
    typer.Argument(metavar="TERRITORY...", help=_("Codes or names; two or more."), autocompletion=complete.territories),
]
TopOption = Annotated[int, typer.Option("--top", metavar="N", min=1, max=100_000, help=_("The N that brought most."))]
AtRiskOption = Annotated[bool, typer.Option("--at-risk", help=_("Those that may be lost, and why."))]
DaysOption = Annotated[
    int,
    typer.Option(
        "--days", metavar="N", min=0, max=100_000, help=_("At risk after so many days without activity and order.")
    ),
]
DropOption = Annotated[
    int, typer.Option("--drop", metavar="PERCENT", min=1, max=100, help=_("At risk when orders fell by as much."))
]


def mix(
    ctx: typer.Context, territory: TerritoryArgument, period: PeriodOption = "ytd", only: OnlyOption = False
) -> None:
    """Show what a territory sells."""
    state: AppState = ctx.obj
    with state.reading() as session:
        asked = services.territory_mix.of_territory(territory, state.period(session, period), only=only)
        rows = services.territory_mix.mix(session, asked)
    state.show(rows, MIX_COLUMNS)


def accounts(
    ctx: typer.Context,
    territory: TerritoryArgument,
    top: TopOption = 10,
    at_risk: AtRiskOption = False,
    days: DaysOption = 90,
    drop: DropOption = 20,
    period: PeriodOption = "last-12-months",
    only: OnlyOption = False,
    limit: LimitOption = 0,
) -> None:
    """Show a territory's accounts."""
    state: AppState = ctx.obj
    with state.reading() as session:
        asked = state.period(session, period)
        if at_risk:
            risk = services.territory_accounts.Risk(days, drop)
            rows = services.territory_accounts.at_risk(session, territory, asked, risk, only=only, limit=limit)
            state.show(rows, RISK_COLUMNS)
            return
        found = services.territory_accounts.top(session, territory, asked, number=min(top, limit or top), only=only)
    state.show(found, TOP_ACCOUNT_COLUMNS)


def compare(
    ctx: typer.Context,
    territories: ComparedArgument,
    period: PeriodOption = "this-quarter",
    only: OnlyOption = False,
    as_of: AsOfOption = None,
) -> None:
    """Show territories side by side."""
    from sfactl.render.territory_compare import write_side_by_side

    state: AppState = ctx.obj
    with state.reading() as session:
        day = as_of_date(as_of, state) if as_of else None
        question = services.territory_report.Question(
            tuple(territories), (state.period(session, period),), only=only, as_of=day
        )
        rows = services.territory_report.report(session, question)
    write_side_by_side(rows, state.output())


def people(ctx: typer.Context, territory: TerritoryArgument, period: PeriodOption = "this-quarter") -> None:
    """Show a territory's people."""
    state: AppState = ctx.obj
    with state.reading() as session:
        rows = services.territory_people.people(session, territory, state.period(session, period))
    state.show(rows, PEOPLE_COLUMNS)
