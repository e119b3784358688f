"""Lines of a plan that give planned activities to somebody else.

An activity has no name of its own: a plan calls it by its number, `#12`.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, run_changes
from sfactl.services.plan_entities import Batch, Entity, Staged
from sfactl.services.plan_names import Names

_stage, _activity = t.plan_stage.c, t.activity.c


def stage(line: Line, names: Names) -> Staged:
    """A line with its people as keys."""
    before, after = line.before or {}, line.after or {}
    return Staged(line.key, names.person(before.get("owner")), names.person(after.get("owner")))


def _is_as_it_was() -> ColumnElement[bool]:
    return and_(_activity.done_on.is_(None), _activity.owner_id == _stage.was_person)


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Activities that are gone, done, or somebody else's by now."""
    found = plan_changes.staged_with(batch, "activity", t.activity, _activity.done_on)
    for key, row_id, done_on in session.execute(found.where(or_(_activity.id.is_(None), ~_is_as_it_was()))):
        if row_id is None:
            yield Left("activity", key, _("there is no such activity"))
        else:
            yield Left("activity", key, _("is done") if done_on else _("is somebody else's by now"))


def write(session: Session, batch: Batch) -> int:
    """Give the activities to their new owners."""
    values = {"owner_id": _stage.to_person}
    return plan_changes.write_columns(session, batch, "activity", t.activity, values, _is_as_it_was())


def undo(session: Session, run_id: int, since: date | None, names: Names) -> Iterator[Line | Left]:
    """Activities back to whose they were, unless they were done or given away since."""
    rows = session.execute(plan_changes.of_run(run_id, t.activity, _activity.owner_id, _activity.done_on))
    for number, before_text, after_text, row_id, owner, done_on in rows:
        before, after = run_changes.read(before_text), run_changes.read(after_text)
        if row_id is None or done_on is not None or owner != after.get("owner_id"):
            yield plan_changes.changed_since("activity", f"#{number}")
        else:
            was, to = {"owner": names.login(after["owner_id"])}, {"owner": names.login(before["owner_id"])}
            yield Line("activity", f"#{number}", was, to, "undo", since)


ENTITY = Entity(
    "activity", "account.reassign", stage, "SELECT id FROM activity WHERE id = CAST(substr({key}, 2) AS INTEGER)",
    conflicts, write, undo,
)  # fmt: skip
