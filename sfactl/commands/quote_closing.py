"""`sfactl quote send` and `accept`: the offer goes to the customer, and he takes it."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import DryRunOption
from sfactl.commands.quote_options import QuoteArgument
from sfactl.commands.quote_words import day_of
from sfactl.commands.state import AppState
from sfactl.i18n import _, ngettext

AddressOption = Annotated[
    str | None, typer.Option("--to", metavar="ADDRESS", help=_("To this address; to the quote's contact otherwise."))
]
PurchaseOrderOption = Annotated[
    str | None, typer.Option("--purchase-order", metavar="TEXT", help=_("The number of the customer's order."))
]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help=_("The day on which it came; today."))]


def send(ctx: typer.Context, quote: QuoteArgument, to: AddressOption = None) -> None:
    """Send an approved offer."""
    from sfactl.render.quote_document import pdf_of

    state: AppState = ctx.obj
    with state.read() as session:
        ready = services.quote_sending.parcel(session, quote, to=to)
    code = state.write(services.quote_sending.send, ready, pdf_of(ready.offer))
    state.note(
        _("{quote} is in the outbox for {address}; sfactl outbox send sends it.").format(
            quote=code, address=ready.to_address
        )
    )


def accept(
    ctx: typer.Context,
    quote: QuoteArgument,
    purchase_order: PurchaseOrderOption = None,
    on: OnOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """The customer takes the offer."""
    from sfactl.commands.quote_changes import written

    state: AppState = ctx.obj
    done = written(
        state, dry_run, services.quote_accepting.accept, quote, purchase_order=purchase_order, on=day_of(on, state)
    )
    told = ngettext(
        "{quote} became the order {order}: {opportunity} is won, {count} person is credited.",
        "{quote} became the order {order}: {opportunity} is won, {count} people are credited.",
        done.credits,
    )
    state.note(told.format(quote=done.code, order=done.order, opportunity=done.opportunity, count=done.credits))


def register(to: typer.Typer) -> None:
    """Hang these commands below `sfactl quote`."""
    to.command(
        "send",
        help=_("Send an approved offer to the customer: it goes into the outbox with its document."),
        epilog=tree.examples("sfactl quote send Q-000001", "sfactl quote send Q-000001 --to carla@adobe.example"),
    )(send)
    to.command(
        "accept",
        help=_(
            "The customer takes the offer: it becomes an order, the opportunity is won, its people are credited. The order has "
            "the quote's number, ORD-000001; if that one was cancelled before, the next is ORD-000001.2."
        ),
        epilog=tree.examples("sfactl quote accept Q-000001 --purchase-order PO-4711"),
    )(accept)
