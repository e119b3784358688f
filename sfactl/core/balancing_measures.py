"""What a distribution of accounts is measured by: shares, loads and their spread, fit, travel, what moves.

These are the definitions, each as plain as it can be said; the solver computes the same figures for many at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import asin, cos, isqrt, radians, sin, sqrt

from sfactl.core.balancing import WHOLE, Account, Aim, Goal, Load, Measure, Person, Position, Problem

EARTH_M = 6_371_009
"""The earth's mean radius, in metres."""
RUNGS = 6
"""So many times, at most, counts what is far outside the band."""
LEAST_RUNG_BP = 500
Owners = Mapping[str, str | None]


@dataclass(frozen=True)
class Spread:
    """How far apart the loads of people are."""

    lowest: str
    highest: str
    "With `lowest` the worst pair."
    spread_bp: int
    "Highest load less lowest, in basis points of the mean."
    variation_bp: int
    "Coefficient of variation: the root of the mean square of what loads are away from the mean, over the mean."
    outside: int
    "People who are outside the band."


def missing_skill(person: Person, account: Account) -> tuple[str, int] | None:
    """The first skill, by name, that the account requires and he does not know so well, with the level."""
    for skill, need in sorted(account.needs.items()):
        if need.is_required and person.skills.get(skill, 0) < need.level:
            return skill, need.level
    return None


def may_have(person: Person, account: Account) -> bool:
    """Whether territory and required skills allow it."""
    return account.territory in person.territories and missing_skill(person, account) is None


def fit(person: Person, account: Account) -> int:
    """`Σ weight × min(level / required, 1)` over what the account wishes for, in ten-thousandths, each rounded half-up.

    Level 2 where 4 is wanted, at weight 3, is 1.5 of 3: 15,000.
    """
    return sum(
        need.weight * known(person.skills.get(skill, 0), need.level)
        for skill, need in account.needs.items()
        if not need.is_required
    )


def known(level: int, wanted: int) -> int:
    """`min(level / wanted, 1)` in ten-thousandths, rounded half-up."""
    return min((2 * level * WHOLE + wanted) // (2 * wanted), WHOLE)


def perfect_fit(account: Account) -> int:
    """The fit of somebody who knows all that it wishes for."""
    return sum(need.weight * WHOLE for need in account.needs.values() if not need.is_required)


def travel(person: Person, account: Account) -> int:
    """Metres that the person is away, times visits; nothing where a position is not known."""
    if person.position is None or account.position is None:
        return 0
    return account.visits * metres(person.position, account.position)


def metres(one: Position, other: Position) -> int:
    """The great-circle distance, by the chord between the places."""
    chord = sqrt(sum((a - b) ** 2 for a, b in zip(_point(one), _point(other), strict=True)))
    return round(2 * EARTH_M * asin(min(chord / 2, 1.0)))


def _point(place: Position) -> tuple[float, float, float]:
    latitude, longitude = radians(place.latitude), radians(place.longitude)
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def rungs(band_bp: int) -> list[int]:
    """How far from the mean, in basis points, what lies outside counts once more each."""
    step = max(band_bp, LEAST_RUNG_BP)
    return [band_bp + n * step for n in range(RUNGS)]


def bounds(total: int, capacity: int, capacities: int, away_bp: int) -> tuple[int, int]:
    """Lowest and highest amount of a person that are so far from his share, rounded outwards.

    His share of a total is by his capacity among all capacities.
    """
    of = capacities * WHOLE
    return max(total * capacity * (WHOLE - away_bp) // of, 0), -(-total * capacity * (WHOLE + away_bp) // of)


def outside(problem: Problem, measure: Measure, owners: Owners) -> int:
    """What lies outside the band: what somebody has too much or too little, summed up over all.

    What is outside of twice the band counts twice, of three times thrice, up to six times; a rung is 5 % at least. So it is
    better that two are a little outside than that one is far out.
    """
    total = sum(each.amount(measure) for each in problem.accounts)
    capacities = sum(person.capacity for person in problem.people)
    sums = amounts(problem, measure, owners)
    found = 0
    for person in problem.people:
        for away in rungs(problem.limits.band_bp):
            low, high = bounds(total, person.capacity, capacities, away)
            found += max(low - sums[person.key], sums[person.key] - high, 0)
    return found


def amounts(problem: Problem, measure: Measure, owners: Owners) -> dict[str, int]:
    """What each of the people has of a measure."""
    sums = {person.key: 0 for person in problem.people}
    for account in problem.accounts:
        owner = owners.get(account.key)
        if owner in sums:
            sums[owner] += account.amount(measure)
    return sums


def value(problem: Problem, goal: Goal, owners: Owners) -> int:
    """How good a goal is with these owners; units as `Outcome` says."""
    if goal.aim is Aim.BALANCE:
        return outside(problem, _measure(goal), owners)
    if goal.aim is Aim.DISRUPTION:
        return sum(account.amount(_measure(goal)) for account in moved(problem, owners))
    people = {person.key: person for person in problem.people}
    pairs = ((people.get(owners.get(account.key) or ""), account) for account in problem.accounts)
    return sum(worth(goal.aim, person, account) for person, account in pairs if person is not None)


def _measure(goal: Goal) -> Measure:
    return goal.measure or (Measure.WORKLOAD if goal.aim is Aim.BALANCE else Measure.ACCOUNTS)


def worth(aim: Aim, person: Person, account: Account) -> int:
    """Fit, travel or odds of one account with one person."""
    if aim is Aim.FIT:
        return fit(person, account)
    return travel(person, account) if aim is Aim.TRAVEL else account.odds.get(person.key, 0)


def moved(problem: Problem, owners: Owners) -> Iterable[Account]:
    """Accounts that somebody had and another one gets."""
    return (each for each in problem.accounts if each.owner is not None and owners.get(each.key) != each.owner)


def before(problem: Problem) -> dict[str, str | None]:
    """Who has which account now."""
    return {account.key: account.owner for account in problem.accounts}


def loads(problem: Problem, measure: Measure, owners: Owners) -> tuple[Load, ...]:
    """What each of the people has now and with these owners."""
    was = before(problem)
    old, new = amounts(problem, measure, was), amounts(problem, measure, owners)
    old_count, count = amounts(problem, Measure.ACCOUNTS, was), amounts(problem, Measure.ACCOUNTS, owners)
    total = sum(each.amount(measure) for each in problem.accounts)
    capacities = sum(person.capacity for person in problem.people)
    return tuple(
        Load(
            person.key, measure, person.capacity, old[person.key], new[person.key], old_count[person.key], count[person.key],
            index(old[person.key], person.capacity, total, capacities), index(new[person.key], person.capacity, total, capacities),
        )
        for person in problem.people
    )  # fmt: skip


def index(amount: int, capacity: int, total: int, capacities: int) -> int:
    """Load over the mean load, `(amount / capacity) / (total / capacities)`, in basis points, rounded half-up.

    The mean is what everybody would have if all were loaded alike. Where there is nothing to do at all, everybody has his share.
    """
    if not total:
        return WHOLE
    return (2 * amount * capacities * WHOLE + capacity * total) // (2 * capacity * total)


def spread(found: Iterable[Load], band_bp: int, *, is_before: bool = False) -> Spread:
    """How far apart the loads are, before or after."""
    indexes = {each.person: each.index_before if is_before else each.index_after for each in found}
    lowest, highest = min(indexes, key=lambda key: indexes[key]), max(indexes, key=lambda key: indexes[key])
    squares = sum((each - WHOLE) ** 2 for each in indexes.values())
    return Spread(
        lowest, highest, indexes[highest] - indexes[lowest], isqrt(squares // len(indexes)),
        sum(abs(each - WHOLE) > band_bp for each in indexes.values()),
    )  # fmt: skip
