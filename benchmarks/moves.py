"""Many accounts to new owners, with dated history: the plan made and applied, in a file and on a server."""

import csv
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.generate import SALES
from benchmarks.measure import SFACTL, Side, Taken, floor, fresh, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import full, moves_file, selling

PLANNED = "sfactl assignment move moves.csv --plan"
FILTERED = "sfactl assignment move --territory WORLD --to s0000 --plan"
APPLIED = "sfactl plan apply"
PARTIES = 5000
"""So many parties the peer moves: it needs seconds for them."""
GOAL_MIB = 300


@dataclass(frozen=True)
class Place:
    """Where accounts are moved: a database that each round finds as it was."""

    name: str
    accounts: int
    raw: Sequence[str]
    "The command of the floor, but for the file of moves."
    url: str
    fresh: Callable[[], None]
    ask: Callable[[str], Any]
    "The first column of the first row of a question's answer."


def run(plan: Plan) -> None:
    """Measure bulk reassignment."""
    copy = plan.folder / "moves.db"
    moved = _measure(plan, _in_file("SQLite", plan.accounts, full(plan), copy))
    _measure(plan, _in_file(f"SQLite, {_SELLING}", plan.accounts, selling(plan), copy))
    copy.unlink()
    _measure_peer(plan, moved)
    count = min(plan.accounts, 200_000)
    with server.copied(plan, count) as copies:
        _measure(plan, _on_server(copies, "PostgreSQL", count))
        copies.also(SALES)
        _measure(plan, _on_server(copies, f"PostgreSQL, {_SELLING}", count))


_SELLING = "a tenth with an open opportunity and a planned visit"


def _in_file(name: str, count: int, world: Path, copy: Path) -> Place:
    def ask(question: str) -> Any:
        with closing(sqlite3.connect(copy)) as raw:
            return raw.execute(question).fetchone()[0]

    raw = floor("move_accounts", copy)
    return Place(name, count, raw, f"sqlite:///{copy}", lambda: fresh(world, copy), ask)


def _on_server(copies: server.Copies, name: str, count: int) -> Place:
    def ask(question: str) -> Any:
        import psycopg

        with psycopg.connect(copies.dsn) as raw:
            row = raw.execute(question).fetchone()
            return row[0] if row else None

    raw = floor("move_accounts_postgres", copies.dsn)
    return Place(name, count, raw, copies.boss, copies.fresh, ask)


def _measure(plan: Plan, place: Place) -> tuple[int, float]:
    """Show the table of one place; returns how many accounts the floor moved, in how many seconds."""
    moves, made, said = moves_file(plan, place.accounts), plan.folder / "moves.plan", plan.folder / "moves.out"
    database = {"SFACTL_DATABASE": place.url}
    raw = f"raw {place.name.split(',')[0]}: staged, checked, two statements"
    other = plan.folder / "filtered.plan"
    by_filter = [SFACTL, *FILTERED.split()[1:], str(other), "--replace", "-q"]
    sides = [
        Side(raw, [*place.raw, str(moves)], output=said, prepare=place.fresh),
        Side(PLANNED, [SFACTL, "assignment", "move", str(moves), "--plan", str(made), "--replace", "-q"], database,
             prepare=place.fresh),
        Side(FILTERED, by_filter, database),
        Side(APPLIED, [SFACTL, "plan", "apply", str(made), "-q"], database),
    ]  # fmt: skip
    taken = in_turn(sides, rounds=plan.rounds or 3)
    written, by_kind = int(said.read_text()), _written(place)
    total = sum(by_kind.values())
    show(f"{place.accounts:,} accounts to new owners, {place.name}", _lines(place, taken, raw, written, total))
    print(f"\nRows written: the floor {written:,}; plan apply {total:,} ("
          + ", ".join(f"{name} {count:,}" for name, count in by_kind.items()) + ").")  # fmt: skip
    for path in (made, other, said):
        path.unlink()
    return place.accounts, taken[raw].seconds


def _lines(place: Place, taken: dict[str, Taken], raw: str, written: int, total: int) -> list[Line]:
    of_floor, count = taken[raw], place.accounts
    return [
        Line(raw, of_floor, of_floor, count),
        Line(PLANNED, taken[PLANNED], of_floor, count, f"≤ 1.0, {GOAL_MIB} MiB"),
        Line(FILTERED, taken[FILTERED], of_floor, count),
        Line(APPLIED, taken[APPLIED], of_floor, count),
        Line(f"{APPLIED}, a row written", taken[APPLIED], of_floor, total, "≤ 1.5", floor_rows=written),
    ]


def _written(place: Place) -> dict[str, int]:
    """How many rows the last plan wrote, as the database tells it."""
    run_id = place.ask("SELECT max(id) FROM run WHERE kind = 'plan'")
    of_run = f"(SELECT started_at FROM run WHERE id = {run_id})"
    counts = {"staged": json.loads(place.ask(f"SELECT summary FROM run WHERE id = {run_id}"))["lines"]}
    for table in ("account", "opportunity", "activity"):
        counts[table] = place.ask(f"SELECT count(*) FROM {table} WHERE updated_at = {of_run}")
    counts["assignment closed"] = place.ask("SELECT count(*) FROM assignment WHERE valid_to IS NOT NULL")
    counts["assignment new"] = place.ask(f"SELECT count(*) FROM assignment WHERE run_id = {run_id}")
    counts["run_change"] = place.ask(f"SELECT count(*) FROM run_change WHERE run_id = {run_id}")
    return counts


def _measure_peer(plan: Plan, moved: tuple[int, float]) -> None:
    """Tryton's own write, beside the floor, a row; left out where no interpreter was named that has it."""
    if plan.peer_python is None:
        print("\nTryton is left out: --peer-python names an interpreter that has it.", flush=True)
        return
    script = str(Path(__file__).parent / "floors" / "move_parties_tryton.py")
    world, copy, said = plan.folder / "tryton.sqlite", plan.folder / "parties.sqlite", plan.folder / "tryton.out"
    make = Side("make", [plan.peer_python, script, "make", str(world), str(PARTIES)])
    if not world.exists():
        in_turn([make], rounds=1)
    start, write = "its start, nothing written", "Tryton Party.write, access rules on"
    sides = [
        Side(start, [plan.peer_python, script, "write", str(copy), "0"], prepare=lambda: fresh(world, copy)),
        Side(write, [plan.peer_python, script, "write", str(copy), str(PARTIES)], output=said,
             prepare=lambda: fresh(world, copy)),
    ]  # fmt: skip
    taken = in_turn(sides, rounds=plan.rounds or 3)
    name, version, rows = next(csv.reader([said.read_text()]))
    count, seconds = moved
    of_floor = Taken(seconds, 0, taken[write].rounds)
    show(f"The peer: {name} {version}, {int(rows):,} parties to new owners, SQLite", [
        Line(start, taken[start]),
        Line(f"{write}, a row", taken[write], of_floor, int(rows), start=taken[start], floor_rows=count),
    ])  # fmt: skip
    for path in (copy, said):
        path.unlink()
