"""What a plan may change: for each kind of row, how its lines are staged, checked, written and taken back.

A kind of row is a module of functions, gathered here in the order in which a plan writes them: territories before the
accounts that lie in them, accounts before what hangs on them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any, Final

from sqlalchemy import ColumnElement, and_

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services.plan_names import Names

MOST_CONFLICTS: Final = 1000
"""So many rows that changed meanwhile are named."""


@dataclass(frozen=True)
class Batch:
    """What a run's lines share."""

    run_key: str
    run_id: int
    effective: date
    names: Names

    def of(self, entity: str) -> ColumnElement[bool]:
        """The staged lines of one kind."""
        return and_(t.plan_stage.c.run_key == self.run_key, t.plan_stage.c.entity == entity)


@dataclass(frozen=True)
class Staged:
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
    find: Callable[[], ColumnElement[Any]] | None
    "The key of the row that a staged line names, as a scalar sub-select over `plan_stage.key`; None where `write` finds it."
    conflicts: Callable[[Session, Batch], Iterator[Left]]
    "Lines whose `before` no longer holds, and why."
    write: Callable[[Session, Batch], int]
    "Write the lines, keep what they changed in `run_change`, and return how many rows were changed."
    undo: Callable[[Session, int, date | None, Names], Iterator[Line | Left]]
    "Lines that put back what a run changed, or the rows that somebody changed since; `date` is since when."


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
    "credit": "plan_credits",
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
