"""Calls, visits, meetings, e-mails and tasks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming, territories


@dataclass(frozen=True)
class ActivityRow:
    """An activity in a list."""

    kind: str
    subject: str
    account: str | None
    account_name: str | None
    opportunity: str | None
    owner: str | None
    planned_on: date | None
    done_on: date | None


@dataclass(frozen=True)
class Filter:
    """Which activities are asked for; what is None does not narrow."""

    owner: str | None = None
    account: str | None = None
    territory: str | None = None
    is_open: bool = False
    limit: int = 0


def find(session: Session, wanted: Filter) -> list[ActivityRow]:
    """Activities, latest first."""
    session.actor.require("activity.read")
    activity = t.activity.c
    statement = _select_rows()
    if wanted.owner is not None:
        statement = statement.where(activity.owner_id == naming.find_id(session, t.user, wanted.owner, code="login"))
    if wanted.account is not None:
        statement = statement.where(activity.account_id == naming.find_id(session, t.account, wanted.account))
    if wanted.territory is not None:
        statement = statement.where(activity.territory_id.in_(territories.subtree(session, wanted.territory)))
    if wanted.is_open:
        statement = statement.where(activity.done_on.is_(None))
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return [ActivityRow(*row) for row in session.execute(statement)]


def of_accounts(session: Session, account_ids: list[int]) -> dict[int, list[ActivityRow]]:
    """The activities of each of the accounts, latest first."""
    statement = _select_rows().add_columns(t.activity.c.account_id).where(t.activity.c.account_id.in_(account_ids))
    found: dict[int, list[ActivityRow]] = {}
    for *row, account_id in session.execute(statement):
        found.setdefault(account_id, []).append(ActivityRow(*row))
    return found


def _select_rows() -> Select[Any]:
    activity = t.activity.c
    day = func.coalesce(activity.done_on, activity.planned_on)
    return (
        select(
            activity.kind, activity.subject, t.account.c.code, activity.account_name, t.opportunity.c.code,
            t.user.c.login, activity.planned_on, activity.done_on,
        )
        .select_from(t.activity)
        .outerjoin(t.account, t.account.c.id == activity.account_id)
        .outerjoin(t.opportunity, t.opportunity.c.id == activity.opportunity_id)
        .outerjoin(t.user, t.user.c.id == activity.owner_id)
        .order_by(day.desc(), activity.id.desc())
    )  # fmt: skip
