"""A team of so many people and accounts, balanced: `large_team.py ACCOUNTS PEOPLE TERRITORIES GOALS WORK [PER CENT HELD]`.

With work 0 it stops before the search. What comes of each goal is said, beside what two plain rules make of it.
"""

import sys
import time
from random import Random

from sfactl.core.balancing import Account, Limits, Need, Person, Position, Problem, goal_of

SKILLS = "abcdef"


def large_team(accounts: int, people: int, territories: int, hold_bp: int = 0, seed: int = 1) -> Problem:
    """People of different hours, skills and homes; accounts whose work is seven tenths of those hours, a few of them unowned.

    Each person works in one territory, every third in the next one, too; the band is five per cent.
    """
    rng = Random(seed)
    places = [f"T{n}" for n in range(territories)]
    staff = [_person(rng, n, places) for n in range(people)]
    sizes = [min(40, max(0.5, rng.lognormvariate(1, 0.8))) for _ in range(accounts)]
    minutes = 0.7 * sum(each.capacity for each in staff) / sum(sizes)
    owners = {place: [each.key for each in staff if place in each.territories] for place in places}
    return Problem(
        tuple(staff),
        tuple(_account(rng, n, int(size * minutes), rng.choice(places), owners) for n, size in enumerate(sizes)),
        Limits(band_bp=500, hold_bp=hold_bp),
    )


def _person(rng: Random, n: int, places: list[str]) -> Person:
    mine = {places[n % len(places)], *([places[(n + 1) % len(places)]] if n % 3 == 0 else [])}
    skills = {skill: rng.randint(0, 5) for skill in SKILLS if rng.random() < 0.6}
    return Person(f"p{n:04}", rng.choice([60_000, 100_000, 100_000]), frozenset(mine), skills, _somewhere(rng))


def _account(rng: Random, n: int, work: int, place: str, owners: dict[str, list[str]]) -> Account:
    needs = {skill: Need(rng.randint(1, 5), rng.randint(1, 3)) for skill in SKILLS if rng.random() < 0.25}
    owner = rng.choice(owners[place]) if rng.random() < 0.97 else None
    money = [rng.randint(0, 10**8) for _ in range(3)]
    return Account(f"a{n:06}", place, work, *money, owner=owner, needs=needs, position=_somewhere(rng))


def _somewhere(rng: Random) -> Position:
    return Position(rng.uniform(30, 48), rng.uniform(-120, -75))


def main(accounts: int, people: int, territories: int, goals: str, work: int, hold_bp: int) -> None:
    """Balance it, and say how good it is."""
    from sfactl.core import balancing_baselines, balancing_measures
    from sfactl.core.balancing_solver import solve

    problem, asked = large_team(accounts, people, territories, hold_bp), tuple(map(goal_of, goals.split(",")))
    if not work:
        return
    begun, used = time.perf_counter(), time.process_time()
    answer = solve(problem, asked, work=work)
    print(f"{time.perf_counter() - begun:.1f} s, {time.process_time() - used:.1f} s of processor time")
    plain = [balancing_baselines.in_turn(problem), balancing_baselines.least_loaded(problem)] if people <= 200 else []
    for each in answer.outcomes:
        beside = [balancing_measures.value(problem, each.goal, owners) for owners in plain]
        print(
            f"{each.goal}: {each.before:,} -> {each.after:,}, bound {each.bound:,}, gap {each.gap_bp / 100:.2f} %,"
            f" {'proven' if each.is_proven else 'not proven'}; in turn, least loaded: {beside}"
        )
    spread = balancing_measures.spread(answer.loads, problem.limits.band_bp)
    print(f"loads {spread.spread_bp / 100:.2f} % of the mean apart, {spread.outside} outside the band")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), sys.argv[4], int(sys.argv[5]), int(sys.argv[6]) if len(sys.argv) > 6 else 0)
