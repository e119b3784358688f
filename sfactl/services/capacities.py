"""How much each person can work, and how much he has."""

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import delete, func, insert, select, update

from sfactl.core.workload import load
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import assignment_policy, naming

MOST: int = 1_000_000


@dataclass(frozen=True)
class CapacityRow:
    """What a person can do and has to do."""

    login: str
    accounts: int
    "Accounts in sight that are his."
    most_accounts: int | None
    "At most so many; no such bound when it is empty."
    work_e3: int
    "Hours that his accounts ask for in a year, in thousandths."
    hours: int
    "Hours with customers in a year."
    load: Fraction | None
    "Work over hours; not defined where he has none."
    own: bool
    "Said of him; the policy's otherwise."


def of_user(session: Session, key: str) -> CapacityRow:
    """What a person can do and has to do."""
    session.actor.require("user.read")
    user_id = naming.find_id(session, t.user, key, code="login")
    return _row(session, user_id)


def _row(session: Session, user_id: int) -> CapacityRow:
    policy, own = assignment_policy.current(session), t.capacity.c
    found = session.execute(
        select(t.user.c.login, own.id, own.accounts, own.hours)
        .outerjoin(t.capacity, own.user_id == t.user.c.id)
        .where(t.user.c.id == user_id)
    ).one()
    accounts, work = session.execute(
        select(func.count(), func.coalesce(func.sum(policy.work()), 0)).where(t.account.c.owner_id == user_id)
    ).one()
    hours = policy.capacity_hours if found.hours is None else found.hours
    most = policy.capacity_accounts if found.accounts is None else found.accounts
    return CapacityRow(
        found.login, accounts, most, int(work), hours, load(int(work), hours), own=found.id is not None
    )  # fmt: skip


def put(
    session: Session, key: str, *, accounts: int | None = None, hours: int | None = None, reason: str | None = None
) -> CapacityRow:
    """Say how much a person can work; what is not said stays as it was.

    Raises:
        UsageFault: a number that cannot be.
    """
    session.actor.require("user.edit")
    user_id = naming.find_id(session, t.user, key, code="login")
    said = {name: value for name, value in (("accounts", accounts), ("hours", hours)) if value is not None}
    if any(not 0 <= value <= MOST for value in said.values()):
        raise UsageFault(_("A capacity is a number from 0 to {most}.").format(most=MOST))
    before = _own(session, user_id)
    if before is None:
        session.actor.require("user.create")
        session.sql.execute(insert(t.capacity).values(user_id=user_id, **said))
    else:
        session.sql.execute(update(t.capacity).where(t.capacity.c.user_id == user_id).values(said))
    return _recorded(session, user_id, before, reason)


def clear(session: Session, key: str, *, reason: str | None = None) -> CapacityRow:
    """Let the policy's capacity hold for a person again."""
    session.actor.require("user.edit")
    user_id = naming.find_id(session, t.user, key, code="login")
    before = _own(session, user_id)
    if before is None:
        return _row(session, user_id)
    session.sql.execute(delete(t.capacity).where(t.capacity.c.user_id == user_id))
    return _recorded(session, user_id, before, reason)


def _own(session: Session, user_id: int) -> dict[str, int | None] | None:
    own = t.capacity.c
    found = session.execute(select(own.accounts, own.hours).where(own.user_id == user_id)).first()
    return None if found is None else {"accounts": found.accounts, "hours": found.hours}


def _recorded(session: Session, user_id: int, before: dict[str, int | None] | None, reason: str | None) -> CapacityRow:
    after = _own(session, user_id)
    row = _row(session, user_id)
    if before != after:
        session.record("capacity", "user", row.login, reason=reason, before=before or {}, after=after or {})
    return row
