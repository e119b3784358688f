"""What happened with an account, in one stream: activities, sales, orders, owners, contacts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Select, func, literal, select

from sfactl.core.money import Money
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import assignments, naming


@dataclass(frozen=True)
class MomentRow:
    """Something that happened with an account, or is planned."""

    on: date
    at: datetime | None
    "The moment, where more than the day is known."
    kind: str
    "The kind of an activity; or opened, stage, won, lost, order, owner, contact."
    what: str
    who: str | None
    amount: Money | None
    currency: str | None
    is_planned: bool


@dataclass(frozen=True)
class _Asked:
    """Which account, from which day on, and how many of each kind at most."""

    account_id: int
    since: date | None
    limit: int
    zone: tzinfo | None


def timeline(
    session: Session, key: str, *, since: date | None = None, limit: int = 0, zone: tzinfo | None = None
) -> list[MomentRow]:
    """What happened with an account, the latest first; days are those of `zone`.

    Raises:
        NotFound: there is no such account, or it is not the person's to see.
    """
    session.actor.require("account.read")
    asked = _Asked(naming.find_id(session, t.account, key), since, limit, zone)
    found = [
        *_activities(session, asked), *_sales(session, asked), *_stages(session, asked), *_orders(session, asked),
        *_owners(session, asked), *_contacts(session, asked),
    ]  # fmt: skip
    found = [row for row in found if since is None or row.on >= since]
    found.sort(key=lambda row: (row.on, row.at.timestamp() if row.at else 0), reverse=True)
    return found[:limit] if limit else found


def _latest(statement: Select[Any], day: Any, key: Any, asked: _Asked) -> Select[Any]:
    """As many as can be shown, the latest first, and of one day the last that came in."""
    if asked.since is not None:
        statement = statement.where(day >= asked.since)
    statement = statement.order_by(day.desc(), key.desc())
    return statement.limit(asked.limit) if asked.limit else statement


def _activities(session: Session, asked: _Asked) -> Iterator[MomentRow]:
    activity = t.activity.c
    day = func.coalesce(activity.done_on, activity.planned_on)
    statement = (
        select(activity.kind, activity.subject, t.user.c.login, activity.planned_on, activity.done_on)
        .select_from(t.activity)
        .outerjoin(t.user, t.user.c.id == activity.owner_id)
        .where(activity.account_id == asked.account_id, day.is_not(None))
    )
    for kind, subject, who, planned_on, done_on in session.execute(_latest(statement, day, activity.id, asked)):
        yield MomentRow(done_on or planned_on, None, kind, subject, who, None, None, done_on is None)


def _sales(session: Session, asked: _Asked) -> Iterator[MomentRow]:
    """When opportunities were opened, won and lost."""
    sale = t.opportunity.c
    for day, kind in ((sale.opened_on, literal("opened")), (sale.closed_on, sale.status)):
        statement = (
            select(day, kind, sale.code, sale.name, t.user.c.login, sale.amount_minor, sale.currency)
            .select_from(t.opportunity)
            .outerjoin(t.user, t.user.c.id == sale.credited_id)
            .where(sale.account_id == asked.account_id, day.is_not(None))
        )
        for on, what, code, name, who, minor, unit in session.execute(_latest(statement, day, sale.id, asked)):
            yield MomentRow(on, None, what, f"{code} {name}", who, Money(minor, unit), unit, False)


def _stages(session: Session, asked: _Asked) -> Iterator[MomentRow]:
    """Stages that opportunities went through; the day on which one was closed is its own."""
    change, sale = t.stage_change.c, t.opportunity.c
    statement = (
        select(change.entered_at, sale.code, t.stage.c.name, t.user.c.login, sale.amount_minor, sale.currency)
        .select_from(t.stage_change)
        .join(t.opportunity, sale.id == change.opportunity_id)
        .join(t.stage, t.stage.c.id == change.stage_id)
        .outerjoin(t.user, t.user.c.id == change.user_id)
        .where(sale.account_id == asked.account_id, t.stage.c.status == "open")
        .order_by(change.entered_at.desc(), change.id.desc())
    )
    for at, code, stage, who, minor, unit in session.execute(statement):
        on = at.astimezone(asked.zone).date()
        yield MomentRow(on, at, "stage", f"{code} {stage}", who, Money(minor, unit), unit, False)


def _orders(session: Session, asked: _Asked) -> Iterator[MomentRow]:
    order = t.order.c
    statement = (
        select(order.booked_on, order.code, order.channel, t.user.c.login, order.amount_minor, order.currency)
        .select_from(t.order)
        .outerjoin(t.user, t.user.c.id == order.credited_id)
        .where(order.account_id == asked.account_id)
    )
    for on, code, channel, who, minor, unit in session.execute(_latest(statement, order.booked_on, order.id, asked)):
        what = f"{code} ({channel})" if channel else code
        yield MomentRow(on, None, "order", what, who, Money(minor, unit), unit, False)


def _owners(session: Session, asked: _Asked) -> Iterator[MomentRow]:
    """Whom the account went to, and where it then lay."""
    for row in assignments.of_accounts(session, [asked.account_id]).get(asked.account_id, []):
        what = ", ".join(filter(None, (row.owner_name or "–", row.territory, row.cause, row.reason)))
        yield MomentRow(row.since, None, row.role, what, row.by, None, None, row.since > session.today)


def _contacts(session: Session, asked: _Asked) -> Iterator[MomentRow]:
    contact = t.contact.c
    statement = (
        select(contact.created_at, contact.name, contact.title)
        .where(contact.account_id == asked.account_id)
        .order_by(contact.created_at.desc(), contact.id.desc())
    )
    for at, *words in session.execute(statement):
        yield MomentRow(
            at.astimezone(asked.zone).date(), at, "contact", ", ".join(filter(None, words)), None, None, None, False
        )
