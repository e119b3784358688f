"""Who works in territories, how much the accounts there ask for, and how much those people can do."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import assignment_policy
from sfactl.services.territory_sums import Forest


@dataclass(frozen=True)
class Work:
    """What there is to do in a territory and below it, and by whom."""

    people: int
    "Different people who are members there."
    hours: int
    "What the account managers and specialists among them can do in a year."
    work_e3: int | None
    "What the accounts ask for in a year, in thousandths of an hour; nothing for a day that is over."


def of_territories(session: Session, forest: Forest, as_of: date | None = None) -> dict[int, Work]:
    """The work of each territory with all below it, now or with the people of a day."""
    day = as_of or session.today
    members = _members(session, day)
    people = forest.united((place, user) for place, user, _role in members)
    workers = forest.united((place, user) for place, user, role in members if role != "manager")
    hours = hours_of_people(session)
    usual = assignment_policy.current(session).capacity_hours
    work = forest.rolled_up((place, None, [minor]) for place, minor in _work(session)) if day >= session.today else None
    return {
        node: Work(
            len(people.get(node, ())), sum(hours.get(user, usual) for user in workers.get(node, ())),
            None if work is None else work.get((node, None), [0])[0],
        )
        for node in forest.above
    }  # fmt: skip


def _members(session: Session, day: date) -> list[tuple[int, int, str]]:
    member = t.territory_member.c
    rows = session.execute(
        select(member.territory_id, member.user_id, member.role).where(
            and_(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))
        )
    )
    return [(place, user, role) for place, user, role in rows]


def hours_of_people(session: Session) -> dict[int, int]:
    """The hours of those of whom something else is said than the policy says."""
    own = t.capacity.c
    return dict(session.execute(select(own.user_id, own.hours).where(own.hours.is_not(None))).all())


def _work(session: Session) -> list[tuple[int, int]]:
    """What the accounts of each territory ask for."""
    account, policy = t.account.c, assignment_policy.current(session)
    rows = session.execute(select(account.territory_id, func.sum(policy.work())).group_by(account.territory_id))
    return [(place, int(work)) for place, work in rows]
