"""What a move gains, and why an account is not with somebody else.

The accounts of a family go together, so what is weighed for one of them is weighed for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sfactl.core import balancing_measures as measures
from sfactl.core import skill_words
from sfactl.core.balancing import WHOLE, Account, Aim, Alternative, Answer, Goal, Limits, Measure, Move, Person, Problem
from sfactl.i18n import _


@dataclass
class _Ladder:
    """A measure that is balanced: what each has, and from where on something is outside."""

    sums: dict[str, int]
    bounds: dict[str, list[tuple[int, int]]]

    def outside(self, person: str, more: int) -> int:
        """What lies outside with so much more."""
        amount = self.sums[person] + more
        return sum(max(low - amount, amount - high, 0) for low, high in self.bounds[person])


class Scales:
    """Weighs what would be otherwise if an account were with somebody else."""

    def __init__(self, problem: Problem, goals: Sequence[Goal], owners: Mapping[str, str]) -> None:
        self._problem, self._goals, self._owners = problem, goals, owners
        self.people = {person.key: person for person in problem.people}
        self.accounts = {account.key: account for account in problem.accounts}
        self._families: dict[str, list[Account]] = {}
        for account in problem.accounts:
            if account.family is not None:
                self._families.setdefault(account.family, []).append(account)
        self._ladders = {
            goal.measure or Measure.WORKLOAD: self._ladder(goal.measure or Measure.WORKLOAD)
            for goal in goals
            if goal.aim is Aim.BALANCE
        }
        self._work = measures.amounts(problem, Measure.WORKLOAD, owners)
        self._counts = measures.amounts(problem, Measure.ACCOUNTS, owners)

    def _ladder(self, measure: Measure) -> _Ladder:
        total = sum(account.amount(measure) for account in self._problem.accounts)
        capacities = sum(person.capacity for person in self._problem.people)
        away = measures.rungs(self._problem.limits.band_bp)
        bounds = {
            person.key: [measures.bounds(total, person.capacity, capacities, each) for each in away]
            for person in self._problem.people
        }
        return _Ladder(measures.amounts(self._problem, measure, self._owners), bounds)

    def together(self, account: Account) -> Sequence[Account]:
        """What goes with an account: its family, or itself alone."""
        return [account] if account.family is None else self._families[account.family]

    def gains(self, accounts: Sequence[Account], other: Person) -> dict[str, int]:
        """Goal to how much better it would be if these accounts of one owner were with somebody else."""
        own = self.people[self._owners[accounts[0].key]]
        found = {}
        for goal in self._goals:
            if goal.aim is Aim.BALANCE:
                found[str(goal)] = self._evened(goal.measure or Measure.WORKLOAD, accounts, own.key, other.key)
            else:
                more = sum(self._worth(goal, each, other) - self._worth(goal, each, own) for each in accounts)
                found[str(goal)] = more if goal.is_more_better else -more
        return found

    def _evened(self, measure: Measure, accounts: Sequence[Account], giver: str, taker: str) -> int:
        if giver == taker:
            return 0
        ladder, amount = self._ladders[measure], sum(each.amount(measure) for each in accounts)
        now = ladder.outside(giver, 0) + ladder.outside(taker, 0)
        return now - ladder.outside(giver, -amount) - ladder.outside(taker, amount)

    def _worth(self, goal: Goal, account: Account, person: Person) -> int:
        if goal.aim is Aim.DISRUPTION:
            is_moved = account.owner is not None and account.owner != person.key
            return account.amount(goal.measure or Measure.ACCOUNTS) if is_moved else 0
        return measures.worth(goal.aim, person, account)

    def obstacle(self, account: Account, person: Person) -> str | None:
        """Which limit would be broken if somebody else had it; nothing when none would."""
        accounts = self.together(account)
        for each in (account, *accounts):
            if said := forbidden(each, person):
                return said if each is account else _of_relative(each, said)
        return self._full(accounts, person) or self._too_few(accounts)

    def _full(self, accounts: Sequence[Account], person: Person) -> str | None:
        limits = self._problem.limits
        most = limits.most_accounts if person.most_accounts is None else person.most_accounts
        if most is not None and self._counts[person.key] + len(accounts) > most:
            return _("{person} has as many accounts as he may").format(person=person.key)
        room = _room(person, limits)
        if room is not None and self._work[person.key] + sum(each.workload for each in accounts) > room:
            return _("{person} would have more work than he can do").format(person=person.key)
        return None

    def _too_few(self, accounts: Sequence[Account]) -> str | None:
        own = self.people[self._owners[accounts[0].key]]
        least = self._problem.limits.least_accounts if own.least_accounts is None else own.least_accounts
        if self._counts[own.key] - len(accounts) < least:
            return _("{person} has no more accounts than he needs").format(person=own.key)
        return None

    def moved(self, account: Account) -> Move:
        """What it gains that an account has another owner, beside its staying alone where it was."""
        owner = self._owners[account.key]
        before = self.people.get(account.owner or "")
        if before is None:
            return Move(account.key, account.owner, owner, {})
        lost = self.gains([account], before)
        return Move(account.key, account.owner, owner, {goal: -gain for goal, gain in lost.items()})

    def alternative(self, account: Account, person: Person) -> Alternative:
        """What would come of it if somebody else had an account, with its family."""
        return Alternative(person.key, self.obstacle(account, person), self.gains(self.together(account), person))


def forbidden(account: Account, person: Person) -> str | None:
    """Why somebody else may not have an account, however much he has; nothing where he may."""
    if account.is_locked and account.owner != person.key:
        return _locked(account)
    if account.territory not in person.territories:
        return _("{person} does not work in {territory}").format(person=person.key, territory=account.territory)
    if missing := measures.missing_skill(person, account):
        return skill_words.not_known(person.key, missing)
    return None


def _of_relative(account: Account, said: str) -> str:
    """What is in the way for another account of the family."""
    if account.is_locked:
        return (
            stays_with(account.key, account.why_locked)
            if account.why_locked
            else _("{account} of its family is locked").format(account=account.key)
        )
    return of_relative(account.key, said)


def _locked(account: Account) -> str:
    if not account.why_locked:
        return _("{account} is locked").format(account=account.key)
    return _("{account} stays: {reason}").format(account=account.key, reason=account.why_locked)


def stays_with(relative: str, reason: str) -> str:
    """Why an account stays that is of the family of another one that does."""
    return _("{account} of its family stays: {reason}").format(account=relative, reason=reason)


def of_relative(account: str, said: str) -> str:
    """What is true of another account of the family."""
    return _("{account} of its family: {reason}").format(account=account, reason=said)


def _room(person: Person, limits: Limits) -> int | None:
    return None if limits.most_load_bp is None else person.capacity * limits.most_load_bp // WHOLE


def alternatives(
    problem: Problem, goals: Sequence[Goal], answer: Answer, accounts: Sequence[str], *, most: int = 3
) -> dict[str, tuple[Alternative, ...]]:
    """Why each of these accounts is not with somebody else: account to the others, the nearest first.

    Nearest are those whom no limit forbids, then those with whom the first goal would lose least, then the second.

    Args:
        goals: the ones that were solved for.
        most: so many of them.
    """
    scales = Scales(problem, goals, answer.owners)
    return {key: tuple(_others(scales, scales.accounts[key], answer.owners[key])[:most]) for key in accounts}


def _others(scales: Scales, account: Account, owner: str) -> list[Alternative]:
    others = [scales.alternative(account, person) for person in scales.people.values() if person.key != owner]
    return sorted(others, key=lambda each: (each.obstacle is not None, [-gain for gain in each.gains.values()]))
