"""The `sfactl territory plan` commands."""

from pathlib import Path
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption, ReasonOption
from sfactl.commands.planning import Planning, PlanningCommand, carry_out
from sfactl.commands.state import AppState
from sfactl.commands.territory_changes import KindOption, NameOption, PriorityOption, ToTopOption
from sfactl.i18n import _

app = tree.noun(_("Trees of territories, drawn up beside the active one."))

PlannedArgument = Annotated[
    str,
    typer.Argument(metavar="PLAN", help=_("Code of a planned tree."), autocompletion=complete.territory_plans),
]
NewArgument = Annotated[str, typer.Argument(metavar="PLAN", help=_("What it is to be called."))]
AddOption = Annotated[str | None, typer.Option("--add", metavar="CODE", help=_("A new territory."))]
MoveOption = Annotated[str | None, typer.Option("--move", metavar="TERRITORY", help=_("One that goes elsewhere."))]
DropOption = Annotated[str | None, typer.Option("--drop", metavar="TERRITORY", help=_("One that is given up."))]
UnderOption = Annotated[
    str | None, typer.Option("--under", metavar="TERRITORY", help=_("With --add and --move: below this one."))
]
HeirOption = Annotated[
    str | None,
    typer.Option("--into", metavar="TERRITORY", help=_("With --drop: gets what lies in it; else the one above.")),
]
StaffOption = Annotated[
    list[str] | None,
    typer.Option(
        "--staff", metavar="TERRITORY=USER[:ROLE]", help=_("Let somebody work there, as account_manager by default.")
    ),
]
UnstaffOption = Annotated[
    list[str] | None, typer.Option("--unstaff", metavar="TERRITORY=USER", help=_("Somebody no longer works there."))
]
PlaceOption = Annotated[
    list[str] | None, typer.Option("--place", metavar="ACCOUNT=TERRITORY", help=_("An account goes there."))
]
TreeFileArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE", help=_("CSV with territory, name, parent, kind, priority, and into to give one up.")
    ),
]
AccountsFileOption = Annotated[
    Path | None, typer.Option("--accounts", metavar="FILE", help=_("CSV with account, territory, and perhaps owner."))
]
MembersFileOption = Annotated[
    Path | None, typer.Option("--members", metavar="FILE", help=_("CSV with territory, user, and perhaps role."))
]


@app.command(
    help=_("Draw up a tree that is, for now, as the active one, with its members."),
    epilog=tree.examples("sfactl territory plan new FY2027 --name 'Fewer, larger territories'"),
)
def new(ctx: typer.Context, plan: NewArgument, name: NameOption = None) -> None:
    """Draw up a tree."""
    from sfactl.render.territory_plans import PLAN_COLUMNS

    state: AppState = ctx.obj
    state.show([state.write(services.territory_plans.create, plan, name=name)], PLAN_COLUMNS)


@app.command("list", help=_("List the trees that are drawn up, active ones and archived ones."))
def list_(ctx: typer.Context, limit: LimitOption = 0) -> None:
    """List planned trees."""
    from sfactl.render.territory_plans import PLAN_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.territory_plans.find(session, limit=limit), PLAN_COLUMNS)


@app.command(help=_("Draw a planned tree, with members and accounts as they would be."))
def show(ctx: typer.Context, plan: PlannedArgument) -> None:
    """Show a planned tree."""
    _show_tree(ctx.obj, plan)


def _show_tree(state: AppState, plan: str) -> None:
    from sfactl.render.territory_plans import PLANNED_COLUMNS
    from sfactl.render.tree import write_tree

    with state.read() as session:
        rows = services.territory_activation.planned(session, plan)
    write_tree(rows, PLANNED_COLUMNS, state.output())


@app.command(
    help=_("Change a planned tree, and draw it."),
    epilog=tree.examples(
        "sfactl territory plan edit FY2027 --add MOUNTAIN --name Mountain --under WEST",
        "sfactl territory plan edit FY2027 --move NE --under WORLD",
        "sfactl territory plan edit FY2027 --drop NW --into SW",
        "sfactl territory plan edit FY2027 --staff MOUNTAIN=nhartley --unstaff SW=nhartley --place A-SW1=MOUNTAIN",
    ),
)
def edit(
    ctx: typer.Context,
    plan: PlannedArgument,
    add: AddOption = None,
    move: MoveOption = None,
    drop: DropOption = None,
    name: NameOption = None,
    kind: KindOption = None,
    priority: PriorityOption = None,
    under: UnderOption = None,
    to_top: ToTopOption = False,
    into: HeirOption = None,
    staff: StaffOption = None,
    unstaff: UnstaffOption = None,
    place: PlaceOption = None,
    reason: ReasonOption = None,
) -> None:
    """Change a planned tree."""
    from sfactl.errors import UsageFault

    state: AppState = ctx.obj
    if move is not None and (under is None) is not to_top:
        raise UsageFault(_("A territory goes below another, or to the top."), _("Say one of --under and --to-top."))
    change = services.territory_plans.Change(
        add, move, drop, name, kind, priority, under, into,
        tuple((at, *_person(who)) for at, who in map(_pair, staff or [])),
        tuple(map(_pair, unstaff or [])), tuple(map(_pair, place or [])),
    )  # fmt: skip
    state.write(services.territory_plans.edit, plan, change, reason=reason)
    _show_tree(state, plan)


def _pair(text: str) -> tuple[str, str]:
    from sfactl.errors import UsageFault

    first, equals, second = text.rpartition("=")
    if not (equals and first.strip() and second.strip()):
        raise UsageFault(_("“{text}” is no pair.").format(text=text), _("Write it with = between: SW=nhartley"))
    return first.strip(), second.strip()


def _person(text: str) -> tuple[str, str]:
    user, _colon, role = text.partition(":")
    return user, role or "account_manager"


@app.command(
    help=_("Take territories, members and places of accounts from files into a planned tree, and draw it."),
    epilog=tree.examples(
        "sfactl territory plan load FY2027 tree.csv --members people.csv --accounts accounts.csv",
    ),
)
def load(
    ctx: typer.Context,
    plan: PlannedArgument,
    file: TreeFileArgument = None,
    accounts: AccountsFileOption = None,
    members: MembersFileOption = None,
    reason: ReasonOption = None,
) -> None:
    """Load a planned tree."""
    from sfactl.errors import UsageFault

    state: AppState = ctx.obj
    if file is None and accounts is None and members is None:
        raise UsageFault(_("Nothing is said that could be read."), _("Name a file, or say --accounts or --members."))
    files = services.territory_files
    with state.read() as session:
        said = services.territory_plans.Files(
            files.tree(file) if file else (),
            files.members(session, members) if members else (),
            files.placements(session, accounts) if accounts else (),
        )
    state.write(services.territory_plans.put, plan, said, reason=reason)
    _show_tree(state, plan)


@app.command(
    help=_("Compare a planned tree with the active one: accounts, revenue, pipeline, quota, and people that change."),
    epilog=tree.examples("sfactl territory plan compare FY2027", "sfactl territory plan compare FY2027 -o json"),
)
def compare(ctx: typer.Context, plan: PlannedArgument) -> None:
    """Compare a planned tree."""
    from sfactl.render.output import Format
    from sfactl.render.territory_plans import COMPARE_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        rows = services.territory_activation.compare(session, plan)
    total = services.territory_activation.summed(rows)
    if total is not None and state.output().format not in (Format.JSON, Format.JSONL, Format.CSV):
        rows.append(total)
    state.show(rows, COMPARE_COLUMNS)


@app.command(
    cls=PlanningCommand,
    help=_("Make a planned tree the active one, from a day on: territories, members, accounts and open opportunities."),
    epilog=tree.examples(
        "sfactl territory plan activate FY2027 --effective 2027-01-01 --plan fy2027.plan",
        "sfactl territory plan activate FY2027 --yes --reason 'new year'",
    ),
)
def activate(
    ctx: typer.Context,
    planned: PlannedArgument,
) -> None:
    """Activate a planned tree."""
    state: AppState = ctx.obj
    request = services.territory_activation.Activate(planned)
    options = {services.territory_plans.PLAN_OPTION: planned}
    activate = services.territory_activation.activate
    carry_out(state, "territory plan activate", activate, request, Planning.of(ctx), options=options)


@app.command(help=_("Put a planned tree away; it can still be looked at."))
def archive(ctx: typer.Context, plan: PlannedArgument, reason: ReasonOption = None) -> None:
    """Archive a planned tree."""
    from sfactl.render.territory_plans import PLAN_COLUMNS

    state: AppState = ctx.obj
    state.show([state.write(services.territory_plans.archive, plan, reason=reason)], PLAN_COLUMNS)
