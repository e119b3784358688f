"""The `sfactl stock` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.stock import STOCK_COLUMNS

app = tree.noun(_("What lies in which warehouse."))

ProductOption = Annotated[
    str | None,
    typer.Option("--product", metavar="PRODUCT", help=_("Only this product."), autocompletion=complete.products),
]
WarehouseOption = Annotated[str | None, typer.Option("--warehouse", metavar="CODE", help=_("Only this warehouse."))]
LowOption = Annotated[bool, typer.Option("--low", help=_("Only what has fallen to its reorder point."))]


@app.command("list", help=_("List stock by product and warehouse."), epilog=tree.examples("sfactl stock list --low"))
def list_(
    ctx: typer.Context,
    product: ProductOption = None,
    warehouse: WarehouseOption = None,
    low: LowOption = False,
    limit: LimitOption = 0,
) -> None:
    """List stock."""
    state: AppState = ctx.obj
    with state.read() as session:
        rows = services.stock.find(session, product=product, warehouse=warehouse, is_low=low, limit=limit)
        state.show(rows, STOCK_COLUMNS)
