"""The `sfactl access` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import DryRunOption, UserArgument, YesOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.access import ACCESS_MATRIX_COLUMNS, DECISION_COLUMNS, STEP_COLUMNS

app = tree.noun(_("Who may do what."))

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
    help=_("Make PostgreSQL's logins and guard agree with the workspace; for the database administrator."),
    epilog=tree.examples("sfactl access sync --database postgresql+psycopg://postgres@HOST/NAME --dry-run"),
)
def sync(ctx: typer.Context, dry_run: DryRunOption = False, yes: YesOption = False) -> None:
    """Synchronise logins."""
    state: AppState = ctx.obj
    where = state.door.url
    steps = services.access_logins.sync(where, is_trial=True)
    state.show(steps, STEP_COLUMNS)
    if not dry_run and (yes or state.confirm(_("Do this?"))):
        services.access_logins.sync(where)
        state.note(_("Logins and guard agree with the workspace."))
