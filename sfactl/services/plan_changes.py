"""What the kinds of rows that a plan changes have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, insert, literal, or_, select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import Conflict
from sfactl.i18n import _, ngettext
from sfactl.models import tables as t
from sfactl.services import run_changes
from sfactl.services.plan_entities import MOST_CONFLICTS, Batch, Staged
from sfactl.services.plan_names import Names

_stage = t.plan_stage.c


def require_all(done: int, due: int) -> None:
    """Refuse when a statement wrote fewer rows than it was to write: somebody was faster, or they are not his.

    Raises:
        Conflict: nothing of the plan holds then, since its transaction ends.
    """
    if done != due:
        raise Conflict(
            ngettext(
                "{count} of the plan's rows was changed meanwhile, or is not yours to change.",
                "{count} of the plan's rows were changed meanwhile, or are not yours to change.",
                due - done,
            ).format(count=due - done),
            _("Make the plan again, and look at what it says."),
        )


def write_columns(
    session: Session,
    batch: Batch,
    entity: str,
    table: Table,
    values: Mapping[str, ColumnElement[Any]],
    is_as_it_was: ColumnElement[bool],
) -> int:
    """Set columns of the rows that lines of one kind name, from what is staged; returns how many rows were changed.

    Args:
        is_as_it_was: what must hold of a row and its staged line, or the row was changed meanwhile.
    """
    count = 0
    for part in batch.parts(entity):
        pairs = and_(part, table.c.id == _stage.row_id)
        kept = run_changes.keep(session, literal(batch.run_id), table, values, t.plan_stage, pairs)
        if kept:
            times = {"updated_at": session.now, "version": table.c.version + 1}
            done = session.run(update(table).where(pairs, is_as_it_was).values({**values, **times}))
            require_all(done, kept)
            count += done
    return count


def staged_seller(line: Line, names: Names) -> Staged:
    """A line about whose a sale is and whose figure, with its people and territories as keys."""
    before, after = line.before or {}, line.after or {}
    return Staged(
        line.key, names.person(before.get("seller")), names.person(after.get("seller")),
        names.place(before.get("territory")), names.place(after.get("territory")),
    )  # fmt: skip


def named_seller(values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Whose a sale is and whose figure, as a plan says it."""
    return {
        "seller": names.login(values.get("credited_id")),
        "territory": names.code(values.get("credited_territory_id")),
    }


def is_credited_as_it_was(table: Table) -> ColumnElement[bool]:
    """Whether a sale is still whose its staged line says, and whose figure, where the line knows that."""
    return and_(
        table.c.credited_id.is_not_distinct_from(_stage.was_person),
        or_(_stage.was_place.is_(None), table.c.credited_territory_id == _stage.was_place),
    )


def staged_with(batch: Batch, entity: str, table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    """The name and the columns of each row that a line of one kind is about; empty where the row is gone."""
    return (
        select(_stage.key, table.c.id, *columns)
        .select_from(t.plan_stage)
        .outerjoin(table, table.c.id == _stage.row_id)
        .where(batch.of(entity))
        .order_by(_stage.n)
        .limit(MOST_CONFLICTS)
    )


def said_lines(session: Session, batch: Batch, entity: str) -> Iterator[Mapping[str, Any]]:
    """The lines of a kind that is staged whole, in their order, as what they say."""
    rows = session.execute(
        select(_stage.said).where(batch.of(entity)).order_by(_stage.n).execution_options(yield_per=2000)
    )
    return (run_changes.read(text) for text in rows.scalars())


def keep_row(
    session: Session,
    batch: Batch,
    table: Table,
    row_id: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    territory_id: int | None = None,
) -> None:
    """Keep what one row was and becomes; None for a row that was not there, or goes."""
    session.sql.execute(
        insert(t.run_change).values(
            run_id=batch.run_id, entity=table.name, row_id=row_id, territory_id=territory_id,
            before=run_changes.written(before), after=run_changes.written(after),
        )
    )  # fmt: skip


def of_run(run_id: int, table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    """Before and after of each row of a table that a run changed, with the row's columns as they are now."""
    change = t.run_change.c
    return (
        select(change.row_id, change.before, change.after, table.c.id, *columns)
        .select_from(t.run_change)
        .outerjoin(table, table.c.id == change.row_id)
        .where(change.run_id == run_id, change.entity == table.name)
        .order_by(change.id)
        .execution_options(yield_per=5000)
    )


def is_after(after: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a row still holds what a run gave it."""
    return all(after.get(name) == value for name, value in now.items())


def changed_since(entity: str, key: str | None) -> Left:
    """A row that a run is not taken back for."""
    return Left(entity, key or "–", _("was changed again since"))
