"""Quotas, and who has reached his."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, and_, func, insert, or_, select, update

from sfactl.core import quota as rules
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

MEASURES = ("revenue", "won_amount")


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
class AttainmentRow:
    """A person's credit against his quota."""

    user: str
    name: str
    territory: str | None
    period: str
    measure: str
    quota: Money | None
    credit: Money
    attainment: Fraction | None
    "Credit over quota; None where there is no quota."
    reached: bool | None
    orders: int
    "How many bookings, or won opportunities, the credit comes from."
    starts_on: date
    ends_on: date
    gap: Money | None
    on_track: Money | None
    projected: Money | None
    needed_per_day: Money | None
    currency: str


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


@dataclass(frozen=True)
class Question:
    """Which attainment is asked for."""

    period: Period
    by_window: bool = False
    "Count each quota's credit within its own dates, not within the period."
    measure: str = "revenue"
    territory: str | None = None
    user: str | None = None
    as_of: date | None = None
    reached: bool | None = None


@dataclass(frozen=True)
class Proof:
    """That nothing was lost or counted twice: what was booked is what was credited and what nobody is credited with."""

    booked: Money
    credited: Money
    uncredited: Money

    @property
    def holds(self) -> bool:
        """Whether the sums agree to the minor unit."""
        return self.booked.minor == self.credited.minor + self.uncredited.minor


@dataclass(frozen=True)
class Attainment:
    """The rows of the question, and the proof of the credit in its period."""

    rows: list[AttainmentRow]
    proof: Proof | None


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
class _Window:
    """A person's quota for the question, and the dates in which its credit counts."""

    user_id: int
    currency: str
    quota_minor: int | None
    territory_id: int | None
    starts_on: date
    ends_on: date


def attainment(session: Session, question: Question) -> Attainment:
    """Who has credit or a quota in the period, by attainment, best first.

    A quota belongs to the period in which it begins; several that begin in it are added. Its credit is counted within
    the period, or with `by_window` within the quota's own dates.

    Raises:
        UsageFault: the measure is not known.
    """
    session.actor.require("quota.read")
    session.actor.require("credit.read")
    if question.measure not in MEASURES:
        raise UsageFault(
            _("There is no measure {name}.").format(name=question.measure),
            _("Measures: {names}.").format(names=", ".join(MEASURES)),
        )
    windows = _windows(session, question)
    credited = _credits(session, question, windows)
    day = min(question.as_of or session.today, session.today)
    people = _people(session, day)
    rows = [
        _row(question, windows.get(key) or _no_quota(key, question.period), credited.get(key, (0, 0)), people, day)
        for key in windows.keys() | credited.keys()
        if key[0] in people
    ]
    rows = _narrowed(session, question, rows)
    rows.sort(key=lambda row: (row.attainment is None, -(row.attainment or 0), -row.credit.minor, row.user))
    return Attainment(rows, _proof(session, question))


def _windows(session: Session, question: Question) -> dict[tuple[int, str], _Window]:
    quota = t.quota.c
    begins_here = and_(quota.starts_on >= question.period.start, quota.starts_on < question.period.end)
    rows = session.execute(
        select(
            quota.user_id, quota.currency, func.sum(quota.amount_minor), func.min(quota.territory_id),
            func.min(quota.starts_on), func.max(quota.ends_on),
        )
        .where(quota.user_id.is_not(None), quota.measure == question.measure, quota.product_family.is_(None), begins_here)
        .where(in_force(t.quota, question.as_of))
        .group_by(quota.user_id, quota.currency)
    )  # fmt: skip
    found = {}
    for user_id, currency, amount, territory_id, starts_on, ends_on in rows:
        dates = (starts_on, ends_on) if question.by_window else (question.period.start, question.period.end)
        found[user_id, currency] = _Window(user_id, currency, int(amount), territory_id, *dates)
    return found


def _no_quota(key: tuple[int, str], period: Period) -> _Window:
    return _Window(*key, quota_minor=None, territory_id=None, starts_on=period.start, ends_on=period.end)


def _credits(
    session: Session, question: Question, windows: dict[tuple[int, str], _Window]
) -> dict[tuple[int, str], tuple[int, int]]:
    """Credit and number of sales per person and currency."""
    if not question.by_window:
        period = question.period
        last = _cut(period.end, question.as_of)
        statement = _credit_rows(question.measure, period.start, last)
        return {(user, unit): (int(amount), count) for user, unit, amount, count in session.execute(statement)}
    found: dict[tuple[int, str], tuple[int, int]] = {}
    dates = {(window.starts_on, window.ends_on) for window in windows.values()}
    for start, end in sorted(dates):
        rows = session.execute(_credit_rows(question.measure, start, _cut(end, question.as_of)))
        for user, unit, amount, count in rows:
            window = windows.get((user, unit))
            if window and (window.starts_on, window.ends_on) == (start, end):
                found[user, unit] = (int(amount), count)
    return found


def _cut(end: date, as_of: date | None) -> date:
    return end if as_of is None else min(end, as_of + timedelta(days=1))


def _credit_rows(measure: str, start: date, end: date) -> Select[Any]:
    if measure == "revenue":
        credit = t.credit.c
        return (
            select(credit.user_id, credit.currency, func.sum(credit.amount_minor), func.count())
            .where(credit.kind == "revenue", credit.credited_on >= start, credit.credited_on < end)
            .group_by(credit.user_id, credit.currency)
        )
    won = t.opportunity.c
    return (
        select(won.credited_id, won.currency, func.sum(won.amount_minor), func.count())
        .where(won.status == "won", won.credited_id.is_not(None), won.closed_on >= start, won.closed_on < end)
        .group_by(won.credited_id, won.currency)
    )


@dataclass(frozen=True)
class _Person:
    login: str
    name: str
    territory: str | None


def _people(session: Session, day: date) -> dict[int, _Person]:
    """Everybody, with the territory in which he worked on a day."""
    member = t.territory_member.c
    rows = session.execute(
        select(t.user.c.id, t.user.c.login, t.user.c.name, t.territory.c.code)
        .outerjoin(
            t.territory_member,
            and_(
                member.user_id == t.user.c.id, member.valid_from <= day,
                or_(member.valid_to.is_(None), member.valid_to > day),
            ),
        )
        .outerjoin(t.territory, t.territory.c.id == member.territory_id)
        .order_by(t.user.c.id, member.valid_from.desc(), t.territory.c.code)
    )  # fmt: skip
    found: dict[int, _Person] = {}
    for key, login, name, territory in rows:
        found.setdefault(key, _Person(login, name, territory))
    return found


def _row(
    question: Question, window: _Window, credit: tuple[int, int], people: dict[int, _Person], day: date
) -> AttainmentRow:
    person, (credit_minor, orders) = people[window.user_id], credit
    days = (window.ends_on - window.starts_on).days
    elapsed = min(max((day - window.starts_on).days + 1, 0), days)
    pace = rules.pace(credit_minor, window.quota_minor, days_elapsed=elapsed, days_total=days)

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, window.currency)

    return AttainmentRow(
        user=person.login, name=person.name, territory=person.territory, period=question.period.label,
        measure=question.measure, quota=money(window.quota_minor), credit=Money(credit_minor, window.currency),
        attainment=rules.attainment(credit_minor, window.quota_minor),
        reached=rules.is_reached(credit_minor, window.quota_minor), orders=orders,
        starts_on=window.starts_on, ends_on=window.ends_on,
        gap=money(pace.gap if pace else None), on_track=money(pace.on_track if pace else None),
        projected=money(pace.projected if pace else None),
        needed_per_day=money(pace.needed_per_day if pace else None), currency=window.currency,
    )  # fmt: skip


def _narrowed(session: Session, question: Question, rows: list[AttainmentRow]) -> list[AttainmentRow]:
    if question.user is not None:
        key = naming.find_id(session, t.user, question.user, code="login")
        login = session.execute(select(t.user.c.login).where(t.user.c.id == key)).scalar_one()
        rows = [row for row in rows if row.user == login]
    if question.territory is not None:
        below = territories.subtree(session, question.territory, as_of=question.as_of)
        codes = set(session.execute(select(t.territory.c.code).where(t.territory.c.id.in_(below))).scalars())
        rows = [row for row in rows if row.territory in codes]
    if question.reached is not None:
        rows = [row for row in rows if row.reached is question.reached]
    return rows


def _proof(session: Session, question: Question) -> Proof | None:
    """The sums of the period in the workspace's currency; only revenue is booked."""
    if question.measure != "revenue" or question.by_window:
        return None
    currency = workspaces.current(session).currency
    start, end = question.period.start, _cut(question.period.end, question.as_of)
    order, credit = t.order.c, t.credit.c
    here = (order.booked_on >= start, order.booked_on < end, order.currency == currency)
    booked = session.execute(select(func.sum(order.amount_minor)).where(*here)).scalar()
    credited = session.execute(
        select(func.sum(credit.amount_minor))
        .where(credit.kind == "revenue", credit.currency == currency)
        .where(credit.credited_on >= start, credit.credited_on < end)
    ).scalar()
    alone = session.execute(select(func.sum(order.amount_minor)).where(*here, order.credited_id.is_(None))).scalar()
    return Proof(*(Money(int(minor or 0), currency) for minor in (booked, credited, alone)))


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


def put(session: Session, new: NewQuota, *, reason: str | None = None) -> QuotaRow:
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
    return _row_of(row)


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
