"""`python -m benchmarks [NAME …]`: run the measurements, all of them or those that are named."""

import argparse
import os
import platform
import sqlite3
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.plan import Plan

MEASUREMENTS = (
    "start",
    "one_row",
    "imports",
    "exports",
    "attainment",
    "lists",
    "moves",
    "quotes",
    "configure",
    "balance",
    "screens",
)
LIBRARIES = ("sfactl", "sqlmodel", "sqlalchemy", "typer", "pydantic")


def main() -> None:
    """Read the command line and run what it names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures, beside their floors.")
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--accounts", type=int, default=1_000_000, help="accounts to import, export, list and move")
    parser.add_argument("--orders", type=int, default=2_000_000, help="orders to sum")
    parser.add_argument("--rounds", type=int, help="rounds of every measurement, instead of its own number")
    parser.add_argument("--peer-python", help="an interpreter that has Tryton, to compare with: VENV/bin/python")
    parser.add_argument("--dir", type=Path, help="keep the generated data here, for another run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sfactl-bench-") as folder:
        place = asked.dir or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        os.environ["HOME"] = str(place.absolute())  # the settings of whoever runs this are left alone
        plan = Plan(place.absolute(), asked.accounts, asked.orders, asked.rounds, asked.peer_python)
        _say_what_runs(plan)
        for name in asked.names or MEASUREMENTS:
            import_module(f"benchmarks.{name}").run(plan)


def _say_what_runs(plan: Plan) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
          + ", ".join(f"{name} {version(name)}" for name in LIBRARIES))  # fmt: skip
    print(f"{plan.accounts:,} accounts, {plan.orders:,} orders")


if __name__ == "__main__":
    main()
