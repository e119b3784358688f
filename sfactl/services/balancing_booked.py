"""What was booked with accounts in twelve months, where that is to be balanced."""

from dataclasses import replace

from sqlalchemy import func, select

from sfactl.core.periods import FiscalCalendar, Unit
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services.balancing_request import Basis


def added(session: Session, basis: Basis) -> Basis:
    """The problem with the revenue of the orders of the twelve months that end today; other currencies count nothing."""
    session.actor.require("order.read")
    booked = _booked(session, basis.currency)
    accounts = tuple(
        replace(account, booked_minor=max(booked.get(basis.held[account.key].now.account_id, 0), 0))
        for account in basis.problem.accounts
    )
    return replace(basis, problem=replace(basis.problem, accounts=accounts))


def _booked(session: Session, currency: str) -> dict[int, int]:
    """By account; as the page of an account counts it."""
    order, since = t.order.c, FiscalCalendar().containing(session.today, Unit.DAY).year_before().end
    rows = session.execute(
        select(order.account_id, func.sum(order.amount_minor))
        .where(order.booked_on >= since, order.booked_on <= session.today, order.currency == currency)
        .group_by(order.account_id)
    )
    return {account: int(minor) for account, minor in rows}
