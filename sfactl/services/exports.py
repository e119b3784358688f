"""Data on their way out, in the columns that an import reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, func, null, select

from sfactl.core.money import minor_digits
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services.quota_loads import in_force
from sfactl.transfer.nouns import NOUNS, Field, Kind, Noun

_PERMISSION = {
    "member": "territory", "team-member": "team", "user-skill": "skill", "account-need": "account", "price": "product",
    "contract-price": "product", "promotion": "product", "exchange-rate": "product",
    "order-line": "order", "arrival": "stock", "feature": "product", "feature-option": "product", "product-attribute": "product",
    "configuration-rule": "product", "rule-product": "product",
}  # fmt: skip


def noun_named(name: str) -> Noun:
    """The noun of an export.

    Raises:
        UsageFault: there is none of the name.
    """
    if name not in NOUNS:
        raise UsageFault(
            _("There is no noun {name}.").format(name=name), _("Nouns: {names}.").format(names=", ".join(NOUNS))
        )
    return NOUNS[name]


def rows(session: Session, name: str) -> Iterator[tuple[Any, ...]]:
    """Every row of a noun that the person sees, in the order of the noun's fields; references by code or login."""
    noun = noun_named(name)
    session.actor.require(f"{_PERMISSION.get(name, name)}.export")
    statement, columns = _SELECT[name]()
    if name == "product" and not session.actor.may("cost.read"):
        columns = {**columns, "cost": null()}
    keys = [field.key for field in noun.fields]
    chosen = statement.with_only_columns(*(columns.get(key, null()).label(key) for key in keys))
    forms = [(index, form) for index, field in enumerate(noun.fields) if (form := _form(noun, field, columns))]
    return _made_ready(session, chosen, forms)


_Columns = Sequence[Sequence[Any]]
_Form = Callable[[_Columns], Any]


def _made_ready(session: Session, chosen: Select[Any], forms: Sequence[tuple[int, _Form]]) -> Iterator[tuple[Any, ...]]:
    for batch in session.execute(chosen.execution_options(yield_per=_TOGETHER)).partitions():
        made = list(zip(*batch, strict=True))
        for index, form in forms:
            made[index] = form(made)
        yield from zip(*made, strict=True)


def _form(noun: Noun, field: Field, columns: Mapping[str, Any]) -> _Form | None:
    """What makes a column of the driver's values the export's, given all columns; None where they are the same."""
    index = noun.fields.index(field)
    if field.key not in columns:
        return None
    if field.kind not in _PLACES:
        return None
    places, least = _PLACES[field.kind]
    if places is not None:
        return lambda all_of: [
            None if units is None else unambiguous(units, places, least=least) for units in all_of[index]
        ]
    money = next(number for number, other in enumerate(noun.fields) if other.key == "currency")
    return lambda all_of: _amounts(all_of[index], all_of[money], least)


def _amounts(units: Sequence[int | None], currencies: Sequence[str], least: int) -> list[str | None]:
    digits = {currency: minor_digits(currency) for currency in set(currencies)}
    pairs = zip(units, currencies, strict=True)
    return [None if unit is None else unambiguous(unit, digits[currency], least=least) for unit, currency in pairs]


_TOGETHER = 2000
_PLACES = {
    Kind.MONEY: (None, 2),
    Kind.SHARE: (4, 0),
    Kind.QUANTITY: (3, 0),
    Kind.UNIT_PRICE: (4, 0),
    Kind.RATE: (9, 0),
    Kind.DEGREES: (6, 0),
}
"""How many decimals a number is stored with, the currency's where None; and how many are shown at least."""


def unambiguous(units: int, places: int, *, least: int = 0) -> str:
    """Decimal units as text that no reader takes for thousands: never with exactly three places.

    Args:
        units: of which `places` digits are decimals.
        least: at least so many decimals are shown.
    """
    if places == least == 2 and units >= 0:  # by far the most
        return f"{units // 100}.{units % 100:02}"
    digits = f"{abs(units):0{places + 1}}"
    whole, tail = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0").ljust(least, "0")
    tail = f"{tail}0" if len(tail) == 3 else tail
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{tail}" if tail else f"{sign}{whole}"


_Made = tuple[Select[Any], Mapping[str, ColumnElement[Any]]]


def _own(table: Any, *names: str, **others: str) -> dict[str, ColumnElement[Any]]:
    return {name: table.c[name] for name in names} | {key: table.c[column] for key, column in others.items()}


def _territories() -> _Made:
    node, parent = t.territory, t.territory.alias("parent")
    statement = select(node.c.id).outerjoin(parent, parent.c.id == node.c.parent_id)
    columns = _own(node, "code", "name", "external_id", "kind", "priority") | {"parent": parent.c.code}
    return statement.where(node.c.code != UNASSIGNED).order_by(node.c.tree_left), columns


def _users() -> _Made:
    boss = t.user.alias("boss")
    columns = _own(
        t.user, "login", "name", "external_id", "email", "title", "hired_on", latitude="latitude_e6", longitude="longitude_e6"
    )  # fmt: skip
    columns |= {"manager": boss.c.login, "active": cast(t.user.c.active, Integer)}
    return select(t.user.c.id).outerjoin(boss, boss.c.id == t.user.c.manager_id).order_by(t.user.c.login), columns


def _teams() -> _Made:
    statement = (
        select(t.team.c.id)
        .outerjoin(t.territory, t.territory.c.id == t.team.c.territory_id)
        .outerjoin(t.user, t.user.c.id == t.team.c.lead_id)
        .order_by(t.team.c.code)
    )
    return statement, _own(t.team, "code", "name", "external_id") | {
        "territory": t.territory.c.code,
        "lead": t.user.c.login,
    }


def _team_members() -> _Made:
    member = t.team_member.c
    statement = (
        select(member.id)
        .join(t.team, t.team.c.id == member.team_id)
        .join(t.user, t.user.c.id == member.user_id)
        .order_by(t.team.c.code, t.user.c.login, member.valid_from)
    )
    columns = _own(t.team_member, "role", "valid_from", "valid_to")
    return statement, columns | {"team": t.team.c.code, "user": t.user.c.login}


def _members() -> _Made:
    member = t.territory_member.c
    statement = (
        select(member.id)
        .join(t.territory, t.territory.c.id == member.territory_id)
        .join(t.user, t.user.c.id == member.user_id)
        .order_by(t.territory.c.tree_left, t.user.c.login, member.valid_from)
    )
    columns = _own(t.territory_member, "role", "valid_from", "valid_to")
    return statement, columns | {"territory": t.territory.c.code, "user": t.user.c.login}


def _skills() -> _Made:
    return select(t.skill.c.id).order_by(t.skill.c.code), _own(t.skill, "code", "name", "external_id")


def _user_skills() -> _Made:
    statement = (
        select(t.user_skill.c.id)
        .join(t.user, t.user.c.id == t.user_skill.c.user_id)
        .join(t.skill, t.skill.c.id == t.user_skill.c.skill_id)
        .order_by(t.user.c.login, t.skill.c.code)
    )
    return statement, _own(t.user_skill, "level") | {"user": t.user.c.login, "skill": t.skill.c.code}


def _account_needs() -> _Made:
    statement = (
        select(t.account_need.c.id)
        .join(t.account, t.account.c.id == t.account_need.c.account_id)
        .join(t.skill, t.skill.c.id == t.account_need.c.skill_id)
        .order_by(t.account.c.code, t.skill.c.code)
    )
    return statement, _own(t.account_need, "level", "weight") | {"account": t.account.c.code, "skill": t.skill.c.code}


def _accounts() -> _Made:
    parent = t.account.alias("parent")
    holds = t.assignment.c
    since = (
        select(holds.valid_from)
        .where(holds.account_id == t.account.c.id, holds.role == "owner", holds.valid_to.is_(None))
        .correlate(t.account)
        .scalar_subquery()
    )
    statement = (
        select(t.account.c.id)
        .outerjoin(t.territory, t.territory.c.id == t.account.c.territory_id)
        .outerjoin(t.user, t.user.c.id == t.account.c.owner_id)
        .outerjoin(parent, parent.c.id == t.account.c.parent_id)
        .order_by(t.account.c.code)
    )
    columns = _own(
        t.account, "code", "name", "external_id", "segment", "industry", "kind", "city", "region", "country",
        "postal_code", "phone", "website", "employees", "currency", annual_revenue="annual_revenue_minor",
        potential="potential_minor", hours="work_e3", latitude="latitude_e6", longitude="longitude_e6",
    )  # fmt: skip
    place = func.nullif(t.territory.c.code, UNASSIGNED)
    return statement, columns | {
        "territory": place,
        "owner": t.user.c.login,
        "parent": parent.c.code,
        "owned_since": since,
    }


def _contacts() -> _Made:
    statement = (
        select(t.contact.c.id)
        .join(t.account, t.account.c.id == t.contact.c.account_id)
        .order_by(t.contact.c.external_id)
    )
    return statement, _own(t.contact, "external_id", "name", "title", "email", "phone") | {"account": t.account.c.code}


def _products() -> _Made:
    cost = t.product_cost.c
    statement = (
        select(t.product.c.id).outerjoin(t.product_cost, cost.product_id == t.product.c.id).order_by(t.product.c.code)
    )
    columns = _own(t.product, "code", "name", "external_id", "family", "subfamily", "unit")
    active = cast(t.product.c.active, Integer)
    return statement, columns | {"active": active, "cost": cost.cost_e4, "currency": cost.currency}


def _prices() -> _Made:
    statement = (
        select(t.price.c.id)
        .join(t.product, t.product.c.id == t.price.c.product_id)
        .order_by(t.product.c.code, t.price.c.price_book, t.price.c.currency, t.price.c.valid_from)
    )
    columns = _own(t.price, "price_book", "currency", "valid_from", "valid_to", unit_price="unit_price_e4")
    return statement, columns | {"product": t.product.c.code}


def _features() -> _Made:
    statement = (
        select(t.feature.c.id)
        .join(t.product, t.product.c.id == t.feature.c.bundle_id)
        .order_by(t.product.c.code, t.feature.c.position, t.feature.c.code)
    )
    return statement, _own(t.feature, "code", "name", "position", min="least", max="most") | {
        "bundle": t.product.c.code
    }  # fmt: skip


def _feature_options() -> _Made:
    bundle, option = t.product.alias("bundle"), t.feature_option
    statement = (
        select(option.c.id)
        .join(t.feature, t.feature.c.id == option.c.feature_id)
        .join(bundle, bundle.c.id == t.feature.c.bundle_id)
        .join(t.product, t.product.c.id == option.c.product_id)
        .order_by(bundle.c.code, t.feature.c.position, t.feature.c.code, option.c.position, t.product.c.code)
    )
    columns = _own(
        option, "position", min="least_milli", max="most_milli", step="step_milli", default="default_milli",
        included="included_milli",
    )  # fmt: skip
    links = {"bundle": bundle.c.code, "feature": t.feature.c.code, "product": t.product.c.code}
    return statement, columns | links | {"required": cast(option.c.is_required, Integer)}


def _product_attributes() -> _Made:
    attribute = t.product_attribute
    statement = (
        select(attribute.c.id)
        .join(t.product, t.product.c.id == attribute.c.product_id)
        .order_by(t.product.c.code, attribute.c.name)
    )
    return statement, _own(attribute, attribute="name", amount="amount_milli") | {"product": t.product.c.code}


def _configuration_rules() -> _Made:
    rule = t.configuration_rule
    statement = (
        select(rule.c.id)
        .outerjoin(t.product, t.product.c.id == rule.c.bundle_id)
        .order_by(rule.c.position, rule.c.code)
    )  # fmt: skip
    columns = _own(
        rule,
        "code",
        "kind",
        "attribute",
        "against",
        "message",
        "position",
        at_least="least_milli",
        at_most="most_milli",
    )
    return statement, columns | {"bundle": t.product.c.code}


def _rule_products() -> _Made:
    named, rule = t.rule_product, t.configuration_rule
    statement = (
        select(named.c.id)
        .join(rule, rule.c.id == named.c.rule_id)
        .join(t.product, t.product.c.id == named.c.product_id)
        .order_by(rule.c.position, rule.c.code, named.c.part.desc(), named.c.position)
    )
    return statement, _own(named, "part", "position") | {"rule": rule.c.code, "product": t.product.c.code}


_VALUED = {"min_quantity": "min_quantity_milli", "discount": "discount_bp"}


def _value(table: Any, method: str) -> ColumnElement[Any]:
    """The price or amount of a rule, where it is of that kind."""
    return case((table.c.method == method, table.c.value_e4), else_=None)


def _contract_prices() -> _Made:
    promise = t.contract_price
    statement = (
        select(promise.c.id)
        .join(t.account, t.account.c.id == promise.c.account_id)
        .outerjoin(t.product, t.product.c.id == promise.c.product_id)
        .order_by(promise.c.code)
    )
    columns = _own(promise, "code", "external_id", "kind", "family", "currency", "valid_from", "valid_to", **_VALUED)
    columns |= {"unit_price": _value(promise, "price"), "amount_off": _value(promise, "amount")}
    return statement, columns | {"account": t.account.c.code, "product": t.product.c.code}


def _promotions() -> _Made:
    rule = t.price_rule
    statement = (
        select(rule.c.id)
        .outerjoin(t.product, t.product.c.id == rule.c.product_id)
        .where(rule.c.step == "promotion", rule.c.origin == "import")
        .order_by(rule.c.code)
    )
    columns = _own(
        rule, "code", "name", "external_id", "segment", "family", "currency", "valid_from", "valid_to",
        max_quantity="max_quantity_milli", **_VALUED,
    )  # fmt: skip
    columns |= {"unit_price": _value(rule, "price"), "amount_off": _value(rule, "amount")}
    return statement, columns | {"product": t.product.c.code}


def _exchange_rates() -> _Made:
    rate = t.exchange_rate
    statement = select(rate.c.id).order_by(rate.c.from_currency, rate.c.to_currency, rate.c.rated_on)
    return statement, _own(rate, "from_currency", "to_currency", "rated_on", rate="rate_e9")


def _stock() -> _Made:
    statement = (
        select(t.stock.c.id)
        .join(t.product, t.product.c.id == t.stock.c.product_id)
        .join(t.warehouse, t.warehouse.c.id == t.stock.c.warehouse_id)
        .order_by(t.product.c.code, t.warehouse.c.code)
    )
    columns = _own(t.stock, "bin", "counted_on", quantity="quantity_milli", reorder_point="reorder_milli")
    return statement, columns | {"product": t.product.c.code, "warehouse": t.warehouse.c.code}


def _arrivals() -> _Made:
    statement = (
        select(t.arrival.c.id)
        .join(t.product, t.product.c.id == t.arrival.c.product_id)
        .join(t.warehouse, t.warehouse.c.id == t.arrival.c.warehouse_id)
        .order_by(t.product.c.code, t.warehouse.c.code, t.arrival.c.expected_on, t.arrival.c.reference)
    )
    columns = _own(t.arrival, "reference", "expected_on", "received_on", quantity="quantity_milli")
    return statement, columns | {"product": t.product.c.code, "warehouse": t.warehouse.c.code}


def _quotas() -> _Made:
    statement = (
        select(t.quota.c.id)
        .outerjoin(t.user, t.user.c.id == t.quota.c.user_id)
        .outerjoin(t.team, t.team.c.id == t.quota.c.team_id)
        .outerjoin(t.territory, t.territory.c.id == t.quota.c.territory_id)
        .where(in_force(t.quota))
        .order_by(t.quota.c.starts_on, t.user.c.login, t.team.c.code, t.territory.c.code, t.quota.c.id)
    )
    columns = _own(
        t.quota, "measure", "product_family", "starts_on", "ends_on", "currency", "seasonality", "ramp", "active_from",
        "active_until", amount="amount_minor",
    )  # fmt: skip
    return statement, columns | {"user": t.user.c.login, "team": t.team.c.code, "territory": t.territory.c.code}


def _opportunities() -> _Made:
    statement = (
        select(t.opportunity.c.id)
        .join(t.stage, t.stage.c.id == t.opportunity.c.stage_id)
        .outerjoin(t.account, t.account.c.id == t.opportunity.c.account_id)
        .outerjoin(t.user, t.user.c.id == t.opportunity.c.credited_id)
        .order_by(t.opportunity.c.code)
    )
    columns = _own(
        t.opportunity, "code", "name", "external_id", "currency", "close_on", "closed_on", "next_step",
        "product_family", amount="amount_minor", probability="probability_bp", created_on="opened_on",
    )  # fmt: skip
    return statement, columns | {"account": t.account.c.code, "seller": t.user.c.login, "stage": t.stage.c.code}


def _activities() -> _Made:
    statement = (
        select(t.activity.c.id)
        .outerjoin(t.account, t.account.c.id == t.activity.c.account_id)
        .outerjoin(t.opportunity, t.opportunity.c.id == t.activity.c.opportunity_id)
        .join(t.user, t.user.c.id == t.activity.c.owner_id)
        .order_by(t.activity.c.external_id)
    )
    columns = _own(t.activity, "external_id", "kind", "subject", "planned_on", "done_on", "note")
    links = {"account": t.account.c.code, "opportunity": t.opportunity.c.code, "owner": t.user.c.login}
    return statement, columns | links


def _orders() -> _Made:
    statement = (
        select(t.order.c.id)
        .outerjoin(t.account, t.account.c.id == t.order.c.account_id)
        .outerjoin(t.user, t.user.c.id == t.order.c.credited_id)
        .outerjoin(t.territory, t.territory.c.id == t.order.c.credited_territory_id)
        .order_by(t.order.c.code)
    )
    columns = _own(
        t.order, "code", "external_id", "booked_on", "completed_on", "channel", "status", "currency", "purchase_order",
        amount="amount_minor", tax="tax_minor", freight="freight_minor", total="total_minor",
    )  # fmt: skip
    links = {"account": t.account.c.code, "seller": t.user.c.login, "territory": t.territory.c.code}
    return statement, columns | links


def _order_lines() -> _Made:
    statement = (
        select(t.order_line.c.id)
        .join(t.order, t.order.c.id == t.order_line.c.order_id)
        .outerjoin(t.product, t.product.c.id == t.order_line.c.product_id)
        .order_by(t.order.c.code, t.order_line.c.line)
    )
    columns = _own(
        t.order_line, "line", quantity="quantity_milli", unit_price="unit_price_e4", discount="discount_bp",
        amount="amount_minor",
    )  # fmt: skip
    return statement, columns | {"order": t.order.c.code, "product": t.product.c.code, "currency": t.order.c.currency}


_SELECT: Mapping[str, Callable[[], _Made]] = {
    "territory": _territories, "user": _users, "team": _teams, "team-member": _team_members, "member": _members,
    "skill": _skills, "user-skill": _user_skills, "account": _accounts, "account-need": _account_needs,
    "contact": _contacts, "product": _products, "price": _prices, "stock": _stock,
    "contract-price": _contract_prices, "promotion": _promotions, "exchange-rate": _exchange_rates,
    "arrival": _arrivals,
    "feature": _features, "feature-option": _feature_options, "product-attribute": _product_attributes,
    "configuration-rule": _configuration_rules, "rule-product": _rule_products,
    "quota": _quotas, "opportunity": _opportunities, "activity": _activities, "order": _orders,
    "order-line": _order_lines,
}  # fmt: skip
