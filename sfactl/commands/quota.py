"""The `sfactl quota` commands."""

from enum import StrEnum
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, quota_changes, tree
from sfactl.commands.options import AsOfOption, LimitOption, PeriodOption, ReasonOption, SearchOption, TerritoryOption
from sfactl.commands.planning import PlanningCommand
from sfactl.commands.state import AppState, as_of_date
from sfactl.core.money import parse_amount
from sfactl.i18n import _
from sfactl.render.quotas import QUOTA_COLUMNS

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
app.command(
    "allocate",
    cls=PlanningCommand,
    help=_("Divide a territory's quota among the territories below it, or among its people, to the last cent."),
    epilog=tree.examples(
        "sfactl quota allocate -t West -p 2027Q1 --even 0.2 --history 0.5 --pipeline 0.3 --plan west.plan",
        "sfactl quota allocate -t SW -p 2027Q1 --amount 1500000 --to people --dry-run",
    ),
)(quota_changes.allocate)


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
BeforeArgument = Annotated[
    str, typer.Argument(metavar="BEFORE", help=_("The number of a load, or a day."), show_default=False)
]
AfterArgument = Annotated[
    str | None,
    typer.Argument(metavar="AFTER", help=_("The same; now when it is not said."), show_default=False),
]
SumsOption = Annotated[bool, typer.Option("--sums", help=_("What it comes to, by territory."))]
ByOption = Annotated[
    list[str] | None,
    typer.Option(
        "--by", metavar="NAME", help=_("person, team, territory or manager; or the parts of the period, as --each."),
        autocompletion=complete.one_of(
            "person", "team", "territory", "manager", "week", "month", "quarter", "half", "year"
        ),
    ),
]  # fmt: skip
EachOption = Annotated[
    str | None,
    typer.Option(
        "--each", metavar="UNIT", help=_("Cut the period: week, month, quarter, half or year."),
        autocompletion=complete.one_of("day", "week", "month", "quarter", "half", "year"),
    ),
]  # fmt: skip
PeopleOption = Annotated[
    bool, typer.Option("--people", help=_("With --user: those who work for him, at any distance."))
]
OverlayOption = Annotated[
    bool, typer.Option("--overlay", help=_("Also the credit that stands beside, and is never added."))
]
TrendOption = Annotated[
    bool, typer.Option("--trend", help=_("Also the credit of the period of the same length before."))
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
    user: quota_changes.AdjustedOption = None,
    team: quota_changes.AdjustedTeamOption = None,
    territory: quota_changes.AdjustedTerritoryOption = None,
    measure: MeasureOption = "revenue",
    family: FamilyOption = None,
    seasonality: SeasonalityOption = None,
    ramp: RampOption = None,
    active_from: ActiveFromOption = None,
    active_until: ActiveUntilOption = None,
    reason: ReasonOption = None,
) -> None:
    """Set a quota."""
    from sfactl.render.formats import format_money

    state: AppState = ctx.obj
    with state.read() as session:
        asked = state.period(session, period)
    new = services.quotas.NewQuota(
        asked, parse_amount(amount), user, territory, measure, family, None, team, seasonality, ramp,
        as_of_date(active_from, state) if active_from else None,
        as_of_date(active_until, state) if active_until else None,
    )  # fmt: skip
    done = state.write(services.quotas.put, new, reason=reason)
    if done.before is not None:
        was = format_money(done.before, state.settings.locale)
        state.note(_("It was {amount}; `sfactl quota diff` shows both versions.").format(amount=was))
    state.show([done.quota], QUOTA_COLUMNS)


@app.command(
    help=_("Show who has reached quota, best first: people, teams, territories or managers, whole or month by month."),
    epilog=tree.examples(
        "sfactl quota attainment --period last-quarter",
        "sfactl quota attainment --period FY2026 --by territory --each quarter",
        "sfactl quota attainment --user rvega --people --by month --trend",
        "sfactl quota attainment --period 2026Q4 --window quota -o json",
    ),
)
def attainment(
    ctx: typer.Context,
    period: PeriodOption = "this-quarter",
    by: ByOption = None,
    each: EachOption = None,
    window: WindowOption = Window.PERIOD,
    user: UserOption = None,
    people: PeopleOption = False,
    team: TeamOption = None,
    territory: TerritoryOption = None,
    search: SearchOption = None,
    reached: ReachedOption = None,
    measure: MeasureOption = "revenue",
    family: FamilyOption = None,
    overlay: OverlayOption = False,
    trend: TrendOption = False,
    as_of: AsOfOption = None,
    limit: LimitOption = 0,
) -> None:
    """Show attainment."""
    from sfactl.render.quotas import attainment_columns

    state: AppState = ctx.obj
    grouped, unit = _grouping(by or [], each)
    with state.reading() as session:
        question = services.attainment.Question(
            state.period(session, period), window is Window.QUOTA, measure, territory, user,
            as_of_date(as_of, state) if as_of else None, reached, grouped, unit, people, team, family, overlay, trend,
            state.output().has_notes, search,
        )  # fmt: skip
        found = services.attainment.attainment(session, question)
    columns = attainment_columns(grouped, has_overlay=overlay, has_trend=trend)
    rows = found.rows[:limit] if limit else found.rows
    state.show(rows, columns, footer=_proof(state, found.proof))
    if found.rows and all(row.quota is None for row in found.rows):
        state.note(
            _("None of them has a quota of {measure} then; `sfactl quota set` gives one.").format(measure=measure)
        )


def _grouping(by: list[str], each: str | None) -> tuple[str, str | None]:
    """By whom, and in which parts of the period: `--by` takes both."""
    from sfactl.core.periods import Unit
    from sfactl.errors import UsageFault

    words = [word for text in by for word in text.split(",")]
    units = [word for word in words if word in tuple(Unit)] + ([each] if each else [])
    groups = [word for word in words if word not in tuple(Unit)]
    if len(units) > 1 or len(groups) > 1:
        raise UsageFault(
            _("Attainment is told by one of a kind: {words}.").format(words=", ".join([*groups, *units])),
            _("For example: --by territory --each month"),
        )
    return groups[0] if groups else "person", units[0] if units else None


def _proof(state: AppState, proof: "services.attainment.Proof | None") -> str | None:
    from sfactl.render.quota_proof import proof_line

    if proof is None:
        return None
    return proof_line(
        proof.booked, proof.credited, proof.uncredited, state.settings.locale, overlay=proof.overlay
    )  # fmt: skip


@app.command(
    help=_("List the loads of quotas, the latest first: each is a version."),
    epilog=tree.examples("sfactl quota loads", "sfactl quota list --version 3"),
)
def loads(ctx: typer.Context, limit: LimitOption = 0) -> None:
    """List loads."""
    from sfactl.render.quotas import LOAD_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.quota_versions.loads(session, limit=limit), LOAD_COLUMNS)


@app.command(
    help=_("Show what differs between two versions of quotas: numbers of loads, or days."),
    epilog=tree.examples("sfactl quota diff 1 3", "sfactl quota diff 2026-03-31 --sums"),
)
def diff(
    ctx: typer.Context,
    before: BeforeArgument,
    after: AfterArgument = None,
    sums: SumsOption = False,
) -> None:
    """Compare versions."""
    from sfactl.render.quotas import DIFF_COLUMNS, SUM_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        older = services.quota_versions.version(session, before)
        newer = services.quota_versions.version(session, after) if after else None
        rows = services.quota_versions.diff(session, older, newer)
    if sums:
        state.show(services.quota_versions.summed(rows), SUM_COLUMNS)
    else:
        state.show(rows, DIFF_COLUMNS)


@app.command(
    help=_("Show how quotas fit together: each territory's own, those below it, and those of its people."),
    epilog=tree.examples("sfactl quota rollup --territory West --period 2026Q4"),
)
def rollup(
    ctx: typer.Context,
    territory: TerritoryOption = None,
    period: PeriodOption = "this-quarter",
    measure: MeasureOption = "revenue",
    family: FamilyOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Roll quotas up."""
    from sfactl.render.quotas import ROLLUP_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        day = as_of_date(as_of, state) if as_of else None
        question = services.quota_rollup.Question(state.period(session, period), territory, measure, family, day)
        state.show(services.quota_rollup.rollup(session, question), ROLLUP_COLUMNS)
