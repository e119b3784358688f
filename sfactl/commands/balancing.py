"""`sfactl team balance` and `sfactl territory balance`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from sfactl import services
from sfactl.commands import balancing_report, tree
from sfactl.commands.balancing_options import Asked, TeamArgument, WholeArgument, argument, command
from sfactl.commands.planning import Planning, PlanningCommand, carry_out
from sfactl.commands.progress import reading, stoppable
from sfactl.commands.state import AppState, as_of_date
from sfactl.errors import UsageFault
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.core.balancing import Goal, Limits, Position, Progress
    from sfactl.services.balancing import Decision
    from sfactl.services.balancing_request import Basis, Request


def _staffing(ctx: typer.Context, asked: Asked) -> None:
    from sfactl.render.balancing import STAFFING_COLUMNS

    state, planning = ctx.obj, Planning.of(ctx)
    if asked.beside_hiring:
        raise UsageFault(
            _("--hire does not look at {options}.").format(options=", ".join(asked.beside_hiring)),
            _("Leave that out; --where, --with, --without, --unowned, --least and --most-load count."),
        )
    request, _goals = _request(state, asked)
    day = as_of_date(planning.effective, state)
    with state.reading() as session:
        limits = _limits(services.assignment_policy.current(session).balance, asked)
        load, least = 10_000 if limits.most_load_bp is None else limits.most_load_bp, limits.least_accounts
        if load == 0:
            raise UsageFault(_("Nobody could work at no load at all."), _("Say --most-load 100, or less."))
        rows = services.balancing_staffing.staffing(session, request, day, load_bp=load, least=least)
    state.show(rows, STAFFING_COLUMNS)


def _balance(ctx: typer.Context, asked: Asked) -> None:
    state, planning = ctx.obj, Planning.of(ctx)
    _require_sense(asked, planning)
    if asked.hire:
        _staffing(ctx, asked)
        return
    request, goals = _request(state, asked)
    if asked.what_if:
        _show_scenarios(state, asked, planning, request, goals)
        return
    with _telling_when_stopped(state):
        basis = _prepared(state, planning, request, goals)
        if asked.why and _is_absent(state, request, basis, asked.why):
            return
        decision, was_stopped = _decide(state, asked, basis, goals)
    if asked.why:
        _show_why(state, decision, asked.why)
    elif asked.compare:
        _show_comparison(state, asked, decision)
    else:
        _carry_out(state, asked, planning, decision, was_stopped=was_stopped)


@contextmanager
def _telling_when_stopped(state: AppState) -> Iterator[None]:
    """Whoever stops a search before it found anything is told so."""
    try:
        yield
    except KeyboardInterrupt:
        state.note(_("Stopped before anything was found; nothing was changed."))
        raise


def _carry_out(
    state: AppState, asked: Asked, planning: Planning, decision: "Decision", *, was_stopped: bool
) -> None:  # fmt: skip
    """Write the files that are asked for, and the plan, or apply it."""
    if was_stopped:
        if planning.is_agreed:
            state.note(_("Stopped: nothing was changed."))
            raise KeyboardInterrupt
        state.note(_("Stopped: this is the best so far."))
    balancing_report.write(state, asked.of, decision, asked.report, asked.map, is_replacing=planning.is_replacing)
    carry_out(
        state, asked.kind, services.balancing.lines, decision, planning, options=_options(asked, decision),
        show=partial(_show, state, asked, decision),
    )  # fmt: skip


def _require_sense(asked: Asked, planning: Planning) -> None:
    """Refuse options that contradict each other."""
    if asked.looking:
        _require_only_looking(asked, planning, asked.looking)
    if both := {*(asked.with_ or ())} & {*(asked.without or ())}:
        raise UsageFault(
            _("{user} cannot take part and leave.").format(user=min(both)), _("Say --with or --without of a person.")
        )
    if any(name.lower().startswith("new:") for name in asked.with_ or ()):
        raise UsageFault(_("Nobody gets accounts who is not there yet."), _("Ask with --what-if with=new:TERRITORY."))
    balancing_report.require_sense(asked.report, asked.map, is_replacing=planning.is_replacing)


def _require_only_looking(asked: Asked, planning: Planning, options: Sequence[str]) -> None:
    """Refuse what an option that only shows would not do."""
    if planning.plan or planning.is_agreed or asked.report or asked.map:
        raise UsageFault(
            _("{option} only shows: it makes no plan and no file.").format(option=options[0]),
            _("Leave --plan, --yes, --report and --map out."),
        )
    if len(options) > 1 and not asked.hire:
        raise UsageFault(
            _("{options} show different things.").format(options=", ".join(options)), _("Say one at a time.")
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
    scenario = Scenario(tuple(asked.with_ or ()), tuple(asked.without or ()))
    return Request(
        asked.team, asked.territory, scenario, asked.unowned, asked.across, asked.together, tuple(asked.lock or ()),
        asked.where, limits, places,
    ), goals  # fmt: skip


def _limits(policy: Any, asked: Asked) -> "Limits":
    """What must not be exceeded: as it was said, else as the policy says."""
    from sfactl.core.balancing import Limits

    revenue = None if asked.most_revenue is None else _basis_points(asked.most_revenue, "--most-revenue", 100)
    band = _basis_points(str(policy.band) if asked.band is None else asked.band, "--band", 100)
    load = _basis_points(str(policy.most_load) if asked.most_load is None else asked.most_load, "--most-load", 1000)
    hold = _basis_points(str(policy.hold) if asked.hold is None else asked.hold, "--hold", 100)
    return Limits(
        band, load, asked.most_accounts, revenue, policy.least_accounts if asked.least is None else asked.least,
        policy.most_accounts if asked.maximum is None else asked.maximum, hold,
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


def _prepared(state: AppState, planning: Planning, request: "Request", goals: "Sequence[Goal]") -> "Basis":
    with state.read() as session:
        return services.balancing.prepare(session, request, goals, as_of_date(planning.effective, state))


def _decide(state: AppState, asked: Asked, basis: "Basis", goals: "Sequence[Goal]") -> "tuple[Decision, bool]":
    """Look for the best, as long as nobody says that it is enough."""
    from sfactl.services.moving_along import Along, Holdover

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


def _show_scenarios(
    state: AppState, asked: Asked, planning: Planning, request: "Request", goals: "Sequence[Goal]"
) -> None:
    from sfactl.render.balancing import SCENARIO_COLUMNS

    day = as_of_date(planning.effective, state)
    with _telling_when_stopped(state), state.read() as session, reading(state) as progress, stoppable() as is_stopped:
        rows = services.balancing_scenarios.compare(
            session, request, asked.what_if or (), goals, day, seed=asked.seed, work=asked.work, watch=_watch(progress),
            is_cancelled=is_stopped,
        )  # fmt: skip
    state.show(rows, SCENARIO_COLUMNS)


def _show_comparison(state: AppState, asked: Asked, decision: "Decision") -> None:
    from sfactl.render.balancing import COMPARISON_COLUMNS

    with reading(state) as progress, stoppable() as is_stopped:
        rows = services.balancing_comparing.rows(
            decision, seed=asked.seed, work=asked.work, watch=_watch(progress), is_cancelled=is_stopped
        )
    state.show(rows, COMPARISON_COLUMNS)


def _is_absent(state: AppState, request: "Request", basis: "Basis", account: str) -> bool:
    """Whether an account takes no part; why is shown then."""
    from sfactl.render.balancing import WHY_COLUMNS

    with state.read() as session:
        rows = services.balancing_why.absent(session, request, basis, account)
    if rows:
        state.show(rows, WHY_COLUMNS)
    return bool(rows)


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
        "lock": list(asked.lock or ()), "where": asked.where, "with": list(asked.with_ or ()),
        "without": list(asked.without or ()), "across": asked.across, "unowned": asked.unowned, "together": asked.together,
        "hold": f"{limits.hold_bp / 100:g}%" if limits.hold_bp else None,
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
        Section("left", _("Left alone"), decision.basis.left, columns.LEFT_COLUMNS, most=20, others=more),
        Section("known", _("To be known"), found.known(decision), columns.KNOWN_COLUMNS),
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
            "sfactl team balance SW-FIELD --compare",
        ),
    )(command(_balance, argument("team", TeamArgument), without=("across", "hire")))


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
    )(command(_balance, argument("territory", WholeArgument, None)))
