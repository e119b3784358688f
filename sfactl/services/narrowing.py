"""Which accounts, and which rows of accounts, are asked for."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import conditions, naming, territories


@dataclass(frozen=True)
class AccountFilter:
    """Which accounts are asked for; what is None does not narrow."""

    owner: str | None = None
    territory: str | None = None
    only: bool = False
    "The territory itself, without those below it."
    segment: str | None = None
    search: str | None = None
    as_of: date | None = None
    limit: int = 0
    is_unowned: bool = False
    "Accounts that nobody owns; lists of assignments know it."
    industry: str | None = None
    where: str | None = None
    "A condition in the language of `core.conditions`."


def narrow(
    session: Session,
    statement: Select[Any],
    wanted: AccountFilter,
    *,
    owner: ColumnElement[Any],
    territory: ColumnElement[Any],
) -> Select[Any]:
    """Keep the accounts that a filter of owner, territory, segment, industry, words and a condition asks for.

    Args:
        owner: the column that says the owner on the day that is asked for.
        territory: the column that says the territory then.
    """
    if wanted.owner is not None:
        statement = statement.where(owner == naming.find_id(session, t.user, wanted.owner, code="login"))
    if wanted.territory is not None:
        below = territories.subtree(session, wanted.territory, only=wanted.only, as_of=wanted.as_of)
        statement = statement.where(territory.in_(below))
    if wanted.segment is not None:
        statement = statement.where(func.lower(t.account.c.segment) == wanted.segment.lower())
    if wanted.industry is not None:
        statement = statement.where(func.lower(t.account.c.industry) == wanted.industry.lower())
    if wanted.where is not None:
        statement = statement.where(conditions.parse(session, wanted.where))
    if wanted.search:
        statement = statement.where(naming.says(t.account, wanted.search))
    return statement
