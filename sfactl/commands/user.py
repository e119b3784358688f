"""The `sfactl user` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.erasing import tell_of_erasure
from sfactl.commands.levels import LevelArgument, RemoveOption, SkillArgument, change
from sfactl.commands.options import LimitOption, ReasonOption, SearchOption, UserArgument, YesOption
from sfactl.commands.state import AppState
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.assignment_rules import CAPACITY_COLUMNS
from sfactl.render.detail import Section, write_detail
from sfactl.render.skills import LEVEL_COLUMNS
from sfactl.render.territories import MEMBER_COLUMNS
from sfactl.render.users import USER_COLUMNS

app = tree.noun(_("The people of the workspace."))

AllOption = Annotated[bool, typer.Option("--all", "-a", help=_("Those who left, too."))]
LoginArgument = Annotated[str, typer.Argument(metavar="LOGIN", help=_("Short and unique; people type it."))]
NameOption = Annotated[str, typer.Option("--name", metavar="NAME", help=_("First and last name."))]
RolesOption = Annotated[list[str] | None, typer.Option("--role", metavar="ROLE", help=_("May be given several times."))]
EmailOption = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help=_("For mail."))]
TitleOption = Annotated[str | None, typer.Option("--title", metavar="TEXT", help=_("As on a business card."))]
ManagerOption = Annotated[
    str | None,
    typer.Option("--manager", metavar="USER", help=_("To whom the person reports."), autocompletion=complete.users),
]
AccountsOption = Annotated[
    int | None, typer.Option("--accounts", metavar="N", min=0, max=1_000_000, help=_("At most so many accounts."))
]
HoursOption = Annotated[
    int | None,
    typer.Option("--hours", metavar="HOURS", min=0, max=1_000_000, help=_("Hours with customers in a year.")),
]
DefaultOption = Annotated[bool, typer.Option("--default", help=_("What the policy says for everybody, again."))]
KnownAsArgument = Annotated[
    str, typer.Argument(metavar="NAME", help=_("Account of this machine; on PostgreSQL, the database role."))
]


@app.command("list", help=_("List people."), epilog=tree.examples("sfactl user list --search ana"))
def list_(
    ctx: typer.Context, search: SearchOption = None, everybody: AllOption = False, limit: LimitOption = 0
) -> None:
    """List people."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.users.find(session, search=search, everybody=everybody, limit=limit), USER_COLUMNS)


@app.command(help=_("Show a person, what he knows, and the territories he works or worked in."))
def show(ctx: typer.Context, user: UserArgument) -> None:
    """Show one person."""
    state: AppState = ctx.obj
    with state.read() as session:
        found = services.users.one(session, user)
        places = services.territories.members(session, user=found.login, everybody=True)
        skills = services.skills.of_user(session, found.login)
        capacity = [services.capacities.of_user(session, found.login)]
    sections = (
        Section("capacity", _("Capacity"), capacity, CAPACITY_COLUMNS[1:]),
        Section("memberships", _("Territories"), places, MEMBER_COLUMNS),
        Section("skills", _("Skills"), skills, LEVEL_COLUMNS),
    )
    write_detail(found, USER_COLUMNS, state.output(), sections)


@app.command(
    help=_("Add a person."), epilog=tree.examples("sfactl user add ana --name 'Ana Ruiz' --role account_manager")
)
def add(
    ctx: typer.Context,
    login: LoginArgument,
    name: NameOption,
    role: RolesOption = None,
    email: EmailOption = None,
    title: TitleOption = None,
    manager: ManagerOption = None,
) -> None:
    """Add a person."""
    state: AppState = ctx.obj
    new = services.users.NewUser(login, name, email, title, manager, tuple(role or ()))
    state.write(services.users.add, new)
    state.note(_("Added {login}. `sfactl user map {login} NAME` lets them sign in.").format(login=login))


@app.command(
    "map",
    help=_("Say by which name the system knows a person."),
    epilog=tree.examples("sfactl user map ana aruiz"),
)
def map_(ctx: typer.Context, user: UserArgument, name: KnownAsArgument) -> None:
    """Map a person to a name of the system."""
    state: AppState = ctx.obj
    kind = "os" if state.door.url.is_sqlite else "postgresql"
    state.write(services.users.map_identity, user, name, kind=kind)
    state.note(_("{name} now signs in as {user}.").format(name=name, user=user))
    if kind == "postgresql":
        state.note(_("A database administrator makes the login with `sfactl access sync`."))


@app.command(help=_("Let a person who left sign in no longer; what is his stays."))
def deactivate(ctx: typer.Context, user: UserArgument, reason: ReasonOption = None, yes: YesOption = False) -> None:
    """Deactivate a person."""
    state: AppState = ctx.obj
    if yes or state.confirm(_("Deactivate {user}?").format(user=user)):
        state.write(services.users.deactivate, user, reason=reason)
        state.note(_("{user} is no longer active.").format(user=user))


@app.command(
    help=_("Show what a person knows and how well, or say so: from 1, has heard of it, to 5, teaches it."),
    epilog=tree.examples(
        "sfactl user skill ana", "sfactl user skill ana spanish 4", "sfactl user skill ana --remove spanish"
    ),
)
def skill(
    ctx: typer.Context,
    user: UserArgument,
    skill: SkillArgument = None,
    level: LevelArgument = None,
    remove: RemoveOption = None,
    reason: ReasonOption = None,
) -> None:
    """Show or change a person's skills."""
    state: AppState = ctx.obj
    wanted = change(skill, level, remove)
    if wanted:
        rows = state.write(services.skills.put_of_user, user, *wanted, reason=reason)
    else:
        with state.read() as session:
            rows = services.skills.of_user(session, user)
    state.show(rows, LEVEL_COLUMNS)


@app.command(
    help=_("Show how much a person can work and how much he has, or say how much he can."),
    epilog=tree.examples("sfactl user capacity ana", "sfactl user capacity ana --accounts 80 --hours 1200"),
)
def capacity(
    ctx: typer.Context,
    user: UserArgument,
    accounts: AccountsOption = None,
    hours: HoursOption = None,
    default: DefaultOption = False,
    reason: ReasonOption = None,
) -> None:
    """Show or change a person's capacity."""
    state: AppState = ctx.obj
    is_said = accounts is not None or hours is not None
    if default and is_said:
        raise UsageFault(_("A capacity of one's own or the policy's, not both at once."), _("Leave one of them out."))
    if default:
        row = state.write(services.capacities.clear, user, reason=reason)
    elif is_said:
        row = state.write(services.capacities.put, user, accounts=accounts, hours=hours, reason=reason)
    else:
        with state.read() as session:
            row = services.capacities.of_user(session, user)
    state.show([row], CAPACITY_COLUMNS)


@app.command(
    help=_("Erase a person who left: name, login, address, and what the trail tells; what they did stays."),
    epilog=tree.examples("sfactl user erase leo --reason 'asked on 1 May'"),
)
def erase(ctx: typer.Context, user: UserArgument, reason: ReasonOption = None, yes: YesOption = False) -> None:
    """Erase a person."""
    state: AppState = ctx.obj
    if yes or state.confirm(_("Erase {name}? This cannot be taken back.").format(name=user)):
        tell_of_erasure(state, state.write(services.erasure.erase_user, user, reason=reason))
