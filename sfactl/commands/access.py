"""The `sfactl access` commands."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import DryRunOption, ReasonOption, UserArgument, YesOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _, ngettext
from sfactl.render.access import (
    ACCESS_FINDING_COLUMNS,
    ACCESS_MATRIX_COLUMNS,
    DECISION_COLUMNS,
    GRANT_COLUMNS,
    STEP_COLUMNS,
)

app = tree.noun(_("Who may do what."))

RoleArgument = Annotated[
    str, typer.Argument(metavar="ROLE", help=_("A role of the policy."), autocompletion=complete.roles)
]
SomeUserArgument = Annotated[
    str | None, typer.Argument(metavar="USER", help=_("Only theirs."), autocompletion=complete.users)
]
DeputyArgument = Annotated[
    str, typer.Argument(metavar="DEPUTY", help=_("Who may act for them."), autocompletion=complete.users)
]
SinceOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help=_("The first day; today by default."))]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help=_("The first day on which it no longer holds."))
]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help=_("From this day on; today by default."))]
PastOption = Annotated[bool, typer.Option("--all", "-a", help=_("Those that are over, too."))]
EndOption = Annotated[bool, typer.Option("--end", help=_("From today on no longer."))]
CheckOption = Annotated[
    bool, typer.Option("--check", help=_("Only look: name what differs, and what opens a way round the guard."))
]
RoleOption = Annotated[str | None, typer.Option("--role", metavar="ROLE", help=_("Only this role."))]
NounOption = Annotated[str | None, typer.Option("--noun", metavar="NOUN", help=_("Only this noun."))]
NounArgument = Annotated[str, typer.Argument(metavar="NOUN", help=_("account, opportunity, quota …"))]
RowArgument = Annotated[str | None, typer.Argument(metavar="ROW", help=_("Code of one of its rows."))]


@app.command(
    help=_("Show how far each role may go with each noun."),
    epilog=tree.examples("sfactl access matrix --role account_manager"),
)
def matrix(ctx: typer.Context, role: RoleOption = None, noun: NounOption = None) -> None:
    """Show the access matrix."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.access.matrix(session, role=role, noun=noun), ACCESS_MATRIX_COLUMNS)


@app.command(
    help=_("Explain what a person may do with a noun, or with one row of it."),
    epilog=tree.examples("sfactl access check ana account ACME"),
)
def check(ctx: typer.Context, user: UserArgument, noun: NounArgument, row: RowArgument = None) -> None:
    """Explain decisions."""
    state: AppState = ctx.obj
    state.show(services.access.check(state.door, user, noun, row), DECISION_COLUMNS)


@app.command(
    "list",
    help=_("List who has which role, from when to when, roles taken in an emergency, and deputies."),
    epilog=tree.examples("sfactl access list", "sfactl access list ana --all", "sfactl access list --role admin"),
)
def list_(ctx: typer.Context, user: SomeUserArgument = None, role: RoleOption = None, past: PastOption = False) -> None:
    """List grants."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.grants.find(session, user=user, role=role, everybody=past), GRANT_COLUMNS)


@app.command(
    help=_("Give a person a role; to one who has it, give it a new end."),
    epilog=tree.examples("sfactl access grant ana district_manager --until 2027-01-01 --reason 'Mike is away'"),
)
def grant(
    ctx: typer.Context,
    user: UserArgument,
    role: RoleArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    reason: ReasonOption = None,
) -> None:
    """Grant a role."""
    state: AppState = ctx.obj
    state.write(services.grants.grant, user, role, since=_day(since, state), until=_day(until, state), reason=reason)
    if until:
        state.note(_("{user} has the role {role} until {until}.").format(user=user, role=role, until=until))
    else:
        state.note(_("{user} has the role {role}, without an end.").format(user=user, role=role))


@app.command(
    help=_("Take a role away from a person."),
    epilog=tree.examples("sfactl access revoke ana district_manager --reason 'Mike is back'"),
)
def revoke(
    ctx: typer.Context, user: UserArgument, role: RoleArgument, on: OnOption = None, reason: ReasonOption = None
) -> None:
    """Revoke a role."""
    state: AppState = ctx.obj
    state.write(services.grants.revoke, user, role, on=_day(on, state), reason=reason)
    state.note(_("{user} no longer has the role {role}.").format(user=user, role=role))


@app.command(
    "break-glass",
    help=_("Take a role for emergencies yourself, for today; everything done under it is in the trail."),
    epilog=tree.examples("sfactl access break-glass emergency --reason 'Order O-17 is stuck and Olga is away'"),
)
def break_glass(ctx: typer.Context, role: RoleArgument, reason: ReasonOption = None, yes: YesOption = False) -> None:
    """Take a role in an emergency."""
    state: AppState = ctx.obj
    question = _("Take the role {role} for today? Whatever you do under it is in the trail.").format(role=role)
    if yes or state.confirm(question):
        state.write(services.grants.break_glass, role, reason=reason or "")
        state.note(_("You have the role {role} for today.").format(role=role))


@app.command(
    help=_("Let a person act for another (--as) until a day, or no longer."),
    epilog=tree.examples(
        "sfactl access deputy ana luis --until 2026-09-01 --reason holiday", "sfactl access deputy ana luis --end"
    ),
)
def deputy(
    ctx: typer.Context,
    user: UserArgument,
    deputy: DeputyArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    end: EndOption = False,
    reason: ReasonOption = None,
) -> None:
    """Name a deputy."""
    from sfactl.errors import UsageFault

    state: AppState = ctx.obj
    if end:
        state.write(services.grants.end_deputy, user, deputy, reason=reason)
        state.note(_("{deputy} no longer acts for {user}.").format(deputy=deputy, user=user))
        return
    last = _day(until, state)
    if last is None:
        raise UsageFault(_("Until when?"), _("A deputy acts until a day: --until DATE"))
    state.write(services.grants.name_deputy, user, deputy, since=_day(since, state), until=last, reason=reason)
    state.note(_("{deputy} may act for {user}: sfactl --as {user} …").format(deputy=deputy, user=user))
    if not state.door.url.is_sqlite:
        state.note(_("A database administrator lets them with `sfactl access sync`."))


def _day(text: str | None, state: AppState) -> date | None:
    return as_of_date(text, state) if text else None


@app.command(
    help=_("Make PostgreSQL's logins and guard agree with the workspace; for the database administrator."),
    epilog=tree.examples(
        "sfactl access sync --database postgresql+psycopg://postgres@HOST/NAME --dry-run",
        "sfactl access sync --database postgresql+psycopg://postgres@HOST/NAME --check -o json",
    ),
)
def sync(
    ctx: typer.Context, only_check: CheckOption = False, dry_run: DryRunOption = False, yes: YesOption = False
) -> None:
    """Synchronise logins."""
    state: AppState = ctx.obj
    where = state.door.url
    if only_check:
        _show_findings(state, services.access_logins.check(where))
        return
    steps = services.access_logins.sync(where, is_trial=True)
    state.show(steps, STEP_COLUMNS)
    if not dry_run and (yes or state.confirm(_("Do this?"))):
        services.access_logins.sync(where)
        state.note(_("Logins and guard agree with the workspace."))


def _show_findings(state: AppState, found: Sequence[object]) -> None:
    from sfactl.errors import Findings

    state.show(found, ACCESS_FINDING_COLUMNS)
    if found:
        count = len(found)
        raise Findings(
            ngettext(
                "{count} thing on the server is not as it should be.",
                "{count} things on the server are not as they should be.",
                count,
            ).format(count=count)
        )
    state.note(_("Logins and guard are as they should be."))
