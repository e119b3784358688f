"""Whose a quote is and where it lies: its opportunity's, always."""

from typing import Any

from sqlalchemy import Select, or_, update

from sfactl.db.session import Session
from sfactl.models import tables as t

_FOLLOWED = ("owner_id", "credited_id", "credited_territory_id")


def follow(session: Session, opportunities: Select[Any]) -> None:
    """Let the quotes of some opportunities be whose those are by now.

    Args:
        opportunities: their keys.
    """
    sale, quote = t.opportunity.c, t.quote.c
    values = {name: sale[name] for name in _FOLLOWED}
    differs = or_(*(quote[name].is_distinct_from(value) for name, value in values.items()))
    session.sql.execute(
        update(t.quote)
        .where(quote.opportunity_id.in_(opportunities), sale.id == quote.opportunity_id, differs)
        .values(values)
    )
