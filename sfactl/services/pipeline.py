"""The open pipeline by stage."""

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import and_, func, select

from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming, territories, workspaces


@dataclass(frozen=True)
class StageRow:
    """A stage with what is in it."""

    stage: str
    name: str
    category: str
    count: int
    amount: Money
    weighted: Money
    currency: str


@dataclass(frozen=True)
class Filter:
    """Whose pipeline is asked for; what is None does not narrow."""

    territory: str | None = None
    only: bool = False
    seller: str | None = None
    closing: Period | None = None


def by_stage(session: Session, wanted: Filter | None = None) -> list[StageRow]:
    """Open stages in the order of the process, empty ones too; one row a currency where there are several."""
    wanted = wanted or Filter()
    session.actor.require("opportunity.read")
    opportunity, stage = t.opportunity.c, t.stage.c
    here = [opportunity.stage_id == stage.id, opportunity.status == "open"]
    if wanted.territory is not None:
        below = territories.subtree(session, wanted.territory, only=wanted.only)
        here.append(opportunity.credited_territory_id.in_(below))
    if wanted.seller is not None:
        seller = naming.find_id(session, t.user, wanted.seller, code="login")
        here.append(opportunity.credited_id == seller)
    if wanted.closing is not None:
        here += [opportunity.close_on >= wanted.closing.start, opportunity.close_on < wanted.closing.end]
    probability = func.coalesce(opportunity.probability_bp, stage.probability_bp)
    rows = session.execute(
        select(
            stage.code, stage.name, stage.category, func.count(opportunity.id),
            func.coalesce(func.sum(opportunity.amount_minor), 0),
            func.coalesce(func.sum(opportunity.amount_minor * probability), 0), opportunity.currency,
        )
        .select_from(t.stage)
        .outerjoin(t.opportunity, and_(*here))
        .where(stage.active, stage.status == "open")
        .group_by(stage.process_id, stage.position, stage.code, stage.name, stage.category, opportunity.currency)
        .order_by(stage.process_id, stage.position, opportunity.currency)
    )  # fmt: skip
    usual = workspaces.current(session).currency
    return [
        StageRow(
            code, name, category, count, Money(int(amount), unit or usual),
            Money(round_half_up(Fraction(int(weighted), 10000)), unit or usual), unit or usual,
        )
        for code, name, category, count, amount, weighted, unit in rows
    ]  # fmt: skip
