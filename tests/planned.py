"""Plans made and applied in tests, as commands do it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sfactl.core.plans import Header
from sfactl.db.session import Door
from sfactl.services import plan_files, plan_making, plan_runs, plans
from tests import organisation


def plan(door: Door, planner: Callable[..., Any], request: Any, path: Path, *, on: date = organisation.TODAY) -> Header:
    """Write the plan to a file."""
    return plan_making.make(door, plan_making.Order("test", planner, request, on), path, replace=True)


def apply(door: Door, path: Path) -> plans.Outcome:
    """Put the plan of a file in force."""
    with plan_files.opened(path) as file:
        return plans.apply(door, file)


def carry_out(
    door: Door, planner: Callable[..., Any], request: Any, folder: Path, *, on: date = organisation.TODAY
) -> plans.Outcome:
    """Make a plan and put it in force."""
    plan(door, planner, request, folder / "plan.jsonl", on=on)
    return apply(door, folder / "plan.jsonl")


def undo(door: Door, run: str, folder: Path, *, on: date = organisation.TODAY) -> Header:
    """Take a run back, and return what the plan of that said."""
    request = plan_runs.UndoRequest(run)
    order = plan_making.Order("plan undo", plan_runs.undo_lines, request, on, undoes=run)
    header = plan_making.make(door, order, folder / "undo.jsonl", replace=True)
    apply(door, folder / "undo.jsonl")
    return header
