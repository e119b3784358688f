"""A list of a hundred thousand accounts by somebody whose scope it is, and by somebody who sees all and filters."""

from benchmarks.measure import SFACTL, Side, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import listed

FREE = "sfactl account list --territory R0, as an administrator"
SCOPED = "sfactl account list, as the district manager of R0"


def run(plan: Plan) -> None:
    """Measure what the rules of access cost a list."""
    path = listed(plan)
    database = {"SFACTL_DATABASE": f"sqlite:///{path}"}
    command = [SFACTL, "account", "list", "-o", "csv"]
    free, scoped = plan.folder / "free.csv", plan.folder / "scoped.csv"
    sides = [
        Side(FREE, [*command, "--territory", "R0"], database, free),
        Side(SCOPED, command, database | {"SFACTL_AS": "dm0"}, scoped),
    ]
    taken = in_turn(sides, rounds=plan.rounds or 5)
    with free.open() as one, scoped.open() as other:
        rows = sum(1 for _line in one) - 1
        if rows != sum(1 for _line in other) - 1:
            raise SystemExit("the two lists are not the same")
    lines = [Line(FREE, taken[FREE], taken[FREE], rows), Line(SCOPED, taken[SCOPED], taken[FREE], rows, "≤ 1.2")]
    show(f"A list of {rows:,} accounts", lines)
    free.unlink()
    scoped.unlink()
