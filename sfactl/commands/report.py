"""The `sfactl report` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import report_run, report_schedule, report_snapshot, tree
from sfactl.commands.state import AppState
from sfactl.i18n import _

app = tree.noun(_("Reports by name: shown, written to files, for cron."))

KindOption = Annotated[bool, typer.Option("--saved", help=_("Only those that the policy saves."))]


@app.command(
    "list",
    help=_("List the reports there are, with the options that each understands; saved ones last."),
    epilog=tree.examples("sfactl report list", "sfactl report list --saved -o json"),
)
def list_(ctx: typer.Context, saved: KindOption = False) -> None:
    """List the reports."""
    from sfactl.render.reports import REPORT_COLUMNS

    state: AppState = ctx.obj
    with state.reading() as session:
        rows = services.reports.find(session)
    state.show([row for row in rows if row.is_saved or not saved], REPORT_COLUMNS)


report_run.register(app)
report_schedule.register(app)
report_snapshot.register(app)
