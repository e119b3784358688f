"""Opportunities in groups: how many are in each, and what they come to. One question, however long the list."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from sfactl.core.money import Money, round_half_up
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import opportunities
from sfactl.services.opportunities import Filter


@dataclass(frozen=True)
class GroupRow:
    """Those of a stage, a seller or a territory."""

    code: str
    "Empty for those of nobody, or of a territory that is not the person's to see."
    name: str
    count: int
    amounts: tuple[Money, ...]
    "One a currency."
    weighted: tuple[Money, ...]
    "The same, times the probability of each."


def find(session: Session, wanted: Filter, by: str) -> list[GroupRow]:
    """The groups in the order in which `opportunities.keys` gives their rows when it is asked to sort by the same.

    Args:
        by: stage, seller or territory.
    """
    session.actor.require("opportunity.read")
    sale = t.opportunity.c
    group = {"stage": t.stage, "seller": t.user, "territory": t.territory}[by].c
    code = group.login if by == "seller" else group.code
    probability = func.coalesce(sale.probability_bp, t.stage.c.probability_bp, 0)
    statement = opportunities.grouped(
        session,
        select(
            code, group.name, sale.currency, func.count(), func.sum(sale.amount_minor),
            func.sum(sale.amount_minor * probability),
        ),
        wanted, by,
    )  # fmt: skip
    order = opportunities.order_of(by)
    rows = session.execute(statement.group_by(*order, code, group.name, sale.currency).order_by(*order, sale.currency))
    return [
        _row(code or "", name or "", list(of)) for (code, name), of in groupby(rows, key=lambda row: tuple(row[:2]))
    ]


def _row(code: str, name: str, rows: list[Any]) -> GroupRow:
    amounts = tuple(Money(int(row[4]), row[2]) for row in rows)
    weighted = tuple(Money(round_half_up(Fraction(int(row[5]), 10_000)), row[2]) for row in rows)
    return GroupRow(code, name, sum(row[3] for row in rows), amounts, weighted)
