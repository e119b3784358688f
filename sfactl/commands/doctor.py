"""`sfactl doctor`."""

import os

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.databases import CHECK_COLUMNS

app = tree.single()


@app.command(help=_("Look at settings, database, clock, mail and terminal."))
def doctor(ctx: typer.Context) -> None:
    """Look at everything sfactl needs."""
    from sfactl.errors import Findings

    state: AppState = ctx.obj
    found = list(services.doctor.look(state.settings, lambda: state.door, os.environ))
    state.show(found, CHECK_COLUMNS)
    wrong = [check.what for check in found if check.state == "wrong"]
    if wrong:
        raise Findings(_("Something is wrong: {what}.").format(what=", ".join(wrong)))
