"""The `sfactl activity` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import LimitOption, OfAccountOption, OwnerOption, TerritoryOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.activities import ACTIVITY_COLUMNS

app = tree.noun(_("Calls, visits, meetings, e-mails and tasks."))

OpenOption = Annotated[bool, typer.Option("--open", help=_("Only those not done yet."))]


@app.command(
    "list", help=_("List activities, latest first."), epilog=tree.examples("sfactl activity list --owner ana --open")
)
def list_(
    ctx: typer.Context,
    owner: OwnerOption = None,
    account: OfAccountOption = None,
    territory: TerritoryOption = None,
    open_: OpenOption = False,
    limit: LimitOption = 0,
) -> None:
    """List activities."""
    state: AppState = ctx.obj
    wanted = services.activities.Filter(owner, account, territory, open_, limit)
    with state.read() as session:
        state.show(services.activities.find(session, wanted), ACTIVITY_COLUMNS)
