"""`sfactl demo`."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import AsOfOption
from sfactl.commands.progress import reading
from sfactl.commands.state import AppState, as_of_date
from sfactl.core.periods import Unit, parts
from sfactl.i18n import _
from sfactl.render.accounts import ACCOUNT_COLUMNS
from sfactl.render.columns import Section
from sfactl.render.quotas import ATTAINMENT_COLUMNS
from sfactl.render.territories import territory_report_columns
from sfactl.render.writers import write_lists

app = tree.single()

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Where the demo goes."))]
ReplaceOption = Annotated[bool, typer.Option("--replace", help=_("Make a demo that is there anew."))]
TERRITORY = "SW"
ROWS = 12


@app.command(
    help=_("Make a demo workspace of an invented company, and answer three questions about it."),
    epilog=tree.examples("sfactl demo", "sfactl demo /tmp/demo --as-of 2026-03-17 --replace"),
)
def demo(
    ctx: typer.Context,
    folder: FolderArgument = Path("sfactl-demo"),
    as_of: AsOfOption = None,
    replace: ReplaceOption = False,
) -> None:
    """Make a demo workspace."""
    state: AppState = ctx.obj
    today = as_of_date(as_of, state)
    with reading(state) as progress:
        made = services.demo.create(folder, today=today, replace=replace, progress=progress)
    state.note(_("A demo workspace is in {folder}.").format(folder=made.folder))
    _answer(state, made.door(today))
    if state.settings.output == "table":
        state.say(_what_next(made.settings))


def _answer(state: AppState, door: Any) -> None:
    with door.read() as session:
        calendar = services.workspaces.current(session).calendar
        period = state.period(session, "last-quarter")
        accounts = list(services.accounts.find(session, services.accounts.Filter(territory=TERRITORY, limit=ROWS)))
        reached = services.attainment.attainment(session, services.attainment.Question(period)).rows
        year = state.period(session, "last-12-months")
        question = services.territory_report.Question((TERRITORY,), tuple(parts(year, Unit.QUARTER, calendar)))
        report = services.territory_report.report(session, question)
    write_lists(
        (
            Section(
                "accounts", _("Which salespeople are assigned to which accounts? (Southwest, the first {count})").format(count=ROWS),
                accounts, ACCOUNT_COLUMNS, "sfactl account list --territory Southwest\n",
            ),
            Section(
                "reached", _("Who has reached quota already? ({period})").format(period=period.label),
                reached, ATTAINMENT_COLUMNS, f"sfactl quota attainment --period {period.label}\n",
            ),
            Section(
                "report", _("How is the Southwest territory doing?"), report, territory_report_columns(False, False),
                "sfactl territory report Southwest --period last-12-months --by quarter\n",
            ),
        ),
        state.output(),
    )  # fmt: skip


def _what_next(settings: Path) -> str:
    lines = (
        f"export SFACTL_CONFIG={shlex.quote(str(settings))}",
        "sfactl territory tree",
        "sfactl pipeline show --territory Southwest",
        "sfactl account list --as rvega        " + _("# as a district manager sees it"),
        "sfactl quota attainment --as lbegay   " + _("# as an account manager sees it"),
        "sfactl tui",
    )
    return "\n".join([_("Go on with it:"), *(f"  {line}" for line in lines), ""])
