"""Quotas, and how much of them each seller brings in: the bookings are then made to come out there."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from sfactl.services.demo_world.company import TERRITORIES, Company
from sfactl.services.demo_world.timeline import CURRENCY, Row, Timeline, date_text, money_text

SEASON = (88, 100, 95, 117)
"""What each quarter of a year is expected to bring, in hundredths of the average."""
LEVELS = {"NW": 270, "PC": 320, "SW": 285, "GL": 300, "PL": 250, "GC": 280, "NE": 310, "SE": 290}
"""The first quarter's quota of a seat, in thousands."""
GROWTH = {"SW": 5}
USUAL_GROWTH = 2
"""By how many hundredths of the first a quota rises each quarter."""
RISING, RISING_SINCE = "SW", 4
ROUNDING = 5_000_00
TERRITORY_SHARE = 96
"""A territory's quota, in hundredths of those of its people: they are over-assigned a little."""


@dataclass(frozen=True)
class Goal:
    """What somebody must bring in a quarter, and what he brings in (so far, where it is still running), in cents."""

    user: str
    territory: str
    quarter: int
    quota: int
    booked: int


def make_goals(rng: Random, company: Company) -> list[Goal]:
    """A goal for everybody in each quarter; a third to a half of them reach it."""
    ability = {user: rng.randint(85, 120) for user in sorted(company.hired_on)}
    talent = {user: rng.randint(0, 100) for user in sorted(company.hired_on)}
    goals: list[Goal] = []
    for quarter in range(len(company.timeline.quarters)):
        holders = _holders(company, quarter)
        places = dict(holders)
        bonus = {RISING: 70} if quarter >= RISING_SINCE else {}
        ranking = sorted(
            places, key=lambda user: talent[user] + rng.randint(0, 110) + bonus.get(places[user], 0), reverse=True
        )
        results = dict(zip(ranking, _attainments(rng, len(ranking)), strict=True))
        for user, territory in places.items():
            seats = [seat for seat in holders if seat[0] == user]
            quota = sum(_seat_quota(company.timeline, territory, quarter, ability[user]) for _seat in seats)
            share = _share_booked(company.timeline, quarter, ranking.index(user), results[user])
            goals.append(Goal(user, territory, quarter, quota, int(quota * share)))
    return goals


def _holders(company: Company, quarter: int) -> list[tuple[str, str]]:
    """Who had which seats in the quarter, with the territory; twice who had two."""
    first_day = company.timeline.quarters[quarter].start
    return [(seat.holder_on(first_day), seat.territory) for seat in company.seats]


def _seat_quota(timeline: Timeline, territory: str, quarter: int, ability: int) -> int:
    season = SEASON[(timeline.quarters[quarter].start.month - 1) // 3]
    growth = 100 + quarter * GROWTH.get(territory, USUAL_GROWTH)
    quota = LEVELS[territory] * 1000_00 * ability * season * growth // 100**3
    return quota // ROUNDING * ROUNDING


def _attainments(rng: Random, count: int) -> list[Fraction]:
    """From the best to the worst: 33 to 48 of hundred reach 100 %, up to 139 %; the others spread down to 56 %."""
    reached = rng.randint(count * 35 // 100, count * 46 // 100)
    missed = count - reached
    above = [10_180 + 3_640 * i * i // (reached - 1) ** 2 for i in range(reached)]
    below = [9_700 - 4_050 * i * i // (missed - 1) ** 2 for i in range(missed)]
    return [Fraction(points + rng.randint(0, 100), 10_000) for points in above[::-1] + below]


def _share_booked(timeline: Timeline, quarter: int, rank: int, attainment: Fraction) -> Fraction:
    """The part of the quota that is booked by now."""
    if quarter != timeline.current:
        return attainment
    period = timeline.quarters[quarter]
    elapsed = Fraction(period.elapsed_days(timeline.today), period.days)
    has_early_success = rank < 2 and elapsed >= Fraction(1, 4)
    return Fraction(104 + 3 * rank, 100) if has_early_success and elapsed < 1 else elapsed * attainment


def quota_rows(company: Company, goals: list[Goal]) -> list[Row]:
    """The quotas of people, of their territories, and of those above."""
    rows: list[Row] = []
    for quarter in range(len(company.timeline.quarters)):
        current = [goal for goal in goals if goal.quarter == quarter]
        for goal in current:
            rows.append(_row(company.timeline, quarter, goal.user, goal.territory, goal.quota))
        for code, amount in _territory_quotas(current).items():
            rows.append(_row(company.timeline, quarter, "", code, amount))
    return rows


def _territory_quotas(goals: list[Goal]) -> dict[str, int]:
    """From the bottom up; each level sums the one below."""
    quotas = {code: 0 for code, *_rest in TERRITORIES}
    for goal in goals:
        quotas[goal.territory] += goal.quota
    for code, _name, parent, kind in reversed(TERRITORIES):
        if kind == "territory":
            quotas[code] = quotas[code] * TERRITORY_SHARE // 100 // ROUNDING * ROUNDING
        if parent:
            quotas[parent] += quotas[code]
    return quotas


def _row(timeline: Timeline, quarter: int, user: str, territory: str, amount: int) -> Row:
    period = timeline.quarters[quarter]
    return {
        "user": user,
        "territory": territory,
        "measure": "revenue",
        "starts_on": date_text(period.start),
        "ends_on": date_text(period.end),
        "amount": money_text(amount),
        "currency": CURRENCY,
    }
