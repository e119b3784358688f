"""What every command that changes many rows shares: its options, and the way from a plan to its application."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfactl.commands.state import AppState
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.core.plans import Left, Line
    from sfactl.db.session import Session

PlanOption = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help=_("Write the plan to a file, and change nothing."))
]
EffectiveOption = Annotated[
    str | None,
    typer.Option("--effective", metavar="DATE", help=_("From which day it holds; today when it is not said.")),
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help=_("Write over a plan that is there."))]


@dataclass(frozen=True)
class Planning:
    """What was said about how a plan is carried out."""

    plan: Path | None = None
    effective: str | None = None
    reason: str | None = None
    is_agreed: bool = False
    "`--yes`: nobody is asked."
    is_trial: bool = False
    "`--dry-run`: the summary, and nothing else."
    is_replacing: bool = False


def carry_out(
    state: AppState,
    kind: str,
    planner: "Callable[[Session, Any, date], Iterator[Line | Left]]",
    request: Any,
    asked: Planning,
    *,
    options: dict[str, Any] | None = None,
) -> None:
    """Make a plan and write it to its file, or show what it comes to, ask, and apply it.

    Args:
        kind: the command, as the plan names it: `assignment move`.
        request: what the planner is asked for.
        options: what else was said, for whoever reads the plan.
    """
    raise NotImplementedError
