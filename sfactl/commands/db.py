"""The `sfactl db` commands."""

from pathlib import Path
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.databases import FINDING_COLUMNS, INFO_COLUMNS
from sfactl.render.detail import write_detail

app = tree.noun(_("The database: upgrade, check, backup."))

TargetArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("Where the copy goes."))]
SourceArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("A copy made by `sfactl db backup`."))]
ReplaceOption = Annotated[bool, typer.Option("--replace", help=_("In place of the file that is there."))]


@app.command(help=_("Show where the data are, their version and size."))
def info(ctx: typer.Context) -> None:
    """Show the database."""
    state: AppState = ctx.obj
    with state.read() as session:
        found = services.databases.info(session, state.door.url)
    write_detail(found, INFO_COLUMNS, state.output())


@app.command(help=_("Look for what does not agree, in the file and between the tables."))
def check(ctx: typer.Context) -> None:
    """Check the database."""
    from sfactl.errors import Findings

    state: AppState = ctx.obj
    found = services.databases.check(state.door)
    state.show(found, FINDING_COLUMNS)
    if found:
        raise Findings(_("{count} things do not agree.").format(count=len(found)))
    state.note(_("Everything agrees."))


@app.command(help=_("Bring the tables to this program's version, after a copy."))
def upgrade(ctx: typer.Context) -> None:
    """Upgrade the database."""
    state: AppState = ctx.obj
    saved = services.databases.upgrade(state.door.url)
    if saved:
        state.note(_("The database as it was is in {path}.").format(path=saved))
    state.note(_("The tables are up to date."))


@app.command(help=_("Copy the database while others work on it."), epilog=tree.examples("sfactl db backup nightly.db"))
def backup(ctx: typer.Context, file: TargetArgument, replace: ReplaceOption = False) -> None:
    """Back up the database."""
    state: AppState = ctx.obj
    path = services.databases.backup(state.door, file, replace=replace)
    state.note(_("Copied to {path}.").format(path=path))


@app.command(help=_("Put a copy in the database's place."))
def restore(ctx: typer.Context, file: SourceArgument, replace: ReplaceOption = False) -> None:
    """Restore a backup."""
    state: AppState = ctx.obj
    services.databases.restore(state.door.url, file, replace=replace)
    state.note(_("Restored {path}.").format(path=state.door.url))
