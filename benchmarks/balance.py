"""How long it takes to balance a team, and how far from the best that is at most."""

from benchmarks.measure import Side, floor, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show

FLOOR = "20,000 × 200: the same process without the search"
SIDES = {
    "200 × 10: balance, fit, travel": (200, 10, 1, "balance,fit,travel", 60),
    "20,000 × 200, all may have all: balance, fit": (20_000, 200, 1, "balance,fit", 40),
    "20,000 × 200 in ten territories: balance, travel": (20_000, 200, 10, "balance,travel", 40),
    "100,000 × 1,000 in twenty territories: balance, travel": (100_000, 1000, 20, "balance,travel", 200),
}
GOALS = {
    "200 × 10: balance, fit, travel": "proven, ≤ 5 s",
    "20,000 × 200, all may have all: balance, fit": "gap ≤ 1 %, ≤ 60 s, 2 GiB",
    "20,000 × 200 in ten territories: balance, travel": "gap ≤ 1 %, ≤ 60 s, 2 GiB",
    "100,000 × 1,000 in twenty territories: balance, travel": "≤ 600 s",
}


def run(plan: Plan) -> None:
    """Measure balancing, beside a process that makes the same people and accounts."""
    said = {name: plan.folder / f"balance-{n}.txt" for n, name in enumerate(SIDES)}
    sides = [Side(FLOOR, floor("large_team", *SIDES["20,000 × 200, all may have all: balance, fit"][:4], 0))]
    sides += [Side(name, floor("large_team", *words), output=said[name]) for name, words in SIDES.items()]
    taken = in_turn(sides, rounds=plan.rounds or 1)
    lines = [Line(FLOOR, taken[FLOOR])] + [Line(name, taken[name], goal=GOALS[name]) for name in SIDES]
    show("Balance", lines)
    for name, path in said.items():
        print(f"\n{name}:\n{path.read_text()}", end="")
