"""The catalogue that a policy says: checked against the products, compared with the one in force, and put there.

A bundle that the policy describes is the policy's alone; what an import brought of it gives way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, insert, select

from sfactl.config.catalogue import BundleEntry, CatalogueFile, ConfigurationRuleEntry, FeatureEntry, listed
from sfactl.config.places import Places
from sfactl.config.policy import Policy
from sfactl.core.configuration import shown
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t

MANY = 500
"""So many keys stand in one statement."""


@dataclass(frozen=True)
class FeatureValues:
    """A feature as it stands in the database."""

    name: str
    least: int
    most: int | None
    position: int


@dataclass(frozen=True)
class OptionValues:
    """An option as it stands in the database; quantities are thousandths."""

    least: int
    most: int | None
    step: int
    default: int
    included: int
    is_required: bool
    position: int


@dataclass(frozen=True)
class RuleValues:
    """A rule as it stands in the database."""

    bundle: str | None
    kind: str
    attribute: str | None
    against: str | None
    least: int | None
    most: int | None
    message: str | None
    when: tuple[str, ...]
    what: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class Values:
    """A whole catalogue, by the codes that people know."""

    features: Mapping[tuple[str, str], FeatureValues]
    "By bundle and code."
    options: Mapping[tuple[str, str, str], OptionValues]
    "By bundle, feature and product."
    attributes: Mapping[tuple[str, str], int]
    "By product and attribute, in thousandths."
    rules: Mapping[str, RuleValues]


def _milli(amount: Decimal) -> int:
    return int(amount * 1000)


def _milli_or_none(amount: Decimal | None) -> int | None:
    return None if amount is None else _milli(amount)


def said(policy: Policy) -> Values:
    """What a policy says of the catalogue."""
    files = policy.catalogue.values()
    bundles = [bundle for file in files for bundle in file.bundle]
    rules = [rule for file in files for rule in file.rule]
    return Values(
        {(b.product, f.code): _feature(f, n) for b in bundles for n, f in enumerate(b.feature)},
        dict(pair for b in bundles for pair in _options(b)),
        {(product, name): _milli(amount) for file in files for product, amounts in file.attributes.items() for name, amount in amounts.items()},
        {rule.code: _rule(rule, n) for n, rule in enumerate(rules)},
    )  # fmt: skip


def _feature(entry: FeatureEntry, position: int) -> FeatureValues:
    return FeatureValues(entry.name, entry.min, entry.max, position)


def _options(bundle: BundleEntry) -> Iterator[tuple[tuple[str, str, str], OptionValues]]:
    for feature in bundle.feature:
        for n, each in enumerate(feature.option):
            amounts = _milli(each.min), _milli_or_none(each.max), _milli(each.step), _milli(each.default)
            values = OptionValues(*amounts, _milli(each.included_quantity), each.required, n)
            yield (bundle.product, feature.code, each.product), values


def _rule(entry: ConfigurationRuleEntry, position: int) -> RuleValues:
    return RuleValues(
        entry.bundle, entry.kind, entry.sum, entry.no_more_than, _milli_or_none(entry.at_least),
        _milli_or_none(entry.at_most), entry.message, listed(entry.when), entry.what, position,
    )  # fmt: skip


def held(session: Session) -> Values:
    """What the policy in force says of the catalogue."""
    bundle, product = t.product.alias("bundle"), t.product
    feature, option, attribute = t.feature.c, t.feature_option.c, t.product_attribute.c
    features = session.execute(
        select(bundle.c.code, feature.code, feature.name, feature.least, feature.most, feature.position)
        .join(bundle, bundle.c.id == feature.bundle_id)
        .where(feature.from_policy)
    )
    options = session.execute(
        select(
            bundle.c.code, feature.code, product.c.code, option.least_milli, option.most_milli, option.step_milli,
            option.default_milli, option.included_milli, option.is_required, option.position,
        )
        .select_from(t.feature_option)
        .join(t.feature, feature.id == option.feature_id)
        .join(bundle, bundle.c.id == feature.bundle_id)
        .join(product, product.c.id == option.product_id)
        .where(feature.from_policy)
    )  # fmt: skip
    attributes = session.execute(
        select(product.c.code, attribute.name, attribute.amount_milli)
        .join(product, product.c.id == attribute.product_id)
        .where(attribute.from_policy)
    )
    return Values(
        {(row[0], row[1]): FeatureValues(*tuple(row)[2:]) for row in features},
        {(row[0], row[1], row[2]): OptionValues(*tuple(row)[3:]) for row in options},
        {(row[0], row[1]): row[2] for row in attributes},
        _held_rules(session),
    )


def _held_rules(session: Session) -> dict[str, RuleValues]:
    rule, operand, bundle = t.configuration_rule.c, t.rule_product.c, t.product.alias("bundle")
    parts: dict[tuple[int, str], list[str]] = {}
    for key, part, code in session.execute(
        select(operand.rule_id, operand.part, t.product.c.code)
        .join(t.product, t.product.c.id == operand.product_id)
        .order_by(operand.position)
    ):
        parts.setdefault((key, part), []).append(code)
    rows = session.execute(
        select(
            rule.id, rule.code, bundle.c.code.label("bundle"), rule.kind, rule.attribute, rule.against, rule.least_milli,
            rule.most_milli, rule.message, rule.position,
        )
        .select_from(t.configuration_rule)
        .outerjoin(bundle, bundle.c.id == rule.bundle_id)
        .where(rule.from_policy)
    )  # fmt: skip
    return {
        row.code: RuleValues(
            row.bundle,
            row.kind,
            row.attribute,
            row.against,
            row.least_milli,
            row.most_milli,
            row.message,
            tuple(parts.get((row.id, "when"), ())),
            tuple(parts.get((row.id, "what"), ())),
            row.position,
        )
        for row in rows
    }


def differing(session: Session, policy: Policy) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Kind and name of each thing of the catalogue that a policy would change, with what it says now and then.

    Raises:
        UsageFault: a product that is not there; its place in the file is named.
    """
    wanted, now = said(policy), held(session)
    _products(session, policy)
    for what, before, after, tell in (
        ("feature", now.features, wanted.features, _feature_told),
        ("option", now.options, wanted.options, _option_told),
        ("attribute", now.attributes, wanted.attributes, shown),
        ("configuration rule", now.rules, wanted.rules, _rule_told),
    ):
        yield from _changes(what, before, after, tell)


def _changes(
    what: str, before: Mapping[Any, Any], after: Mapping[Any, Any], tell: Any
) -> Iterator[tuple[str, str, str | None, str | None]]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            name = key if isinstance(key, str) else " ".join(key)
            now, then = (tell(side[key]) if key in side else None for side in (before, after))
            yield what, name, now, then


def _feature_told(feature: FeatureValues) -> str:
    most = "" if feature.most is None else str(feature.most)
    return f"{feature.name}, {feature.least}..{most} (#{feature.position + 1})"


def _option_told(option: OptionValues) -> str:
    most = "" if option.most is None else shown(option.most)
    words = [f"{shown(option.least)}..{most}"]
    words += [f"{name} {shown(amount)}" for name, amount in (("step", option.step), ("default", option.default), ("included", option.included)) if amount != (1000 if name == "step" else 0)]  # fmt: skip
    words += ["required"] if option.is_required else []
    return f"{', '.join(words)} (#{option.position + 1})"


def _rule_told(rule: RuleValues) -> str:
    words = [rule.bundle or "*", rule.kind, rule.attribute or "", f"<= {rule.against}" if rule.against else ""]
    words += [f">= {shown(rule.least)}"] if rule.least is not None else []
    words += [f"<= {shown(rule.most)}"] if rule.most is not None else []
    words += [f"when {', '.join(rule.when)}"] if rule.when else []
    words += [", ".join(rule.what), f"“{rule.message}”" if rule.message else "", f"(#{rule.position + 1})"]
    return " ".join(word for word in words if word)


def put(session: Session, policy: Policy) -> None:
    """Put the catalogue of a policy in force.

    Raises:
        UsageFault: a product that is not there; its place in the file is named.
        NotAllowed: it changes the catalogue, and the role does not allow that.
    """
    keys = _products(session, policy)
    wanted = said(policy)
    if wanted == held(session):
        return
    session.actor.require("product.create")
    session.actor.require("product.edit")
    _clear(session, wanted, keys)
    _put_features(session, wanted, keys)
    _insert(session, t.product_attribute, [
        {"product_id": keys[product], "name": name, "amount_milli": amount, "from_policy": True}
        for (product, name), amount in wanted.attributes.items()
    ])  # fmt: skip
    _put_rules(session, wanted, keys)


def _clear(session: Session, wanted: Values, keys: Mapping[str, int]) -> None:
    """Take away what the policy said, and what an import said of the same."""
    feature, option, rule = t.feature.c, t.feature_option.c, t.configuration_rule.c
    bundles = sorted({keys[bundle] for bundle, _code in wanted.features})
    for goes in (feature.from_policy, *(feature.bundle_id.in_(part) for part in _parts(bundles))):
        here = select(feature.id).where(goes)
        session.sql.execute(delete(t.feature_option).where(option.feature_id.in_(here)))
        session.sql.execute(delete(t.feature).where(goes))
    for goes in (rule.from_policy, *(rule.code.in_(part) for part in _parts(list(wanted.rules)))):
        here = select(rule.id).where(goes)
        session.sql.execute(delete(t.rule_product).where(t.rule_product.c.rule_id.in_(here)))
        session.sql.execute(delete(t.configuration_rule).where(goes))
    attribute = t.product_attribute.c
    session.sql.execute(delete(t.product_attribute).where(attribute.from_policy))
    products = sorted({keys[product] for product, _name in wanted.attributes})
    names = {(keys[product], name) for product, name in wanted.attributes}
    for part in _parts(products):
        rows = session.execute(
            select(attribute.id, attribute.product_id, attribute.name).where(attribute.product_id.in_(part))
        ).all()
        goes_too = [key for key, product, name in rows if (product, name) in names]
        session.sql.execute(delete(t.product_attribute).where(attribute.id.in_(goes_too)))


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), MANY):
        yield keys[start : start + MANY]


def _put_features(session: Session, wanted: Values, keys: Mapping[str, int]) -> None:
    _insert(session, t.feature, [
        {"bundle_id": keys[bundle], "code": code, "name": each.name, "least": each.least, "most": each.most,
         "position": each.position, "from_policy": True}
        for (bundle, code), each in wanted.features.items()
    ])  # fmt: skip
    feature = t.feature.c
    found = {
        (row.bundle_id, row.code): row.id
        for row in session.execute(select(feature.id, feature.bundle_id, feature.code).where(feature.from_policy))
    }
    columns = (
        "least_milli", "most_milli", "step_milli", "default_milli", "included_milli", "is_required", "position",
    )  # fmt: skip
    _insert(session, t.feature_option, [
        {"feature_id": found[keys[bundle], code], "product_id": keys[product], "from_policy": True}
        | dict(zip(columns, astuple(each), strict=True))
        for (bundle, code, product), each in wanted.options.items()
    ])  # fmt: skip


def _put_rules(session: Session, wanted: Values, keys: Mapping[str, int]) -> None:
    _insert(session, t.configuration_rule, [
        {"code": code, "bundle_id": keys[each.bundle] if each.bundle else None, "position": each.position,
         "kind": each.kind, "attribute": each.attribute, "against": each.against, "least_milli": each.least,
         "most_milli": each.most, "message": each.message, "from_policy": True}
        for code, each in wanted.rules.items()
    ])  # fmt: skip
    rule = t.configuration_rule.c
    found = {row.code: row.id for row in session.execute(select(rule.id, rule.code).where(rule.from_policy))}
    _insert(session, t.rule_product, [
        {"rule_id": found[code], "part": part, "product_id": keys[product], "position": n}
        for code, each in wanted.rules.items()
        for part, products in (("when", each.when), ("what", each.what))
        for n, product in enumerate(products)
    ])  # fmt: skip


def _insert(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.sql.execute(insert(table), rows)


_Named = tuple[str, tuple[str | int, ...]]
"""A product, and where a file names it."""


def _products(session: Session, policy: Policy) -> dict[str, int]:
    """The key of each product that a policy names.

    Raises:
        UsageFault: one is not there, with its place in the file.
    """
    if not policy.catalogue:
        return {}
    known = {row.code: row.id for row in session.execute(select(t.product.c.code, t.product.c.id))}
    for name, file in policy.catalogue.items():
        missing = [(product, path) for product, path in _named(file) if product not in known]
        if missing:
            product, path = missing[0]
            line, column = Places(policy.files[name]).find(path)
            raise UsageFault(
                _("{where}: there is no product {product}.").format(where=f"{name}:{line}:{column}", product=product),
                _("Bring products in first: sfactl import product FILE"),
            )
    return known


def _named(file: CatalogueFile) -> Iterator[_Named]:
    yield from ((product, ("attributes", product)) for product in file.attributes)
    for b, bundle in enumerate(file.bundle):
        yield bundle.product, ("bundle", b, "product")
        for f, feature in enumerate(bundle.feature):
            for o, option in enumerate(feature.option):
                yield option.product, ("bundle", b, "feature", f, "option", o, "product")
    for r, rule in enumerate(file.rule):
        yield from _named_by(rule, ("rule", r))


def _named_by(rule: ConfigurationRuleEntry, base: tuple[str | int, ...]) -> Iterator[_Named]:
    if rule.bundle is not None:
        yield rule.bundle, (*base, "bundle")
    for key in ("when", "requires", "excludes", "of"):
        yield from ((product, (*base, key, n)) for n, product in enumerate(listed(getattr(rule, key))))
