"""Accounts shared out anew: what is decided, what it comes to, and the plan that makes it so."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

from sqlalchemy import select

from sfactl.core import balancing, balancing_measures, balancing_reasons
from sfactl.core.balancing import (
    Account,
    Aim,
    Alternative,
    Answer,
    Goal,
    Measure,
    Outcome,
    Person,
    Problem,
    Watch,
    goal_of,
)
from sfactl.core.balancing_figures import figure, gain_text
from sfactl.core.money import Money
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import Findings, NotFound
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import balancing_basis, balancing_odds, moves
from sfactl.services.balancing_request import Basis, Held, Request
from sfactl.services.moves import Now
from sfactl.services.moving_along import Along, Move

CAUSE: Final = "balance"
MOST_TOLD: Final = 100_000
"""So many pairs of a moved account and somebody else are looked at for a plan's reasons; of more, only the first are told."""


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
    "So much better, at most, some goal may be."


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
    currency: str


@dataclass(frozen=True)
class WhyRow:
    """Somebody who might have an account, and what would come of it."""

    user: str
    decision: str
    why: str


def prepare(session: Session, request: Request, goals: Sequence[Goal], effective: date) -> Basis:
    """The problem of what is asked for, with the odds where they are a goal.

    Raises:
        NotFound: a team, territory, person or account is not there, or not the person's to see.
        UsageFault: there is nobody, or nothing, to balance.
        Findings: odds are asked for, and the data do not carry them.
    """
    basis = balancing_basis.read(session, request, effective)
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
) -> Decision:
    """Look for who is to have which account.

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
            _(
                "Let more go: --most-load, --most-accounts, --most-revenue, --least, --maximum; --across; add people: --with; or --work."
            ),
        )
    return Decision(basis, tuple(goals), answer, along or Along())


def lines(session: Session, decision: Decision, effective: date) -> Iterator[Line | Left]:
    """The accounts that get another owner, with what goes along."""
    session.actor.require("account.reassign")
    yield from decision.basis.left
    told = _reasons(decision)
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
            yield line._replace(why=told.get(line.key)) if is_told and isinstance(line, Line) else line


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


def _reasons(decision: Decision) -> dict[str, str]:
    """What each move gains, and why the account is not with the next best."""
    problem, currency = decision.basis.problem, decision.basis.currency
    told = _all_gains(decision)
    first = list(told)[: max(MOST_TOLD // max(len(problem.people), 1), 1)]
    others = balancing_reasons.alternatives(problem, decision.goals, decision.answer, first, most=1)
    for code, those in others.items():
        for other in those:
            said = _("not {user}: {reason}").format(user=other.person, reason=_against(other, currency))
            told[code] = "; ".join(filter(None, (told[code], said)))
    return {code: text for code, text in told.items() if text}


def _all_gains(decision: Decision) -> dict[str, str]:
    """What each move gains, by account; first of all that its owner did not know what it requires."""
    problem, currency = decision.basis.problem, decision.basis.currency
    those = {person.key: person for person in problem.people}
    accounts = {account.key: account for account in problem.accounts}
    return {
        move.account: "; ".join(
            filter(
                None,
                (_lacking(those.get(move.before or ""), accounts[move.account]), _gains(_but_moving(move), currency)),
            )
        )
        for move in decision.answer.moves
    }


def _but_moving(move: balancing.Move) -> dict[str, int]:
    """What a move gains, but for that it is one."""
    return {goal: gain for goal, gain in move.gains.items() if goal_of(goal).aim is not Aim.DISRUPTION}


def _lacking(owner: Person | None, account: Account) -> str:
    missing = balancing_measures.missing_skill(owner, account) if owner else None
    if owner is None or missing is None:
        return ""
    return _("{user} does not know {skill} at {level}").format(user=owner.key, skill=missing[0], level=missing[1])


def _gains(gains: Mapping[str, int], currency: str) -> str:
    """What is gained in each goal that is better or worse."""
    return ", ".join(f"{goal} {gain_text(goal, gain, currency)}" for goal, gain in gains.items() if gain)


def _against(other: Alternative, currency: str) -> str:
    return other.obstacle or _gains(other.gains, currency) or _("no better")


def summary(session_name: str, decision: Decision) -> Summary:
    """What a decision comes to for the team or territory of this name."""
    answer, problem = decision.answer, decision.basis.problem
    was = balancing_measures.spread(answer.loads, problem.limits.band_bp, is_before=True)
    now = balancing_measures.spread(answer.loads, problem.limits.band_bp)
    moved = [move for move in answer.moves if move.before is not None]
    return Summary(
        session_name, len(problem.people), len(problem.accounts), len(moved), len(answer.moves) - len(moved),
        _part_moved(problem, moved, Measure.REVENUE), _part_moved(problem, moved, Measure.PIPELINE),
        str(answer.loads[0].measure), _bp(was.spread_bp), _bp(now.spread_bp), _bp(was.variation_bp),
        _bp(now.variation_bp), _outside(decision, is_before=True), _outside(decision), now.lowest, now.highest, _bp(problem.limits.band_bp),
        answer.is_proven, _bp(max((each.gap_bp for each in answer.outcomes), default=0)),
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
    """What each person has, before and after; by login."""
    problem, currency = decision.basis.problem, decision.basis.currency
    was = _sums(problem, balancing_measures.before(problem))
    now = _sums(problem, decision.answer.owners)
    return [
        PersonRow(
            load.person, _thousandths(load.capacity), _thousandths(was[load.person].minutes),
            _thousandths(now[load.person].minutes), _bp(load.index_before), _bp(load.index_after), load.accounts_before,
            load.accounts_after, Money(was[load.person].revenue, currency), Money(now[load.person].revenue, currency),
            was[load.person].fit, now[load.person].fit, was[load.person].kilometres, now[load.person].kilometres,
            currency,
        )
        for load in decision.answer.loads
    ]  # fmt: skip


@dataclass
class _Sum:
    """What somebody has."""

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


def _sums(problem: Problem, owners: balancing_measures.Owners) -> dict[str, _Sum]:
    found = {person.key: _Sum() for person in problem.people}
    those = {person.key: person for person in problem.people}
    for account in problem.accounts:
        owner = owners.get(account.key)
        if owner in found:
            own = found[owner]
            own.minutes += account.workload
            own.revenue += account.revenue_minor
            own.wishes += balancing_measures.perfect_fit(account)
            own.known += balancing_measures.fit(those[owner], account)
            own.metres += balancing_measures.travel(those[owner], account)
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
        str(outcome.goal), before.text, after.text, bound.text, after.unit, _bp(outcome.gap_bp), outcome.is_proven
    )


def moved(decision: Decision) -> list[MoveRow]:
    """The accounts that get another owner, by code."""
    basis, gains = decision.basis, _all_gains(decision)
    rows = []
    for move in sorted(decision.answer.moves, key=lambda each: each.account):
        held = basis.held[move.account]
        place = basis.names.code(_place(basis, held.now.place, move.after))
        rows.append(
            MoveRow(
                move.account, held.name, move.before, move.after, place, held.work_e3,
                Money(held.revenue_minor, basis.currency), gains[move.account], basis.currency,
            )
        )  # fmt: skip
    return rows


def why(session: Session, decision: Decision, account: str) -> list[WhyRow]:
    """Why an account is with whom it is, and not with each of the others.

    Raises:
        NotFound: the account is not among those that are balanced.
    """
    from sfactl.services import naming

    key = naming.find_id(session, t.account, account)
    code = session.execute(select(t.account.c.code).where(t.account.c.id == key)).scalar_one()
    if code not in decision.answer.owners:
        raise NotFound(_("{account} is not among the accounts that are balanced.").format(account=code))
    currency, owner = decision.basis.currency, decision.answer.owners[code]
    move = next((each for each in decision.answer.moves if each.account == code), None)
    gained = _all_gains(decision).get(code)
    first = WhyRow(owner, _("gets it") if move else _("keeps it"), gained or _("nothing is better with somebody else"))
    problem = decision.basis.problem
    others = balancing_reasons.alternatives(problem, decision.goals, decision.answer, [code], most=len(problem.people))[
        code
    ]
    return [
        first,
        *(
            WhyRow(
                each.person, _("may not") if each.obstacle else _("not better"),
                each.obstacle or _gains(each.gains, currency) or _("no better"),
            )
            for each in others
        ),
    ]  # fmt: skip
