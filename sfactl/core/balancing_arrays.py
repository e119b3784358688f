"""A problem as arrays: units (an account, or a family of them) by people.

All goals are costs here, the smaller the better: what is lacking for a perfect fit, what is missing to the best odds. Costs are whole
numbers in double precision, exact below 2^53. Sums go element by element, in a fixed order, so that they are the same on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sfactl.core import balancing_measures as measures
from sfactl.core.balancing import WHOLE, Account, Aim, Goal, Measure, Person, Position, Problem

NOBODY = -1
OUTSIDE = -2
"""The owner is not among the people of the problem."""
Array = Any
"""An array of numpy."""
KEPT_PAIRS = 4_000_000
"""Up to so many pairs of an account and a person, what they cost is computed once and kept: 32 MB a goal."""


class World:
    """The problem in arrays; accounts stand in the order of their units."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.people = problem.people
        self._index = {person.key: n for n, person in enumerate(self.people)}
        units = _units(problem.accounts)
        self.order = [n for unit in units for n in unit]
        "Accounts of the problem, unit by unit."
        self.accounts = [problem.accounts[n] for n in self.order]
        self.sizes = np.array([len(unit) for unit in units], dtype=np.int64)
        self.starts = np.concatenate(([0], np.cumsum(self.sizes)[:-1])).astype(np.int64)
        self.unit = np.repeat(np.arange(len(units)), self.sizes)
        self.owner = np.array([self._owner(account) for account in self.accounts], dtype=np.int64)
        self.amounts = {each: self._summed(each) for each in Measure}
        self._best: dict[Goal, int] = {}
        self._costs: dict[Goal, Array] = {}
        self._add_classes()
        self._add_wishes()
        self._add_places()

    def _owner(self, account: Account) -> int:
        return NOBODY if account.owner is None else self._index.get(account.owner, OUTSIDE)

    def _summed(self, measure: Measure) -> Array:
        """What each unit counts for."""
        return np.add.reduceat(self._of_accounts(measure), self.starts)

    def _of_accounts(self, measure: Measure) -> Array:
        return np.array([account.amount(measure) for account in self.accounts], dtype=np.float64)

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.sizes)

    def _add_classes(self) -> None:
        """Units that the same people may have are of a class."""
        rows: dict[Any, int] = {}
        allowed: list[Array] = []
        kinds = np.empty(len(self.accounts), dtype=np.int64)
        for n, account in enumerate(self.accounts):
            key = _class_of(account)
            if key not in rows:
                rows[key] = len(allowed)
                allowed.append(np.array([_is_allowed(person, account) for person in self.people], dtype=bool))
            kinds[n] = rows[key]
        table = np.array(allowed)
        self._merge_families(table, kinds)

    def _merge_families(self, table: Array, kinds: Array) -> None:
        """A unit may be with those whom all its accounts allow."""
        first = kinds[self.starts]
        more: dict[bytes, int] = {row.tobytes(): n for n, row in reversed(list(enumerate(table)))}
        rows = list(table)
        self.kind = np.array([more[table[k].tobytes()] for k in range(len(table))], dtype=np.int64)[first]
        for u in np.flatnonzero(self.sizes > 1):
            mask = table[kinds[self.starts[u] : self.starts[u] + self.sizes[u]]].all(axis=0)
            key = mask.tobytes()
            if key not in more:
                more[key] = len(rows)
                rows.append(mask)
            self.kind[u] = more[key]
        self.allowed = np.array(rows)
        "Class by person."

    def _add_wishes(self) -> None:
        """Accounts that wish for the same lack the same of everybody."""
        rows: dict[Any, int] = {}
        self._wish = np.empty(len(self.accounts), dtype=np.int64)
        for n, account in enumerate(self.accounts):
            self._wish[n] = rows.setdefault(_wishes(account), len(rows))
        known = {(skill, level) for wishes in rows for skill, level, _weight in wishes}
        lacking = {key: self._lacking(*key) for key in known}
        nothing = np.zeros(len(self.people), dtype=np.float32)
        self._lacks = np.array([sum((w * lacking[s, level] for s, level, w in wishes), nothing) for wishes in rows])

    def _lacking(self, skill: str, level: int) -> Array:
        """What each of the people lacks in a skill, in ten-thousandths."""
        levels = [WHOLE - measures.known(person.skills.get(skill, 0), level) for person in self.people]
        return np.array(levels, dtype=np.float32)

    def _add_places(self) -> None:
        self._homes, self._has_home = _points([person.position for person in self.people])
        self._sites, self._has_site = _points([account.position for account in self.accounts])
        self._visits = np.array([account.visits for account in self.accounts], dtype=np.float64)

    def eligible(self, units: Array) -> Array:
        """Unit by person: who may have it."""
        return self.allowed[self.kind[units]]

    def costs(self, goal: Goal, units: Array) -> Array:
        """Unit by person: what it costs in a goal that is not a balance. The units go upwards without a gap."""
        first = self.starts[units[0]]
        last = self.starts[units[-1]] + self.sizes[units[-1]]
        found = self._account_costs(goal, slice(first, last))
        if last - first == len(units):
            return found
        return np.add.reduceat(found, self.starts[units] - first, axis=0)

    def _account_costs(self, goal: Goal, part: slice) -> Array:
        """What accounts cost in a goal, which is kept where there are not too many pairs."""
        if len(self.accounts) * len(self.people) > KEPT_PAIRS:
            return self._computed(goal, part)
        if goal not in self._costs:
            self._costs[goal] = self._computed(goal, slice(0, len(self.accounts)))
            self._costs[goal].flags.writeable = False
        return self._costs[goal][part]

    def _computed(self, goal: Goal, part: slice) -> Array:
        if goal.aim is Aim.FIT:
            return self._lacks[self._wish[part]].astype(np.float64)
        if goal.aim is Aim.TRAVEL:
            return self._travel(part)
        if goal.aim is Aim.ODDS:
            return self._odds(part)
        return self._moved(goal.measure or Measure.ACCOUNTS, part)

    def _moved(self, measure: Measure, part: slice) -> Array:
        owners = self.owner[part]
        counts = np.array([account.amount(measure) for account in self.accounts[part]], dtype=np.float64)
        counts[owners == NOBODY] = 0
        found = np.repeat(counts[:, None], len(self.people), axis=1)
        mine = np.flatnonzero(owners >= 0)
        found[mine, owners[mine]] = 0
        return found

    def _travel(self, part: slice) -> Array:
        away = np.zeros((len(self._visits[part]), len(self.people)))
        for axis in range(3):
            away += (self._sites[part, axis, None] - self._homes[None, :, axis]) ** 2
        found = np.rint(2 * measures.EARTH_M * np.arcsin(np.minimum(np.sqrt(away) / 2, 1.0)))
        found *= self._visits[part, None]
        found[:, ~self._has_home] = 0
        found[~self._has_site[part]] = 0
        return found

    def _odds(self, part: slice) -> Array:
        accounts = self.accounts[part]
        found = np.zeros((len(accounts), len(self.people)))
        for n, account in enumerate(accounts):
            for key, odds in account.odds.items():
                if key in self._index:
                    found[n, self._index[key]] = odds
        return found.max(axis=1, keepdims=True) - found

    def best(self, goal: Goal) -> int:
        """The value of a goal that costs nothing."""
        if goal not in self._best:
            self._best[goal] = self._best_of(goal)
        return self._best[goal]

    def _best_of(self, goal: Goal) -> int:
        if goal.aim is Aim.FIT:
            return sum(measures.perfect_fit(account) for account in self.accounts)
        if goal.aim is Aim.ODDS:
            people = self._index
            return sum(max((o for key, o in a.odds.items() if key in people), default=0) for a in self.accounts)
        return 0

    def owners(self, found: Array) -> dict[str, str]:
        """Account to person, in the problem's order, from unit to person."""
        keys = [self.people[n].key for n in found[self.unit]]
        named = {account.key: key for account, key in zip(self.accounts, keys, strict=True)}
        return {account.key: named[account.key] for account in self.problem.accounts}


def _units(accounts: Sequence[Account]) -> list[list[int]]:
    """Numbers of the accounts that stay together."""
    units: list[list[int]] = []
    families: dict[str, list[int]] = {}
    for n, account in enumerate(accounts):
        if account.family is None:
            units.append([n])
        elif account.family in families:
            families[account.family].append(n)
        else:
            families[account.family] = [n]
            units.append(families[account.family])
    return units


def _class_of(account: Account) -> Any:
    required = frozenset((skill, need.level) for skill, need in account.needs.items() if need.is_required)
    return account.territory, required, account.owner if account.is_locked else None


def _wishes(account: Account) -> tuple[tuple[str, int, int], ...]:
    """Skill, level and weight of all that it wishes for, by skill."""
    return tuple(
        (skill, need.level, need.weight) for skill, need in sorted(account.needs.items()) if not need.is_required
    )


def _is_allowed(person: Person, account: Account) -> bool:
    is_his = not account.is_locked or account.owner == person.key
    return is_his and measures.may_have(person, account)


def _points(positions: Sequence[Position | None]) -> tuple[Array, Array]:
    known = np.array([each is not None for each in positions], dtype=bool)
    degrees = np.array([(e.latitude, e.longitude) if e else (0.0, 0.0) for e in positions], dtype=np.float64).reshape(
        -1, 2
    )
    latitude, longitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    return np.stack(
        (np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)), axis=1
    ), known  # fmt: skip


@dataclass
class Shares:
    """What each of the people may have of a measure: hard bounds, and a ladder of what lies outside the band."""

    low: Array
    high: Array
    "Whole numbers; `inf` where there is no bound."
    lows: Array
    highs: Array
    "Rung by person: from where on something counts once more."

    def outside(self, sums: Array) -> Array:
        """Per person, what lies outside, counted by rungs."""
        return np.maximum(np.maximum(self.lows - sums, sums - self.highs), 0).sum(axis=0)


def shares(world: World, measure: Measure) -> Shares:
    """The bounds of a measure by person."""
    problem, limits = world.problem, world.problem.limits
    total = sum(account.amount(measure) for account in problem.accounts)
    capacities = sum(person.capacity for person in problem.people)
    ladder = [
        [measures.bounds(total, person.capacity, capacities, away) for person in problem.people]
        for away in measures.rungs(limits.band_bp)
    ]
    table = np.array(ladder, dtype=np.float64)
    low, high = np.zeros(len(problem.people)), np.full(len(problem.people), np.inf)
    if measure is Measure.WORKLOAD and limits.most_load_bp is not None:
        high = np.array([person.capacity * limits.most_load_bp // WHOLE for person in problem.people], dtype=np.float64)
    if measure is Measure.ACCOUNTS:
        low = np.array([least(problem, person) for person in problem.people], dtype=np.float64)
        high = np.array([most(problem, person) for person in problem.people], dtype=np.float64)
    return Shares(low, high, table[:, :, 0], table[:, :, 1])


def least(problem: Problem, person: Person) -> int:
    """So many accounts a person has at least."""
    return problem.limits.least_accounts if person.least_accounts is None else person.least_accounts


def most(problem: Problem, person: Person) -> float:
    """So many accounts a person has at most."""
    found = problem.limits.most_accounts if person.most_accounts is None else person.most_accounts
    return float("inf") if found is None else found


Amounts = Mapping[Measure, Array]
