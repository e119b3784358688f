"""The `sfactl territory` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import AsOfOption, LimitOption, OnlyOption, PeriodOption, SearchOption, TerritoryArgument
from sfactl.commands.state import AppState, as_of_date
from sfactl.core.periods import Unit, parts
from sfactl.i18n import _
from sfactl.render.detail import Section, write_detail
from sfactl.render.territories import MEMBER_COLUMNS, TERRITORY_COLUMNS, territory_report_columns
from sfactl.render.tree import write_tree

app = tree.noun(_("The tree of territories and how each is doing."))

RootArgument = Annotated[
    str | None, typer.Argument(metavar="TERRITORY", help=_("Where to start."), autocompletion=complete.territories)
]
TerritoriesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TERRITORY...",
        help=_("One or several; without a name, all of them."),
        autocompletion=complete.territories,
    ),
]
ByOption = Annotated[
    Unit | None, typer.Option("--by", metavar="UNIT", help=_("A row a month, quarter, half, week, day or year."))
]
ChannelOption = Annotated[bool, typer.Option("--by-channel", help=_("A row a channel."))]
FamilyOption = Annotated[bool, typer.Option("--by-family", help=_("A row a product family."))]


@app.command("tree", help=_("Draw the tree, with members and accounts."))
def tree_(ctx: typer.Context, territory: RootArgument = None, as_of: AsOfOption = None) -> None:
    """Draw the tree."""
    state: AppState = ctx.obj
    with state.read() as session:
        rows = services.territories.tree(session, root=territory, as_of=as_of_date(as_of, state))
    write_tree(rows, TERRITORY_COLUMNS, state.output())


@app.command("list", help=_("List territories by code."))
def list_(ctx: typer.Context, search: SearchOption = None, limit: LimitOption = 0) -> None:
    """List territories."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.territories.find(session, search=search, limit=limit), TERRITORY_COLUMNS)


@app.command(help=_("Show a territory and who works there."))
def show(ctx: typer.Context, territory: TerritoryArgument) -> None:
    """Show one territory."""
    state: AppState = ctx.obj
    with state.read() as session:
        found = services.territories.one(session, territory)
        members = services.territories.members(session, territory=found.code, everybody=True)
    section = Section("people", _("Members"), members, MEMBER_COLUMNS)
    write_detail(found, TERRITORY_COLUMNS, state.output(), (section,))


@app.command(
    help=_("Report how territories do: bookings, growth, wins, pipeline, quota."),
    epilog=tree.examples(
        "sfactl territory report Southwest --period 2026 --by quarter",
        "sfactl territory report Southwest Northeast --period last-quarter --by-channel",
        "sfactl territory report --period ytd -o csv",
    ),
)
def report(
    ctx: typer.Context,
    territories: TerritoriesArgument = None,
    period: PeriodOption = "this-quarter",
    by: ByOption = None,
    by_channel: ChannelOption = False,
    by_family: FamilyOption = False,
    only: OnlyOption = False,
) -> None:
    """Report on territories."""
    from sfactl.errors import UsageFault

    state: AppState = ctx.obj
    if by_channel and by_family:
        raise UsageFault(_("A report is divided by channel or by family, not by both."), _("Leave one of them out."))
    with state.read() as session:
        asked = state.period(session, period)
        calendar = services.workspaces.current(session).calendar
        periods = tuple(parts(asked, by, calendar)) if by else (asked,)
        question = services.territory_report.Question(tuple(territories or ()), periods, by_channel, by_family, only)
        rows = services.territory_report.report(session, question)
    state.show(rows, territory_report_columns(by_channel, by_family))
