"""Accounts in full: one of them, or several side by side. A section is one query, however many accounts are asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from sfactl.core.periods import FiscalCalendar
from sfactl.core.phases import Booking, Bookings
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import (
    account_figures,
    account_people,
    accounts,
    activities,
    assignments,
    opportunities,
    orders,
    skills,
)
from sfactl.services.account_figures import FiguresRow, YearRow
from sfactl.services.account_people import PersonRow
from sfactl.services.accounts import AccountRow, ContactRow
from sfactl.services.activities import ActivityRow
from sfactl.services.assignments import PastAssignmentRow
from sfactl.services.opportunities import OpportunityRow
from sfactl.services.orders import OrderRow
from sfactl.services.skills import NeedRow


@dataclass(frozen=True)
class AccountCard:
    """What tells accounts apart at a glance."""

    account: AccountRow
    sums: FiguresRow
    last_activity_on: date | None
    "The last that was done."
    next_activity_on: date | None
    "The next that is planned, today or later."
    contact_count: int
    skills_needed: tuple[str, ...] | None
    "Each with the level wanted."


@dataclass(frozen=True)
class PhasedActivityRow:
    """An activity, and where it stands to a purchase order (`core.phases`)."""

    activity: ActivityRow
    on: date | None
    "When it was done, or else is planned."
    phase: str | None
    order: str | None


@dataclass(frozen=True)
class AccountPage:
    """An account with all that hangs on it, as far as the reader sees it."""

    card: AccountCard
    other_currencies: list[FiguresRow]
    contacts: list[ContactRow]
    needs: list[NeedRow]
    team: list[PersonRow]
    owners: list[PastAssignmentRow]
    pipeline: list[OpportunityRow]
    "Open ones, the next to close first."
    past_opportunities: list[OpportunityRow]
    "Won and lost ones, the last closed first."
    orders: list[OrderRow]
    orders_per_year: list[YearRow]
    activities: list[PhasedActivityRow]

    @property
    def cards(self) -> list[AccountCard]:
        """The card, and the same with the sums of each other currency."""
        return [self.card, *(replace(self.card, sums=sums) for sums in self.other_currencies)]


def pages(session: Session, keys: Sequence[str]) -> list[AccountPage]:
    """Accounts by code, external key or name, in the order in which they are named, each once.

    Raises:
        NotFound: one is not there, or not the person's to see.
        UsageFault: a name fits several.
    """
    rows, calendar = accounts.named(session, keys), _calendar(session)
    ids = list(rows)
    contacts, needs = accounts.contacts_of(session, ids), skills.of_accounts(session, ids)
    owners = assignments.of_accounts(session, ids)
    team = account_people.of_accounts(session, ids, owners)
    sales, booked = opportunities.of_accounts(session, ids), orders.of_accounts(session, ids)
    done = activities.of_accounts(session, ids)

    def page(key: int) -> AccountPage:
        own, others = _by_status(sales.get(key, []))
        sums, *other_sums = account_figures.figures(
            rows[key].currency, [*own, *others], booked.get(key, []), session.today, calendar
        )
        card = _card(rows[key], sums, done.get(key, []), contacts.get(key, []), needs.get(key, []), session.today)
        return AccountPage(
            card, other_sums, contacts.get(key, []), needs.get(key, []), team.get(key, []), owners.get(key, []),
            own, others, booked.get(key, []), account_figures.by_year(booked.get(key, []), calendar),
            _phased(done.get(key, []), booked.get(key, []), [*own, *others]),
        )  # fmt: skip

    return [page(key) for key in ids]


def _calendar(session: Session) -> FiscalCalendar:
    """The workspace's calendar, without what is loaded for making workspaces."""
    return FiscalCalendar(session.execute(select(t.workspace.c.fiscal_first_month)).scalar_one())


def _by_status(found: Iterable[OpportunityRow]) -> tuple[list[OpportunityRow], list[OpportunityRow]]:
    """Open ones, and closed ones with the last closed first."""
    is_open = [row for row in found if row.closed_on is None]
    closed = [(row.closed_on, row.code, row) for row in found if row.closed_on is not None]
    return is_open, [row for _day, _code, row in sorted(closed, key=lambda each: each[:2], reverse=True)]


def _card(
    row: AccountRow, sums: FiguresRow, done: Sequence[ActivityRow], contacts: Sequence[ContactRow],
    needs: Sequence[NeedRow], today: date,
) -> AccountCard:  # fmt: skip
    planned = [each.planned_on for each in done if each.done_on is None and each.planned_on]
    return AccountCard(
        account=row,
        sums=sums,
        last_activity_on=max((each.done_on for each in done if each.done_on), default=None),
        next_activity_on=min((day for day in planned if day >= today), default=None),
        contact_count=len(contacts),
        skills_needed=tuple(f"{need.skill} {need.level}" for need in needs) or None,
    )


def _phased(
    done: Iterable[ActivityRow], booked: Iterable[OrderRow], sales: Iterable[OpportunityRow]
) -> list[PhasedActivityRow]:
    bookings = Bookings(Booking(order.code, order.booked_on, order.completed_on) for order in booked)
    by_code = {row.code: row for row in sales}
    found = []
    for row in done:
        day, sale = row.done_on or row.planned_on, by_code.get(row.opportunity or "")
        if day is None:
            phase, order = None, None
        elif sale is None:
            phase, order = bookings.phase(day)
        else:
            phase, order = bookings.phase_in_sale(day, sale.closed_on, is_won=sale.status == "won")
        found.append(PhasedActivityRow(row, day, phase, order))
    return found
