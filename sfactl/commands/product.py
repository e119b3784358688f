"""The `sfactl product` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import AsOfOption, LimitOption, SearchOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.detail import Section, write_detail
from sfactl.render.products import PRICE_COLUMNS, product_columns

app = tree.noun(_("What is sold, and at which price."))

FamilyOption = Annotated[str | None, typer.Option("--family", metavar="NAME", help=_("Only this product family."))]
ProductArgument = Annotated[
    str, typer.Argument(metavar="PRODUCT", help=_("Code or name."), autocompletion=complete.products)
]


@app.command("list", help=_("List products with their list price of the day."))
def list_(
    ctx: typer.Context,
    family: FamilyOption = None,
    search: SearchOption = None,
    as_of: AsOfOption = None,
    limit: LimitOption = 0,
) -> None:
    """List products."""
    state: AppState = ctx.obj
    day = as_of_date(as_of, state)
    with state.read() as session:
        rows = services.products.find(session, family=family, search=search, as_of=day, limit=limit)
        state.show(rows, product_columns(with_cost=session.actor.may("cost.read")))


@app.command(help=_("Show a product and its prices."))
def show(ctx: typer.Context, product: ProductArgument) -> None:
    """Show one product."""
    state: AppState = ctx.obj
    with state.read() as session:
        found, prices = services.products.one(session, product)
        columns = product_columns(with_cost=session.actor.may("cost.read"))
    write_detail(found, columns, state.output(), (Section("prices", _("Prices"), prices, PRICE_COLUMNS),))
