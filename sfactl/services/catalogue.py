"""Bundles as the database has them: features, options, attributes, rules, prices and costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from sfactl.core.configuration import Catalogue, Feature, Kind, Option, Rule, constraints, shown
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, workspaces


@dataclass(frozen=True)
class Prices:
    """Which prices count: of a book, in a currency, on a day; standard ones, the workspace's and today's where nothing is said."""

    book: str = "standard"
    currency: str | None = None
    day: date | None = None


@dataclass(frozen=True)
class OptionRow:
    """An option of a bundle."""

    feature: str
    feature_name: str
    product: str
    name: str
    least: int
    most: int | None
    default: int
    included: int
    required: bool
    attributes: tuple[str, ...]


@dataclass(frozen=True)
class RuleRow:
    """A rule that configurations of a bundle keep."""

    code: str
    kind: str
    rule: str
    "In words."


def bundle_id(session: Session, key: str) -> int:
    """The bundle that a person means.

    Raises:
        NotFound: there is no such product.
        UsageFault: it is none of which anything can be chosen.
    """
    session.actor.require("product.read")
    found = naming.find_id(session, t.product, key)
    if session.execute(select(t.feature.c.id).where(t.feature.c.bundle_id == found).limit(1)).first() is None:
        raise UsageFault(
            _("{product} is no bundle.").format(product=key),
            _("`sfactl product list --bundles` shows those there are."),
        )
    return found


def parts(session: Session, code: str) -> Catalogue | None:
    """What can be chosen for a product; nothing when it is no bundle."""
    found = session.execute(select(t.product.c.id).where(t.product.c.code == code, bundles())).scalar()
    return None if found is None else read(session, found)


def bundles() -> ColumnElement[bool]:
    """Products of which something can be chosen."""
    return select(t.feature.c.id).where(t.feature.c.bundle_id == t.product.c.id).exists()


def read(session: Session, bundle: int, prices: Prices | None = None, *, with_cost: bool = False) -> Catalogue:
    """A bundle with everything that can be chosen for it.

    Args:
        with_cost: read costs too; for those who may see them.
    """
    prices = prices or Prices()
    currency = prices.currency or workspaces.current(session).currency
    day = prices.day or session.today
    product, feature, option = t.product.c, t.feature.c, t.feature_option.c
    cost = (t.product_cost.c.cost_e4,) if with_cost else ()
    rows = session.execute(
        _with_prices(
            select(
                feature.code.label("feature"), feature.name.label("feature_name"), feature.least, feature.most, product.code, product.name, option.least_milli,
                option.most_milli, option.step_milli, option.default_milli, option.included_milli, option.is_required,
                t.price.c.unit_price_e4, *cost, product.active,
            )
            .select_from(t.feature)
            .join(t.feature_option, option.feature_id == feature.id)
            .join(t.product, product.id == option.product_id),
            prices.book, currency, day, with_cost,
        )
        .where(feature.bundle_id == bundle)
        .order_by(feature.position, feature.code, option.position, product.code)
    ).all()  # fmt: skip
    itself = session.execute(
        _with_prices(
            select(product.code, product.name, t.price.c.unit_price_e4, *cost).select_from(t.product),
            prices.book, currency, day, with_cost,
        ).where(product.id == bundle)
    ).one()  # fmt: skip
    return Catalogue(
        itself.code, itself.name, _features(rows, with_cost), _rules(session, bundle), _attributes(session, bundle),
        itself.unit_price_e4, itself.cost_e4 if with_cost else None,
    )  # fmt: skip


def _with_prices(statement: Select[Any], book: str, currency: str, day: date, with_cost: bool) -> Select[Any]:
    price, cost = t.price.c, t.product_cost.c
    holds = and_(
        price.product_id == t.product.c.id, price.price_book == book, price.currency == currency,
        price.valid_from <= day, or_(price.valid_to.is_(None), price.valid_to > day),
    )  # fmt: skip
    statement = statement.outerjoin(t.price, holds)
    if with_cost:
        statement = statement.outerjoin(
            t.product_cost, and_(cost.product_id == t.product.c.id, cost.currency == currency)
        )  # fmt: skip
    return statement


def _features(rows: Sequence[Any], with_cost: bool) -> tuple[Feature, ...]:
    found: dict[str, tuple[tuple[Any, ...], list[Option]]] = {}
    for row in rows:
        options = found.setdefault(row.feature, ((row.feature_name, row.least, row.most), []))[1]
        options.append(
            Option(
                row.feature, row.code, row.name, row.least_milli, row.most_milli, row.step_milli, row.default_milli,
                row.included_milli, bool(row.is_required), row.unit_price_e4, row.cost_e4 if with_cost else None,
                bool(row.active),
            )
        )  # fmt: skip
    return tuple(
        Feature(code, name, tuple(options), least, most) for code, ((name, least, most), options) in found.items()
    )


def _offered(bundle: int) -> Select[Any]:
    """The products that are options of a bundle."""
    return (
        select(t.feature_option.c.product_id)
        .join(t.feature, t.feature.c.id == t.feature_option.c.feature_id)
        .where(t.feature.c.bundle_id == bundle)
    )


def _attributes(session: Session, bundle: int) -> dict[str, dict[str, int]]:
    attribute, product = t.product_attribute.c, t.product.c
    rows = session.execute(
        select(product.code, attribute.name, attribute.amount_milli)
        .join(t.product, product.id == attribute.product_id)
        .where(or_(product.id == bundle, product.id.in_(_offered(bundle))))
        .order_by(product.code, attribute.name)
    )
    found: dict[str, dict[str, int]] = {}
    for code, name, amount in rows:
        found.setdefault(code, {})[name] = amount
    return found


def _rules(session: Session, bundle: int) -> tuple[Rule, ...]:
    """The rules of a bundle and those of all bundles."""
    here = or_(t.configuration_rule.c.bundle_id.is_(None), t.configuration_rule.c.bundle_id == bundle)
    return tuple(rule for _bundle, rule in _rules_where(session, here))


def all_rules(session: Session) -> list[tuple[str | None, Rule]]:
    """Every rule, with the bundle it holds for; those of all bundles without one."""
    return _rules_where(session, true())


def _rules_where(session: Session, here: ColumnElement[bool]) -> list[tuple[str | None, Rule]]:
    rule, operand, bundle = t.configuration_rule.c, t.rule_product.c, t.product.alias("bundle")
    parts: dict[tuple[int, str], list[str]] = {}
    for key, part, code in session.execute(
        select(operand.rule_id, operand.part, t.product.c.code)
        .join(t.product, t.product.c.id == operand.product_id)
        .join(t.configuration_rule, rule.id == operand.rule_id)
        .where(here)
        .order_by(operand.position, t.product.c.code)
    ):
        parts.setdefault((key, part), []).append(code)
    rows = session.execute(
        select(
            bundle.c.code, rule.id, rule.code, rule.kind, rule.attribute, rule.against, rule.least_milli,
            rule.most_milli, rule.message,
        )
        .select_from(t.configuration_rule)
        .outerjoin(bundle, bundle.c.id == rule.bundle_id)
        .where(here)
        .order_by(rule.position, rule.code)
    )  # fmt: skip
    return [
        (own, Rule(code, kind, tuple(parts.get((key, "when"), ())), tuple(parts.get((key, "what"), ())), *rest))
        for own, key, code, kind, *rest in rows
    ]


def option_rows(catalogue: Catalogue) -> list[OptionRow]:
    """The options of a bundle, for people."""
    names = {feature.code: feature.name for feature in catalogue.features}
    return [
        OptionRow(
            each.feature, names[each.feature], each.product, each.name, each.first, each.most, each.default, each.included,
            each.is_required,
            tuple(f"{name} {shown(amount)}" for name, amount in catalogue.attributes.get(each.product, {}).items()),
        )
        for each in catalogue.options
    ]  # fmt: skip


def rule_rows(catalogue: Catalogue) -> list[RuleRow]:
    """The features' bounds and the rules of a bundle, in words."""
    told = (Kind.FEATURE, Kind.REQUIRES, Kind.EXCLUDES, Kind.AT_MOST, Kind.SUM)
    return [RuleRow(each.code, str(each.kind), each.message) for each in constraints(catalogue) if each.kind in told]
