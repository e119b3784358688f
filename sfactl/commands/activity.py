"""The `sfactl activity` commands."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption, OfAccountOption, OwnerOption, SearchOption, TerritoryOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.activities import ACTIVITY_COLUMNS

app = tree.noun(_("Calls, visits, meetings, e-mails and tasks."))


class ActivityKind(StrEnum):
    """What kinds there are."""

    CALL = "call"
    VISIT = "visit"
    MEETING = "meeting"
    EMAIL = "email"
    TASK = "task"


KindArgument = Annotated[ActivityKind, typer.Argument(metavar="KIND", help=_("What it was, or will be."))]
SubjectArgument = Annotated[str, typer.Argument(metavar="SUBJECT", help=_("What it is about, in a few words."))]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help=_("As `sfactl activity list` shows it."))]
WithAccountOption = Annotated[
    str | None,
    typer.Option("--account", metavar="ACCOUNT", help=_("With this account."), autocompletion=complete.accounts),
]
WithOpportunityOption = Annotated[
    str | None,
    typer.Option(
        "--opportunity", metavar="OPPORTUNITY", help=_("About this opportunity; its account comes along."),
        autocompletion=complete.opportunities,
    ),
]  # fmt: skip
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help=_("The day it was done; today otherwise."))]
PlanOption = Annotated[
    str | None, typer.Option("--plan", metavar="DATE", help=_("It is planned for this day, and not done."))
]
NoteOption = Annotated[str | None, typer.Option("--note", metavar="TEXT", help=_("What came of it."))]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help=_("Only what was done or is planned up to this day."))
]
OpenOption = Annotated[bool, typer.Option("--open", help=_("Only those not done yet."))]


@app.command(
    "list",
    help=_("List activities, latest first."),
    epilog=tree.examples("sfactl activity list --owner ana --open", "sfactl activity list --open --until +7d"),
)
def list_(
    ctx: typer.Context,
    owner: OwnerOption = None,
    account: OfAccountOption = None,
    territory: TerritoryOption = None,
    open_: OpenOption = False,
    until: UntilOption = None,
    search: SearchOption = None,
    limit: LimitOption = 0,
) -> None:
    """List activities."""
    state: AppState = ctx.obj
    wanted = services.activities.Filter(
        owner, account, territory, open_, limit, until=_day(until, state), search=search
    )  # fmt: skip
    with state.read() as session:
        state.show(services.activities.find(session, wanted), ACTIVITY_COLUMNS)


@app.command(
    "log", help=_("Keep a call, visit, meeting, e-mail or task that was done, or plan one."),
    epilog=tree.examples(
        "sfactl activity log call 'Asked for 200 seats' --opportunity OPP-000001",
        "sfactl activity log visit 'Show the cabinets' --account C-00012 --plan 2026-12-03",
    ),
)  # fmt: skip
def log(
    ctx: typer.Context,
    kind: KindArgument,
    subject: SubjectArgument,
    account: WithAccountOption = None,
    opportunity: WithOpportunityOption = None,
    on: OnOption = None,
    plan: PlanOption = None,
    note: NoteOption = None,
) -> None:
    """Keep what was done, or is planned."""
    state: AppState = ctx.obj
    if on is not None and plan is not None:
        raise UsageFault(_("It is done or planned, not both."), _("Say --on or --plan."))
    new = services.activities.NewActivity(
        kind.value, subject, account, opportunity, _day(plan, state), _day(on, state), note
    )  # fmt: skip
    state.show([state.write(services.activities.log, new)], ACTIVITY_COLUMNS)


@app.command(
    "done", help=_("Say that a planned activity is done."),
    epilog=tree.examples("sfactl activity done 4711 --note 'She wants an offer by Friday'"),
)  # fmt: skip
def done(ctx: typer.Context, number: NumberArgument, on: OnOption = None, note: NoteOption = None) -> None:
    """Say that it is done."""
    state: AppState = ctx.obj
    state.show([state.write(services.activities.done, number, on=_day(on, state), note=note)], ACTIVITY_COLUMNS)


def _day(text: str | None, state: AppState) -> date | None:
    return None if text is None else as_of_date(text, state)
