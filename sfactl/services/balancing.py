"""Accounts shared out anew: what is decided, what it comes to, and the plan that makes it so."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from sfactl.core import balancing, balancing_measures
from sfactl.core.balancing import Aim, Answer, Goal, Load, Measure, Outcome, Person, Problem, Watch
from sfactl.core.balancing_figures import figure, goal_name, unit_name
from sfactl.core.money import Money
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import Findings
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import balancing_basis, balancing_booked, balancing_known, balancing_odds, balancing_why, moves
from sfactl.services.balancing_known import KnownRow
from sfactl.services.balancing_request import Basis, Held, Request
from sfactl.services.balancing_why import Reasons, WhyRow
from sfactl.services.moves import Now
from sfactl.services.moving_along import Along, Move

if TYPE_CHECKING:
    from sfactl.core.balancing_remedies import Remedy

CAUSE: Final = "balance"
REMEDY_WORK: Final = 3
"""So many seconds of a usual machine are spent on each value that might be met, where limits cannot be."""
OPTIONS: Final = {
    "most_moved": ("--most-accounts", 1), "most_revenue_moved_bp": ("--most-revenue", 100), "least_accounts": ("--least", 1),
    "most_accounts": ("--maximum", 1), "most_load_bp": ("--most-load", 100),
}  # fmt: skip
"""Limit to the option that says it, and how many of its units are one of the option's."""


@dataclass(frozen=True)
class Decision:
    """Who gets what, and why."""

    basis: Basis
    goals: tuple[Goal, ...]
    answer: Answer
    along: Along = field(default_factory=Along)


@dataclass(frozen=True)
class Summary:
    """What a decision comes to."""

    of: str
    "The team or the territory."
    people: int
    accounts: int
    moved: int
    "Accounts that somebody had and another one gets."
    given: int
    "Accounts that nobody had."
    left_count: int
    "Accounts and people that are left alone."
    revenue_moved: Fraction
    "Of all revenue."
    pipeline_moved: Fraction
    measure: str
    "What loads are of."
    spread_before: Fraction
    "Highest load less lowest, over the mean."
    spread_after: Fraction
    variation_before: Fraction
    variation_after: Fraction
    outside_before: int
    "People whose load is outside of the band."
    outside_after: int
    lowest: str
    highest: str
    band: Fraction
    is_proven: bool
    gap: Fraction
    "So much better, at most, some goal may be that was not proven."
    given_up: Fraction
    "So much of some goal, at most, was given up for the goals after it."

    @property
    def proof(self) -> str:
        """How good it is, in words: what is proven, what was given up, and what is not proven."""
        given, gap = (f"{float(each * 100):.2f}" for each in (self.given_up, self.gap))
        if self.is_proven and not self.given_up:
            return _("best is proven")
        if self.is_proven:
            return _("best is proven but for {given} percent given up for later goals").format(given=given)
        if not self.given_up:
            return _("better at most by {gap} percent").format(gap=gap)
        return _("better at most by {gap} percent, and {given} percent given up for later goals").format(
            gap=gap, given=given
        )


@dataclass(frozen=True)
class PersonRow:
    """What a person has, before and after."""

    user: str
    hours: int
    "Thousandths of the hours that he has for these accounts in a year."
    work_before: int
    work_after: int
    index_before: Fraction
    "Load over the mean load."
    index_after: Fraction
    accounts_before: int
    accounts_after: int
    revenue_before: Money
    revenue_after: Money
    fit_before: Fraction | None
    "Of what his accounts wish for; nothing where they wish for nothing."
    fit_after: Fraction | None
    travel_before: int
    "Kilometres in a year, one way."
    travel_after: int
    leaves: bool
    "His accounts go to the others."
    currency: str


@dataclass(frozen=True)
class GoalRow:
    """How good a goal is, was, and can be."""

    goal: str
    before: str
    after: str
    bound: str
    "Nothing better is possible."
    unit: str
    gap: Fraction
    is_proven: bool
    name: str
    "What people call it."
    unit_name: str
    given: Fraction
    "What part of it was given up for the goals after it."


@dataclass(frozen=True)
class MoveRow:
    """An account that gets another owner."""

    account: str
    account_name: str
    before: str | None
    after: str
    territory: str | None
    "Where it lies from now on."
    hours: int
    revenue: Money
    gains: str
    against: str
    "Who would be the next best, and why he is not the one."
    currency: str


def prepare(session: Session, request: Request, goals: Sequence[Goal], effective: date) -> Basis:
    """The problem of what is asked for, with the odds where they are a goal.

    Raises:
        NotFound: a team, territory, person or account is not there, or not the person's to see.
        UsageFault: there is nobody, or nothing, to balance.
        Findings: odds are asked for, and the data do not carry them.
    """
    basis = balancing_basis.read(session, request, effective)
    if any(goal.measure is Measure.BOOKED for goal in goals):
        basis = balancing_booked.added(session, basis)
    has_odds = any(goal.aim is Aim.ODDS for goal in goals)
    return balancing_odds.added(session, basis, effective) if has_odds else basis


def decide(
    basis: Basis,
    goals: Sequence[Goal],
    *,
    seed: int = 1,
    work: int = balancing.WORK,
    watch: Watch | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    along: Along | None = None,
    is_helping: bool = True,
) -> Decision:
    """Look for who is to have which account.

    Args:
        is_helping: where limits cannot be kept, the nearest that can be are looked for.

    Raises:
        Findings: the limits cannot be kept; why is said.
        KeyboardInterrupt: whoever asked has stopped it before anything was found.
    """
    from sfactl.core.balancing_solver import solve

    answer = solve(basis.problem, goals, seed=seed, work=work, progress=watch, is_cancelled=is_cancelled)
    if answer.was_cancelled and not answer.is_feasible:
        raise KeyboardInterrupt
    if not answer.is_feasible:
        said = "; ".join(each.said for each in answer.obstacles[:3])
        raise Findings(
            _("There is no such balance: {reasons}.").format(reasons=said),
            _remedy(basis, seed, work) if is_helping else None,
        )
    return Decision(basis, tuple(goals), answer, along or Along())


def _remedy(basis: Basis, seed: int, work: int) -> str:
    """What can be met, limit by limit; else what may help."""
    from sfactl.core.balancing_remedies import remedies

    found = [_loosened(each) for each in remedies(basis.problem, seed=seed, work=min(work, REMEDY_WORK))]
    if found:
        return _("This can be met: {options}.").format(options=_(" or ").join(found))
    return _(
        "Let more go: --most-load, --most-accounts, --most-revenue, --least, --maximum; --across; add people: --with; or --work."
    )


def _loosened(remedy: "Remedy") -> str:
    """An option with the value that can be met."""
    option, unit = OPTIONS[remedy.limit]
    value = f"{Decimal(remedy.value) / unit:f}"
    said = f"{option} {value}"
    return said if remedy.is_nearest else _("{option} (perhaps less will do)").format(option=said)


def lines(session: Session, decision: Decision, effective: date) -> Iterator[Line | Left]:
    """The accounts that get another owner, with what goes along."""
    session.actor.require("account.reassign")
    yield from decision.basis.left
    told = reasons(decision)
    chosen = {code: decision.answer.owners[code] for code in sorted(_moved(decision))}
    for batch in _batches(list(chosen), moves.BATCH):
        pairs: list[tuple[Now, Move]] = []
        for now in _now(session, batch):
            if _is_as_it_was(now, decision.basis.held[now.code]):
                pairs.append((now, _move(decision.basis, now, chosen[now.code])))
            else:
                yield Left("account", now.code, _("changed hands meanwhile"))
        for line in moves.planned(session, pairs, decision.along, effective, decision.basis.names):
            is_told = isinstance(line, Line) and line.entity == "account"
            yield line._replace(why=told[line.key].text or None) if is_told and isinstance(line, Line) else line


def reasons(decision: Decision) -> dict[str, Reasons]:
    """By account that moves, what it gains and why the next best is not the one."""
    return balancing_why.of_moves(decision.basis, decision.answer)


def known(decision: Decision) -> list[KnownRow]:
    """What was assumed, what the data do not say, what stays, and what was not proven."""
    return balancing_known.rows(decision.basis, decision.goals, decision.answer)


def why(session: Session, decision: Decision, account: str) -> list[WhyRow]:
    """Why an account is with whom it is, and not with each of the others.

    Raises:
        NotFound: there is no such account, or it is not the person's to see.
    """
    return balancing_why.rows(session, decision.basis, decision.goals, decision.answer, account)


def _moved(decision: Decision) -> list[str]:
    return [move.account for move in decision.answer.moves]


def _batches(codes: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (codes[start : start + size] for start in range(0, len(codes), size))


def _now(session: Session, codes: Sequence[str]) -> Iterator[Now]:
    statement = moves.select_now().where(session.among(t.account.c.code, codes)).order_by(t.account.c.code)
    return (Now(*row) for row in session.execute(statement))


def _is_as_it_was(now: Now, held: Held) -> bool:
    return (now.owner, now.place) == (held.now.owner, held.now.place)


def _move(basis: Basis, now: Now, to: str) -> Move:
    place = _place(basis, now.place, to)
    return Move(now.account_id, now.code, now.owner, basis.names.person(to), now.place, place, None, CAUSE)


def _place(basis: Basis, place: int, to: str) -> int:
    """Where an account lies with its new owner: where it does, unless he does not work there."""
    return place if place in basis.served[to] else basis.homes[to][0]


def summary(session_name: str, decision: Decision) -> Summary:
    """What a decision comes to for the team or territory of this name."""
    answer, problem = decision.answer, decision.basis.problem
    was = balancing_measures.spread(answer.loads, problem.limits.band_bp, is_before=True)
    now = balancing_measures.spread(answer.loads, problem.limits.band_bp)
    moved = [move for move in answer.moves if move.before is not None]
    return Summary(
        session_name, len(problem.people), len(problem.accounts), len(moved), len(answer.moves) - len(moved), len(decision.basis.left),
        _part_moved(problem, moved, Measure.REVENUE), _part_moved(problem, moved, Measure.PIPELINE),
        str(answer.loads[0].measure), _bp(was.spread_bp), _bp(now.spread_bp), _bp(was.variation_bp),
        _bp(now.variation_bp), _outside(decision, is_before=True), _outside(decision), now.lowest, now.highest, _bp(problem.limits.band_bp),
        answer.is_proven, _bp(max((each.gap_bp for each in answer.outcomes), default=0)),
        _bp(max((each.given_bp for each in answer.outcomes), default=0)),
    )  # fmt: skip


def _bp(value: int) -> Fraction:
    return Fraction(value, balancing.WHOLE)


def _outside(decision: Decision, *, is_before: bool = False) -> int:
    """People whose load lies outside of the band, whose bounds are rounded outwards as those of the goal are."""
    problem, loads = decision.basis.problem, decision.answer.loads
    total = sum(account.amount(loads[0].measure) for account in problem.accounts)
    capacities = sum(person.capacity for person in problem.people)
    found = 0
    for load in loads:
        low, high = balancing_measures.bounds(total, load.capacity, capacities, problem.limits.band_bp)
        found += not low <= (load.before if is_before else load.after) <= high
    return found


def _part_moved(problem: Problem, moved: Sequence[balancing.Move], measure: Measure) -> Fraction:
    keys = {move.account for move in moved}
    whole = sum(account.amount(measure) for account in problem.accounts)
    part = sum(account.amount(measure) for account in problem.accounts if account.key in keys)
    return Fraction(part, whole) if whole else Fraction(0)


def people(decision: Decision) -> list[PersonRow]:
    """What each person has, before and after; by login, those who leave last."""
    problem, leavers = decision.basis.problem, decision.basis.leavers
    those = {person.key: person for person in (*problem.people, *leavers)}
    was, now = (_sums(problem, those, owners) for owners in (_owned(problem), decision.answer.owners))
    loads = [*decision.answer.loads, *_loads_of(decision, leavers, was)]
    gone = {person.key for person in leavers}
    return [
        _person(load, was[load.person], now[load.person], decision.basis.currency, leaves=load.person in gone)
        for load in loads
    ]


def _owned(problem: Problem) -> dict[str, str | None]:
    return {account.key: account.owner for account in problem.accounts}


def _loads_of(decision: Decision, leavers: Sequence[Person], was: Mapping[str, "_Sum"]) -> Iterator[Load]:
    """What those who leave had, beside the mean load of the others; afterwards nothing."""
    problem, measure = decision.basis.problem, decision.answer.loads[0].measure
    total = sum(account.amount(measure) for account in problem.accounts)
    capacities = sum(person.capacity for person in problem.people)
    for person in leavers:
        had = sum(account.amount(measure) for account in problem.accounts if account.owner == person.key)
        index = balancing_measures.index(had, person.capacity, total, capacities)
        yield Load(person.key, measure, person.capacity, had, 0, was[person.key].accounts, 0, index, 0)


def _person(load: Load, was: "_Sum", now: "_Sum", currency: str, *, leaves: bool) -> PersonRow:
    return PersonRow(
        load.person, _thousandths(load.capacity), _thousandths(was.minutes), _thousandths(now.minutes),
        _bp(load.index_before), _bp(load.index_after), load.accounts_before, load.accounts_after,
        Money(was.revenue, currency), Money(now.revenue, currency), was.fit, now.fit, was.kilometres, now.kilometres,
        leaves, currency,
    )  # fmt: skip


@dataclass
class _Sum:
    """What somebody has."""

    accounts: int = 0
    minutes: int = 0
    revenue: int = 0
    wishes: int = 0
    known: int = 0
    metres: int = 0

    @property
    def fit(self) -> Fraction | None:
        return Fraction(self.known, self.wishes) if self.wishes else None

    @property
    def kilometres(self) -> int:
        return round(self.metres / 1000)


def _sums(
    problem: Problem, people: Mapping[str, Person], owners: balancing_measures.Owners
) -> dict[str, _Sum]:  # fmt: skip
    found = {login: _Sum() for login in people}
    for account in problem.accounts:
        owner = owners.get(account.key)
        if owner in found:
            own = found[owner]
            own.accounts += 1
            own.minutes += account.workload
            own.revenue += account.revenue_minor
            own.wishes += balancing_measures.perfect_fit(account)
            own.known += balancing_measures.fit(people[owner], account)
            own.metres += balancing_measures.travel(people[owner], account)
    return found


def _thousandths(minutes: int) -> int:
    """Minutes in thousandths of an hour."""
    return (minutes * 1000 + 30) // 60


def goals(decision: Decision) -> list[GoalRow]:
    """How good each goal is, in their order."""
    return [_goal(outcome, decision.basis.currency) for outcome in decision.answer.outcomes]


def _goal(outcome: Outcome, currency: str) -> GoalRow:
    before, after, bound = (
        figure(outcome.goal, value, outcome.whole, currency) for value in (outcome.before, outcome.after, outcome.bound)
    )
    return GoalRow(
        str(outcome.goal), before.text, after.text, bound.text, after.unit, _bp(outcome.gap_bp), outcome.is_proven,
        goal_name(outcome.goal), unit_name(after.unit), _bp(outcome.given_bp),
    )  # fmt: skip


def moved(decision: Decision) -> list[MoveRow]:
    """The accounts that get another owner, by code."""
    basis, told = decision.basis, reasons(decision)
    rows = []
    for move in sorted(decision.answer.moves, key=lambda each: each.account):
        held = basis.held[move.account]
        place = basis.names.code(_place(basis, held.now.place, move.after))
        rows.append(
            MoveRow(
                move.account, held.name, move.before, move.after, place, held.work_e3,
                Money(held.revenue_minor, basis.currency), told[move.account].gains, told[move.account].against,
                basis.currency,
            )
        )  # fmt: skip
    return rows
