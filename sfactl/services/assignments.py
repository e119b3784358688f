"""Who works which account: the list, its history, and the one way in which owner and territory change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, func, insert, literal, or_, select, update

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.types import Day
from sfactl.services import naming
from sfactl.services.narrowing import AccountFilter, narrow

_FOLLOWERS = (t.contact, t.opportunity, t.activity, t.order)
"""Tables whose rows lie in their account's territory."""


@dataclass(frozen=True)
class AssignmentRow:
    """Somebody works an account."""

    account: str
    account_name: str
    owner: str | None
    owner_name: str | None
    territory: str | None
    role: str
    since: date
    until: date | None
    cause: str


@dataclass(frozen=True)
class PastAssignmentRow(AssignmentRow):
    """The same, with what made it, where the reader may see that."""

    by: str | None
    run: str | None


Filter = AccountFilter


def find(session: Session, wanted: Filter) -> Iterable[AssignmentRow]:
    """Assignments that held at the end of a day (today when none is named), by account code.

    Accounts without an owner are listed only when asked for.
    """
    session.actor.require("assignment.read")
    holds = t.assignment.c
    statement = (
        _select_rows()
        .where(*valid_on(wanted.as_of or session.today))
        .order_by(t.account.c.code, holds.role.desc(), t.user.c.login)
    )
    statement = statement.where(holds.user_id.is_(None) if wanted.is_unowned else holds.user_id.is_not(None))
    statement = narrow(session, statement, wanted, owner=holds.user_id, territory=holds.territory_id)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return [AssignmentRow(*row) for row in session.execute(statement)]


def history(session: Session, key: str) -> list[PastAssignmentRow]:
    """Who worked an account, latest first."""
    session.actor.require("assignment.read")
    account_id = naming.find_id(session, t.account, key)
    return of_accounts(session, [account_id]).get(account_id, [])


def of_accounts(session: Session, account_ids: list[int]) -> dict[int, list[PastAssignmentRow]]:
    """Who worked each of the accounts, latest first."""
    holds, person = t.assignment.c, t.user.alias("person")
    statement = (
        _select_rows()
        .add_columns(person.c.login, t.run.c.key, holds.account_id)
        .outerjoin(t.run, t.run.c.id == holds.run_id)
        .outerjoin(person, person.c.id == t.run.c.user_id)
        .where(holds.account_id.in_(account_ids))
        .order_by(holds.valid_from.desc(), holds.role, t.user.c.login)
    )
    found: dict[int, list[PastAssignmentRow]] = {}
    for *row, account_id in session.execute(statement):
        found.setdefault(account_id, []).append(PastAssignmentRow(*row))
    return found


def _select_rows() -> Select[Any]:
    holds = t.assignment.c
    return (
        select(
            t.account.c.code, t.account.c.name, t.user.c.login, t.user.c.name, t.territory.c.code,
            holds.role, holds.valid_from, holds.valid_to, holds.cause,
        )
        .select_from(t.assignment)
        .join(t.account, t.account.c.id == holds.account_id)
        .outerjoin(t.user, t.user.c.id == holds.user_id)
        .outerjoin(t.territory, t.territory.c.id == holds.territory_id)
    )  # fmt: skip


def valid_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """Assignments that hold at the end of a day."""
    holds = t.assignment.c
    return holds.valid_from <= day, or_(holds.valid_to.is_(None), holds.valid_to > day)


def follow(session: Session, moved: Select[Any], *, says_since: bool, cause: str, run_id: int | None) -> None:
    """Make the dated assignments, and all that hangs on an account, agree with its owner and territory.

    This is the only function that writes owner assignments. An open one that no longer agrees is closed and another
    begins on the same day; one that began on that day is corrected in place.

    Args:
        moved: `account_id` and `since` of the accounts that may have changed.
        says_since: whether `since` was said for changes too; otherwise they hold from today.
    """
    changed = moved.subquery("moved")
    _correct(session, changed, says_since, cause, run_id)
    _open(session, changed, cause, run_id)
    for table in _FOLLOWERS:
        _take_along(session, table, changed)


def _correct(session: Session, moved: Any, says_since: bool, cause: str, run_id: int | None) -> None:
    holds, account = t.assignment.c, t.account.c
    today = literal(session.today, Day())
    later = and_(literal(says_since), moved.c.since > holds.valid_from)
    effective = cast(case((later, moved.c.since), else_=today), Day())
    is_stale = and_(
        account.id == moved.c.account_id,
        holds.account_id == account.id,
        holds.role == "owner",
        holds.valid_to.is_(None),
        or_(holds.user_id.is_distinct_from(account.owner_id), holds.territory_id != account.territory_id),
    )
    corrected = {
        "user_id": account.owner_id, "territory_id": account.territory_id, "cause": cause, "run_id": run_id,
    }  # fmt: skip
    session.sql.execute(update(t.assignment).where(is_stale, holds.valid_from >= effective).values(corrected))
    session.sql.execute(update(t.assignment).where(is_stale).values(valid_to=effective))


def _open(session: Session, moved: Any, cause: str, run_id: int | None) -> None:
    account, other = t.account.c, t.assignment.alias("other")
    is_owner = and_(other.c.account_id == account.id, other.c.role == "owner")
    last_end = select(func.max(other.c.valid_to)).where(is_owner).scalar_subquery()
    is_open = select(other.c.id).where(is_owner, other.c.valid_to.is_(None)).exists()
    rows = (
        select(
            account.id, account.owner_id, account.territory_id, literal("owner"),
            cast(func.coalesce(last_end, moved.c.since), Day()),
            literal(cause), literal(run_id, t.assignment.c.run_id.type),
            literal(session.now, t.assignment.c.created_at.type),
        )
        .select_from(moved)
        .join(t.account, account.id == moved.c.account_id)
        .where(~is_open)
        .order_by(account.id)
    )  # fmt: skip
    names = ["account_id", "user_id", "territory_id", "role", "valid_from", "cause", "run_id", "created_at"]
    session.sql.execute(insert(t.assignment).from_select(names, rows))


def _take_along(session: Session, table: Any, moved: Any) -> None:
    """Rows of an account lie where it lies; those with an account's owner get the new one."""
    account = t.account.c
    values = {"territory_id": account.territory_id}
    if table is not t.activity:
        values["owner_id"] = account.owner_id
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
    session.sql.execute(
        update(table).where(table.c.account_id == account.id, account.id == moved.c.account_id, differs).values(values)
    )
