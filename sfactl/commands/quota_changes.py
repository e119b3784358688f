"""`sfactl quota import`, `adjust` and `allocate`: quotas changed by plans."""

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete
from sfactl.commands.options import PeriodOption
from sfactl.commands.planning import Planning, carry_out
from sfactl.commands.state import AppState, as_of_date
from sfactl.core.money import parse_amount
from sfactl.i18n import _

FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help=_(
            "A CSV file with the columns user, team or territory; period, or starts_on and ends_on; amount; and, where it is so, "
            "currency, measure, product_family, seasonality, ramp, active_from, active_until. - is standard input."
        ),
        show_default=False,
    ),
]
AdjustedOption = Annotated[
    str | None,
    typer.Option("--user", "-u", metavar="USER", help=_("Whose quota it is."), autocompletion=complete.users),
]
AdjustedTeamOption = Annotated[
    str | None, typer.Option("--team", metavar="TEAM", help=_("The team whose it is."), autocompletion=complete.teams)
]
AdjustedTerritoryOption = Annotated[
    str | None,
    typer.Option(
        "--territory",
        "-t",
        metavar="TERRITORY",
        help=_("The territory whose it is."),
        autocompletion=complete.territories,
    ),
]
ChangeOption = Annotated[
    str, typer.Option("--amount", metavar="AMOUNT", help=_("More, or with a minus less: -20000.00"))
]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help=_("The day on which it counts, whole."))]
SpreadOption = Annotated[
    str | None, typer.Option("--period", "-p", metavar="PERIOD", help=_("The period that it is spread over."))
]
WhyOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; it stands beside the amount."))]
MeasureOption = Annotated[
    str,
    typer.Option(
        "--measure", metavar="NAME", help=_("revenue, won_amount, won_count, units or activities_done."),
        autocompletion=complete.one_of("revenue", "won_amount", "won_count", "units", "activities_done"),
    ),
]  # fmt: skip
FamilyOption = Annotated[str | None, typer.Option("--family", metavar="NAME", help=_("For one product family."))]


class Target(StrEnum):
    """Among whom a quota is divided."""

    TERRITORIES = "territories"
    PEOPLE = "people"


DividedOption = Annotated[
    str,
    typer.Option(
        "--territory", "-t", metavar="TERRITORY", help=_("The territory whose quota is divided."),
        autocompletion=complete.territories,
    ),
]  # fmt: skip
WholeOption = Annotated[
    str | None,
    typer.Option("--amount", metavar="AMOUNT", help=_("What is divided; it becomes the territory's own quota, too.")),
]
EvenOption = Annotated[str | None, typer.Option("--even", metavar="SHARE", help=_("So much of it evenly: 0.2"))]
HistoryOption = Annotated[
    str | None,
    typer.Option(
        "--history", metavar="SHARE", help=_("So much by what was credited in the same period a year before.")
    ),
]
PipelineOption = Annotated[
    str | None,
    typer.Option("--pipeline", metavar="SHARE", help=_("So much by what is open and to close in it, weighted.")),
]
ToOption = Annotated[
    Target, typer.Option("--to", help=_("To the territories directly below, or to the people in it and below it."))
]
SeasonalityOption = Annotated[
    str | None, typer.Option("--seasonality", metavar="NAME", help=_("The policy's curve by which it is spread."))
]


def import_(ctx: typer.Context, file: FileArgument) -> None:
    """Load quotas from a file."""
    from sfactl.commands.assignment_move import source_of
    from sfactl.render.imports import FAULT_COLUMNS
    from sfactl.services.plan_rows import BadFile
    from sfactl.transfer.nouns import QUOTA_ROW

    state: AppState = ctx.obj
    asked = Planning.of(ctx)
    with source_of(state, file, QUOTA_ROW) as source:
        try:
            request = services.quota_files.FileRequest(source)
            carry_out(
                state, "quota import", services.quota_files.lines, request, asked, options={"file": Path(file).name}
            )
        except BadFile as bad:
            state.show(bad.faults, FAULT_COLUMNS)
            raise
        for warning in source.warnings:
            state.note(_("Warning: {text}").format(text=warning))


def adjust(
    ctx: typer.Context,
    amount: ChangeOption,
    reason: WhyOption,
    user: AdjustedOption = None,
    team: AdjustedTeamOption = None,
    territory: AdjustedTerritoryOption = None,
    on: OnOption = None,
    period: SpreadOption = None,
    measure: MeasureOption = "revenue",
    family: FamilyOption = None,
) -> None:
    """Adjust a quota."""
    from dataclasses import replace

    from sfactl.errors import UsageFault

    state: AppState = ctx.obj
    if (on is None) == (period is None):
        raise UsageFault(
            _("It is not said from when the adjustment counts."), _("Add one of --on DATE and --period PERIOD.")
        )
    if not reason.strip():
        raise UsageFault(_("An adjustment needs a reason."), _("Say it with --reason TEXT."))
    with state.read() as session:
        over = state.period(session, period) if period else None
    start = over.start if over else as_of_date(on, state)
    request = services.quota_adjusting.Request(
        parse_amount(amount), start, reason, over.end if over else None, user, team, territory, measure, family
    )
    asked = replace(Planning.of(ctx), reason=reason)
    carry_out(state, "quota adjust", services.quota_adjusting.lines, request, asked)


def allocate(
    ctx: typer.Context,
    territory: DividedOption,
    period: PeriodOption,
    amount: WholeOption = None,
    even: EvenOption = None,
    history: HistoryOption = None,
    pipeline: PipelineOption = None,
    to: ToOption = Target.TERRITORIES,
    seasonality: SeasonalityOption = None,
) -> None:
    """Divide a quota."""
    state: AppState = ctx.obj
    with state.read() as session:
        asked_for = state.period(session, period)
    weights = _weights(even, history, pipeline)
    whole = None if amount is None else parse_amount(amount)
    request = services.quota_allocation.Request(territory, asked_for, to.value, *weights, whole, seasonality)
    said = {"territory": territory, "period": asked_for.label, "to": to.value}
    carry_out(state, "quota allocate", services.quota_allocation.lines, request, Planning.of(ctx), options=said)


def _weights(even: str | None, history: str | None, pipeline: str | None) -> tuple[Decimal, Decimal, Decimal]:
    """How much of the quota is divided by what; all of it evenly where nothing is said."""
    if even is history is pipeline is None:
        return Decimal(1), Decimal(0), Decimal(0)
    first, second, third = (parse_amount(each or "0") for each in (even, history, pipeline))
    return first, second, third
