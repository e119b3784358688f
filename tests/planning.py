"""For tests of planners: a plan made and applied as a command does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sfactl.core.plans import Left, Line
from sfactl.services import plan_files, plan_making, plans
from sfactl.services.plan_making import Planner
from tests import organisation
from tests.workspace import TestWorkspace


def planned(
    workspace: TestWorkspace, planner: Planner, request: Any, *, effective: date = organisation.TODAY, as_: str = "ana"
) -> tuple[list[Line], list[Left]]:
    """What a planner finds: the lines, and what it leaves alone."""
    with workspace.door(as_).read() as session:
        found = list(planner(session, request, effective))
    return [each for each in found if isinstance(each, Line)], [each for each in found if isinstance(each, Left)]


def places(lines: list[Line]) -> dict[str, tuple[str | None, str | None]]:
    """Account to its new owner and territory."""
    return {
        line.key: (line.after["owner"], line.after["territory"])
        for line in lines
        if line.after and line.entity == "account"
    }


def apply(
    workspace: TestWorkspace, planner: Planner, request: Any, folder: Path, *, effective: date = organisation.TODAY
) -> plans.Outcome:
    """Make a plan and put it into force."""
    numbers: Iterator[int] = iter(range(1000))
    path = next(each for each in (folder / f"{n}.plan" for n in numbers) if not each.exists())
    plan_making.make(workspace.door(), plan_making.Order("test", planner, request, effective), path)
    with plan_files.opened(path) as plan:
        return plans.apply(workspace.door(), plan)
