"""The `sfactl order` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, order_cancel, tree
from sfactl.commands.options import (
    LimitOption,
    OfAccountOption,
    OnlyOption,
    SearchOption,
    SellerOption,
    TerritoryOption,
)
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.columns import in_full
from sfactl.render.detail import Section, write_detail
from sfactl.render.orders import ORDER_COLUMNS, ORDER_LINE_COLUMNS

app = tree.noun(_("Bookings."))

ChannelOption = Annotated[str | None, typer.Option("--channel", metavar="NAME", help=_("Only of this channel."))]
BookedOption = Annotated[str | None, typer.Option("--period", "-p", metavar="PERIOD", help=_("Only booked in it."))]
OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help=_("Its code."), autocompletion=complete.orders)]


@app.command(
    "list",
    help=_("List orders, latest first."),
    epilog=tree.examples("sfactl order list --territory Southwest --period last-month"),
)
def list_(
    ctx: typer.Context,
    account: OfAccountOption = None,
    seller: SellerOption = None,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    channel: ChannelOption = None,
    period: BookedOption = None,
    search: SearchOption = None,
    limit: LimitOption = 0,
) -> None:
    """List orders."""
    state: AppState = ctx.obj
    with state.read() as session:
        booked = state.period(session, period) if period else None
        wanted = services.orders.Filter(account, seller, territory, only, channel, booked, search, limit)
        state.show(services.orders.find(session, wanted), ORDER_COLUMNS)


@app.command(help=_("Show an order and its lines."))
def show(ctx: typer.Context, order: OrderArgument) -> None:
    """Show one order."""
    state: AppState = ctx.obj
    with state.read() as session:
        found, lines = services.orders.one(session, order)
    write_detail(
        found, in_full(ORDER_COLUMNS), state.output(), (Section("lines", _("Lines"), lines, ORDER_LINE_COLUMNS),)
    )


order_cancel.register(app)
