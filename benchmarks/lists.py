"""A list of a hundred thousand accounts by somebody whose scope it is, and by somebody who sees all and filters."""

from collections.abc import Mapping

from benchmarks import server
from benchmarks.measure import SFACTL, Side, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import listed

FREE = "sfactl account list --territory R0, as an administrator"
SCOPED = "sfactl account list, as the district manager of R0"


def run(plan: Plan) -> None:
    """Measure what the rules of access cost a list, in a file and on a server."""
    path = listed(plan)
    file = {"SFACTL_DATABASE": f"sqlite:///{path}"}
    _compare(plan, "SQLite", file, file | {"SFACTL_AS": "dm0"}, "≤ 1.2")
    with server.listed(plan, "dm0") as (boss, manager):
        _compare(plan, "PostgreSQL", {"SFACTL_DATABASE": boss}, {"SFACTL_DATABASE": manager}, "≤ 1.3")


def _compare(plan: Plan, kind: str, all_seen: Mapping[str, str], in_scope: Mapping[str, str], goal: str) -> None:
    command = [SFACTL, "account", "list", "-o", "csv"]
    free, scoped = plan.folder / "free.csv", plan.folder / "scoped.csv"
    sides = [Side(FREE, [*command, "--territory", "R0"], all_seen, free), Side(SCOPED, command, in_scope, scoped)]
    taken = in_turn(sides, rounds=plan.rounds or 5)
    with free.open() as one, scoped.open() as other:
        rows = sum(1 for _line in one) - 1
        if rows != sum(1 for _line in other) - 1:
            raise SystemExit("the two lists are not the same")
    lines = [Line(FREE, taken[FREE], taken[FREE], rows), Line(SCOPED, taken[SCOPED], taken[FREE], rows, goal)]
    show(f"A list of {rows:,} accounts, {kind}", lines)
    free.unlink()
    scoped.unlink()
