"""The `sfactl stock` commands."""

from datetime import date
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption, ReasonOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.commands.wishes import WishesArgument, wishes_of
from sfactl.errors import ConditionHolds, UsageFault
from sfactl.i18n import _, ngettext
from sfactl.render.stock import ARRIVAL_COLUMNS, PART_COLUMNS, RESERVATION_COLUMNS, STOCK_COLUMNS

app = tree.noun(_("What lies in which warehouse, what is free, and what is held for whom."))

ProductOption = Annotated[
    str | None,
    typer.Option("--product", metavar="PRODUCT", help=_("Only this product."), autocompletion=complete.products),
]
WarehouseOption = Annotated[
    str | None,
    typer.Option(
        "--warehouse", metavar="CODE", help=_("Only this warehouse."), autocompletion=complete.warehouses
    ),
]  # fmt: skip
LowOption = Annotated[bool, typer.Option("--low", help=_("Only what has fallen to its reorder point."))]
ReservedOption = Annotated[bool, typer.Option("--reserved", help=_("What is held, for whom and until when."))]
ByOption = Annotated[str | None, typer.Option("--by", metavar="DATE", help=_("There on this day at the latest."))]
QuoteOption = Annotated[str | None, typer.Option("--quote", metavar="QUOTE", help=_("For this quote."))]
HeldAllOption = Annotated[bool, typer.Option("--all", help=_("Also what is over."))]
ShortOption = Annotated[
    bool, typer.Option("--fail-if-short", help=_("End with 8 when something cannot be had in time."))
]
HoursOption = Annotated[
    int | None,
    typer.Option("--hours", metavar="N", min=1, max=100_000, help=_("Held for so long; else as the policy says.")),
]
PartialOption = Annotated[bool, typer.Option("--partial", help=_("Hold what there is when it is not all."))]
ReservationsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RESERVATION", help=_("Code of a reservation; one or several."), autocompletion=complete.reservations
    ),
]


def _by(text: str | None, state: AppState) -> date | None:
    return None if text is None else as_of_date(text, state)


@app.command(
    "list",
    help=_("List stock by product and warehouse, with what is held of it and what is expected."),
    epilog=tree.examples("sfactl stock list --low", "sfactl stock list --reserved --quote Q-000045"),
)
def list_(
    ctx: typer.Context,
    product: ProductOption = None,
    warehouse: WarehouseOption = None,
    low: LowOption = False,
    by: ByOption = None,
    reserved: ReservedOption = False,
    quote: QuoteOption = None,
    everything: HeldAllOption = False,
    limit: LimitOption = 0,
) -> None:
    """List stock, or what is held of it."""
    state: AppState = ctx.obj
    if not reserved and (quote or everything):
        raise UsageFault(_("--quote and --all are about what is held."), _("Say --reserved with them."))
    if reserved and (low or by):
        raise UsageFault(_("--low and --by are about stock, --reserved about what is held."), _("Leave one out."))
    with state.read() as session:
        if reserved:
            held = services.reservations.find(
                session, product=product, warehouse=warehouse, quote=quote, everything=everything, limit=limit
            )
            state.show(held, RESERVATION_COLUMNS)
            return
        rows = services.stock.find(
            session, product=product, warehouse=warehouse, is_low=low, by=_by(by, state), limit=limit
        )
        state.show(rows, STOCK_COLUMNS)


@app.command(
    help=_("List what is expected in the warehouses, the next first."),
    epilog=tree.examples("sfactl stock arrivals --product PUMP-200"),
)
def arrivals(
    ctx: typer.Context, product: ProductOption = None, everything: HeldAllOption = False, limit: LimitOption = 0
) -> None:
    """List expected arrivals."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(
            services.stock.arrivals(session, product=product, everything=everything, limit=limit), ARRIVAL_COLUMNS
        )


@app.command(
    help=_(
        "Say where and when products can be had: how much now, when the rest, from which warehouse, and what may stand in."
    ),
    epilog=tree.examples("sfactl stock check PUMP-200=5", "sfactl stock check PUMP-200=5 VALVE-1=40 --by 2026-12-01"),
)
def check(
    ctx: typer.Context,
    wishes: WishesArgument,
    by: ByOption = None,
    warehouse: WarehouseOption = None,
    fail_if_short: ShortOption = False,
) -> None:
    """Check availability."""
    state: AppState = ctx.obj
    with state.read() as session:
        rows = services.availability.check(session, wishes_of(wishes), by=_by(by, state), warehouse=warehouse)
        state.show(rows, PART_COLUMNS)
    if fail_if_short and any(row.status == "missing" for row in rows):
        raise ConditionHolds(_("Not all of it can be had in time."))


@app.command(
    help=_("Hold products for a while, so that nobody else is promised them."),
    epilog=tree.examples(
        "sfactl stock reserve PUMP-200=5 --quote Q-000045", "sfactl stock reserve VALVE-1=40 --by 2026-12-01 --hours 24"
    ),
)
def reserve(
    ctx: typer.Context,
    wishes: WishesArgument,
    quote: QuoteOption = None,
    by: ByOption = None,
    warehouse: WarehouseOption = None,
    hours: HoursOption = None,
    partial: PartialOption = False,
) -> None:
    """Reserve stock."""
    state: AppState = ctx.obj
    terms = services.reservations.Terms(quote, _by(by, state), warehouse, hours, partial)
    rows = state.write(services.reservations.reserve, wishes_of(wishes), terms)
    state.show(rows, RESERVATION_COLUMNS)


@app.command(
    help=_("Let go of what is held: reservations by code, or all for a quote."),
    epilog=tree.examples("sfactl stock release R-7K2QAF3MZT", "sfactl stock release --quote Q-000045"),
)
def release(
    ctx: typer.Context,
    reservations: ReservationsArgument = None,
    quote: QuoteOption = None,
    reason: ReasonOption = None,
) -> None:
    """Release reservations."""
    state: AppState = ctx.obj
    if bool(reservations) == bool(quote):
        raise UsageFault(_("Name reservations, or a quote."), _("`sfactl stock list --reserved` shows them."))
    if reason is not None and not reason.strip():
        raise UsageFault(_("The reason says nothing."), _("Say why, or leave --reason out."))
    rows = state.write(services.reservations.release, reservations or (), quote=quote, reason=reason)
    said = ngettext("{count} reservation is released.", "{count} reservations are released.", len(rows))
    state.note(said.format(count=len(rows)))


@app.command(
    help=_("Write down which reservations are over. Run it from cron; when none is, it says nothing."),
    epilog=tree.examples("sfactl stock expire"),
)
def expire(ctx: typer.Context) -> None:
    """Expire reservations."""
    state: AppState = ctx.obj
    count = state.write(services.reservations.expire)
    if count:
        state.note(
            ngettext("{count} reservation is over.", "{count} reservations are over.", count).format(count=count)
        )
