"""How long it takes to configure a bundle of a thousand options and two thousand rules."""

from benchmarks.measure import Side, floor, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show

FLOOR = "the same process without the search"
SIDES = {
    "60 options, 60 rules, cheapest": (60, 60, "cost"),
    "1,000 options, 2,000 rules, cheapest": (1000, 2000, "cost"),
    "1,000 options, 2,000 rules, fewest pieces": (1000, 2000, "fewest"),
}
GOALS = {"1,000 options, 2,000 rules, cheapest": "≤ 2 s beyond the floor"}


def run(plan: Plan) -> None:
    """Measure configuring, beside a process that loads the solver and makes the same catalogue."""
    sides = [Side(FLOOR, floor("large_catalogue", 1000, 2000, "none"))]
    sides += [Side(name, floor("large_catalogue", *words)) for name, words in SIDES.items()]
    taken = in_turn(sides, rounds=plan.rounds or 3)
    lines = [Line(FLOOR, taken[FLOOR], taken[FLOOR])]
    lines += [Line(name, taken[name], taken[FLOOR], goal=GOALS.get(name, "")) for name in SIDES]
    show("Configure", lines)
