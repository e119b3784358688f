"""The `sfactl team` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import balancing, complete, tree
from sfactl.commands.options import LimitOption, SearchOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.detail import Section, write_detail
from sfactl.render.teams import TEAM_COLUMNS, TEAM_MEMBER_COLUMNS

app = tree.noun(_("People who sell together."))

TeamArgument = Annotated[str, typer.Argument(metavar="TEAM", help=_("Code or name."), autocompletion=complete.teams)]


@app.command("list", help=_("List teams."))
def list_(ctx: typer.Context, search: SearchOption = None, limit: LimitOption = 0) -> None:
    """List teams."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.teams.find(session, search=search, limit=limit), TEAM_COLUMNS)


@app.command(help=_("Show a team and its members."))
def show(ctx: typer.Context, team: TeamArgument) -> None:
    """Show one team."""
    state: AppState = ctx.obj
    with state.read() as session:
        found, members = services.teams.one(session, team)
    section = Section("people", _("Members"), members, TEAM_MEMBER_COLUMNS)
    write_detail(found, TEAM_COLUMNS, state.output(), (section,))


balancing.register_team(app)
