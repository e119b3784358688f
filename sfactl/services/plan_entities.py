"""What a plan may change: for each kind of row, how its lines are staged, checked, written and taken back.

A kind of row is a module of functions, gathered here in the order in which a plan writes them: territories before the
accounts that lie in them, accounts before what hangs on them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services.plan_names import Names

PART: Final = 50_000
"""So many lines are written by one statement."""
MOST_CONFLICTS: Final = 1000
"""So many rows that changed meanwhile are named."""


@dataclass(frozen=True)
class Batch:
    """What a run's lines share."""

    run_key: str
    run_id: int
    effective: date
    names: Names
    stage_id: int
    "Under which its lines are staged."
    lines: int
    "How many lines are staged."
    tell: Callable[[str, int, int], None] | None = None
    "Told what is being written, how many lines of it are done, and how many there are."

    def of(self, entity: str) -> ColumnElement[bool]:
        """The staged lines of one kind."""
        return and_(t.plan_stage.c.stage_id == self.stage_id, t.plan_stage.c.entity == entity)

    def parts(self, entity: str) -> Iterator[ColumnElement[bool]]:
        """The same, some at a time: SQLite keeps what a statement writes over in memory until it ends."""
        for first in range(1, self.lines + 1, PART):
            if self.tell is not None:
                self.tell(entity, first - 1, self.lines)
            yield and_(self.of(entity), t.plan_stage.c.n.between(first, first + PART - 1))


class Staged(NamedTuple):
    """A line as it is staged; keys resolved as far as they can be without a question."""

    key: str
    was_person: int | None = None
    to_person: int | None = None
    was_place: int | None = None
    to_place: int | None = None
    said: str | None = None


@dataclass(frozen=True)
class Entity:
    """One kind of row."""

    name: str
    permission: str
    "What one must be allowed to do, to write lines of this kind."
    stage: Callable[[Line, Names], Staged]
    lookup: str | None
    "A statement that finds the row of a line by `{key}`, its name; None where `write` finds it."
    conflicts: Callable[[Session, Batch], Iterator[Left]]
    "Lines whose `before` no longer holds, and why."
    write: Callable[[Session, Batch], int]
    "Write the lines, keep what they changed in `run_change`, and return how many rows were changed."
    undo: Callable[[Session, int, date | None, Names], Iterator[Line | Left]]
    "Lines that put back what a run changed, or the rows that somebody changed since; `date` is since when."
    check: Callable[[Session, Batch], Iterator[Left]] | None = None
    "What does not hold once all lines of the plan are written; nothing of the plan does then."


MODULES: Final = {
    "territory": "plan_territories",
    "member": "plan_members",
    "team": "plan_teams",
    "team-member": "plan_team_members",
    "account": "plan_accounts",
    "opportunity": "plan_opportunities",
    "split": "plan_splits",
    "holdover": "plan_holdovers",
    "activity": "plan_activities",
    "approval": "plan_approvals",
    "credit": "plan_credits",
    "quota": "plan_quotas",
    "quota_adjustment": "plan_quota_adjustments",
    "territory_plan": "plan_planned_trees",
}
"""Kind of row to its module, in the order in which a plan writes them."""


def entity(name: str) -> Entity:
    """The functions of one kind of row.

    Raises:
        KeyError: there is no such kind.
    """
    found: Entity = import_module(f"sfactl.services.{MODULES[name]}").ENTITY
    return found


def in_order(names: Sequence[str] | Mapping[str, int]) -> list[Entity]:
    """Those kinds of rows, in the order in which a plan writes them."""
    return [entity(name) for name in MODULES if name in names]
