"""One row through SQLModel: what is left to a command once the library is loaded and the tables are mapped."""

import json
import sqlite3
from pathlib import Path

from benchmarks.measure import PYTHON, SFACTL, Side, floor, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import small

CODE = "A0000042"
FLOOR = "a bare SQLModel query, as many tables"
IMPORT = "python -c 'import sqlmodel'"
SHOW = f"sfactl account show {CODE} -o json"
LIST = f"sfactl account list --search {CODE} -o json"


def run(plan: Plan) -> None:
    """Measure the way to one row."""
    path = small(plan)
    database = {"SFACTL_DATABASE": f"sqlite:///{path}"}
    sides = [
        Side(FLOOR, floor("one_row", path, CODE, json.dumps(_columns_of_tables(path)))),
        Side(IMPORT, [PYTHON, "-c", "import sqlmodel"]),
        Side(SHOW, SHOW.replace("sfactl", SFACTL, 1).split(), database),
        Side(LIST, LIST.replace("sfactl", SFACTL, 1).split(), database),
    ]
    taken = in_turn(sides, rounds=plan.rounds or 15)
    lines = [Line(FLOOR, taken[FLOOR], taken[FLOOR]), Line(IMPORT, taken[IMPORT], taken[FLOOR])]
    lines += [Line(name, taken[name], taken[FLOOR], goal="≤ 1.3") for name in (SHOW, LIST)]
    show("One row", lines)


def _columns_of_tables(path: Path) -> dict[str, int]:
    """How many columns each table has, except the one that is read."""
    with sqlite3.connect(path) as raw:
        return dict(
            raw.execute(
                "SELECT m.name, count(*) FROM sqlite_master AS m, pragma_table_info(m.name)"
                " WHERE m.type = 'table' AND m.name NOT IN ('account', 'alembic_version') GROUP BY m.name"
            )
        )
