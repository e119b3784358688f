"""What accounts were promised, promotions and exchange rates on their way in."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, null, or_, select

from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import import_stage
from sfactl.services.import_stage import Staged
from sfactl.services.import_target import Batch, Outcome, by_names, or_default, supplied, upsert

_PLAIN = ("code", "external_id", "family", "valid_from", "valid_to")


def put_contract_prices(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Prices that accounts were promised."""
    faults = _contradictions(session, rows)
    values = _values(rows, batch) | {"account_id": rows.reference("account")}
    new: dict[str, ColumnElement[Any]] = {}
    (values if rows.has("kind") else new)["kind"] = or_default(rows, "kind", "contract")
    done = upsert(session, rows, t.contract_price, values, on=by_names(rows, t.contract_price), new=new)
    return Outcome(done.added, done.changed, faults)


def put_promotions(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Promotions; those of the policy are left alone."""
    faults = _contradictions(session, rows)
    rule = t.price_rule.c
    of_policy = func.coalesce(rows.raw("code"), "").in_(_codes_of_policy())
    faults += import_stage.mark(session, rows, of_policy, "code", _("a rule of the policy is called so"))
    values = _values(rows, batch) | supplied(rows, {"name": "name", "segment": "segment"})
    values |= supplied(rows, {"max_quantity_milli": "max_quantity"})
    new = {"step": literal("promotion"), "origin": literal("import")}
    on = [and_(rule.origin == "import", condition) for condition in by_names(rows, t.price_rule)]
    done = upsert(session, rows, t.price_rule, values, on=on, new=new)
    return Outcome(done.added, done.changed, faults)


def _codes_of_policy() -> Any:
    rule = t.price_rule.c
    return select(rule.code).where(rule.origin == "policy")


def put_exchange_rates(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Rates; two currencies and a day make one."""
    same_twice = rows.raw("from_currency") == rows.raw("to_currency")
    faults = import_stage.mark(session, rows, same_twice, "to_currency", _("is the same currency"))
    faults += import_stage.mark(session, rows, rows.value("rate") <= 0, "rate", _("is not above zero"))
    keys = {name: rows.value(name) for name in ("from_currency", "to_currency", "rated_on")}
    same = and_(*(t.exchange_rate.c[name] == value for name, value in keys.items()))
    done = upsert(session, rows, t.exchange_rate, keys | {"rate_e9": rows.value("rate")}, on=[same])
    return Outcome(done.added, done.changed, faults)


def _values(rows: Staged, batch: Batch) -> dict[str, ColumnElement[Any]]:
    """What a rule says: a price, a share off, or an amount off; only a share may speak of all currencies."""
    price, off, share = rows.value("unit_price"), rows.value("amount_off"), rows.value("discount")
    values = supplied(rows, {name: name for name in _PLAIN})
    values |= {
        "product_id": rows.reference("product") if rows.has("product") else null(),
        "min_quantity_milli": or_default(rows, "min_quantity", 0),
        "method": case((price.is_not(None), "price"), (off.is_not(None), "amount"), else_="percent"),
        "value_e4": func.coalesce(price, off), "discount_bp": share,
        "currency": case((share.is_not(None), rows.value("currency")), else_=or_default(rows, "currency", batch.currency)),
    }  # fmt: skip
    return values


def _contradictions(session: Session, rows: Staged) -> list[Any]:
    """Rows that say two values, or are about a product and a family."""
    price, off, share = (rows.raw(key) for key in ("unit_price", "amount_off", "discount"))
    two = or_(
        and_(price.is_not(None), off.is_not(None)), and_(price.is_not(None), share.is_not(None)),
        and_(off.is_not(None), share.is_not(None)),
    )  # fmt: skip
    faults = import_stage.mark(session, rows, two, "unit_price", _("says two of unit_price, discount and amount_off"))
    both = and_(rows.raw("product").is_not(None), rows.raw("family").is_not(None))
    faults += import_stage.mark(session, rows, both, "family", _("is about a product or a family, not both"))
    if not rows.has("max_quantity"):
        return faults
    no_room = rows.value("max_quantity") <= or_default(rows, "min_quantity", 0)
    return faults + import_stage.mark(session, rows, no_room, "max_quantity", _("is not above min_quantity"))
