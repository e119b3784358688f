"""What makes a problem infeasible, by name, before anything is solved; and what is no problem at all."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sfactl.core import balancing_measures as measures
from sfactl.core import skill_words
from sfactl.core.balancing import WHOLE, Account, Goal, Kind, Limits, Measure, Need, Obstacle, Person, Problem
from sfactl.errors import UsageFault
from sfactl.i18n import _

NAMED = 5
"""So many names stand in a sentence; the obstacle holds them all."""


def require_sound(problem: Problem, goals: Sequence[Goal]) -> None:
    """Refuse what is no problem.

    Raises:
        UsageFault: a key twice, a capacity of nothing, a figure below zero, nobody or nothing, a goal twice.
    """
    if not problem.people or not problem.accounts:
        raise UsageFault(_("There is nobody or nothing to balance."))
    _require_once([person.key for person in problem.people])
    _require_once([account.key for account in problem.accounts])
    _require_once([str(goal) for goal in goals])
    for person in problem.people:
        _require(person.capacity > 0, person.key, "capacity")
    for account in problem.accounts:
        _require(min(account.visits, *(account.amount(each) for each in Measure)) >= 0, account.key, "workload")
        _require(all(_is_sound(need) for need in account.needs.values()), account.key, "needs")
    _require(_is_sound_limit(problem.limits), "limits", "band_bp")


def _require_once(keys: Sequence[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise UsageFault(_("{key} is there twice.").format(key=key))
        seen.add(key)


def _require(is_sound: bool, key: str, field: str) -> None:
    if not is_sound:
        raise UsageFault(_("{key}: {field} is out of its bounds.").format(key=key, field=field))


def _is_sound(need: Need) -> bool:
    return need.level > 0 and need.weight > 0


def _is_sound_limit(limits: Limits) -> bool:
    known = (limits.most_load_bp, limits.most_moved, limits.most_revenue_moved_bp, limits.most_accounts)
    return min(limits.band_bp, limits.least_accounts, limits.hold_bp, *(each or 0 for each in known)) >= 0


def obstacles(problem: Problem, world: Any) -> tuple[Obstacle, ...]:
    """Why there is no answer, as far as it can be seen without looking for one; nothing when it cannot.

    Args:
        world: the problem in arrays.
    """
    found = (*_of_accounts(problem), *_of_families(problem))
    return tuple(found) or (*_of_room(world), *_of_moves(problem))


def _of_accounts(problem: Problem) -> Iterator[Obstacle]:
    """Accounts that nobody may have, those of one cause together."""
    people = {person.key: person for person in problem.people}
    causes: dict[Any, list[Account]] = {}
    free: dict[Any, Any] = {}
    for account in problem.accounts:
        kind = _kind(account)
        if kind not in free:
            free[kind] = _cause(problem, account)
        cause = _lock(account, people) if account.is_locked else free[kind]
        if cause is not None:
            causes.setdefault(cause, []).append(account)
    for cause, accounts in causes.items():
        yield _named(cause, accounts)


def _kind(account: Account) -> Any:
    required = frozenset((skill, need.level) for skill, need in account.needs.items() if need.is_required)
    return account.territory, required


def _lock(account: Account, people: dict[str, Person]) -> Any:
    owner = people.get(account.owner or "")
    is_his = owner is not None and measures.may_have(owner, account)
    return None if is_his else (Kind.LOCKED, account.key, account.owner, owner is not None)


def _cause(problem: Problem, account: Account) -> Any:
    """Why nobody may have it; nothing when somebody may."""
    there = [person for person in problem.people if account.territory in person.territories]
    if not there:
        return Kind.NOBODY_THERE, account.territory
    if any(measures.missing_skill(person, account) is None for person in there):
        return None
    required = sorted((skill, need.level) for skill, need in account.needs.items() if need.is_required)
    missing = [(s, level) for s, level in required if all(person.skills.get(s, 0) < level for person in there)]
    return Kind.SKILL, account.territory, tuple(missing or required)


def _named(cause: Any, accounts: Sequence[Account]) -> Obstacle:
    keys = tuple(account.key for account in accounts)
    if cause[0] is Kind.NOBODY_THERE:
        said = _("nobody may have accounts of {territory}: {accounts}").format(territory=cause[1], accounts=some(keys))
        return Obstacle(cause[0], said, keys, territories=(cause[1],))
    if cause[0] is Kind.SKILL:
        said = _("nobody in {territory} or above it knows {skills}, which {accounts} require").format(
            territory=cause[1], skills=skill_words.listed(cause[2]), accounts=some(keys)
        )  # fmt: skip
        return Obstacle(cause[0], said, keys, territories=(cause[1],))
    return _of_lock(cause, keys)


def _of_lock(cause: Any, keys: tuple[str, ...]) -> Obstacle:
    _kind, key, owner, is_here = cause
    if owner is None:
        said = _("{account} is locked, and nobody has it").format(account=key)
    elif is_here:
        said = _("{account} is locked, and {owner} may not have it").format(account=key, owner=owner)
    else:
        said = _("{account} is locked, and {owner} is not among those who are balanced").format(
            account=key, owner=owner
        )
    return Obstacle(Kind.LOCKED, said, keys, (owner,) if owner else ())


def some(keys: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    listed = ", ".join(keys[:NAMED])
    more = len(keys) - NAMED
    return listed if more <= 0 else _("{names} and {count} more").format(names=listed, count=more)


def _of_families(problem: Problem) -> Iterator[Obstacle]:
    families: dict[str, list[Account]] = {}
    for account in problem.accounts:
        if account.family is not None:
            families.setdefault(account.family, []).append(account)
    for family, accounts in families.items():
        if not any(_may_have_all(person, accounts) for person in problem.people):
            keys = tuple(account.key for account in accounts)
            said = _("nobody may have all of the family {family}: {accounts}").format(
                family=family, accounts=some(keys)
            )
            yield Obstacle(Kind.FAMILY, said, keys)


def _may_have_all(person: Person, accounts: Iterable[Account]) -> bool:
    return all(
        measures.may_have(person, account) and (not account.is_locked or account.owner == person.key)
        for account in accounts
    )


def _of_room(world: Any) -> Iterator[Obstacle]:
    """More work, or more or fewer accounts, than people may have; the tightest group is named."""
    from sfactl.core import balancing_room

    yield from balancing_room.obstacles(world)


def _of_moves(problem: Problem) -> Iterator[Obstacle]:
    """More has to leave those who may not have it than may move."""
    limits, people = problem.limits, {person.key: person for person in problem.people}
    must = [account for account in problem.accounts if account.owner is not None and _must_move(account, people)]
    keys = tuple(account.key for account in must)
    if limits.most_moved is not None and len(must) > limits.most_moved:
        said = _("{count} accounts have to move, since their owners may not have them, and {most} may: {accounts}")
        yield Obstacle(Kind.MOVES, said.format(count=len(must), most=limits.most_moved, accounts=some(keys)), keys)
    if limits.most_revenue_moved_bp is not None:
        revenue = sum(account.revenue_minor for account in must)
        if revenue * WHOLE > limits.most_revenue_moved_bp * sum(account.revenue_minor for account in problem.accounts):
            said = _("more revenue than may has to move with accounts whose owners may not have them: {accounts}")
            yield Obstacle(Kind.MOVES, said.format(accounts=some(keys)), keys)


def _must_move(account: Account, people: dict[str, Person]) -> bool:
    owner = people.get(account.owner or "")
    return owner is None or not measures.may_have(owner, account)
