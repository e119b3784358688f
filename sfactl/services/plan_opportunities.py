"""Lines of a plan that credit open opportunities to another seller or territory."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, quote_places, run_changes
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names

_stage, _opportunity = t.plan_stage.c, t.opportunity.c


def _is_as_it_was() -> ColumnElement[bool]:
    return and_(_opportunity.status == "open", plan_changes.is_credited_as_it_was(t.opportunity))


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Opportunities that are gone or closed, or somebody else's by now."""
    found = plan_changes.staged_with(batch, "opportunity", t.opportunity, _opportunity.status, _opportunity.credited_id)
    rows = session.execute(found.where(or_(_opportunity.id.is_(None), ~_is_as_it_was())))
    for key, row_id, status, seller in rows:
        yield Left("opportunity", key, _why(batch.names, row_id, status, seller))


def _why(names: Names, row_id: int | None, status: str, seller: int | None) -> str:
    if row_id is None:
        return _("there is no such opportunity")
    if status != "open":
        return _("is closed")
    return _("is now worked by {owner}, or credited elsewhere").format(owner=names.login(seller) or _("nobody"))


def write(session: Session, batch: Batch) -> int:
    """Credit the opportunities to their new sellers and territories."""
    values = {
        "credited_id": _stage.to_person,
        "credited_territory_id": func.coalesce(_stage.to_place, _opportunity.credited_territory_id),
    }
    done = plan_changes.write_columns(session, batch, "opportunity", t.opportunity, values, _is_as_it_was())
    for part in batch.parts("opportunity"):
        quote_places.follow(session, select(_stage.row_id).where(part))
    return done


def undo(session: Session, run_id: int, since: date | None, names: Names) -> Iterator[Line | Left]:
    """Opportunities back to their sellers, unless they were closed or given away since."""
    columns = (_opportunity.code, _opportunity.status, _opportunity.credited_id, _opportunity.credited_territory_id)
    rows = session.execute(plan_changes.of_run(run_id, t.opportunity, *columns))
    for _row_id, before_text, after_text, row_id, code, status, seller, place in rows:
        before, after = run_changes.read(before_text), run_changes.read(after_text)
        now = {"credited_id": seller, "credited_territory_id": place}
        if row_id is None or status != "open" or not plan_changes.is_after(after, now):
            yield plan_changes.changed_since("opportunity", code)
        else:
            yield Line(
                "opportunity",
                code,
                plan_changes.named_seller(after, names),
                plan_changes.named_seller(before, names),
                "undo",
                since,
            )


ENTITY = Entity(
    "opportunity", "opportunity.reassign", plan_changes.staged_seller, "SELECT id FROM opportunity WHERE code = {key}",
    conflicts, write, undo,
)  # fmt: skip
