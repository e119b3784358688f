"""The `sfactl pipeline` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import OnlyOption, TerritoryOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.opportunities import PIPELINE_COLUMNS

app = tree.noun(_("Open opportunities by stage."))

SellerOption = Annotated[
    str | None,
    typer.Option("--seller", metavar="USER", help=_("Only worked by this person."), autocompletion=complete.users),
]
ClosingOption = Annotated[
    str | None, typer.Option("--closing", metavar="PERIOD", help=_("Only expected to close in this period."))
]


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
