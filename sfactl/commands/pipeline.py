"""The `sfactl pipeline` commands."""

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import ClosingOption, OnlyOption, SellerOption, TerritoryOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.opportunities import PIPELINE_COLUMNS

app = tree.noun(_("Open opportunities by stage."))


@app.command(
    help=_("Show count, sum and weighted sum of each open stage."),
    epilog=tree.examples("sfactl pipeline show --territory Southwest --closing this-quarter"),
)
def show(
    ctx: typer.Context,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    seller: SellerOption = None,
    closing: ClosingOption = None,
) -> None:
    """Show the pipeline."""
    state: AppState = ctx.obj
    with state.read() as session:
        within = state.period(session, closing) if closing else None
        rows = services.pipeline.by_stage(session, services.pipeline.Filter(territory, only, seller, within))
    state.show(rows, PIPELINE_COLUMNS)
