"""Open opportunities that stay with their seller for a time, and what becomes of them when it is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, select

from sfactl.core.holdovers import given_back
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import moving_along, plan_names
from sfactl.services.plan_names import Names

_holdover, _opportunity, _account = t.holdover.c, t.opportunity.c, t.account.c


@dataclass(frozen=True)
class HoldoverRow:
    """An open opportunity that stays with its seller for a time."""

    opportunity: str
    account: str
    seller: str | None
    goes_to: str | None
    until: date
    share: Fraction
    "How much of a sale that is won meanwhile counts for the new owner."
    is_overdue: bool


def find(session: Session, *, is_overdue: bool = False) -> list[HoldoverRow]:
    """Holdovers that are in force, those that end first before others."""
    session.actor.require("opportunity.read")
    names = plan_names.load(session)
    return [
        HoldoverRow(
            row.code, row.account_name, names.login(row.held_by_id), names.login(row.owner_id), row.until,
            Fraction(row.to_share_bp, 10000), row.until <= session.today,
        )
        for row in session.execute(_open())
        if row.until <= session.today or not is_overdue
    ]  # fmt: skip


def _open() -> Select[Any]:
    return (
        select(
            _opportunity.id, _opportunity.code, _opportunity.account_name, _opportunity.status,
            _opportunity.credited_id, _opportunity.credited_territory_id, _opportunity.owner_id,
            _opportunity.territory_id, _holdover.held_by_id, _holdover.until, _holdover.to_share_bp,
        )
        .select_from(t.holdover)
        .join(t.opportunity, _opportunity.id == _holdover.opportunity_id)
        .where(_holdover.ended_on.is_(None))
        .order_by(_holdover.until, _opportunity.code)
    )  # fmt: skip


@dataclass(frozen=True)
class ExpireRequest:
    """All holdovers whose time is over."""


def expire_lines(session: Session, _request: ExpireRequest, effective: date) -> Iterator[Line | Left]:
    """Holdovers that are over: what is still open goes to the account's owner, with the share that its seller kept."""
    session.actor.require("opportunity.reassign")
    names = plan_names.load(session)
    for row in session.execute(_open().where(_holdover.until <= effective)).all():
        if row.status == "open":
            yield from _given_back(session, row, names)
        yield Line("holdover", row.code, {"ended_on": None}, {"ended_on": effective.isoformat()}, "holdover")


def _given_back(session: Session, row: Any, names: Names) -> Iterator[Line]:
    seller = row.owner_id if row.credited_id == row.held_by_id else row.credited_id
    was, to = (row.credited_id, row.credited_territory_id), (seller, row.territory_id)
    if was != to:
        yield moving_along.sale_line(row.code, was, to, "holdover", names)
    before = moving_along.shares_of(session, [row.id]).get(row.id, {})
    if row.held_by_id in before:
        after = given_back(before, row.held_by_id, row.owner_id)
        yield from moving_along.share_lines(row.code, before, after, "holdover", names)
