"""What plain rules would do, to compare with: in turn by territory, and always to whoever has the least to do.

Both keep to territories, required skills, locks and families, and to nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sfactl.core import balancing_measures as measures
from sfactl.core.balancing import Account, Person, Problem

Choose = Callable[[Sequence[Person], Sequence[Account]], Person]
"""Of those who may have the accounts, which stay together, one."""


def in_turn(problem: Problem) -> dict[str, str]:
    """Account to person: in each territory its accounts, as they come, to its people in turn."""
    turns: dict[str, int] = {}

    def choose(people: Sequence[Person], accounts: Sequence[Account]) -> Person:
        turn = turns.get(accounts[0].territory, 0)
        turns[accounts[0].territory] = turn + 1
        return people[turn % len(people)]

    return _placed(problem, _together(problem.accounts), choose)


def least_loaded(problem: Problem) -> dict[str, str]:
    """Account to person: those that ask for most first, each to whoever has the smallest load for his capacity then."""
    work = {person.key: 0 for person in problem.people}

    def choose(people: Sequence[Person], accounts: Sequence[Account]) -> Person:
        chosen = min(people, key=lambda each: Fraction(work[each.key], each.capacity))
        work[chosen.key] += _work(accounts)
        return chosen

    return _placed(problem, sorted(_together(problem.accounts), key=lambda accounts: -_work(accounts)), choose)


def _work(accounts: Sequence[Account]) -> int:
    return sum(account.workload for account in accounts)


def _together(accounts: Sequence[Account]) -> list[list[Account]]:
    """Families, and accounts that have none."""
    groups: dict[tuple[bool, str], list[Account]] = {}
    for account in accounts:
        key = (account.family is None, account.family or account.key)
        groups.setdefault(key, []).append(account)
    return list(groups.values())


def _placed(problem: Problem, groups: Sequence[Sequence[Account]], choose: Choose) -> dict[str, str]:
    people: Mapping[str, Person] = {person.key: person for person in problem.people}
    able: dict[Any, list[Person]] = {}
    found = {}
    for accounts in groups:
        owner = next((account.owner for account in accounts if account.is_locked), None) or ""
        kind = frozenset(map(_kind, accounts))
        if kind not in able:
            able[kind] = [each for each in problem.people if all(measures.may_have(each, one) for one in accounts)]
        chosen = people[owner] if owner in people else choose(able[kind], accounts)
        found.update({account.key: chosen.key for account in accounts})
    return found


def _kind(account: Account) -> Any:
    """Accounts of one kind may be with the same people."""
    required = frozenset((skill, need.level) for skill, need in account.needs.items() if need.is_required)
    return account.territory, required
