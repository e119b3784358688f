"""Products, prices and stock on their way in."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, select, true

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import import_stage
from sfactl.services.import_stage import NAME_KEY, Staged, stage
from sfactl.services.import_target import (
    Batch,
    Outcome,
    by_names,
    only_whole,
    or_default,
    rematch,
    supplied,
    upsert,
    with_faults,
)


def put_products(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Products; a cost goes to a table of its own, which few roles may see."""
    words = ("code", "name", "external_id", "family", "subfamily", "unit")
    values = supplied(rows, {name: name for name in words}) | {"name_key": rows.raw(NAME_KEY)}
    new: dict[str, ColumnElement[Any]] = {}
    if rows.has("active"):
        values["active"] = func.coalesce(rows.value("active"), true())
    else:
        new["active"] = true()
    on = by_names(rows, t.product)
    outcome = upsert(session, rows, t.product, values, on=on, new=new)
    rematch(session, rows, t.product, on)
    if rows.has("cost"):
        changed = _put_costs(session, rows, batch)
        outcome.changed = outcome.changed or changed
    return outcome


def _put_costs(session: Session, rows: Staged, batch: Batch) -> int:
    session.actor.require("cost.create")
    cost = t.product_cost.c
    currency = or_default(rows, "currency", batch.currency)
    same = and_(cost.product_id == stage.c.row_id, cost.currency == currency)
    known = select(cost.id).where(same)
    changed = import_stage.update_where(session, rows, t.product_cost, {"cost_e4": rows.value("cost")}, same)
    chosen = select(stage.c.row_id, currency, rows.value("cost")).where(
        rows.good, rows.raw("cost").is_not(None), ~known.exists()
    )
    statement = insert(t.product_cost).from_select(["product_id", "currency", "cost_e4"], chosen)
    session.sql.execute(statement)
    return changed


def put_prices(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Prices; one product, price book, currency and first day make one price."""
    keys = {
        "product_id": rows.reference("product"), "price_book": or_default(rows, "price_book", "standard"),
        "currency": or_default(rows, "currency", batch.currency), "valid_from": rows.value("valid_from"),
    }  # fmt: skip
    values = keys | {"unit_price_e4": rows.value("unit_price")} | supplied(rows, {"valid_to": "valid_to"})
    same = and_(*(t.price.c[name] == value for name, value in keys.items()))
    return upsert(session, rows, t.price, values, on=[same])


def put_stock(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Stock; a warehouse that is new is made."""
    faults = only_whole(session, rows)
    keys = {"product_id": rows.reference("product"), "warehouse_id": _warehouses(session, rows)}
    columns = {"quantity_milli": "quantity", "reorder_milli": "reorder_point", "bin": "bin", "counted_on": "counted_on"}
    same = and_(*(t.stock.c[name] == value for name, value in keys.items()))
    return with_faults(upsert(session, rows, t.stock, keys | supplied(rows, columns), on=[same]), faults)


def put_arrivals(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Expected arrivals; one product, warehouse and reference make one."""
    faults = only_whole(session, rows)
    keys = {
        "product_id": rows.reference("product"), "warehouse_id": _warehouses(session, rows),
        "reference": rows.value("reference"),
    }  # fmt: skip
    columns = {"quantity_milli": "quantity", "expected_on": "expected_on", "received_on": "received_on"}
    same = and_(*(t.arrival.c[name] == value for name, value in keys.items()))
    return with_faults(upsert(session, rows, t.arrival, keys | supplied(rows, columns), on=[same]), faults)


def _warehouses(session: Session, rows: Staged) -> ColumnElement[Any]:
    """The key of each row's warehouse; one that is new is made."""
    code = rows.raw("warehouse")
    known = select(t.warehouse.c.id).where(t.warehouse.c.code == code)
    missing = select(code).where(rows.good, ~known.exists()).distinct()
    session.sql.execute(insert(t.warehouse).from_select(["code"], missing))
    return select(t.warehouse.c.id).where(t.warehouse.c.code == code).correlate(stage).scalar_subquery()
