"""The `sfactl territory` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import (
    balancing,
    complete,
    territory_changes,
    territory_member,
    territory_plan,
    territory_reports,
    tree,
)
from sfactl.commands.options import AsOfOption, LimitOption, OnlyOption, PeriodOption, SearchOption, TerritoryArgument
from sfactl.commands.planning import PlanningCommand
from sfactl.commands.state import AppState, as_of_date
from sfactl.core.periods import Unit, parts
from sfactl.i18n import _
from sfactl.render.detail import Section, write_detail
from sfactl.render.territories import MEMBER_COLUMNS, territory_columns, territory_report_columns
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
ArchivedOption = Annotated[bool, typer.Option("--archived", help=_("Also territories that are out of use."))]
ByOption = Annotated[
    Unit | None, typer.Option("--by", metavar="UNIT", help=_("A row a month, quarter, half, week, day or year."))
]
ChannelOption = Annotated[bool, typer.Option("--by-channel", help=_("A row a channel."))]
FamilyOption = Annotated[bool, typer.Option("--by-family", help=_("A row a product family."))]


@app.command("tree", help=_("Draw the tree, with members and accounts."))
def tree_(
    ctx: typer.Context, territory: RootArgument = None, as_of: AsOfOption = None, archived: ArchivedOption = False
) -> None:
    """Draw the tree."""
    state: AppState = ctx.obj
    with state.read() as session:
        day = as_of_date(as_of, state)
        rows = services.territories.tree(session, root=territory, as_of=day, archived=archived)
    write_tree(rows, territory_columns(archived), state.output())


@app.command("list", help=_("List territories by code."))
def list_(
    ctx: typer.Context,
    search: SearchOption = None,
    as_of: AsOfOption = None,
    archived: ArchivedOption = False,
    limit: LimitOption = 0,
) -> None:
    """List territories."""
    state: AppState = ctx.obj
    with state.read() as session:
        day = as_of_date(as_of, state)
        rows = services.territories.find(session, search=search, as_of=day, archived=archived, limit=limit)
        state.show(rows, territory_columns(archived))


@app.command(help=_("Show a territory and who works there."))
def show(ctx: typer.Context, territory: TerritoryArgument) -> None:
    """Show one territory."""
    state: AppState = ctx.obj
    with state.read() as session:
        found = services.territories.one(session, territory)
        members = services.territories.members(session, territory=found.code, everybody=True)
    section = Section("people", _("Members"), members, MEMBER_COLUMNS)
    write_detail(found, territory_columns(found.archived_on is not None), state.output(), (section,))


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
    as_of: AsOfOption = None,
) -> None:
    """Report on territories."""
    from sfactl.errors import UsageFault

    state: AppState = ctx.obj
    if by_channel and by_family:
        raise UsageFault(_("A report is divided by channel or by family, not by both."), _("Leave one of them out."))
    with state.reading() as session:
        asked = state.period(session, period)
        calendar = services.workspaces.current(session).calendar
        periods = tuple(parts(asked, by, calendar)) if by else (asked,)
        day = as_of_date(as_of, state) if as_of else None
        question = services.territory_report.Question(
            tuple(territories or ()), periods, by_channel, by_family, only, day
        )
        rows = services.territory_report.report(session, question)
    state.show(rows, territory_report_columns(by_channel, by_family))


app.command(
    "mix",
    help=_("Show what a territory sells: product families by revenue, each one's share and growth."),
    epilog=tree.examples("sfactl territory mix Southwest --period 2026"),
)(territory_reports.mix)
app.command(
    "accounts",
    help=_(
        "Show the accounts that bring a territory most; or, of the customers that lie there, those at risk: without an activity "
        "for too long (idle), or ordering less than in the same days a year before (falling)."
    ),
    epilog=tree.examples(
        "sfactl territory accounts Southwest --top 20 --period 2026",
        "sfactl territory accounts Southwest --at-risk --days 60 --drop 30",
    ),
)(territory_reports.accounts)
app.command(
    "compare",
    help=_("Show the reports of territories side by side."),
    epilog=tree.examples("sfactl territory compare Southwest Northwest --period last-quarter"),
)(territory_reports.compare)
app.command(
    "people",
    help=_("Show who works in a territory: accounts and load, open pipeline, quota and attainment of the period."),
    epilog=tree.examples("sfactl territory people Southwest --period last-quarter"),
)(territory_reports.people)
app.command(
    "move",
    cls=PlanningCommand,
    help=_(
        "Move territories, with all below them, below another one or to the top. What was booked stays where it was."
    ),
    epilog=tree.examples(
        "sfactl territory move Southwest --under EAST --plan move.plan",
        "sfactl territory move SW NW --to-top --effective 2027-01-01 --yes",
    ),
)(territory_changes.move)
app.command(
    "edit",
    cls=PlanningCommand,
    help=_("Change a territory's name, kind or priority."),
    epilog=tree.examples("sfactl territory edit SW --name 'Southwest and Hawaii'"),
)(territory_changes.edit)
app.command(
    "merge",
    cls=PlanningCommand,
    help=_(
        "Merge territories into another: accounts, open opportunities, members, teams and territories below go there, "
        "the merged ones are archived. What was booked stays theirs."
    ),
    epilog=tree.examples(
        "sfactl territory merge SW NW --into WEST --plan merge.plan",
        "sfactl territory merge Southeast --into Southwest --effective 2027-01-01 --reason 'one district'",
    ),
)(territory_changes.merge)
app.command(
    "split",
    cls=PlanningCommand,
    help=_(
        "Split a territory: accounts for which a condition holds, or that a file names, go to new territories; "
        "managers, and who works those accounts, come along."
    ),
    epilog=tree.examples(
        "sfactl territory split SW --part AZ=Arizona --where 'region = AZ' --part NM --where 'region in NM, TX'",
        "sfactl territory split SW --accounts parts.csv --below --plan split.plan",
    ),
)(territory_changes.split)
balancing.register_territory(app)
app.add_typer(territory_member.app, name="member")
app.add_typer(territory_plan.app, name="plan")
