"""Lines of a plan that credit booked orders to whoever was the owner on the day of the booking.

Only the whole credit of one person moves: what people split by hand stays as they split it.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, and_, func, literal, or_, update

from sfactl.core.holdovers import WHOLE
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, run_changes
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names

_stage, _order, _credit = t.plan_stage.c, t.order.c, t.credit.c


def whole_credit() -> ColumnElement[bool]:
    """The credit of an order that is one person's alone."""
    return and_(_credit.order_id == _order.id, _credit.kind == "revenue", _credit.share_bp == WHOLE)


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Orders that are gone or credited to somebody else by now."""
    found = plan_changes.staged_with(batch, "credit", t.order, _order.credited_id)
    for key, row_id, seller in session.execute(
        found.where(or_(_order.id.is_(None), ~plan_changes.is_credited_as_it_was(t.order)))
    ):
        if row_id is None:
            yield Left("credit", key, _("there is no such order"))
        else:
            yield Left(
                "credit", key, _("is credited to {owner} by now, or elsewhere").format(owner=batch.names.login(seller))
            )


def write(session: Session, batch: Batch) -> int:
    """Credit the orders to their new sellers and territories: the order and its credit."""
    values = {"user_id": _stage.to_person, "territory_id": func.coalesce(_stage.to_place, _credit.territory_id)}
    for part in batch.parts("credit"):
        is_his = and_(_credit.user_id == _stage.was_person, _credit.kind == "revenue", _credit.share_bp == WHOLE)
        pairs = and_(part, _credit.order_id == _stage.row_id, is_his)
        due = run_changes.keep(session, literal(batch.run_id), t.credit, values, t.plan_stage, pairs)
        plan_changes.require_all(session.run(update(t.credit).where(pairs).values(values)), due)
    place = func.coalesce(_stage.to_place, _order.credited_territory_id)
    order_values = {"credited_id": _stage.to_person, "credited_territory_id": place}
    return plan_changes.write_columns(
        session, batch, "credit", t.order, order_values, plan_changes.is_credited_as_it_was(t.order)
    )


def undo(session: Session, run_id: int, since: date | None, names: Names) -> Iterator[Line | Left]:
    """Orders back to whom they were credited to, unless that was changed since."""
    columns = (_order.code, _order.credited_id, _order.credited_territory_id)
    rows = session.execute(plan_changes.of_run(run_id, t.order, *columns))
    for _number, before_text, after_text, row_id, code, seller, place in rows:
        before, after = run_changes.read(before_text), run_changes.read(after_text)
        now = {"credited_id": seller, "credited_territory_id": place}
        if row_id is None or not plan_changes.is_after(after, now):
            yield plan_changes.changed_since("credit", code)
        else:
            yield Line(
                "credit",
                code,
                plan_changes.named_seller(after, names),
                plan_changes.named_seller(before, names),
                "undo",
                since,
            )


ENTITY = Entity(
    "credit",
    "credit.edit",
    plan_changes.staged_seller,
    "SELECT id FROM sales_order WHERE code = {key}",
    conflicts,
    write,
    undo,
)
