"""How long open opportunities have been open and in their stage, and which of them are stuck."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from sfactl.core.money import Money, round_half_up
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import pipeline, pipeline_history, pipeline_stays
from sfactl.services.pipeline import Filter

IDLE_DAYS = 30
"""So long without an activity, and an opportunity counts as stuck where nothing else is said."""


@dataclass(frozen=True)
class AgingRow:
    """An open opportunity and its time."""

    opportunity: str
    name: str
    account_name: str
    seller: str | None
    territory: str | None
    stage: str | None
    amount: Money
    days_open: int
    days_in_stage: int
    usual_days_e3: int | None
    "Days that opportunities stay in the stage which left it, in thousandths."
    idle_days: int
    "Since the last activity that was done for it; since it was opened, where there was none."
    close_on: date
    stuck: bool
    why: tuple[str, ...]
    "stage: longer in it than it says; idle: no activity; overdue: it should have closed."
    currency: str


@dataclass(frozen=True)
class Question:
    """Whose open opportunities are asked for, and what counts as stuck."""

    wanted: Filter
    idle_days: int = IDLE_DAYS
    is_stuck: bool = False
    "Only those that are stuck."
    limit: int = 0


def aging(session: Session, question: Question) -> Iterator[AgingRow]:
    """Open opportunities, now or as of the filter's day, the longest in their stage first.

    Raises:
        NotFound: the territory or seller does not exist, or is not the person's to see.
    """
    session.actor.require("opportunity.read")
    day = min(question.wanted.as_of or session.today, session.today)
    usual = pipeline_stays.usual_days(session, question.wanted.as_of)
    rows = session.execute(_statement(session, question.wanted, day).execution_options(yield_per=2000))
    shown = 0
    for row in rows:
        found = _row(row, usual, question.idle_days, day)
        if question.is_stuck and not found.stuck:
            continue
        yield found
        shown += 1
        if shown == question.limit:
            return


def _statement(session: Session, wanted: Filter, day: date) -> Any:
    """Open opportunities with the day on which each entered its stage, and that of its last activity."""
    state = pipeline_history.states(session, wanted.as_of)
    c, sale = state.c, t.opportunity.c
    here = [c.status == "open", *pipeline.narrowed(session, wanted, c)]
    entry = pipeline_stays.entries(session, wanted.as_of, among=select(c.opportunity_id).where(*here)).c
    entered = (
        select(entry.opportunity_id, func.max(entry.at).label("at")).group_by(entry.opportunity_id).subquery("entered")
    )
    done = t.activity.c
    last = (
        select(done.opportunity_id, func.max(done.done_on).label("on"))
        .where(done.opportunity_id.is_not(None), done.done_on <= day)
        .group_by(done.opportunity_id)
        .subquery("last")
    )
    return (
        select(
            sale.code, sale.name, sale.account_name, t.user.c.login.label("seller"),
            t.territory.c.code.label("territory"), t.stage.c.code.label("stage"), t.stage.c.stuck_after, c.stage_id,
            c.amount_minor, c.currency, c.close_on, c.opened_on, entered.c.at.label("entered_at"),
            last.c.on.label("active_on"),
        )
        .join_from(state, t.opportunity, sale.id == c.opportunity_id)
        .outerjoin(t.stage, t.stage.c.id == c.stage_id)
        .outerjoin(t.user, t.user.c.id == c.credited_id)
        .outerjoin(t.territory, t.territory.c.id == c.credited_territory_id)
        .outerjoin(entered, entered.c.opportunity_id == c.opportunity_id)
        .outerjoin(last, last.c.opportunity_id == c.opportunity_id)
        .where(*here)
        .order_by(func.coalesce(entered.c.at, pipeline_history.start_of(day)), sale.code)
    )  # fmt: skip


def _row(row: Any, usual: dict[int, tuple[int, int]], most_idle: int, day: date) -> AgingRow:
    since = row.entered_at.date() if row.entered_at else row.opened_on
    in_stage, idle = max((day - since).days, 0), max((day - (row.active_on or row.opened_on)).days, 0)
    days, count = usual.get(row.stage_id, (0, 0))
    is_so = {
        "stage": row.stuck_after is not None and in_stage > row.stuck_after,
        "idle": idle > most_idle,
        "overdue": row.close_on < day,
    }
    why = tuple(reason for reason, holds in is_so.items() if holds)
    return AgingRow(
        row.code, row.name, row.account_name, row.seller, row.territory, row.stage,
        Money(row.amount_minor, row.currency), max((day - row.opened_on).days, 0), in_stage,
        round_half_up(Fraction(days * 1000, count)) if count else None, idle, row.close_on, bool(why),
        why, row.currency,
    )  # fmt: skip
