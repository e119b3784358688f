"""The open pipeline by stage, now or as it stood at the end of a day."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming, pipeline_history, territories, workspaces


@dataclass(frozen=True)
class StageRow:
    """A stage with what is in it."""

    stage: str
    "Empty for what is not known: the stage of one that was brought in closed, for the time when it was open."
    name: str
    category: str
    count: int
    amount: Money
    weighted: Money
    currency: str


@dataclass(frozen=True)
class Filter:
    """Whose pipeline is asked for, and of which day; what is None does not narrow."""

    territory: str | None = None
    only: bool = False
    seller: str | None = None
    closing: Period | None = None
    as_of: date | None = None


def by_stage(session: Session, wanted: Filter | None = None) -> list[StageRow]:
    """Open stages in the order of the process, empty ones too; one row a currency where there are several."""
    wanted = wanted or Filter()
    session.actor.require("opportunity.read")
    sums = _by_stage_id(session, wanted)
    usual = workspaces.current(session).currency
    stage = t.stage.c
    stages: list[tuple[int | None, str, str, str]] = list(
        session.execute(
            select(stage.id, stage.code, stage.name, stage.category)
            .where(stage.active, stage.status == "open")
            .order_by(stage.process_id, stage.position)
        )
    )
    if sums.get(None):
        stages.append((None, "", "", ""))
    nothing = [(usual, 0, 0, 0)]
    return [
        StageRow(
            code, name, category, count, Money(amount, unit),
            Money(round_half_up(Fraction(weighted, 10000)), unit), unit,
        )
        for key, code, name, category in stages
        for unit, count, amount, weighted in sums.get(key, nothing)
    ]  # fmt: skip


def _by_stage_id(session: Session, wanted: Filter) -> dict[int | None, list[tuple[str, int, int, int]]]:
    """Of each stage: currency, count, sum, and sum weighted in ten-thousandths."""
    state = pipeline_history.states(session, wanted.as_of)
    c = state.c
    probability = func.coalesce(c.probability_bp, t.stage.c.probability_bp, 0)
    rows = session.execute(
        select(c.stage_id, c.currency, func.count(), func.sum(c.amount_minor), func.sum(c.amount_minor * probability))
        .select_from(state)
        .outerjoin(t.stage, t.stage.c.id == c.stage_id)
        .where(c.status == "open", *narrowed(session, wanted, c))
        .group_by(c.stage_id, c.currency)
        .order_by(c.stage_id, c.currency)
    )
    found: dict[int | None, list[tuple[str, int, int, int]]] = {}
    for stage_id, unit, count, amount, weighted in rows:
        found.setdefault(stage_id, []).append((unit, count, int(amount), int(weighted)))
    return found


def narrowed(session: Session, wanted: Filter, state: Any) -> list[ColumnElement[bool]]:
    """The conditions that a filter asks of open opportunities.

    Args:
        state: columns of `pipeline_history.states`, or of opportunities.

    Raises:
        NotFound: the territory or seller does not exist, or is not the person's to see.
    """
    here: list[ColumnElement[bool]] = []
    if wanted.territory is not None:
        here.append(state.credited_territory_id.in_(below(session, wanted)))
    if wanted.seller is not None:
        here.append(state.credited_id == naming.find_id(session, t.user, wanted.seller, code="login"))
    if wanted.closing is not None:
        here += [state.close_on >= wanted.closing.start, state.close_on < wanted.closing.end]
    return here


def below(session: Session, wanted: Filter) -> Select[Any]:
    """Keys of the territory that a filter names and of all below it, in the tree of its day."""
    return territories.subtree(session, wanted.territory or "", only=wanted.only, as_of=wanted.as_of)
