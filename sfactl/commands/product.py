"""The `sfactl product` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, product_configure, product_lint, tree
from sfactl.commands.options import AsOfOption, LimitOption, SearchOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.configurations import OPTION_COLUMNS, RULE_COLUMNS
from sfactl.render.detail import Section, write_detail
from sfactl.render.products import PRICE_COLUMNS, product_columns

app = tree.noun(_("What is sold, and at which price."))

FamilyOption = Annotated[str | None, typer.Option("--family", metavar="NAME", help=_("Only this product family."))]
BundlesOption = Annotated[bool, typer.Option("--bundles", help=_("Only products that consist of others."))]
ProductArgument = Annotated[
    str, typer.Argument(metavar="PRODUCT", help=_("Code or name."), autocompletion=complete.products)
]


@app.command("list", help=_("List products with their list price of the day."))
def list_(
    ctx: typer.Context,
    family: FamilyOption = None,
    search: SearchOption = None,
    bundles: BundlesOption = False,
    as_of: AsOfOption = None,
    limit: LimitOption = 0,
) -> None:
    """List products."""
    state: AppState = ctx.obj
    day = as_of_date(as_of, state)
    with state.read() as session:
        rows = services.products.find(
            session, family=family, search=search, as_of=day, only_bundles=bundles, limit=limit
        )
        state.show(rows, product_columns(with_cost=session.actor.may("cost.read")))


@app.command(help=_("Show a product and its prices; of a bundle also its options and rules."))
def show(ctx: typer.Context, product: ProductArgument) -> None:
    """Show one product."""
    state: AppState = ctx.obj
    with state.read() as session:
        found, prices = services.products.one(session, product)
        bundle = services.catalogue.parts(session, found.code)
        columns = product_columns(with_cost=session.actor.may("cost.read"))
    sections = [Section("prices", _("Prices"), prices, PRICE_COLUMNS)]
    if bundle:
        sections.append(Section("options", _("Options"), services.catalogue.option_rows(bundle), OPTION_COLUMNS))
        sections.append(Section("rules", _("Rules"), services.catalogue.rule_rows(bundle), RULE_COLUMNS))
    write_detail(found, columns, state.output(), sections)


product_configure.register(app)
product_lint.register(app)
