"""What putting staged rows in place comes to, and the plain way to do it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, cast, func, literal, select

from sfactl.core import quantities
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.types import Day
from sfactl.services import import_stage, territory_tree
from sfactl.services.import_stage import Staged
from sfactl.transfer.faults import Fault

BEGINNING = territory_tree.BEGINNING
"""When something began whose file does not say when."""


@dataclass(frozen=True)
class Batch:
    """What all sources of one import share."""

    run_key: str
    run_id: int
    currency: str


@dataclass
class Outcome:
    """What happened to the rows of one source."""

    added: int = 0
    changed: int = 0
    faults: list[Fault] = field(default_factory=list)


def supplied(rows: Staged, columns: Mapping[str, str]) -> dict[str, ColumnElement[Any]]:
    """Column and value for those fields that the source supplies."""
    return {column: rows.value(key) for column, key in columns.items() if rows.has(key)}


def referred(rows: Staged, columns: Mapping[str, str]) -> dict[str, ColumnElement[Any]]:
    """Column and resolved key for those references that the source supplies."""
    return {column: rows.reference(key) for column, key in columns.items() if rows.has(key)}


def or_default(rows: Staged, key: str, default: object) -> ColumnElement[Any]:
    """A field, or the default where it is empty or not supplied."""
    value = rows.value(key)
    return func.coalesce(value, default if isinstance(default, ColumnElement) else literal(default, value.type))


def day(value: date) -> ColumnElement[Any]:
    """A date as the database compares it."""
    return cast(literal(value, Day()), Day())


def by_names(rows: Staged, table: Table, code: str = "code") -> list[ColumnElement[bool]]:
    """How a staged row finds the row it updates: by external key, then by code."""
    conditions = [table.c.external_id == rows.raw("external_id")] if rows.has("external_id") else []
    if rows.has(code):
        conditions.append(table.c[code] == rows.raw(code))
    return conditions


def upsert(
    session: Session,
    rows: Staged,
    table: Table,
    values: Mapping[str, ColumnElement[Any]],
    *,
    on: list[ColumnElement[bool]],
    new: Mapping[str, ColumnElement[Any]] | None = None,
) -> Outcome:
    """Update the rows that are there and differ, insert the others.

    Args:
        values: what the file says, for both.
        on: conditions that find the row, the first that does counts.
        new: what a new row has besides.
    """
    import_stage.match(session, rows, table, *on)
    changed = import_stage.update_rows(session, rows, table, values)
    added = import_stage.insert_rows(session, rows, table, {**values, **(new or {})})
    return Outcome(added, changed)


def with_faults(outcome: Outcome, faults: list[Fault]) -> Outcome:
    """What happened, with the faults that were found before."""
    outcome.faults = faults + outcome.faults
    return outcome


def only_whole(session: Session, rows: Staged) -> list[Fault]:
    """Mark rows that would divide a piece of what is sold by the piece."""
    quantity, product = rows.value("quantity"), t.product.c
    is_whole = select(product.id).where(
        product.id == rows.reference("product"), func.lower(product.unit) == quantities.BY_THE_PIECE
    )
    is_divided = and_(quantity % quantities.PIECE != 0, is_whole.correlate(import_stage.stage).exists())
    faults = import_stage.mark(session, rows, is_divided, "quantity", _("it is sold by the piece"))
    return [replace(fault, value=f"{Decimal(fault.value).scaleb(-3).normalize():f}") for fault in faults]


def rematch(session: Session, rows: Staged, table: Table, on: list[ColumnElement[bool]]) -> None:
    """Let staged rows that were just inserted know their keys."""
    import_stage.match(session, rows, table, *on)
