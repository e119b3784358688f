"""Loads of quotas: each change, of one quota or of many, is a version, and no row of an earlier one is written over."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, insert, or_, select

from sfactl.core.roles import Scope
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import territory_tree

BEGINNING: Final = territory_tree.BEGINNING
"""From when the quotas of a workspace's first load count as known: what was before it is not kept anywhere."""


@dataclass(frozen=True)
class Load:
    """A change of quotas that is being made."""

    id: int
    day: date
    "From which day what it says counts as known."

    @property
    def fresh(self) -> dict[str, Any]:
        """What a row that it adds has besides."""
        return {"load_id": self.id, "loaded_on": self.day}

    @property
    def ending(self) -> dict[str, Any]:
        """What a row that it ends gets."""
        return {"replaced_by": self.id, "replaced_on": self.day}


def begin(
    session: Session, kind: str, *, day: date | None = None, reason: str | None = None, run_key: str | None = None
) -> Load:
    """A new load; every writer of quotas makes one here. A run that writes in several steps has one for all of them.

    Args:
        day: from when it counts as known; today when it is not said.
    """
    if run_key is not None and (found := _of_run(session, run_key)) is not None:
        return found
    known = _known_since(session, day or session.today)
    values = {
        "loaded_at": session.now, "loaded_on": known, "user_id": session.actor.user_id, "kind": kind,
        "run_key": run_key, "reason": reason,
    }  # fmt: skip
    made = session.sql.execute(insert(t.quota_load).values(values).returning(t.quota_load.c.id))
    return Load(int(made.scalar_one()), known)


def _of_run(session: Session, run_key: str) -> Load | None:
    load = t.quota_load.c
    row = session.execute(select(load.id, load.loaded_on).where(load.run_key == run_key)).first()
    return None if row is None else Load(row.id, row.loaded_on)


def _known_since(session: Session, day: date) -> date:
    """The day itself; for the first load that there is, which only somebody who sees all can tell, the beginning."""
    if day < session.today or session.actor.scope("quota.read") is not Scope.ALL:
        return day
    return day if session.execute(select(t.quota_load.c.id).limit(1)).first() else BEGINNING


def in_force(table: Table, as_of: date | int | None = None) -> ColumnElement[bool]:
    """Rows of quotas or adjustments that hold: now, at the end of a day, or after a load of that number."""
    rows = table.c
    if as_of is None:
        return rows.replaced_by.is_(None)
    if isinstance(as_of, date):
        return and_(rows.loaded_on <= as_of, or_(rows.replaced_on.is_(None), rows.replaced_on > as_of))
    return and_(rows.load_id <= as_of, or_(rows.replaced_by.is_(None), rows.replaced_by > as_of))
