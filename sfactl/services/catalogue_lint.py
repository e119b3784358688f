"""What is wrong with what is sold: bundles that cannot be configured, options that nobody can choose, rules that say nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import or_, select

from sfactl.core import configuration
from sfactl.core.configuration import Catalogue
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import catalogue

SECONDS: Final = 20.0
"""So long one bundle may take."""


@dataclass(frozen=True)
class FindingRow:
    """Something that needs a person."""

    finding: str
    bundle: str | None
    key: str
    detail: str


_Found = Iterator[tuple[str | None, str, str]]
"""Bundle, what, and detail of each finding."""


def check(session: Session, only: Sequence[str] = ()) -> Iterator[FindingRow]:
    """What is found, kind by kind.

    Raises:
        UsageFault: there is no such kind.
    """
    session.actor.require("product.read")
    wrong = sorted(set(only) - set(KINDS))
    if wrong:
        raise UsageFault(
            _("There is no finding {name}.").format(name=wrong[0]),
            _("Findings: {names}.").format(names=", ".join(KINDS)),
        )
    for kind in only or KINDS:
        for row in KINDS[kind](session):
            yield FindingRow(kind, *row)


def _bundles(session: Session) -> Iterator[Catalogue]:
    keys = session.execute(select(t.product.c.id).where(catalogue.bundles()).order_by(t.product.c.code)).scalars().all()
    for key in keys:
        yield catalogue.read(session, key)


def _impossible(session: Session) -> _Found:
    """Bundles without any valid configuration."""
    from sfactl.core import configuration_solver as solver

    for bundle in _bundles(session):
        must = configuration.constraints(bundle)
        reasons = solver.unsolvable(bundle, must, seconds=SECONDS)
        if reasons:
            yield bundle.bundle, bundle.bundle, " ".join(each.message for each in reasons)


def _never_chosen(session: Session) -> _Found:
    """Options that are in no valid configuration, though there is one."""
    from sfactl.core import configuration_solver as solver

    for bundle in _bundles(session):
        must = configuration.constraints(bundle)
        reached = solver.reachable(bundle, must, seconds=SECONDS)
        for n, option in enumerate(bundle.options):
            if reached and n not in reached and option.is_sold:
                yield bundle.bundle, option.product, _("{name} is in no valid configuration.").format(name=option.name)


def _unknown_products(session: Session) -> _Found:
    """Rules of one bundle that name products which are no options of it."""
    rule, named, bundle = t.configuration_rule.c, t.rule_product.c, t.product.alias("bundle")
    offered = (
        select(t.feature_option.c.id)
        .join(t.feature, t.feature.c.id == t.feature_option.c.feature_id)
        .where(t.feature.c.bundle_id == rule.bundle_id, t.feature_option.c.product_id == named.product_id)
        .correlate(t.configuration_rule, t.rule_product)
    )
    rows = session.execute(
        select(bundle.c.code, rule.code, t.product.c.code)
        .select_from(t.rule_product)
        .join(t.configuration_rule, rule.id == named.rule_id)
        .join(bundle, bundle.c.id == rule.bundle_id)
        .join(t.product, t.product.c.id == named.product_id)
        .where(~offered.exists(), named.product_id != rule.bundle_id)
        .order_by(bundle.c.code, rule.code, named.position)
    )
    for code, key, product in rows:
        yield code, key, _("{product} is no option of it.").format(product=product)


def _idle_rules(session: Session) -> _Found:
    """Rules that say nothing of any bundle they could hold for."""
    bundles = list(_bundles(session))
    for own, each in catalogue.all_rules(session):
        here = [bundle for bundle in bundles if own in (None, bundle.bundle)]
        if not any(_says_something(replace(bundle, rules=(each,))) for bundle in here):
            yield own, each.code, _("It says nothing of any bundle.")


def _says_something(bundle: Catalogue) -> bool:
    code = bundle.rules[0].code
    kinds = ("requires", "excludes", "at_most", "sum")
    made = [each for each in configuration.constraints(bundle) if each.code == code and str(each.kind) in kinds]
    return any(each.options or each.low for each in made)


def _defaults(session: Session) -> _Found:
    """Bundles whose defaults are against their own rules."""
    for bundle in _bundles(session):
        if any(option.default for option in bundle.options):
            for each in configuration.conflicts(
                bundle, configuration.constraints(bundle), configuration.filled(bundle, {})
            ):
                yield bundle.bundle, each.constraint.code, each.constraint.message


def _no_price(session: Session) -> _Found:
    """Options that have no list price today, so that no cheapest configuration has them."""
    for bundle in _bundles(session):
        for option in bundle.options:
            if option.price_e4 is None and option.is_sold and option.included < option.last:
                yield bundle.bundle, option.product, _("{name} has no price.").format(name=option.name)


def _not_sold(session: Session) -> _Found:
    """Options of bundles that are no longer sold."""
    bundle, product = t.product.alias("bundle"), t.product.c
    rows = session.execute(
        select(bundle.c.code, product.code, product.name)
        .select_from(t.feature_option)
        .join(t.feature, t.feature.c.id == t.feature_option.c.feature_id)
        .join(bundle, bundle.c.id == t.feature.c.bundle_id)
        .join(t.product, product.id == t.feature_option.c.product_id)
        .where(or_(~product.active, ~bundle.c.active))
        .order_by(bundle.c.code, product.code)
    )
    for code, key, name in rows:
        yield code, key, _("{name} is no longer sold.").format(name=name)


KINDS: Final[dict[str, Callable[[Session], _Found]]] = {
    "bundle-impossible": _impossible,
    "option-never": _never_chosen,
    "option-not-sold": _not_sold,
    "option-no-price": _no_price,
    "defaults-conflict": _defaults,
    "rule-unknown-product": _unknown_products,
    "rule-idle": _idle_rules,
}
"""Each kind of finding, and what looks for it; those of prices join them here."""
