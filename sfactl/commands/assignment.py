"""The `sfactl assignment` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import assignment_distribute, assignment_lint, assignment_move, assignment_rules, tree
from sfactl.commands.options import (
    AccountArgument,
    AsOfOption,
    IndustryOption,
    LimitOption,
    OnlyOption,
    OwnerOption,
    SearchOption,
    SegmentOption,
    TerritoryOption,
    WhereOption,
)
from sfactl.commands.planning import PlanningCommand
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.assignments import ASSIGNMENT_COLUMNS, OWNER_HISTORY_COLUMNS

app = tree.noun(_("Who works which account."))

UnownedOption = Annotated[bool, typer.Option("--unowned", help=_("Accounts that nobody owns, instead."))]


@app.command(
    "list",
    help=_("List who works which account, now or on a day."),
    epilog=tree.examples(
        "sfactl assignment list --territory Southwest", "sfactl assignment list --owner ana --as-of 2026-01-31 -o csv"
    ),
)
def list_(
    ctx: typer.Context,
    owner: OwnerOption = None,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    segment: SegmentOption = None,
    search: SearchOption = None,
    as_of: AsOfOption = None,
    unowned: UnownedOption = False,
    industry: IndustryOption = None,
    where: WhereOption = None,
    limit: LimitOption = 0,
) -> None:
    """List assignments."""
    state: AppState = ctx.obj
    day = as_of_date(as_of, state)
    wanted = services.assignments.Filter(owner, territory, only, segment, search, day, limit, unowned, industry, where)
    with state.read() as session:
        state.show(services.assignments.find(session, wanted), ASSIGNMENT_COLUMNS)


@app.command(help=_("Show who worked an account, latest first."))
def history(ctx: typer.Context, account: AccountArgument) -> None:
    """Show the owners of an account over time."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.assignments.history(session, account), OWNER_HISTORY_COLUMNS)


app.command(
    "move",
    cls=PlanningCommand,
    help=_(
        "Give accounts to somebody else, or put them in another territory: those that filters find, those of a CSV "
        "file, or all that a leaver has. Open opportunities and planned activities go along."
    ),
    epilog=tree.examples(
        "sfactl assignment move --from lbegay --to mcastillo --plan move.plan",
        "sfactl assignment move --territory Southwest --where 'region in AZ, NM' --to mcastillo --effective 2026-07-01",
        "sfactl assignment move moves.csv --reason 'new year' --yes",
        "sfactl assignment move --leaver lbegay --to-manager --holdover eligible --until 2026-09-30 --share 0.4",
    ),
)(assignment_move.move)
app.add_typer(assignment_move.holdover_app, name="holdover")
assignment_rules.register(app)
assignment_distribute.register(app)
assignment_lint.register(app)
