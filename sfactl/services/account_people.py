"""Who is responsible for accounts: those who work them, their managers and teams."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, or_, select

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services.assignments import AssignmentRow

_RANKS: Final = {"owner": 0, "overlay": 1, "specialist": 2}


@dataclass(frozen=True)
class PersonRow:
    """A person, and what he is to an account."""

    role: str
    "owner, overlay or specialist; manager, of its territory or one above; reports_to, the owner's own; team_lead."
    user: str | None
    name: str | None
    place: str | None
    "The territory, or of a lead the team."
    since: date | None


def of_accounts(
    session: Session, account_ids: list[int], worked: Mapping[int, Iterable[AssignmentRow]]
) -> dict[int, list[PersonRow]]:
    """Who is responsible for each of the accounts today: those who work it first, then managers, the nearest first.

    Args:
        worked: who worked each account, ever.
    """
    found = {
        key: [PersonRow(row.role, row.owner, row.owner_name, row.territory, row.since) for row in rows]
        for key in account_ids
        if (rows := [row for row in worked.get(key, ()) if _holds(row, session.today)])
    }
    for key, person in (
        *_managers(session, account_ids),
        *_leads(session, account_ids),
    ):
        others = found.setdefault(key, [])
        if person.role != "reports_to" or person.user not in [other.user for other in others]:
            others.append(person)
    for people in found.values():
        people.sort(key=lambda person: _RANKS.get(person.role, len(_RANKS)))
    return found


def _holds(row: AssignmentRow, day: date) -> bool:
    return row.owner is not None and row.since <= day and (row.until is None or row.until > day)


def _managers(session: Session, account_ids: list[int]) -> Iterator[tuple[int, PersonRow]]:
    """Managers of the territory of each account, and of those above it."""
    member, node, place = t.territory_member.c, t.territory, t.territory.alias("place")
    rows = session.execute(
        select(t.account.c.id, t.user.c.login, t.user.c.name, node.c.code, member.valid_from)
        .select_from(t.account)
        .join(place, place.c.id == t.account.c.territory_id)
        .join(node, place.c.tree_left.between(node.c.tree_left, node.c.tree_right))
        .join(t.territory_member, and_(member.territory_id == node.c.id, member.role == "manager"))
        .join(t.user, t.user.c.id == member.user_id)
        .where(t.account.c.id.in_(account_ids), member.valid_from <= session.today)
        .where(or_(member.valid_to.is_(None), member.valid_to > session.today))
        .order_by(node.c.tree_left.desc(), t.user.c.login)
    )
    return ((key, PersonRow("manager", *row)) for key, *row in rows)


def _leads(session: Session, account_ids: list[int]) -> Iterator[tuple[int, PersonRow]]:
    """To whom the owner of each account reports, as the directory says, and his teams with their leads."""
    member, boss, lead = t.team_member.c, t.user.alias("boss"), t.user.alias("lead")
    today = session.today
    holds = and_(member.valid_from <= today, or_(member.valid_to.is_(None), member.valid_to > today))
    rows = session.execute(
        select(t.account.c.id, boss.c.login, boss.c.name, t.team.c.code, lead.c.login, lead.c.name)
        .select_from(t.account)
        .join(t.user, t.user.c.id == t.account.c.owner_id)
        .outerjoin(boss, boss.c.id == t.user.c.manager_id)
        .outerjoin(t.team_member, and_(member.user_id == t.user.c.id, holds))
        .outerjoin(t.team, t.team.c.id == member.team_id)
        .outerjoin(lead, lead.c.id == t.team.c.lead_id)
        .where(t.account.c.id.in_(account_ids))
        .order_by(t.team.c.code)
    ).all()
    for key, login, name in dict.fromkeys((row[0], row[1], row[2]) for row in rows if row[1]):
        yield key, PersonRow("reports_to", login, name, None, None)
    for key, _boss, _name, team, login, name in rows:
        if team:
            yield key, PersonRow("team_lead", login, name, team, None)
