"""Objects on the connection of a unit of work: whoever reads and writes through them passes the same guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import orm

from sfactl.db.session import Session
from sfactl.models import accounts, objects, opportunities, orders, territories

Account, Contact = objects.of(accounts.Account), objects.of(accounts.Contact)
Opportunity, OpportunitySplit = objects.of(opportunities.Opportunity), objects.of(opportunities.OpportunitySplit)
Order, OrderLine, Credit = objects.of(orders.Order), objects.of(orders.OrderLine), objects.of(orders.Credit)
Territory = objects.of(territories.Territory)


@contextmanager
def objects_of(session: Session) -> Iterator[orm.Session]:
    """Objects in the transaction of a session, which alone ends it."""
    if not session.sql.in_transaction():
        session.sql.begin()
    with orm.Session(session.sql) as found:
        yield found
        found.flush()


def through_objects(session: Session, work: Callable[..., Any], *values: Any) -> Any:
    """What a function of such a session returns."""
    with objects_of(session) as found:
        return work(found, *values)
