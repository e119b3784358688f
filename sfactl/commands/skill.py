"""The `sfactl skill` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import LimitOption, SearchOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.skills import SKILL_COLUMNS

app = tree.noun(_("What people may know and accounts may need: languages, industries, products."))

CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help=_("Short and unique; people type it."))]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("As people call it."))]


@app.command("list", help=_("List skills, with how many people know and how many accounts need each."))
def list_(ctx: typer.Context, search: SearchOption = None, limit: LimitOption = 0) -> None:
    """List skills."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.skills.find(session, search=search, limit=limit), SKILL_COLUMNS)


@app.command(help=_("Add a skill."), epilog=tree.examples("sfactl skill add spanish Spanish"))
def add(ctx: typer.Context, code: CodeArgument, name: NameArgument) -> None:
    """Add a skill."""
    state: AppState = ctx.obj
    state.write(services.skills.add, code, name)
    state.note(_("Added {code}. `sfactl user skill LOGIN SKILL LEVEL` says who knows it.").format(code=code))
