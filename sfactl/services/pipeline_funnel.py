"""The way of opportunities through the stages: how many are in each, entered it, and went on."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming, pipeline, pipeline_history, pipeline_stays
from sfactl.services.pipeline import Filter


@dataclass(frozen=True)
class FunnelRow:
    """A stage: what is in it, and what went through it in a period."""

    stage: str
    name: str
    category: str
    count: int
    amount: Money
    weighted: Money
    entered: int
    went_on: int
    "Of those, which then entered a later stage and were not lost there."
    conversion: Fraction | None
    "Of those that entered, how many went on; None while all of them are still there."
    average_days_e3: int | None
    "Days that those stayed who left the stage in the period, in thousandths."
    currency: str


def funnel(session: Session, wanted: Filter, period: Period) -> list[FunnelRow]:
    """The open stages in the order of the process, now or as of the filter's day.

    Who entered counts where he was credited then. What went on may have done so after the period.

    Raises:
        NotFound: the territory or seller does not exist, or is not the person's to see.
    """
    rows = pipeline.by_stage(session, wanted)
    through = _through(session, wanted, period)
    return [
        FunnelRow(
            row.stage, row.name, row.category, row.count, row.amount, row.weighted, each.entered, each.went_on,
            Fraction(each.went_on, each.entered) if each.is_decided else None,
            round_half_up(Fraction(each.days * 1000, each.left)) if each.left else None, row.currency,
        )
        for row in rows
        for each in (through.get((row.stage, row.currency), _Through()),)
    ]  # fmt: skip


@dataclass(frozen=True)
class _Through:
    entered: int = 0
    went_on: int = 0
    gone: int = 0
    "Of those that entered, how many are no longer there."
    left: int = 0
    days: int = 0

    @property
    def is_decided(self) -> bool:
        """Whether it is known of anything where it went."""
        return self.gone > 0


def _through(session: Session, wanted: Filter, period: Period) -> dict[tuple[str, str], _Through]:
    """What entered and left each stage in the period, by the stage's code and currency."""
    stay, stage, then = pipeline_stays.stays(session, wanted.as_of).c, t.stage.c, t.opportunity_change.c
    entered, left = _within(stay.entered_at, period), _within(stay.left_at, period)
    days = case((left, pipeline_stays.days_between(session, stay.entered_at, stay.left_at)), else_=0)
    here: list[Any] = [or_(entered, left)]
    if wanted.territory is not None:
        here.append(then.credited_territory_id.in_(pipeline.below(session, wanted)))
    if wanted.seller is not None:
        here.append(then.credited_id == naming.find_id(session, t.user, wanted.seller, code="login"))
    rows = session.execute(
        select(
            stage.code, then.currency, func.sum(case((entered, 1), else_=0)),
            func.sum(case((and_(entered, stay.furthest > stage.position), 1), else_=0)),
            func.sum(case((and_(entered, stay.left_at.is_not(None)), 1), else_=0)), func.sum(case((left, 1), else_=0)),
            func.sum(days),
        )
        .join_from(stay.stage_id.table, t.stage, stage.id == stay.stage_id)
        .join(t.opportunity_change, then.id == stay.change_id)
        .where(*here)
        .group_by(stage.id, stage.code, then.currency)
    )  # fmt: skip
    return {(code, unit): _Through(*map(int, counts)) for code, unit, *counts in rows}


def _within(moment: Any, period: Period) -> Any:
    first, end = pipeline_history.start_of(period.start), pipeline_history.start_of(period.end)
    return and_(moment.is_not(None), moment >= first, moment < end)
