"""Accounts that rules leave alone: everywhere, or for one territory and those below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, delete, insert, select

from sfactl.core.assignment_rules import Rule
from sfactl.db.session import Session
from sfactl.errors import NotFound
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming

EVERYWHERE: Final = 0
"""Stands for all territories; no territory has this key."""


@dataclass(frozen=True)
class ExclusionRow:
    """An account that rules leave alone."""

    account: str
    account_name: str
    territory: str | None
    "The territory that may not claim it; none may where it is empty."
    since: date
    reason: str | None


def find(session: Session) -> list[ExclusionRow]:
    """Exclusions in sight, by account."""
    session.actor.require("assignment.read")
    barred = t.rule_exclusion.c
    rows = session.execute(
        select(t.account.c.code, t.account.c.name, t.territory.c.code, barred.since, barred.reason)
        .select_from(t.rule_exclusion)
        .join(t.account, t.account.c.id == barred.account_id)
        .outerjoin(t.territory, t.territory.c.id == barred.territory_id)
        .order_by(t.account.c.code, t.territory.c.code)
    )
    return [ExclusionRow(*row) for row in rows]


def load(session: Session, account_id: int | None = None) -> dict[int, frozenset[int]]:
    """By account, the keys of the territories that may not claim it; `EVERYWHERE` stands for all."""
    barred = t.rule_exclusion.c
    statement: Select[Any] = select(barred.account_id, barred.territory_id)
    if account_id is not None:
        statement = statement.where(barred.account_id == account_id)
    below: dict[int, frozenset[int]] = {}
    found: dict[int, frozenset[int]] = {}
    for key, place in session.execute(statement):
        if place is not None and place not in below:
            below[place] = frozenset(session.execute(_subtree(place)).scalars())
        found[key] = found.get(key, frozenset()) | (below[place] if place is not None else {EVERYWHERE})
    return found


def _subtree(territory_id: int) -> Select[Any]:
    top, node = t.territory.alias("top"), t.territory.c
    return select(node.id).join(top, node.tree_left.between(top.c.tree_left, top.c.tree_right)).where(
        top.c.id == territory_id
    )  # fmt: skip


def without_everywhere(barred: frozenset[int], rules: Sequence[Rule]) -> frozenset[int]:
    """The same, with all that the rules name where the account is excluded everywhere."""
    return frozenset(rule.territory_id for rule in rules) if EVERYWHERE in barred else barred


def add(session: Session, key: str, *, territory: str | None = None, reason: str | None = None) -> None:
    """Let rules leave an account alone from now on; for one territory, or everywhere. What is so already stays so."""
    session.actor.require("assignment.create")
    account = _account(session, key)
    place = naming.find_id_or_none(session, t.territory, territory)
    if place in _held(session, account["id"]):
        return
    session.sql.execute(
        insert(t.rule_exclusion).values(
            account_id=account["id"], territory_id=place, since=session.today, reason=reason
        )
    )  # fmt: skip
    _record(session, "exclude", account, before={}, after={"territory": _code(session, place)}, reason=reason)


def remove(session: Session, key: str, *, territory: str | None = None, reason: str | None = None) -> None:
    """Let rules place an account again; for one territory, or wherever it was excluded.

    Raises:
        NotFound: it is not excluded.
    """
    session.actor.require("assignment.edit")
    account = _account(session, key)
    place = naming.find_id_or_none(session, t.territory, territory)
    held = _held(session, account["id"])
    gone = held if territory is None else held & {place}
    if not gone:
        raise NotFound(_("{account} is not excluded.").format(account=account["code"]))
    condition = t.rule_exclusion.c.account_id == account["id"]
    if territory is not None:
        condition &= t.rule_exclusion.c.territory_id == place
    session.sql.execute(delete(t.rule_exclusion).where(condition))
    codes = sorted(str(_code(session, each) or "") for each in gone)
    _record(session, "include", account, before={"territory": codes}, after={}, reason=reason)


def _held(session: Session, account_id: int) -> set[int | None]:
    barred = t.rule_exclusion.c
    return set(session.execute(select(barred.territory_id).where(barred.account_id == account_id)).scalars())


def _account(session: Session, key: str) -> Mapping[str, int]:
    account_id = naming.find_id(session, t.account, key)
    columns = t.account.c
    return dict(
        session.execute(select(columns.id, columns.code, columns.territory_id).where(columns.id == account_id))
        .mappings()
        .one()
    )


def _code(session: Session, territory_id: int | None) -> str | None:
    return session.execute(select(t.territory.c.code).where(t.territory.c.id == (territory_id or 0))).scalar()


def _record(
    session: Session, action: str, account: Mapping[str, int], *, before: object, after: object, reason: str | None
) -> None:
    session.record(
        action, "account", str(account["code"]), territory_id=account["territory_id"], reason=reason, before=before,
        after=after,
    )  # fmt: skip
