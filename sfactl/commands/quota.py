"""The `sfactl quota` commands."""

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, quota_changes, tree
from sfactl.commands.options import AsOfOption, LimitOption, PeriodOption, ReasonOption, TerritoryOption
from sfactl.commands.planning import PlanningCommand
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.quotas import ATTAINMENT_COLUMNS, QUOTA_COLUMNS

app = tree.noun(_("What must be reached, and who has reached it."))
app.command(
    "import",
    cls=PlanningCommand,
    help=_("Load quotas from a file: what it changes becomes a new version, what it does not name stays."),
    epilog=tree.examples(
        "sfactl quota import quotas.csv --plan quotas.plan",
        "sfactl quota import - --yes --reason 'Board of 3 March' < quotas.csv",
    ),
)(quota_changes.import_)
app.command(
    "adjust",
    cls=PlanningCommand,
    help=_("Make a quota more, or less: on a day, or spread over a period."),
    epilog=tree.examples(
        "sfactl quota adjust --user ana --period 2026Q4 --amount -20000 --reason 'Parental leave' --yes"
    ),
)(quota_changes.adjust)


class Window(StrEnum):
    """In which dates credit counts."""

    PERIOD = "period"
    QUOTA = "quota"


UserOption = Annotated[
    str | None, typer.Option("--user", "-u", metavar="USER", help=_("Only this person."), autocompletion=complete.users)
]
WindowOption = Annotated[
    Window,
    typer.Option("--window", help=_("Count credit within the period, or within each quota's own dates.")),
]
MeasureOption = Annotated[
    str,
    typer.Option(
        "--measure", metavar="NAME", help=_("revenue, won_amount, won_count, units or activities_done."),
        autocompletion=complete.one_of("revenue", "won_amount", "won_count", "units", "activities_done"),
    ),
]  # fmt: skip
AnyMeasureOption = Annotated[str | None, typer.Option("--measure", metavar="NAME", help=_("Only of this measure."))]
ReachedOption = Annotated[
    bool | None, typer.Option("--reached/--missed", help=_("Only those who have reached it, or have not."))
]
AnyPeriodOption = Annotated[
    str | None, typer.Option("--period", "-p", metavar="PERIOD", help=_("Only quotas that begin in it."))
]
AmountOption = Annotated[
    str, typer.Option("--amount", metavar="AMOUNT", help=_("With a point for decimals: 300000.00"))
]
FamilyOption = Annotated[str | None, typer.Option("--family", metavar="NAME", help=_("For one product family."))]
TeamOption = Annotated[
    str | None, typer.Option("--team", metavar="TEAM", help=_("Only this team."), autocompletion=complete.teams)
]
SeasonalityOption = Annotated[
    str | None, typer.Option("--seasonality", metavar="NAME", help=_("The policy's curve by which it is spread."))
]
RampOption = Annotated[
    str | None, typer.Option("--ramp", metavar="NAME", help=_("The policy's ramp, for somebody who is new."))
]
ActiveFromOption = Annotated[
    str | None, typer.Option("--active-from", metavar="DATE", help=_("From when it counts, when later than its start."))
]
ActiveUntilOption = Annotated[
    str | None, typer.Option("--active-until", metavar="DATE", help=_("The first day on which it no longer counts."))
]
VersionOption = Annotated[
    int | None, typer.Option("--version", metavar="N", min=1, help=_("As they were after that load."))
]


@app.command(
    "list",
    help=_("List quotas, latest first: those in force, or an earlier version."),
    epilog=tree.examples("sfactl quota list --user ana", "sfactl quota list --as-of 2026-03-31"),
)
def list_(
    ctx: typer.Context,
    user: UserOption = None,
    team: TeamOption = None,
    territory: TerritoryOption = None,
    period: AnyPeriodOption = None,
    measure: AnyMeasureOption = None,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    limit: LimitOption = 0,
) -> None:
    """List quotas."""
    state: AppState = ctx.obj
    _require_one_version(version, as_of)
    with state.read() as session:
        begins = state.period(session, period) if period else None
        day = as_of_date(as_of, state) if as_of else None
        wanted = services.quotas.Filter(user, territory, begins, measure, limit, team, version or day)
        state.show(services.quotas.find(session, wanted), QUOTA_COLUMNS)


def _require_one_version(version: int | None, as_of: str | None) -> None:
    if version is not None and as_of is not None:
        from sfactl.errors import UsageFault

        raise UsageFault(_("--version and --as-of are two ways to say the same."), _("Leave one of them out."))


@app.command(
    "set",
    help=_("Set a quota of a person, a team, or a territory as a whole."),
    epilog=tree.examples(
        "sfactl quota set --user ana --period 2026Q4 --amount 300000",
        "sfactl quota set --user zoe --period FY2026 --amount 100000 --active-from 2026-03-01 --ramp new",
    ),
)
def set_(
    ctx: typer.Context,
    amount: AmountOption,
    period: PeriodOption,
    user: UserOption = None,
    team: TeamOption = None,
    territory: TerritoryOption = None,
    measure: MeasureOption = "revenue",
    family: FamilyOption = None,
    seasonality: SeasonalityOption = None,
    ramp: RampOption = None,
    active_from: ActiveFromOption = None,
    active_until: ActiveUntilOption = None,
    reason: ReasonOption = None,
) -> None:
    """Set a quota."""
    state: AppState = ctx.obj
    with state.read() as session:
        asked = state.period(session, period)
    new = services.quotas.NewQuota(
        asked, decimal_of(amount), user, territory, measure, family, None, team, seasonality, ramp,
        as_of_date(active_from, state) if active_from else None,
        as_of_date(active_until, state) if active_until else None,
    )  # fmt: skip
    state.show([state.write(services.quotas.put, new, reason=reason)], QUOTA_COLUMNS)


@app.command(
    help=_("Show who has reached quota, best first."),
    epilog=tree.examples(
        "sfactl quota attainment --period last-quarter",
        "sfactl quota attainment --period 2026Q4 --reached",
        "sfactl quota attainment --period 2026Q4 --window quota -o json",
    ),
)
def attainment(
    ctx: typer.Context,
    period: PeriodOption = "this-quarter",
    window: WindowOption = Window.PERIOD,
    user: UserOption = None,
    territory: TerritoryOption = None,
    reached: ReachedOption = None,
    measure: MeasureOption = "revenue",
    as_of: AsOfOption = None,
) -> None:
    """Show attainment."""
    state: AppState = ctx.obj
    with state.reading() as session:
        question = services.quotas.Question(
            state.period(session, period),
            window is Window.QUOTA,
            measure,
            territory,
            user,
            as_of_date(as_of, state) if as_of else None,
            reached,
        )
        found = services.quotas.attainment(session, question)
    state.show(found.rows, ATTAINMENT_COLUMNS, footer=_proof(state, found.proof))


def _proof(state: AppState, proof: "services.quotas.Proof | None") -> str | None:
    from sfactl.render.formats import format_money

    if proof is None or not proof.booked.minor:
        return None
    booked, credited, alone = (
        format_money(money, state.settings.locale) for money in (proof.booked, proof.credited, proof.uncredited)
    )
    said = _("Booked {booked} = credited {credited} + without a seller {alone}")
    if not proof.holds:
        said = _("Of {booked} booked, you see {credited} credited and {alone} without a seller")
    return said.format(booked=booked, credited=credited, alone=alone)


def decimal_of(text: str) -> Decimal:
    """The number that a person typed.

    Raises:
        UsageFault: it is none.
    """
    from sfactl.errors import UsageFault

    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not text.isascii() or not set(text) <= set("+-.0123456789"):
        raise UsageFault(_("{text} is no amount.").format(text=text), _("For example: 300000.00"))
    return amount
