"""`sfactl dashboard`: the overview, printed once."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import PeriodOption, TerritoryOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.detail import write_detail
from sfactl.render.overview import OVERVIEW_COLUMNS, overview_sections

app = tree.single()

OnceOption = Annotated[bool, typer.Option("--once", help=_("Print it and end; for a watch, a mail or a wall."))]
PeopleOption = Annotated[
    int, typer.Option("--people", metavar="N", min=0, max=1000, help=_("So many people of the league."))
]


@app.command(
    help=_("The overview: what waits for you, pipeline, changes, league and forecast. The screens are `sfactl tui`."),
    epilog=tree.examples(
        "sfactl dashboard --once", "watch -n 60 sfactl dashboard --once --territory West",
        "sfactl dashboard --once -o html > overview.html",
    ),
)  # fmt: skip
def dashboard(
    ctx: typer.Context,
    once: OnceOption = False,
    territory: TerritoryOption = None,
    period: PeriodOption = "this-quarter",
    people: PeopleOption = 10,
) -> None:
    """Print the overview."""
    state: AppState = ctx.obj
    with state.reading() as session:
        found = services.overview.look(session, state.period(session, period), territory=territory, most=people)
    write_detail(found, OVERVIEW_COLUMNS, state.output(), overview_sections(found))
    if not once:
        state.note(_("The screens, which stay open: sfactl tui"))
