"""Accounts: the list, and one of them in full."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from sfactl.core.money import Money
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import assignments, naming
from sfactl.services.narrowing import AccountFilter, narrow


@dataclass(frozen=True)
class AccountRow:
    """An account in a list."""

    code: str
    name: str
    owner: str | None
    owner_name: str | None
    territory: str | None
    segment: str | None
    industry: str | None
    kind: str
    city: str | None
    region: str | None
    country: str | None
    annual_revenue: Money | None
    currency: str
    open_opportunities: int
    last_order_on: date | None


@dataclass(frozen=True)
class ContactRow:
    """A person at an account."""

    name: str
    title: str | None
    email: str | None
    phone: str | None
    account: str


Filter = AccountFilter


def find(session: Session, wanted: Filter) -> Iterator[AccountRow]:
    """Accounts by code, as owned and placed today, or at the end of a day."""
    session.actor.require("account.read")
    statement, owner, place = _as_of(session, wanted.as_of)
    statement = narrow(session, statement, wanted, owner=owner, territory=place).order_by(t.account.c.code)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return _rows(session.execute(statement.execution_options(yield_per=2000)))


def named(session: Session, keys: Sequence[str]) -> dict[int, AccountRow]:
    """Accounts by code, external key or name, as they are owned and placed today, each once, in the order of the keys.

    Raises:
        NotFound: one is not there, or not the person's to see.
        UsageFault: a name fits several.
    """
    session.actor.require("account.read")
    found = _among(session, t.account.c.code.in_(keys))
    by_code = {row.code: key for key, row in found.items()}
    ids = list(dict.fromkeys(by_code.get(key) or naming.find_id(session, t.account, key) for key in keys))
    if missing := [key for key in ids if key not in found]:
        found |= _among(session, t.account.c.id.in_(missing))
    return {key: found[key] for key in ids}


SORTS = ("code", "name", "owner", "territory", "segment")
"""What a list can be sorted by."""


def keys(session: Session, wanted: Filter, sorts: Sequence[str] = ()) -> Sequence[int]:
    """The keys of the accounts that a filter finds, in order: what a long list needs before anybody looks at a row.

    Args:
        sorts: of `SORTS`, the first decides first; after them the code.
    """
    session.actor.require("account.read")
    account = t.account.c
    known: dict[str, ColumnElement[Any]] = {
        "code": account.code, "name": account.name_key, "owner": t.user.c.login, "territory": t.territory.c.code,
        "segment": func.lower(account.segment),
    }  # fmt: skip
    statement = narrow(
        session, select(account.id).select_from(t.account), wanted, owner=account.owner_id,
        territory=account.territory_id,
    )  # fmt: skip
    if "owner" in sorts:
        statement = statement.outerjoin(t.user, t.user.c.id == account.owner_id)
    if "territory" in sorts:
        statement = statement.outerjoin(t.territory, t.territory.c.id == account.territory_id)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    order = [known[name] for name in dict.fromkeys((*sorts, "code"))]
    return array("q", session.execute(statement.order_by(*order)).scalars().all())


def of_keys(session: Session, ids: Iterable[int]) -> dict[int, AccountRow]:
    """The accounts of these keys that are there and the person's to see, as owned and placed today."""
    session.actor.require("account.read")
    return _among(session, t.account.c.id.in_(list(ids)))


def _among(session: Session, condition: ColumnElement[bool]) -> dict[int, AccountRow]:
    statement, _owner, _place = _as_of(session, None)
    rows = session.execute(statement.add_columns(t.account.c.id).where(condition))
    return {key: next(_rows([row])) for *row, key in rows}


def contacts(
    session: Session, *, account: str | None = None, search: str | None = None, limit: int = 0
) -> list[ContactRow]:
    """People at an account, or everywhere."""
    session.actor.require("contact.read")
    contact = t.contact.c
    statement = (
        select(contact.name, contact.title, contact.email, contact.phone, t.account.c.code)
        .select_from(t.contact)
        .outerjoin(t.account, t.account.c.id == contact.account_id)
        .order_by(contact.name, contact.id)
    )
    if account is not None:
        statement = statement.where(contact.account_id == naming.find_id(session, t.account, account))
    if search:
        statement = statement.where(naming.says(t.contact, search))
    if limit:
        statement = statement.limit(limit)
    return [ContactRow(*row) for row in session.execute(statement)]


def contacts_of(session: Session, account_ids: list[int]) -> dict[int, list[ContactRow]]:
    """People at each of the accounts, by name."""
    contact = t.contact.c
    rows = session.execute(
        select(contact.account_id, contact.name, contact.title, contact.email, contact.phone, t.account.c.code)
        .join(t.account, t.account.c.id == contact.account_id)
        .where(contact.account_id.in_(account_ids))
        .order_by(contact.name, contact.id)
    )
    found: dict[int, list[ContactRow]] = {}
    for account_id, *row in rows:
        found.setdefault(account_id, []).append(ContactRow(*row))
    return found


def _as_of(session: Session, day: date | None) -> tuple[Select[Any], Any, Any]:
    """The statement, and the columns that say owner and territory on the day."""
    account, is_now = t.account.c, day is None or day >= session.today
    owner = account.owner_id if is_now else t.assignment.c.user_id
    place = account.territory_id if is_now else t.assignment.c.territory_id
    open_opportunities = select(func.count()).where(*_is_open(None if is_now else day)).scalar_subquery()
    booked = t.order.c.account_id == account.id
    if not is_now:
        booked &= t.order.c.booked_on <= day
    last_order = select(func.max(t.order.c.booked_on)).where(booked).scalar_subquery()
    statement = select(
        account.code, account.name, t.user.c.login, t.user.c.name, t.territory.c.code, account.segment,
        account.industry, account.kind, account.city, account.region, account.country,
        account.annual_revenue_minor, account.currency, open_opportunities, last_order,
    ).select_from(t.account)  # fmt: skip
    if not is_now:
        holds = t.assignment.c
        statement = statement.join(t.assignment, (holds.account_id == account.id) & (holds.role == "owner"))
        statement = statement.where(*assignments.valid_on(day or session.today))
    statement = statement.outerjoin(t.user, t.user.c.id == owner).outerjoin(t.territory, t.territory.c.id == place)
    return statement, owner, place


def _is_open(day: date | None) -> tuple[ColumnElement[bool], ...]:
    """An opportunity of the account that is open now, or was at the end of a day."""
    opportunity = t.opportunity.c
    if day is None:
        return opportunity.account_id == t.account.c.id, opportunity.status == "open"
    was_open = or_(opportunity.closed_on.is_(None), opportunity.closed_on > day)
    return opportunity.account_id == t.account.c.id, opportunity.opened_on <= day, was_open


def _rows(found: Iterable[Any]) -> Iterator[AccountRow]:
    for row in found:
        *words, revenue, currency, opportunities, last_order = row
        money = None if revenue is None else Money(revenue, currency)
        yield AccountRow(*[*words, money, currency, opportunities, last_order])
