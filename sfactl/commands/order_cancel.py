"""`sfactl order cancel`: an order that came from an offer is taken back."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.state import AppState
from sfactl.errors import UsageFault
from sfactl.i18n import _

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help=_("Its code."), autocompletion=complete.orders)]
MustReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; kept in the audit trail."))]


def cancel(ctx: typer.Context, order: OrderArgument, reason: MustReasonOption) -> None:
    """Take an order back."""
    state: AppState = ctx.obj
    if not reason.strip():
        raise UsageFault(_("It needs a reason."), _("Say it with --reason TEXT."))
    done = state.write(services.quote_accepting.cancel, order, reason=reason)
    state.note(
        _("{order} is taken back by {reversal}; {quote} is sent again, and {opportunity} is open.").format(
            order=done.order, reversal=done.reversal, quote=done.quote, opportunity=done.opportunity
        )
    )


def register(to: typer.Typer) -> None:
    """Hang this command below `sfactl order`."""
    to.command(
        "cancel",
        help=_(
            "Take back an order that came from an offer: an order of the same amounts below zero is booked today, the"
            " opportunity is open again, and the offer is what it was."
        ),
        epilog=tree.examples("sfactl order cancel ORD-000001 --reason 'the customer withdrew'"),
    )(cancel)
