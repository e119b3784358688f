"""The workspace itself: its name, currency and fiscal calendar."""

from dataclasses import dataclass

from sqlalchemy import select

from sfactl.core.periods import FiscalCalendar
from sfactl.db.session import Session
from sfactl.models import tables as t


@dataclass(frozen=True)
class Workspace:
    """What holds for the whole database."""

    name: str
    currency: str
    calendar: FiscalCalendar


def current(session: Session) -> Workspace:
    """The workspace's name, currency and fiscal calendar."""
    row = session.execute(select(t.workspace)).one()
    return Workspace(row.name, row.currency, FiscalCalendar(row.fiscal_first_month))
