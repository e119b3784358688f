"""All accounts written out, as CSV and as JSON lines."""

from benchmarks.measure import SFACTL, Side, floor, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import full

FLOOR = "csv.writer over a raw sqlite3 cursor"
GOALS = {"sfactl export account": "≤ 1.3, 100 MiB", "sfactl export account -o jsonl": "≤ 1.2, 100 MiB"}


def run(plan: Plan) -> None:
    """Measure the export."""
    path = full(plan)
    written = plan.folder / "export.out"
    database = {"SFACTL_DATABASE": f"sqlite:///{path}"}
    sides = [Side(FLOOR, floor("export_accounts", path), output=written)]
    sides += [Side(name, name.replace("sfactl", SFACTL, 1).split(), database, written) for name in GOALS]
    taken = in_turn(sides, rounds=plan.rounds or 3)
    written.unlink()
    lines = [Line(FLOOR, taken[FLOOR], taken[FLOOR], plan.accounts)]
    lines += [Line(name, taken[name], taken[FLOOR], plan.accounts, goal) for name, goal in GOALS.items()]
    show(f"Export of {plan.accounts:,} accounts", lines)
