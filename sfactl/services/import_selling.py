"""Accounts and what is sold to them, on their way in."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, delete, func, insert, literal, null, or_, select, update

from sfactl.core.measures import NO_CURRENCY, Measure
from sfactl.core.money import minor_digits
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.types import Words
from sfactl.services import assignments, import_stage, quota_loads, quota_policy, quote_places, territories
from sfactl.services.assignments import Dating
from sfactl.services.import_stage import NAME_KEY, Staged, stage
from sfactl.services.import_target import (
    BEGINNING,
    Batch,
    Outcome,
    by_names,
    day,
    only_whole,
    or_default,
    referred,
    rematch,
    supplied,
    upsert,
    with_faults,
)
from sfactl.services.quota_loads import in_force
from sfactl.transfer.faults import Fault

_ACCOUNT_WORDS = (
    "code", "name", "external_id", "segment", "industry", "city", "region", "country", "postal_code", "phone",
    "website", "employees",
)  # fmt: skip
_ACCOUNT_NUMBERS = {
    "annual_revenue_minor": "annual_revenue", "potential_minor": "potential", "work_e3": "hours", "latitude_e6": "latitude",
    "longitude_e6": "longitude",
}  # fmt: skip


def put_accounts(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Accounts; a changed owner or territory closes the open assignment and opens another."""
    on = by_names(rows, t.account)
    values = supplied(rows, {name: name for name in _ACCOUNT_WORDS}) | {"name_key": rows.raw(NAME_KEY)}
    values |= referred(rows, {"owner_id": "owner"})
    values |= supplied(rows, _ACCOUNT_NUMBERS)
    new: dict[str, ColumnElement[Any]] = {}
    nowhere = territories.unassigned_id(session)
    if rows.has("territory"):
        values["territory_id"] = func.coalesce(rows.reference("territory"), literal(nowhere))
    else:
        new["territory_id"] = literal(nowhere)
    for key, default in (("kind", "customer"), ("currency", batch.currency)):
        (values if rows.has(key) else new)[key] = or_default(rows, key, default)
    outcome = upsert(session, rows, t.account, values, on=on, new=new)
    rematch(session, rows, t.account, on)
    _settle_parents(session, rows, outcome)
    since = or_default(rows, "owned_since", day(BEGINNING))
    moved = select(
        stage.c.row_id.label("account_id"), since.label("since"), literal("import").label("cause"),
        cast(null(), Words).label("rule"),
    ).where(rows.good)  # fmt: skip
    dating = Dating.SAID if rows.has("owned_since") else Dating.TODAY
    assignments.follow(session, moved, dating=dating, run_id=batch.run_id)
    return outcome


def _settle_parents(session: Session, rows: Staged, outcome: Outcome) -> None:
    """Parents, once all accounts of the file are in; an account of which only the parent changes has changed too."""
    field = rows.noun.field("parent")
    if not rows.has("parent") or field is None:
        return
    import_stage.resolve(session, rows, field, t.account, ("external_id", "code"))
    outcome.faults += import_stage.unresolved(session, rows, field)
    changed = import_stage.update_rows(session, rows, t.account, {"parent_id": rows.reference("parent")})
    outcome.changed = max(outcome.changed, changed - outcome.added)


def _of_account(rows: Staged, key: str = "account") -> dict[str, ColumnElement[Any]]:
    """Territory and owner of the account that a row refers to."""
    here = t.account.c.id == rows.reference(key)
    return {
        "territory_id": select(t.account.c.territory_id).where(here).correlate(stage).scalar_subquery(),
        "owner_id": select(t.account.c.owner_id).where(here).correlate(stage).scalar_subquery(),
    }


def _name_of_account(rows: Staged) -> ColumnElement[Any]:
    return (
        select(t.account.c.name).where(t.account.c.id == rows.reference("account")).correlate(stage).scalar_subquery()
    )


def put_contacts(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """People at accounts."""
    values = supplied(rows, {name: name for name in ("external_id", "name", "title", "email", "phone")})
    values |= {"name_key": rows.raw(NAME_KEY), "account_id": rows.reference("account"), **_of_account(rows)}
    return upsert(session, rows, t.contact, values, on=by_names(rows, t.contact))


def put_account_needs(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """What whoever works an account should know."""
    need, account, skill = t.account_need.c, rows.reference("account"), rows.reference("skill")
    values = {"account_id": account, "skill_id": skill, "level": rows.value("level")}
    values |= supplied(rows, {"weight": "weight"})
    same = and_(need.account_id == account, need.skill_id == skill)
    return upsert(session, rows, t.account_need, values, on=[same])


def put_quotas(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Quotas; a person's is placed in the territory he worked in when it began, a team's where the team is.

    What a file changes is ended, and stays as the version before.
    """
    outcome = Outcome(faults=_quota_faults(session, rows))
    values = _quota_values(session, rows, batch)
    import_stage.match(session, rows, t.quota, and_(_is_same_quota(rows, values), in_force(t.quota)))
    _place_quotas(session, rows)
    differs = or_(*(t.quota.c[name].is_distinct_from(value) for name, value in values.items()))
    pairs = and_(rows.good, t.quota.c.id == stage.c.row_id, differs)
    is_new = and_(rows.good, stage.c.row_id.is_(None))
    if not any(session.execute(select(stage.c.n).where(each).limit(1)).first() for each in (pairs, is_new)):
        return outcome
    load = quota_loads.begin(session, "import", run_key=batch.run_key)
    ending = {name: literal(value, t.quota.c[name].type) for name, value in load.ending.items()}
    outcome.changed = import_stage.update_where(session, rows, t.quota, ending, pairs)
    ended = select(t.quota.c.id).where(t.quota.c.replaced_by == load.id)
    session.sql.execute(update(stage).where(rows.good, stage.c.row_id.in_(ended)).values(row_id=None))
    fresh = {name: literal(value, t.quota.c[name].type) for name, value in load.fresh.items()}
    outcome.added = import_stage.insert_rows(session, rows, t.quota, {**values, **fresh}) - outcome.changed
    return outcome


def _quota_faults(session: Session, rows: Staged) -> list[Fault]:
    """Rows that are a person's and a team's, name what the policy does not have, or are active for no time."""
    policy, faults = quota_policy.current(session), []
    both = and_(rows.reference("user").is_not(None), rows.reference("team").is_not(None))
    if rows.has("team"):
        faults += import_stage.mark(session, rows, both, "team", _("a quota is a person's or a team's, not both"))
    for key, known in (("seasonality", policy.curves), ("ramp", policy.ramps)):
        if rows.has(key):
            unknown = and_(rows.raw(key).is_not(None), rows.raw(key).not_in(list(known)))
            faults += import_stage.mark(session, rows, unknown, key, _("the policy has none of this name"))
    never = rows.value("active_until") <= rows.value("active_from")
    if rows.has("active_until") and rows.has("active_from"):
        faults += import_stage.mark(session, rows, never, "active_until", _("it is not after active_from"))
    return faults


def _quota_values(session: Session, rows: Staged, batch: Batch) -> dict[str, ColumnElement[Any]]:
    """The columns of the rows; what is counted, and not paid, has no currency and no decimals."""
    measure, currency = or_default(rows, "measure", "revenue"), or_default(rows, "currency", batch.currency)
    counts = measure.in_([each.value for each in Measure if not each.is_money])
    codes = session.execute(select(currency).where(rows.good, counts).distinct()).scalars().all()
    units = {code: 10 ** minor_digits(code) for code in codes}
    wholes = [(and_(counts, currency == code), _whole(rows.value("amount"), unit)) for code, unit in units.items()]
    names = ("seasonality", "ramp", "active_from", "active_until")
    return {
        "user_id": rows.reference("user"), "team_id": rows.reference("team"), "territory_id": rows.reference("territory"),
        "measure": measure, "product_family": rows.raw("product_family"),
        "starts_on": rows.value("starts_on"), "ends_on": rows.value("ends_on"),
        "amount_minor": case(*wholes, else_=rows.value("amount")) if wholes else rows.value("amount"),
        "currency": case((counts, literal(NO_CURRENCY)), else_=currency),
        **supplied(rows, {name: name for name in names}),
    }  # fmt: skip


def _whole(amount: ColumnElement[Any], unit: int) -> ColumnElement[Any]:
    """An amount in minor units as whole units, rounded half-up."""
    return (amount + unit // 2) // unit


def _is_same_quota(rows: Staged, values: dict[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    quota = t.quota.c
    user, team = rows.reference("user"), rows.reference("team")
    return and_(
        func.coalesce(quota.user_id, 0) == func.coalesce(user, 0),
        func.coalesce(quota.team_id, 0) == func.coalesce(team, 0),
        or_(user.is_not(None), team.is_not(None), quota.territory_id == rows.reference("territory")),
        quota.measure == values["measure"],
        func.coalesce(quota.product_family, "") == func.coalesce(values["product_family"], ""),
        quota.starts_on == rows.value("starts_on"),
    )


def _place_quotas(session: Session, rows: Staged) -> None:
    place, nowhere = rows.reference("territory"), territories.unassigned_id(session)
    of_team = select(t.team.c.territory_id).where(t.team.c.id == rows.reference("team")).correlate(stage)
    where = func.coalesce(of_team.scalar_subquery(), _territory_then(rows), nowhere)
    session.sql.execute(update(stage).where(rows.good, place.is_(None)).values({place.name: where}))


def _territory_then(rows: Staged) -> ColumnElement[Any]:
    """Where the person worked when the quota began; where he worked first, if he came later."""
    member, start, first = t.territory_member.c, rows.value("starts_on"), t.territory_member.alias("first").c
    is_his = member.user_id == rows.reference("user")
    holds = and_(member.valid_from <= start, or_(member.valid_to.is_(None), member.valid_to > start))
    earliest = (
        select(func.min(first.valid_from))
        .where(first.user_id == rows.reference("user"))
        .correlate(stage)
        .scalar_subquery()
    )
    place = select(func.max(member.territory_id)).where(is_his)
    return func.coalesce(
        place.where(holds).correlate(stage).scalar_subquery(),
        place.where(member.valid_from == earliest).correlate(stage).scalar_subquery(),
    )


def put_opportunities(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Opportunities; the stage says whether one is open, and each change of stage is kept."""
    outcome = Outcome()
    known = select(t.stage.c.code).where(t.stage.c.active)
    wrong = rows.raw("stage").not_in(known)
    outcome.faults += import_stage.mark(session, rows, wrong, "stage", _("there is no such stage"))
    words = ("code", "name", "external_id", "close_on", "next_step", "product_family")
    values = supplied(rows, {name: name for name in words}) | {"name_key": rows.raw(NAME_KEY)}
    status = _of_stage(rows, t.stage.c.status)
    values |= {
        "account_id": rows.reference("account"), "account_name": _name_of_account(rows), **_of_account(rows),
        "stage_id": _of_stage(rows, t.stage.c.id), "status": status,
        "closed_on": case((status != "open", or_default(rows, "closed_on", rows.value("close_on"))), else_=None),
    }  # fmt: skip
    values |= supplied(rows, {"probability_bp": "probability"}) | referred(rows, {"credited_id": "seller"})
    new: dict[str, ColumnElement[Any]] = {"credited_territory_id": _of_account(rows)["territory_id"]}
    if not rows.has("seller"):
        new["credited_id"] = _of_account(rows)["owner_id"]
    start = func.coalesce(rows.value("created_on"), rows.value("close_on"))
    (values if rows.has("created_on") else new)["opened_on"] = start
    for key, column, default in (("amount", "amount_minor", 0), ("currency", "currency", batch.currency)):
        (values if rows.has(key) else new)[column] = or_default(rows, key, default)
    on = by_names(rows, t.opportunity)
    done = upsert(session, rows, t.opportunity, values, on=on, new=new)
    rematch(session, rows, t.opportunity, on)
    quote_places.follow(session, select(stage.c.row_id).where(rows.good, stage.c.row_id.is_not(None)))
    _keep_stage_changes(session, rows)
    return Outcome(done.added, done.changed, outcome.faults)


def _of_stage(rows: Staged, column: Any) -> ColumnElement[Any]:
    return (
        select(column)
        .where(t.stage.c.code == rows.raw("stage"), t.stage.c.active)
        .limit(1)
        .correlate(stage)
        .scalar_subquery()
    )


def _keep_stage_changes(session: Session, rows: Staged) -> None:
    change, opportunity = t.stage_change.c, t.opportunity.c
    last = (
        select(change.stage_id)
        .where(change.opportunity_id == opportunity.id)
        .order_by(change.entered_at.desc(), change.id.desc())
        .limit(1)
        .correlate(t.opportunity)
        .scalar_subquery()
    )
    entered = (
        select(
            opportunity.id,
            opportunity.stage_id,
            literal(session.now, change.entered_at.type),
            literal(session.actor.user_id),
        )
        .select_from(stage)
        .join(t.opportunity, opportunity.id == stage.c.row_id)
        .where(rows.good, opportunity.stage_id.is_distinct_from(last))
    )
    session.sql.execute(
        insert(t.stage_change).from_select(["opportunity_id", "stage_id", "entered_at", "user_id"], entered)
    )


def put_activities(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Activities; one without an account takes its opportunity's."""
    opportunity, account = t.opportunity.c, t.account.c
    of_opportunity = select(opportunity.account_id).where(opportunity.id == rows.reference("opportunity"))
    account_id = func.coalesce(rows.reference("account"), of_opportunity.correlate(stage).scalar_subquery())
    here = account.id == account_id
    nowhere = literal(territories.unassigned_id(session))
    words = ("external_id", "kind", "subject", "planned_on", "done_on", "note")
    values = supplied(rows, {name: name for name in words}) | referred(rows, {"opportunity_id": "opportunity"})
    values |= {
        "account_id": account_id,
        "account_name": select(account.name).where(here).correlate(stage).scalar_subquery(),
        "territory_id": func.coalesce(
            select(account.territory_id).where(here).correlate(stage).scalar_subquery(), nowhere
        ),
        "owner_id": rows.reference("owner"),
    }
    return upsert(session, rows, t.activity, values, on=by_names(rows, t.activity))


def put_orders(session: Session, rows: Staged, batch: Batch) -> Outcome:
    """Orders, each with its credit: the seller's whole, when there is one.

    A file that names no sellers leaves the credit to the owner, and one that names no territories to the territory, that
    the account had on the day of the booking.
    """
    amount, of_account = rows.value("amount"), _of_account(rows)
    tax, freight = or_default(rows, "tax", 0), or_default(rows, "freight", 0)
    words = ("code", "external_id", "booked_on", "completed_on", "channel", "status", "purchase_order")
    values = supplied(rows, {name: name for name in words})
    values |= {
        "account_id": rows.reference("account"), "account_name": _name_of_account(rows), **of_account,
        "amount_minor": amount, "tax_minor": tax, "freight_minor": freight,
        "total_minor": func.coalesce(rows.value("total"), amount + tax + freight),
        "currency": or_default(rows, "currency", batch.currency),
    }  # fmt: skip
    new: dict[str, ColumnElement[Any]] = {}
    then = func.coalesce(_held_then(rows, t.assignment.c.territory_id), of_account["territory_id"])
    place = func.coalesce(rows.reference("territory"), then)
    (values if rows.has("territory") else new)["credited_territory_id"] = place
    if rows.has("seller"):
        values["credited_id"] = rows.reference("seller")
    else:
        new["credited_id"] = _held_then(rows, t.assignment.c.user_id)
    on = by_names(rows, t.order)
    outcome = upsert(session, rows, t.order, values, on=on, new=new)
    rematch(session, rows, t.order, on)
    _book_credit(session, rows)
    return outcome


def _held_then(rows: Staged, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """What the account's owner row of the day of the booking says."""
    holds, day_of_booking = t.assignment.c, rows.value("booked_on")
    is_owner = and_(holds.account_id == rows.reference("account"), holds.role == "owner")
    on_the_day = and_(
        holds.valid_from <= day_of_booking, or_(holds.valid_to.is_(None), holds.valid_to > day_of_booking)
    )
    return select(column).where(is_owner, on_the_day).correlate(stage).scalar_subquery()


def _book_credit(session: Session, rows: Staged) -> None:
    """Whole revenue credit follows the order; credit that people split by hand stays theirs."""
    order, credit = t.order.c, t.credit.c
    here = select(stage.c.row_id).where(rows.good)
    whole = and_(credit.kind == "revenue", credit.share_bp == 10000)
    other_seller = select(order.id).where(order.id == credit.order_id, order.credited_id == credit.user_id)
    session.sql.execute(delete(t.credit).where(whole, credit.order_id.in_(here), ~other_seller.exists()))
    figures = {
        "amount_minor": order.amount_minor, "credited_on": order.booked_on,
        "territory_id": order.credited_territory_id, "currency": order.currency,
    }  # fmt: skip
    differs = [credit[name].is_distinct_from(value) for name, value in figures.items()]
    stale = and_(whole, credit.order_id == order.id, order.id.in_(here))
    session.sql.execute(
        update(t.credit).where(stale, differs[0] | differs[1] | differs[2] | differs[3]).values(figures)
    )
    booked = select(credit.id).where(credit.order_id == order.id, credit.kind == "revenue")
    missing: Select[Any] = (
        select(order.id, order.credited_id, literal("revenue"), literal(10000), *figures.values())
        .select_from(stage)
        .join(t.order, order.id == stage.c.row_id)
        .where(rows.good, order.credited_id.is_not(None), ~booked.exists())
        .order_by(order.id)
    )
    names = ["order_id", "user_id", "kind", "share_bp", *figures]
    session.sql.execute(insert(t.credit).from_select(names, missing))


def put_order_lines(session: Session, rows: Staged, _batch: Batch) -> Outcome:
    """Lines of orders."""
    faults = only_whole(session, rows)
    columns = {"line": "line", "quantity_milli": "quantity", "unit_price_e4": "unit_price", "amount_minor": "amount"}
    values = supplied(rows, columns)
    values |= {"order_id": rows.reference("order"), "product_id": rows.reference("product")}
    values["discount_bp"] = or_default(rows, "discount", 0)
    line = t.order_line.c
    same = and_(line.order_id == rows.reference("order"), line.line == rows.value("line"))
    return with_faults(upsert(session, rows, t.order_line, values, on=[same]), faults)
