"""What if: the same balance with other people, other hours, or a territory in two, side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final

from sfactl.core.balancing import Aim, Goal, Watch
from sfactl.core.money import Money, minor_digits, round_half_up
from sfactl.db.session import Session
from sfactl.errors import Findings, UsageFault
from sfactl.i18n import _
from sfactl.services import assignment_policy, balancing
from sfactl.services.balancing_request import Basis, Request, Scenario, Split

WORDS: Final = ("with", "without", "hours", "split")


@dataclass(frozen=True)
class ScenarioRow:
    """What one scenario comes to."""

    scenario: str
    people: int
    accounts: int
    load: Fraction
    "What all accounts ask for, over what all people can do."
    spread_before: Fraction | None
    "Highest load less lowest, over the mean, before anything moves."
    spread_after: Fraction | None
    outside: int | None
    "People whose load is outside of the band afterwards."
    moved: int | None
    "Accounts that somebody had and another one gets."
    given: int | None
    "Accounts that nobody had."
    hours_moved: int | None
    "Thousandths of the hours that those which change hands ask for in a year."
    revenue_moved: Fraction | None
    revenue: Money | None
    "Of those which change hands, in a year."
    fit: Fraction | None
    "Of what the accounts wish for."
    travel: int | None
    "Kilometres in a year; nothing for somebody who is not there yet, since it is not known where he lives."
    cost: Money | None
    "What the people cost in a year beyond those of the first row; nothing where the policy does not say what one costs."
    is_proven: bool | None
    said: str | None
    "Why there is no balance."
    currency: str


def scenario_of(text: str) -> Scenario:
    """Read a scenario as people write it: `with=eve; hours=sam:800`.

    Raises:
        UsageFault: it is none.
    """
    found = Scenario()
    if not text.strip(" ;"):
        raise _no_scenario(text)
    for part in filter(None, (each.strip() for each in text.split(";"))):
        word, equals, value = part.partition("=")
        word, value = word.strip(), value.strip()
        if word not in WORDS or not equals or not value:
            raise _no_scenario(part)
        found = _added(found, word, value)
    return found


def _added(scenario: Scenario, word: str, value: str) -> Scenario:
    if word == "with":
        return replace(scenario, with_=(*scenario.with_, value))
    if word == "without":
        return replace(scenario, without=(*scenario.without, value))
    name, colon, said = value.partition(":")
    name, said = name.strip(), said.strip()
    if not (colon and name and said):
        raise _no_scenario(f"{word}={value}")
    if word == "split":
        return replace(scenario, splits=(*scenario.splits, Split(name, said)))
    if not (said.isascii() and said.isdigit() and int(said) <= 100_000):
        raise _no_scenario(f"{word}={value}")
    if int(said) == 0:
        raise UsageFault(
            _("{text} leaves somebody with accounts and no hours for them.").format(text=f"{word}={value}"),
            _("without={user} gives them to the others.").format(user=name),
        )
    return replace(scenario, hours={**scenario.hours, name: int(said)})


def _no_scenario(text: str) -> UsageFault:
    return UsageFault(
        _("{text} is no scenario.").format(text=text),
        _(
            "Scenarios: with=USER, with=new:TERRITORY, without=USER, hours=USER:800, split=TERRITORY:CONDITION; several with “;”."
        ),
    )


def merged(one: Scenario, other: Scenario) -> Scenario:
    """Both at once."""
    return Scenario(
        (*one.with_, *other.with_), (*one.without, *other.without), {**one.hours, **other.hours},
        (*one.splits, *other.splits),
    )  # fmt: skip


def compare(
    session: Session,
    request: Request,
    texts: Sequence[str],
    goals: Sequence[Goal],
    effective: date,
    *,
    seed: int,
    work: int,
    watch: Watch | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[ScenarioRow]:
    """The balance as it is asked for, and then each of the scenarios.

    Raises:
        UsageFault: one of them is no scenario.
        NotFound: one names a person or territory that is not there, or not the person's to see.
    """
    chosen = [
        ("", request),
        *((text, replace(request, scenario=merged(request.scenario, scenario_of(text)))) for text in texts),
    ]
    found: list[ScenarioRow] = []
    costs = _Costs(session)
    for text, asked in chosen:
        basis = balancing.prepare(session, asked, goals, effective)
        cost = costs.of(basis)
        try:
            decision = balancing.decide(
                basis, goals, seed=seed, work=work, watch=watch, is_cancelled=is_cancelled, is_helping=False
            )
        except Findings as fault:
            found.append(_impossible(text, basis, cost, fault))
        else:
            found.append(_row(text, decision, cost))
    return found


class _Costs:
    """What the people of each scenario cost beyond those of the first."""

    def __init__(self, session: Session) -> None:
        policy = assignment_policy.current(session)
        self._usual, self._one = policy.capacity_hours * 1000, policy.balance.cost_of_person
        self._first: Fraction | None = None

    def of(self, basis: Basis) -> Money | None:
        """A person of the usual hours costs what the policy says, others in proportion."""
        if self._one is None or not self._usual:
            return None
        parts = sum((Fraction(hours, self._usual) for hours in basis.hours.values()), Fraction(0))
        self._first = parts if self._first is None else self._first
        whole = Fraction(self._one) * 10 ** minor_digits(basis.currency)
        return Money(round_half_up((parts - self._first) * whole), basis.currency)


def _row(text: str, decision: balancing.Decision, cost: Money | None) -> ScenarioRow:
    told = balancing.summary("", decision)
    found = {outcome.goal.aim: outcome for outcome in decision.answer.outcomes}
    fit, travel = found.get(Aim.FIT), found.get(Aim.TRAVEL)
    held = [decision.basis.held[move.account] for move in decision.answer.moves if move.before is not None]
    currency = decision.basis.currency
    return ScenarioRow(
        text, told.people, told.accounts, _load(decision.basis), told.spread_before, told.spread_after,
        told.outside_after, told.moved, told.given, sum(each.work_e3 for each in held), told.revenue_moved,
        Money(sum(each.revenue_minor for each in held), currency),
        Fraction(fit.after, fit.whole) if fit and fit.whole else None, round(travel.after / 1000) if travel else None,
        cost, told.is_proven, None, currency,
    )  # fmt: skip


def _impossible(text: str, basis: Basis, cost: Money | None, fault: Findings) -> ScenarioRow:
    problem = basis.problem
    return ScenarioRow(
        text, len(problem.people), len(problem.accounts), _load(basis), None, None, None, None, None, None, None, None,
        None, None, cost, None, fault.message, basis.currency,
    )  # fmt: skip


def _load(basis: Basis) -> Fraction:
    problem = basis.problem
    return Fraction(
        sum(account.workload for account in problem.accounts), sum(person.capacity for person in problem.people)
    )
