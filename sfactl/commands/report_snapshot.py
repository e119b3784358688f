"""`sfactl report snapshot`."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.i18n import _, ngettext

SomePeriodOption = Annotated[
    str | None,
    typer.Option("--period", "-p", metavar="PERIOD", help=_("Store the months of this period, which is over.")),
]
ForgetOption = Annotated[bool, typer.Option("--forget", help=_("Take away what is stored of the period's months."))]


def register(app: typer.Typer) -> None:
    """Add the command to the noun."""
    app.command(
        "snapshot",
        help=_(
            "Store the credit of months that are over, so that attainment is told without summing their bookings again. "
            "Without a period, list what is stored."
        ),
        epilog=tree.examples(
            "sfactl report snapshot", "sfactl report snapshot --period last-quarter",
            "sfactl report snapshot --period 2026Q1 --forget",
        ),
    )(snapshot)  # fmt: skip


def snapshot(ctx: typer.Context, period: SomePeriodOption = None, forget: ForgetOption = False) -> None:
    """Store figures, or list those that are stored."""
    from sfactl.errors import UsageFault
    from sfactl.render.rollups import STORED_COLUMNS

    state: AppState = ctx.obj
    if period is None:
        if forget:
            raise UsageFault(_("Nobody says of which months."), _("Name them with --period."))
        with state.read() as session:
            state.show(services.rollups.find(session), STORED_COLUMNS)
        return
    with state.read() as session:
        months = state.period(session, period)
    if forget:
        gone = state.write(services.rollups.forget, months)
        said = ngettext("{count} month is no longer stored.", "{count} months are no longer stored.", gone)
        state.note(said.format(count=gone))
        return
    stored = state.write(services.rollups.store, months)
    if state.tells:
        state.show(stored, STORED_COLUMNS)
