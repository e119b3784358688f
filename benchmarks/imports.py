"""Accounts from a CSV file into an empty workspace, with all checks on."""

from benchmarks.measure import SFACTL, Side, floor, fresh, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import accounts_file, base

FLOOR = "raw sqlite3: staged, checked in SQL, upserted"
HISTORY = "the same, with a dated owner a row"
IMPORT = "sfactl import account"
AGAIN = "sfactl import account, nothing new"


def run(plan: Plan) -> None:
    """Measure the import, and the same once more."""
    file, empty = accounts_file(plan, plan.accounts), base(plan)
    target, filled = plan.folder / "import.db", plan.folder / "import-again.db"
    database = {"SFACTL_DATABASE": f"sqlite:///{target}"}
    command = [SFACTL, "import", "account", str(file), "-q"]
    sides = [
        Side(FLOOR, floor("import_accounts", target, file), prepare=lambda: fresh(empty, target)),
        Side(HISTORY, floor("import_accounts", target, file, "history"), prepare=lambda: fresh(empty, target)),
        Side(IMPORT, command, database, prepare=lambda: fresh(empty, target)),
        Side(AGAIN, command, {"SFACTL_DATABASE": f"sqlite:///{filled}"}, prepare=lambda: fresh(target, filled)),
    ]
    taken = in_turn(sides, rounds=plan.rounds or 3)
    goals = {HISTORY: "", IMPORT: "≤ 2.0, 300 MiB", AGAIN: ""}
    lines = [Line(FLOOR, taken[FLOOR], taken[FLOOR], plan.accounts)]
    lines += [Line(name, taken[name], taken[FLOOR], plan.accounts, goal) for name, goal in goals.items()]
    show(f"Import of {plan.accounts:,} accounts", lines)
    for path in (target, filled):
        path.unlink()
