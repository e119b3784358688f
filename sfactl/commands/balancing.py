"""`sfactl team balance` and `sfactl territory balance`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfactl import services
from sfactl.commands import balancing_report, complete, tree
from sfactl.commands.options import WhereOption
from sfactl.commands.planning import Planning, PlanningCommand, carry_out
from sfactl.commands.progress import reading, stoppable
from sfactl.commands.state import AppState, as_of_date
from sfactl.errors import UsageFault
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.core.balancing import Goal, Limits, Position, Progress
    from sfactl.services.balancing import Decision
    from sfactl.services.balancing_request import Request


def complete_goals(incomplete: str) -> list[str]:
    """The goals there are."""
    from sfactl.core.balancing import MEASURED, Aim

    known = [f"{aim}={measure}" for aim, measures in MEASURED.items() for measure in measures]
    known += [str(aim) for aim in Aim if aim not in MEASURED]
    return [goal for goal in known if goal.startswith(incomplete)]


WholeArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="TERRITORY", help=_("Code or name; everything in sight when none is named."), show_default=False,
        autocompletion=complete.territories,
    ),
]  # fmt: skip
TeamArgument = Annotated[str, typer.Argument(metavar="TEAM", help=_("Code or name."), autocompletion=complete.teams)]
GoalOption = Annotated[
    list[str] | None,
    typer.Option(
        "--goal", metavar="GOAL",
        help=_(
            "What is to become better, the most important first: balance=workload, balance=revenue, balance=potential, "
            "balance=pipeline, balance=accounts, fit, disruption=accounts, disruption=revenue, disruption=pipeline, travel, odds."
        ),
        autocompletion=complete_goals,
    ),
]  # fmt: skip
BandOption = Annotated[
    str | None, typer.Option("--band", metavar="PERCENT", help=_("So far from the mean a load is balanced still: 15."))
]
MostLoadOption = Annotated[
    str | None,
    typer.Option("--most-load", metavar="PERCENT", help=_("Nobody gets more work than so much of his hours: 100.")),
]
MostAccountsOption = Annotated[
    int | None, typer.Option("--most-accounts", metavar="N", min=0, help=_("At most so many accounts change hands."))
]
MostRevenueOption = Annotated[
    str | None,
    typer.Option("--most-revenue", metavar="PERCENT", help=_("At most so much of all revenue changes hands.")),
]
LeastOption = Annotated[
    int | None, typer.Option("--least", metavar="N", min=0, help=_("Each person has at least so many accounts."))
]
MaximumOption = Annotated[
    int | None, typer.Option("--maximum", metavar="N", min=0, help=_("Each person has at most so many accounts."))
]
LockOption = Annotated[
    list[str] | None,
    typer.Option(
        "--lock", metavar="ACCOUNT", help=_("It stays with its owner. May be given several times."),
        autocompletion=complete.accounts,
    ),
]  # fmt: skip
WithOption = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="USER", help=_("This person takes part, too. May be given several times."),
        autocompletion=complete.users,
    ),
]  # fmt: skip
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="USER", help=_("This person's accounts go to the others. May be given several times."),
        autocompletion=complete.users,
    ),
]  # fmt: skip
UnownedOption = Annotated[bool, typer.Option("--unowned", help=_("Accounts that nobody has are shared out, too."))]
AcrossOption = Annotated[
    bool,
    typer.Option(
        "--across", help=_("An account may go to somebody of another of these territories; it lies there then.")
    ),
]
PlacesOption = Annotated[
    str | None,
    typer.Option(
        "--places", metavar="FILE",
        help=_(
            "A CSV file: place,latitude,longitude; a place is an account, a person, a postal code, a city or a region."
        ),
    ),
]  # fmt: skip
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**31 - 1, help=_("Another way to look."))]
WorkOption = Annotated[
    int,
    typer.Option(
        "--work", metavar="N", min=1, max=100_000,
        help=_("How long to look: about so many seconds, counted in steps, so that the answer is always the same."),
    ),
]  # fmt: skip
WhyOption = Annotated[
    str | None,
    typer.Option(
        "--why", metavar="ACCOUNT", help=_("Why it goes, or stays, where it does, and nothing else."),
        autocompletion=complete.accounts,
    ),
]  # fmt: skip
WhatIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if", metavar="SCENARIO",
        help=_(
            "Only compare: with=USER, with=new:TERRITORY, without=USER, hours=USER:800, split=TERRITORY:CONDITION; several "
            "with “;” between them. May be given several times."
        ),
    ),
]  # fmt: skip
KeepOption = Annotated[bool, typer.Option("--keep-opportunities", help=_("Open opportunities stay with their seller."))]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE",
        help=_("Write a report, too: .pdf, .html, .md, .xlsx, .json or .txt; .svg is the picture of the loads alone."),
    ),
]  # fmt: skip
MapOption = Annotated[
    Path | None,
    typer.Option("--map", metavar="FILE", help=_("Draw a map of accounts as points, too: a file that ends in .svg.")),
]
HireOption = Annotated[
    bool, typer.Option("--hire", help=_("Only how many people the territories need, and where one more helps most."))
]


@dataclass(frozen=True)
class Asked:
    """What was said on the command line, beside what is to be balanced."""

    team: str | None = None
    territory: str | None = None
    goal: Sequence[str] = ()
    band: str | None = None
    most_load: str | None = None
    most_accounts: int | None = None
    most_revenue: str | None = None
    least: int | None = None
    maximum: int | None = None
    lock: Sequence[str] = ()
    with_: Sequence[str] = ()
    without: Sequence[str] = ()
    unowned: bool = False
    across: bool = False
    places: str | None = None
    seed: int = 1
    work: int = 60
    why: str | None = None
    what_if: Sequence[str] = ()
    keep_opportunities: bool = False
    where: str | None = None
    report: Path | None = None
    map: Path | None = None

    @property
    def of(self) -> str:
        """The team or the territory, as it was said."""
        return self.team or self.territory or _("all")

    @property
    def kind(self) -> str:
        """The command."""
        return "team balance" if self.team else "territory balance"


def balance_team(
    ctx: typer.Context,
    team: TeamArgument,
    goal: GoalOption = None,
    band: BandOption = None,
    most_load: MostLoadOption = None,
    most_accounts: MostAccountsOption = None,
    most_revenue: MostRevenueOption = None,
    least: LeastOption = None,
    maximum: MaximumOption = None,
    lock: LockOption = None,
    with_: WithOption = None,
    without: WithoutOption = None,
    where: WhereOption = None,
    unowned: UnownedOption = False,
    places: PlacesOption = None,
    seed: SeedOption = 1,
    work: WorkOption = 60,
    why: WhyOption = None,
    what_if: WhatIfOption = None,
    keep_opportunities: KeepOption = False,
    report: ReportOption = None,
    map_: MapOption = None,
) -> None:
    """Balance a team."""
    asked = Asked(
        team, None, goal or (), band, most_load, most_accounts, most_revenue, least, maximum, lock or (), with_ or (),
        without or (), unowned, False, places, seed, work, why, what_if or (), keep_opportunities, where, report, map_,
    )  # fmt: skip
    _balance(ctx, asked)


def balance_territory(
    ctx: typer.Context,
    territory: WholeArgument = None,
    goal: GoalOption = None,
    band: BandOption = None,
    most_load: MostLoadOption = None,
    most_accounts: MostAccountsOption = None,
    most_revenue: MostRevenueOption = None,
    least: LeastOption = None,
    maximum: MaximumOption = None,
    lock: LockOption = None,
    with_: WithOption = None,
    without: WithoutOption = None,
    where: WhereOption = None,
    unowned: UnownedOption = False,
    across: AcrossOption = False,
    places: PlacesOption = None,
    seed: SeedOption = 1,
    work: WorkOption = 60,
    why: WhyOption = None,
    what_if: WhatIfOption = None,
    keep_opportunities: KeepOption = False,
    report: ReportOption = None,
    map_: MapOption = None,
    hire: HireOption = False,
) -> None:
    """Balance a territory."""
    asked = Asked(
        None, territory, goal or (), band, most_load, most_accounts, most_revenue, least, maximum, lock or (),
        with_ or (), without or (), unowned, across, places, seed, work, why, what_if or (), keep_opportunities, where, report, map_,
    )  # fmt: skip
    if hire:
        _staffing(ctx, asked)
    else:
        _balance(ctx, asked)


def _staffing(ctx: typer.Context, asked: Asked) -> None:
    from sfactl.render.balancing import STAFFING_COLUMNS

    state, planning = ctx.obj, Planning.of(ctx)
    _require_only_looking(asked, planning, "--hire")
    if asked.why or asked.what_if or asked.goal:
        raise UsageFault(
            _("--hire looks at all people and goals at once."), _("Leave --why, --what-if and --goal out.")
        )
    day = as_of_date(planning.effective, state)
    with state.reading() as session:
        limits = _limits(services.assignment_policy.current(session).balance, asked)
        load, least = 10_000 if limits.most_load_bp is None else limits.most_load_bp, limits.least_accounts
        if load == 0:
            raise UsageFault(_("Nobody could work at no load at all."), _("Say --most-load 100, or less."))
        rows = services.balancing_staffing.staffing(
            session, asked.territory, day, load_bp=load, least=least, where=asked.where
        )
    state.show(rows, STAFFING_COLUMNS)


def _balance(ctx: typer.Context, asked: Asked) -> None:
    state, planning = ctx.obj, Planning.of(ctx)
    if asked.what_if or asked.why:
        _require_only_looking(asked, planning, "--what-if" if asked.what_if else "--why")
    if both := {*asked.with_} & {*asked.without}:
        raise UsageFault(
            _("{user} cannot take part and leave.").format(user=min(both)), _("Say --with or --without of a person.")
        )
    if any(name.lower().startswith("new:") for name in asked.with_):
        raise UsageFault(_("Nobody gets accounts who is not there yet."), _("Ask with --what-if with=new:TERRITORY."))
    balancing_report.require_sense(asked.report, asked.map, is_replacing=planning.is_replacing)
    request, goals = _request(state, asked)
    if asked.what_if:
        _compare(state, asked, planning, request, goals)
        return
    decision, was_stopped = _decide(state, asked, planning, request, goals)
    if asked.why:
        _show_why(state, decision, asked.why)
        return
    if was_stopped:
        if planning.is_agreed:
            raise KeyboardInterrupt
        state.note(_("Stopped: this is the best so far."))
    balancing_report.write(state, asked.of, decision, asked.report, asked.map, is_replacing=planning.is_replacing)
    carry_out(
        state, asked.kind, services.balancing.lines, decision, planning, options=_options(asked, decision),
        show=partial(_show, state, asked, decision),
    )  # fmt: skip


def _require_only_looking(asked: Asked, planning: Planning, option: str) -> None:
    """Refuse what an option that only shows would not do."""
    if planning.plan or planning.is_agreed or asked.report or asked.map:
        raise UsageFault(
            _("{option} only shows: it makes no plan and no file.").format(option=option),
            _("Leave --plan, --yes, --report and --map out."),
        )


def _request(state: AppState, asked: Asked) -> "tuple[Request, tuple[Goal, ...]]":
    """What is to be balanced, and for what."""
    from sfactl.core.balancing import goal_of
    from sfactl.services.balancing_request import Request, Scenario

    places = _places(state, asked.places) if asked.places else {}
    with state.read() as session:
        policy = services.assignment_policy.current(session).balance
    limits = _limits(policy, asked)
    goals = tuple(goal_of(text) for text in asked.goal or policy.goals)
    if len(set(goals)) < len(goals):
        raise UsageFault(_("A goal is said twice."), _("Say each once, the most important first."))
    scenario = Scenario(tuple(asked.with_), tuple(asked.without))
    return Request(
        asked.team, asked.territory, scenario, asked.unowned, asked.across, tuple(asked.lock), asked.where, limits, places
    ), goals  # fmt: skip


def _limits(policy: Any, asked: Asked) -> "Limits":
    """What must not be exceeded: as it was said, else as the policy says."""
    from sfactl.core.balancing import Limits

    revenue = None if asked.most_revenue is None else _basis_points(asked.most_revenue, "--most-revenue", 100)
    band = _basis_points(str(policy.band) if asked.band is None else asked.band, "--band", 100)
    load = _basis_points(str(policy.most_load) if asked.most_load is None else asked.most_load, "--most-load", 1000)
    return Limits(
        band, load, asked.most_accounts, revenue, policy.least_accounts if asked.least is None else asked.least,
        policy.most_accounts if asked.maximum is None else asked.maximum,
    )  # fmt: skip


def _basis_points(text: str, option: str, most: int) -> int:
    """A percentage: `15`, `7.5` or `15%`."""
    try:
        value = Decimal(text.strip().removesuffix("%")) * 100 if text.isascii() else Decimal(-1)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= most * 100 or value != int(value):
        raise UsageFault(
            _("{text} is no percentage for {option}.").format(text=text, option=option),
            _("It is a number from 0 to {most}, with two decimals at most.").format(most=most),
        )
    return int(value)


def _places(state: AppState, file: str) -> "dict[str, Position]":
    from sfactl.commands.assignment_move import source_of
    from sfactl.render.imports import FAULT_COLUMNS
    from sfactl.services.plan_rows import BadFile
    from sfactl.transfer.nouns import PLACE

    with source_of(state, file, PLACE) as source:
        try:
            return services.balancing_places.read(source)
        except BadFile as bad:
            state.show(bad.faults, FAULT_COLUMNS)
            raise


def _decide(
    state: AppState, asked: Asked, planning: Planning, request: "Request", goals: "Sequence[Goal]"
) -> "tuple[Decision, bool]":
    """Look for the best, as long as nobody says that it is enough."""
    from sfactl.services.moving_along import Along, Holdover

    day = as_of_date(planning.effective, state)
    with state.read() as session:
        basis = services.balancing.prepare(session, request, goals, day)
    along = Along(Holdover.EXEMPT if asked.keep_opportunities else Holdover.NOW)
    with reading(state) as progress, stoppable() as is_stopped:
        decision = services.balancing.decide(
            basis, goals, seed=asked.seed, work=asked.work, watch=_watch(progress), is_cancelled=is_stopped, along=along
        )
        return decision, is_stopped()


def _watch(progress: Any) -> "Callable[[Progress], None] | None":
    """Tells the bar how far the work is."""
    if progress is None:
        return None

    def watch(now: "Progress") -> None:
        progress(_("balancing"), now.done_bp, 10_000)

    return watch


def _compare(state: AppState, asked: Asked, planning: Planning, request: "Request", goals: "Sequence[Goal]") -> None:
    from sfactl.render.balancing import SCENARIO_COLUMNS

    day = as_of_date(planning.effective, state)
    with state.read() as session, reading(state) as progress, stoppable() as is_stopped:
        rows = services.balancing_scenarios.compare(
            session, request, asked.what_if, goals, day, seed=asked.seed, work=asked.work, watch=_watch(progress),
            is_cancelled=is_stopped,
        )  # fmt: skip
    state.show(rows, SCENARIO_COLUMNS)


def _show_why(state: AppState, decision: "Decision", account: str) -> None:
    from sfactl.render.balancing import WHY_COLUMNS

    with state.read() as session:
        rows = services.balancing.why(session, decision, account)
    state.show(rows, WHY_COLUMNS)


def _options(asked: Asked, decision: "Decision") -> dict[str, Any]:
    """What was said and what came of it, for whoever reads the plan."""
    goals = {
        row.goal: {"before": row.before, "after": row.after, "bound": row.bound, "unit": row.unit}
        for row in services.balancing.goals(decision)
    }
    told = services.balancing.summary(asked.of, decision)
    limits = decision.basis.problem.limits
    said = {
        "of": asked.of, "seed": asked.seed, "work": asked.work, "band": f"{limits.band_bp / 100:g}%",
        "most_accounts": asked.most_accounts, "most_revenue": asked.most_revenue, "least": limits.least_accounts or None,
        "lock": list(asked.lock), "where": asked.where, "with": list(asked.with_), "without": list(asked.without), "across": asked.across,
        "unowned": asked.unowned,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value} | {"goals": goals, "is_proven": told.is_proven}


def _show(state: AppState, asked: Asked, decision: "Decision") -> None:
    """A balance: what it comes to, people before and after, goals, and what moves."""
    from sfactl.render import balancing as columns
    from sfactl.render.columns import Section
    from sfactl.render.detail import write_detail
    from sfactl.render.output import Format

    output, found = state.output(), services.balancing
    people = found.people(decision)
    if output.format in (Format.CSV, Format.JSONL):
        state.show(people, columns.PERSON_COLUMNS)
        return
    more = _("--plan FILE keeps them all")
    sections = (
        Section("people", _("People"), people, columns.PERSON_COLUMNS),
        Section("goals", _("Goals, in their order"), found.goals(decision), columns.GOAL_COLUMNS),
        Section("odds", _("Win odds"), [decision.basis.trial] if decision.basis.trial else [], columns.ODDS_COLUMNS),
        Section("moves", _("Moves"), found.moved(decision), columns.MOVE_COLUMNS, most=20, others=more),
        Section(
            "left", _("To be known"), columns.left_once(decision.basis.left), columns.LEFT_COLUMNS, most=20, others=more
        ),
    )
    shown = tuple(section for section in sections if section.rows or not output.has_notes)
    write_detail(found.summary(asked.of, decision), columns.BALANCE_COLUMNS, output, shown)


def register_team(to: typer.Typer) -> None:
    """Hang `balance` below `sfactl team`."""
    to.command(
        "balance",
        cls=PlanningCommand,
        help=_(
            "Share the accounts of a team out anew, so that everybody has his part of the work, knows what his customers need, "
            "and little changes hands. Without --yes or --plan it shows what would move, and asks."
        ),
        epilog=tree.examples(
            "sfactl team balance SW-FIELD --dry-run",
            "sfactl team balance SW-FIELD --goal balance=revenue --goal disruption --most-accounts 10 --plan team.plan",
            "sfactl team balance SW-FIELD --what-if with=new:SW --what-if without=sdodd",
        ),
    )(balance_team)


def register_territory(to: typer.Typer) -> None:
    """Hang `balance` below `sfactl territory`."""
    to.command(
        "balance",
        cls=PlanningCommand,
        help=_(
            "Share the accounts of a territory, with all below it, out anew among its account managers. Each gets accounts only "
            "where he works, unless --across is said."
        ),
        epilog=tree.examples(
            "sfactl territory balance West --dry-run",
            "sfactl territory balance West --across --most-revenue 5 --lock ACC-0001 --plan west.plan",
            "sfactl territory balance SW --why ACC-0007",
            "sfactl territory balance USA --hire --least 20",
        ),
    )(balance_territory)
