"""Who has reached quota: live rows of a quarter and of three years, for everybody and for one of five regions."""

from pathlib import Path

from benchmarks.measure import SFACTL, Side, floor, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import ordered, small, stored

PERIODS = {"a quarter": ("2025-10-01", "2026-01-01"), "three years": ("2023-01-01", "2026-01-01")}
READERS = {"everybody": ("", ()), "a fifth": ("dm0", ("R0",))}
"""Whom sfactl acts as, and what the floor is narrowed to."""
START = "sfactl quota attainment, no orders"


def run(plan: Plan) -> None:
    """Measure attainment."""
    empty, path = small(plan), ordered(plan)
    sides = [Side(START, [SFACTL, *_question("a quarter")], {"SFACTL_DATABASE": f"sqlite:///{empty}"})]
    pairs = []
    for length, bounds in PERIODS.items():
        for who, (login, region) in READERS.items():
            raw, ours = f"raw sqlite3, {length}, {who}", f"sfactl quota attainment, {length}, {who}"
            environment = {"SFACTL_DATABASE": f"sqlite:///{path}"} | ({"SFACTL_AS": login} if login else {})
            sides.append(Side(raw, floor("attainment", path, *bounds, *region)))
            sides.append(Side(ours, [SFACTL, *_question(length)], environment))
            pairs.append((raw, ours, "≤ 1.3 + start"))
    pairs += [_with_proof(path, sides), *_stored(plan, sides)]
    taken = in_turn(sides, rounds=plan.rounds or 5)
    lines = [Line(START, taken[START])]
    for raw, ours, goal in pairs:
        lines += [
            Line(raw, taken[raw], taken[raw]),
            Line(ours, taken[ours], taken[raw], goal=goal, start=taken[START]),
        ]
    show(f"Attainment over {plan.orders:,} orders", lines)


def _with_proof(path: Path, sides: list[Side]) -> tuple[str, str, str]:
    """The same as a table, below which stands that all of it adds up: for that, all orders are summed too."""
    length = "three years"
    ours = f"sfactl quota attainment, {length}, everybody, with its proof"
    words = [SFACTL, *_question(length)[:-1], "md"]
    sides.append(Side(ours, words, {"SFACTL_DATABASE": f"sqlite:///{path}"}))
    return f"raw sqlite3, {length}, everybody", ours, ""


def _stored(plan: Plan, sides: list[Side]) -> list[tuple[str, str, str]]:
    """The same three years, their months stored, against the floor that sums the orders."""
    length, pairs = "three years", []
    path = stored(plan, "..".join(PERIODS[length]))
    for who, (login, _region) in READERS.items():
        ours = f"sfactl quota attainment, {length} stored, {who}"
        environment = {"SFACTL_DATABASE": f"sqlite:///{path}"} | ({"SFACTL_AS": login} if login else {})
        sides.append(Side(ours, [SFACTL, *_question(length)], environment))
        pairs.append((f"raw sqlite3, {length}, {who}", ours, "≤ 0.1 + start"))
    return pairs


def _question(length: str) -> list[str]:
    return ["quota", "attainment", "--period", "..".join(PERIODS[length]), "-o", "csv"]
