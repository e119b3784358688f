"""Teams and who is in them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming


@dataclass(frozen=True)
class TeamRow:
    """A team."""

    code: str
    name: str
    territory: str | None
    lead: str | None
    members: int


@dataclass(frozen=True)
class TeamMemberRow:
    """A person in a team."""

    user: str
    name: str
    role: str | None
    valid_from: date
    valid_to: date | None


def find(session: Session, *, search: str | None = None, limit: int = 0) -> list[TeamRow]:
    """Teams by code."""
    session.actor.require("team.read")
    member, today = t.team_member.c, session.today
    count = (
        select(func.count())
        .where(member.team_id == t.team.c.id, member.valid_from <= today)
        .where(or_(member.valid_to.is_(None), member.valid_to > today))
        .scalar_subquery()
    )
    statement = (
        select(t.team.c.code, t.team.c.name, t.territory.c.code, t.user.c.login, count)
        .select_from(t.team)
        .outerjoin(t.territory, t.territory.c.id == t.team.c.territory_id)
        .outerjoin(t.user, t.user.c.id == t.team.c.lead_id)
        .order_by(t.team.c.code)
    )
    if search:
        statement = statement.where(naming.says(t.team, search))
    if limit:
        statement = statement.limit(limit)
    return [TeamRow(*row) for row in session.execute(statement)]


def one(session: Session, key: str) -> tuple[TeamRow, list[TeamMemberRow]]:
    """A team and its members of today."""
    team_id = naming.find_id(session, t.team, key)
    code = session.execute(select(t.team.c.code).where(t.team.c.id == team_id)).scalar_one()
    member, today = t.team_member.c, session.today
    rows = session.execute(
        select(t.user.c.login, t.user.c.name, member.role, member.valid_from, member.valid_to)
        .select_from(t.team_member)
        .join(t.user, t.user.c.id == member.user_id)
        .where(member.team_id == team_id, member.valid_from <= today)
        .where(or_(member.valid_to.is_(None), member.valid_to > today))
        .order_by(t.user.c.login)
    )
    return next(row for row in find(session) if row.code == code), [TeamMemberRow(*row) for row in rows]
