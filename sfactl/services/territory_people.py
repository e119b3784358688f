"""The people of a territory: what each has to work, what is open, and what is reached."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import func, select

from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.core.workload import load
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import assignment_policy, attainment, territories, territory_work, workspaces
from sfactl.services.territories import MemberRow


@dataclass(frozen=True)
class PersonRow:
    """A person in a territory; figures are the person's, wherever the accounts lie."""

    territory: str
    user: str
    name: str
    role: str
    accounts: int
    work_e3: int
    "Hours that his accounts ask for in a year, in thousandths."
    hours: int
    "Hours that he has."
    load: Fraction | None
    open_pipeline: Money
    "What he is credited with that is open and expected to close in the period."
    quota: Money | None
    credit: Money
    attainment: Fraction | None
    currency: str


def people(session: Session, territory: str, period: Period) -> list[PersonRow]:
    """Who works in a territory or below it, in the order of the tree, a row a membership and currency.

    Raises:
        NotFound: the territory does not exist, or is not the person's to see.
    """
    members = territories.members(session, territory=territory)
    logins = {row.user for row in members}
    works, sums = _works(session, logins), _money(session, logins, period)
    usual = workspaces.current(session).currency
    return [
        _row(member, works[member.user], unit, sums.get((member.user, unit), _Money()))
        for member in members
        for unit in sorted({unit for login, unit in sums if login == member.user}) or [usual]
    ]


@dataclass(frozen=True)
class _Money:
    open_minor: int = 0
    quota: Money | None = None
    credit_minor: int = 0
    attainment: Fraction | None = None


_Work = tuple[int, int, int]
"""Accounts, what they ask for, and hours."""


def _row(member: MemberRow, work: _Work, unit: str, money: _Money) -> PersonRow:
    accounts, work_e3, hours = work
    return PersonRow(
        member.territory, member.user, member.name, member.role, accounts, work_e3, hours, load(work_e3, hours),
        Money(money.open_minor, unit), money.quota, Money(money.credit_minor, unit), money.attainment, unit,
    )  # fmt: skip


def _works(session: Session, logins: Iterable[str]) -> Mapping[str, _Work]:
    """What each person's accounts in sight ask for, and the hours that he has."""
    policy, own = assignment_policy.current(session), territory_work.hours_of_people(session)
    user, owner = t.user.c, t.account.c.owner_id
    held = (
        select(owner, func.count().label("count"), func.sum(policy.work()).label("work"))
        .where(owner.is_not(None))
        .group_by(owner)
        .subquery("held")
    )
    rows = session.execute(
        select(user.id, user.login, func.coalesce(held.c.count, 0), func.coalesce(held.c.work, 0))
        .outerjoin(held, held.c.owner_id == user.id)
        .where(user.login.in_(list(logins)))
    )
    return {login: (count, int(work), own.get(key, policy.capacity_hours)) for key, login, count, work in rows}


def _money(session: Session, logins: set[str], period: Period) -> dict[tuple[str, str], _Money]:
    """Quota, credit and open pipeline by person and currency."""
    is_open = _open(session, period)
    rows = attainment.attainment(session, attainment.Question(period)).rows
    reached = {(row.user, row.currency): row for row in rows if row.user is not None}
    found = {}
    for key in is_open.keys() | reached.keys():
        row = reached.get(key)
        if key[0] in logins:
            found[key] = _Money(
                is_open.get(key, 0), row.quota if row else None, row.credit.minor if row else 0,
                row.attainment if row else None,
            )  # fmt: skip
    return found


def _open(session: Session, period: Period) -> dict[tuple[str, str], int]:
    sale = t.opportunity.c
    rows = session.execute(
        select(t.user.c.login, sale.currency, func.sum(sale.amount_minor))
        .join_from(t.opportunity, t.user, t.user.c.id == sale.credited_id)
        .where(sale.status == "open", sale.close_on >= period.start, sale.close_on < period.end)
        .group_by(t.user.c.login, sale.currency)
    )
    return {(login, unit): int(minor) for login, unit, minor in rows}
