"""Quotas: which there are, and setting one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update

from sfactl.core.measures import NO_CURRENCY, Measure
from sfactl.core.money import Money, to_minor
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming, quota_loads, quota_policy, territories, workspaces
from sfactl.services.quota_loads import in_force


@dataclass(frozen=True)
class QuotaRow:
    """A quota in a list; of a territory as a whole where neither a person nor a team stands."""

    user: str | None
    name: str | None
    "Of the person, or of the team."
    team: str | None
    territory: str | None
    measure: str
    product_family: str | None
    starts_on: date
    ends_on: date
    amount: Money
    currency: str
    seasonality: str | None
    ramp: str | None
    active_from: date | None
    active_until: date | None
    load: int
    "The version that it came with."


@dataclass(frozen=True)
class Filter:
    """Which quotas are asked for; what is None does not narrow."""

    user: str | None = None
    territory: str | None = None
    period: Period | None = None
    measure: str | None = None
    limit: int = 0
    team: str | None = None
    as_of: date | int | None = None
    "As they were at the end of a day, or after a load of that number."


def find(session: Session, wanted: Filter) -> list[QuotaRow]:
    """Quotas by start and person."""
    session.actor.require("quota.read")
    quota = t.quota.c
    statement = (
        _listing()
        .where(in_force(t.quota, wanted.as_of))
        .order_by(quota.starts_on.desc(), t.user.c.login, t.team.c.code, t.territory.c.code, quota.id)
    )
    if wanted.user is not None:
        statement = statement.where(quota.user_id == naming.find_id(session, t.user, wanted.user, code="login"))
    if wanted.team is not None:
        statement = statement.where(quota.team_id == naming.find_id(session, t.team, wanted.team))
    if wanted.territory is not None:
        statement = statement.where(quota.territory_id.in_(territories.subtree(session, wanted.territory)))
    if wanted.period is not None:
        statement = statement.where(quota.starts_on >= wanted.period.start, quota.starts_on < wanted.period.end)
    if wanted.measure is not None:
        statement = statement.where(quota.measure == wanted.measure)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return [_row_of(row) for row in session.execute(statement)]


def _listing() -> Select[Any]:
    """Quotas with the names of whose they are: the columns of `QuotaRow`."""
    quota = t.quota.c
    return (
        select(
            t.user.c.login, func.coalesce(t.user.c.name, t.team.c.name), t.team.c.code, t.territory.c.code,
            quota.measure, quota.product_family, quota.starts_on, quota.ends_on, quota.amount_minor, quota.currency,
            quota.seasonality, quota.ramp, quota.active_from, quota.active_until, quota.load_id,
        )
        .select_from(t.quota)
        .outerjoin(t.user, t.user.c.id == quota.user_id)
        .outerjoin(t.team, t.team.c.id == quota.team_id)
        .outerjoin(t.territory, t.territory.c.id == quota.territory_id)
    )  # fmt: skip


def _row_of(row: Any) -> QuotaRow:
    *words, amount, currency, seasonality, ramp, since, until, load = row
    return QuotaRow(*[*words, Money(amount, currency), currency, seasonality, ramp, since, until, load])


@dataclass(frozen=True)
class NewQuota:
    """A quota to be set: of a person, of a team, or of a territory as a whole."""

    period: Period
    amount: Decimal
    user: str | None = None
    territory: str | None = None
    measure: str = "revenue"
    product_family: str | None = None
    currency: str | None = None
    team: str | None = None
    seasonality: str | None = None
    ramp: str | None = None
    active_from: date | None = None
    active_until: date | None = None


@dataclass(frozen=True)
class Set:
    """A quota that was set, and what was in force before."""

    quota: QuotaRow
    before: Money | None


def put(session: Session, new: NewQuota, *, reason: str | None = None) -> Set:
    """Set a quota; the one that begins on the same day ends, and stays as the version before.

    Raises:
        UsageFault: it is nobody's, or negative, or names what the policy does not have.
        NotFound: there is no such person, team or territory.
    """
    session.actor.require("quota.edit")
    values = _values(session, new)
    before = session.execute(select(t.quota).where(*_same(values), in_force(t.quota))).first()
    if before is None or any(getattr(before, name) != value for name, value in values.items()):
        _write(session, values, before, reason)
    said = {name: value for name, value in values.items() if value is not None}
    session.record(
        "set", "quota", new.user or new.team or new.territory, territory_id=values["territory_id"], reason=reason,
        before={"amount_minor": before.amount_minor} if before else None, after=said,
    )  # fmt: skip
    row = session.execute(_listing().where(*_same(values), in_force(t.quota))).one()
    return Set(_row_of(row), Money(before.amount_minor, before.currency) if before else None)


def _values(session: Session, new: NewQuota) -> dict[str, Any]:
    """The columns of a quota that is to be set; errors as of `put`."""
    if sum(each is not None for each in (new.user, new.team, new.territory)) != 1:
        raise UsageFault(
            _("A quota is a person's, a team's or a territory's."), _("Name one of --user, --team and --territory.")
        )
    measure = measure_of(new.measure)
    currency = (new.currency or workspaces.current(session).currency) if measure.is_money else NO_CURRENCY
    quota_policy.current(session).require(new.seasonality, new.ramp)
    user_id = naming.find_id_or_none(session, t.user, new.user, code="login")
    team_id = naming.find_id_or_none(session, t.team, new.team)
    place = naming.find_id_or_none(session, t.territory, new.territory)
    return {
        "user_id": user_id, "team_id": team_id,
        "territory_id": place or _place_of(session, user_id, team_id, new.period.start), "measure": measure.value,
        "product_family": new.product_family, "starts_on": new.period.start, "ends_on": new.period.end,
        "amount_minor": minor_of(new.amount, currency), "currency": currency, "seasonality": new.seasonality,
        "ramp": new.ramp, "active_from": new.active_from, "active_until": new.active_until,
    }  # fmt: skip


def measure_of(name: str) -> Measure:
    """The measure that a person means.

    Raises:
        UsageFault: there is none of the name.
    """
    try:
        return Measure(name)
    except ValueError:
        raise UsageFault(
            _("There is no measure {name}.").format(name=name), _("Measures: {names}.").format(names=", ".join(Measure))
        ) from None


def minor_of(amount: Decimal, currency: str) -> int:
    """What a quota of an amount is in minor units.

    Raises:
        UsageFault: it is negative, or has more decimals than there are.
    """
    if amount < 0:
        raise UsageFault(_("A quota is not negative."))
    minor = to_minor(amount, currency)
    if Money(minor, currency).decimal != amount:
        raise UsageFault(_("{amount} has more decimals than {currency} has.").format(amount=amount, currency=currency))
    return minor


def _write(session: Session, values: dict[str, Any], before: Any, reason: str | None) -> None:
    load = quota_loads.begin(session, "set", reason=reason)
    if before is not None:
        ending = {**load.ending, "updated_at": session.now, "version": t.quota.c.version + 1}
        session.sql.execute(update(t.quota).where(t.quota.c.id == before.id).values(ending))
    made = {**values, **load.fresh, "created_at": session.now, "updated_at": session.now, "version": 1}
    session.sql.execute(insert(t.quota).values(made))


def _same(values: dict[str, Any]) -> Iterator[Any]:
    quota = t.quota.c
    for name in ("user_id", "team_id", "product_family"):
        yield quota[name].is_not_distinct_from(values[name])
    if values["user_id"] is None and values["team_id"] is None:
        yield quota.territory_id == values["territory_id"]
    yield quota.measure == values["measure"]
    yield quota.starts_on == values["starts_on"]


def _place_of(session: Session, user_id: int | None, team_id: int | None, day: date) -> int:
    """Where a team is, or where a person works on a day."""
    if team_id is not None:
        return int(session.execute(select(t.team.c.territory_id).where(t.team.c.id == team_id)).scalar_one())
    member = t.territory_member.c
    found = session.execute(
        select(member.territory_id)
        .where(
            member.user_id == user_id, member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day)
        )
        .order_by(member.valid_from.desc())
    ).first()
    if found:
        return int(found.territory_id)
    nowhere = session.execute(select(t.territory.c.id).where(t.territory.c.code == UNASSIGNED)).scalar()
    if nowhere is None:
        login = session.execute(select(t.user.c.login).where(t.user.c.id == user_id)).scalar_one()
        raise naming.not_found(t.user, login)
    return int(nowhere)
