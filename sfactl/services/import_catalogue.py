"""Bundles on their way in: features, options, attributes and rules. What the policy keeps is left to the policy."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select

from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import import_stage
from sfactl.services.import_stage import Staged, stage
from sfactl.services.import_target import Batch, Outcome, or_default, supplied, upsert, with_faults
from sfactl.transfer.faults import Fault

_Columns = dict[str, ColumnElement[Any]]


def _with_defaults(rows: Staged, columns: dict[str, tuple[str, int | bool]]) -> tuple[_Columns, _Columns]:
    """Column to field and default: what the file supplies, for all rows, and what only new rows have."""
    values = {column: or_default(rows, key, usual) for column, (key, usual) in columns.items() if rows.has(key)}
    new: _Columns = {column: literal(usual) for column, (key, usual) in columns.items() if not rows.has(key)}
    if rows.has("position"):
        values["position"] = func.coalesce(rows.value("position"), stage.c.n)
    else:
        new["position"] = stage.c.n
    return values, new | {"from_policy": false()}


def _of_policy(session: Session, rows: Staged, is_kept: ColumnElement[bool], key: str) -> list[Fault]:
    reason = _("the policy keeps it; change it there: catalog/*.toml")
    return import_stage.mark(session, rows, is_kept, key, reason)


def put_features(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Features of bundles."""
    feature, bundle = t.feature.c, rows.reference("bundle")
    kept = select(feature.id).where(feature.bundle_id == bundle, feature.from_policy).correlate(stage).exists()
    faults = _of_policy(session, rows, kept, "bundle")
    least, most = or_default(rows, "min", 0), rows.value("max")
    faults += import_stage.mark(session, rows, most < least, "max", _("it is below `min`"))
    values, new = _with_defaults(rows, {"least": ("min", 0)})
    values |= {"bundle_id": bundle, "code": rows.value("code")} | supplied(rows, {"name": "name", "most": "max"})
    same = and_(feature.bundle_id == bundle, feature.code == rows.raw("code"))
    return with_faults(upsert(session, rows, t.feature, values, on=[same], new=new), faults)


def put_options(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Options of features."""
    feature, option = t.feature.c, t.feature_option.c
    here = and_(feature.bundle_id == rows.reference("bundle"), feature.code == rows.raw("feature"))
    found = select(feature.id).where(here).correlate(stage).scalar_subquery()
    faults = import_stage.mark(session, rows, found.is_(None), "feature", _("the bundle has no such feature"))
    kept = select(feature.id).where(here, feature.from_policy).correlate(stage).exists()
    faults += _of_policy(session, rows, kept, "bundle")
    faults += _wrong_quantities(session, rows)
    values, new = _with_defaults(rows, {
        "least_milli": ("min", 1000), "step_milli": ("step", 1000), "default_milli": ("default", 0),
        "included_milli": ("included", 0), "is_required": ("required", False),
    })  # fmt: skip
    values |= {"feature_id": found, "product_id": rows.reference("product")} | supplied(rows, {"most_milli": "max"})
    same = and_(option.feature_id == found, option.product_id == rows.reference("product"))
    return with_faults(upsert(session, rows, t.feature_option, values, on=[same], new=new), faults)


def _wrong_quantities(session: Session, rows: Staged) -> list[Fault]:
    least, step, most = or_default(rows, "min", 1000), or_default(rows, "step", 1000), rows.value("max")
    first = (least + step - 1) // func.nullif(step, 0) * step
    wrong = (
        ("min", least <= 0, _("it is not above zero")),
        ("step", step <= 0, _("it is not above zero")),
        ("max", and_(step > 0, most < first), _("no multiple of `step` lies between `min` and this")),
        ("default", or_default(rows, "default", 0) < 0, _("it is below zero")),
        ("included", or_default(rows, "included", 0) < 0, _("it is below zero")),
    )
    return [
        fault for key, condition, reason in wrong for fault in import_stage.mark(session, rows, condition, key, reason)
    ]


def put_attributes(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Attributes of products."""
    attribute = t.product_attribute.c
    same = and_(attribute.product_id == rows.reference("product"), attribute.name == rows.raw("attribute"))
    kept = select(attribute.id).where(same, attribute.from_policy).correlate(stage).exists()
    faults = _of_policy(session, rows, kept, "attribute")
    values = {
        "product_id": rows.reference("product"), "name": rows.value("attribute"), "amount_milli": rows.value("amount"),
    }  # fmt: skip
    new = {"from_policy": false()}
    return with_faults(upsert(session, rows, t.product_attribute, values, on=[same], new=new), faults)


def put_rules(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Rules of configurations; the products that they name come as `rule-product`."""
    rule = t.configuration_rule.c
    same = rule.code == rows.raw("code")
    kept = select(rule.id).where(same, rule.from_policy).correlate(stage).exists()
    faults = _of_policy(session, rows, kept, "code")
    is_sum, bounds = rows.raw("kind") == "sum", (rows.value("at_least"), rows.value("at_most"))
    none = and_(bounds[0].is_(None), bounds[1].is_(None))
    wrong = (
        ("attribute", is_sum != rows.raw("attribute").is_not(None), _("a sum has one, and nothing else")),
        ("at_most", and_(rows.raw("kind") == "at_most", bounds[1].is_(None)), _("it is needed here")),
        ("at_most", and_(is_sum, none, rows.raw("against").is_(None)), _("a sum has a bound, or `against`")),
        ("against", and_(rows.raw("against").is_not(None), or_(~is_sum, ~none)), _("it stands alone, in a sum")),
    )
    for key, condition, reason in wrong:
        faults += import_stage.mark(session, rows, condition, key, reason)
    values, new = _with_defaults(rows, {})
    columns = {
        "attribute": "attribute", "against": "against", "least_milli": "at_least", "most_milli": "at_most",
        "message": "message",
    }  # fmt: skip
    values |= {"code": rows.value("code"), "kind": rows.value("kind")} | supplied(rows, columns)
    if rows.has("bundle"):
        values["bundle_id"] = rows.reference("bundle")
    return with_faults(upsert(session, rows, t.configuration_rule, values, on=[same], new=new), faults)


def put_rule_products(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Products that rules name."""
    named, rule = t.rule_product.c, t.configuration_rule.c
    part = or_default(rows, "part", "what")
    kept = select(rule.id).where(rule.id == rows.reference("rule"), rule.from_policy).correlate(stage).exists()
    faults = _of_policy(session, rows, kept, "rule")
    values, new = _with_defaults(rows, {})
    del new["from_policy"]
    values |= {"rule_id": rows.reference("rule"), "part": part, "product_id": rows.reference("product")}
    same = and_(
        named.rule_id == rows.reference("rule"), named.part == part, named.product_id == rows.reference("product")
    )
    return with_faults(upsert(session, rows, t.rule_product, values, on=[same], new=new), faults)
