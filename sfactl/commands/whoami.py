"""`sfactl whoami`."""

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.access import WHOAMI_COLUMNS
from sfactl.render.detail import write_detail

app = tree.single()


@app.command(help=_("Show who you are here, your roles and your territories."))
def whoami(ctx: typer.Context) -> None:
    """Who is asking, as the database knows him."""
    state: AppState = ctx.obj
    with state.read() as session:
        write_detail(services.access.whoami(session), WHOAMI_COLUMNS, state.output())
