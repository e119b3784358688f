"""Who works which account: the list, its history, and the one way in which owner and territory change."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, func, insert, literal, or_, select, update

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.types import Day
from sfactl.services import naming
from sfactl.services.narrowing import AccountFilter, narrow

_FOLLOWERS = (t.contact, t.opportunity, t.activity, t.order, t.quote)
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
    reason: str | None
    "Why, as whoever made it said."


Filter = AccountFilter


def find(session: Session, wanted: Filter) -> Iterable[AssignmentRow]:
    """Assignments that held at the end of a day (today when none is named), by account code.

    Until when they hold is not told for a day that is over: it was not known then. Accounts without an owner are listed only when asked for.
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
    rows = [AssignmentRow(*row) for row in session.execute(statement)]
    is_past = wanted.as_of is not None and wanted.as_of < session.today
    return [replace(row, until=None) for row in rows] if is_past else rows


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
        .add_columns(person.c.login, t.run.c.key, t.run.c.reason, holds.account_id)
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


def is_open() -> ColumnElement[bool]:
    """The owner row of an account that says whose it is now."""
    holds = t.assignment.c
    return and_(holds.role == "owner", holds.valid_to.is_(None))


class Dating(StrEnum):
    """From when a change of owner or territory holds."""

    TODAY = "today"
    "From today; `since` is only for accounts that had no owner row before."
    SAID = "said"
    "From `since`, where it lies after the open row's beginning; from today otherwise."
    EXACT = "exact"
    "From `since`, which is known not to lie before the open row's beginning."


def follow(
    session: Session, moved: Select[Any], *, dating: Dating, run_id: int | None, count: int | None = None
) -> None:
    """Make the dated assignments, and all that hangs on an account, agree with its owner and territory.

    This is the only function that writes owner assignments. An open one that no longer agrees is closed and another
    begins on the same day; one that began on that day is corrected in place.

    Args:
        moved: `account_id`, `since`, `cause` and `rule` of the accounts that may have changed.
        count: how many these are, where all of them are known to have changed.
    """
    changed = moved.subquery("moved")
    closed = _close(session, changed, dating, run_id)
    _open(session, changed, run_id, are_closed=dating is Dating.EXACT and closed == count)
    for table in _FOLLOWERS:
        _take_along(session, table, changed)


def _close(session: Session, moved: Any, dating: Dating, run_id: int | None) -> int:
    """Close what no longer agrees, and correct in place what began on the same day; returns how many were closed."""
    holds, account = t.assignment.c, t.account.c
    effective = _effective(session, moved, dating)
    is_stale = and_(
        account.id == moved.c.account_id,
        holds.account_id == account.id,
        is_open(),
        or_(holds.user_id.is_distinct_from(account.owner_id), holds.territory_id != account.territory_id),
    )
    corrected = {
        "user_id": account.owner_id, "territory_id": account.territory_id, "cause": moved.c.cause,
        "rule": moved.c.rule, "run_id": run_id,
    }  # fmt: skip
    session.sql.execute(update(t.assignment).where(is_stale, holds.valid_from >= effective).values(corrected))
    return session.run(update(t.assignment).where(is_stale).values(valid_to=effective))


def _effective(session: Session, moved: Any, dating: Dating) -> ColumnElement[Any]:
    today = cast(literal(session.today, Day()), Day())
    if dating is Dating.TODAY:
        return today
    if dating is Dating.EXACT:
        return cast(moved.c.since, Day())
    return case((moved.c.since > t.assignment.c.valid_from, cast(moved.c.since, Day())), else_=today)


def _open(session: Session, moved: Any, run_id: int | None, *, are_closed: bool) -> None:
    """Begin a row for each account that has no open one.

    Args:
        are_closed: it is known that none has one, and that each was closed on the day on which the next begins.
    """
    account, other = t.account.c, t.assignment.alias("other")
    is_owner = and_(other.c.account_id == account.id, other.c.role == "owner")
    last_end = select(func.max(other.c.valid_to)).where(is_owner).scalar_subquery()
    begin = moved.c.since if are_closed else func.coalesce(last_end, moved.c.since)
    has_open = select(other.c.id).where(is_owner, other.c.valid_to.is_(None)).exists()
    rows = (
        select(
            account.id, account.owner_id, account.territory_id, literal("owner"), cast(begin, Day()), moved.c.cause,
            moved.c.rule, literal(run_id, t.assignment.c.run_id.type),
            literal(session.now, t.assignment.c.created_at.type),
        )
        .select_from(moved)
        .join(t.account, account.id == moved.c.account_id)
        .order_by(account.id)
    )  # fmt: skip
    if not are_closed:
        rows = rows.where(~has_open)
    names = ["account_id", "user_id", "territory_id", "role", "valid_from", "cause", "rule", "run_id", "created_at"]
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
