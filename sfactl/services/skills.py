"""Skills: what people know, and what accounts need of whoever works them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, and_, delete, func, insert, select, update

from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming


@dataclass(frozen=True)
class SkillRow:
    """Something that people may know."""

    code: str
    name: str
    people: int
    "How many who are still here know it."
    accounts: int
    "How many accounts in sight need it."


@dataclass(frozen=True)
class LevelRow:
    """How well a person knows something."""

    skill: str
    name: str
    level: int
    "From 1, has heard of it, to 5, teaches it."


@dataclass(frozen=True)
class NeedRow:
    """What an account needs, and how well its owner knows it."""

    skill: str
    name: str
    level: int
    "The least that will do."
    owner: str | None
    owner_level: int | None
    "None where the owner does not know it, or nobody owns the account."
    weight: int | None = None
    "How much it weighs among what would be good to have; it is required where there is none."


def find(session: Session, *, search: str | None = None, limit: int = 0) -> list[SkillRow]:
    """Skills by code."""
    session.actor.require("skill.read")
    skill, knows = t.skill.c, t.user_skill.c
    is_known = and_(knows.skill_id == skill.id, t.user.c.id == knows.user_id, t.user.c.active)
    people = select(func.count()).select_from(t.user_skill).join(t.user, is_known).correlate(t.skill).scalar_subquery()
    accounts = select(func.count()).where(t.account_need.c.skill_id == skill.id).correlate(t.skill).scalar_subquery()
    statement = select(skill.code, skill.name, people, accounts).order_by(skill.code)
    if search:
        statement = statement.where(naming.says(t.skill, search))
    if limit:
        statement = statement.limit(limit)
    return [SkillRow(*row) for row in session.execute(statement)]


def add(session: Session, code: str, name: str) -> None:
    """Add a skill.

    Raises:
        Conflict: the code is taken.
        UsageFault: code or name cannot be used.
    """
    from sfactl.transfer.cleaning import LONGEST_CODE

    session.actor.require("skill.create")
    if not code or len(code) > LONGEST_CODE or any(c.isspace() or not c.isprintable() for c in code):
        raise UsageFault(
            _("“{code}” is no code.").format(code=code),
            _("Use at most {most} characters without blanks.").format(most=LONGEST_CODE),
        )
    if not match_key(name):
        raise UsageFault(_("A skill needs a name."))
    if session.execute(select(t.skill.c.id).where(func.lower(t.skill.c.code) == code.lower())).first():
        raise Conflict(_("There is a skill {code} already.").format(code=code), _("Choose another code."))
    times = {"created_at": session.now, "updated_at": session.now, "version": 1}
    session.sql.execute(insert(t.skill).values(code=code, name=name, name_key=match_key(name), **times))
    session.record("create", "skill", code, after={"name": name})


def of_user(session: Session, key: str) -> list[LevelRow]:
    """What a person knows, by code."""
    session.actor.require("skill.read")
    return _levels(session, naming.find_id(session, t.user, key, code="login"))


def _levels(session: Session, user_id: int) -> list[LevelRow]:
    rows = session.execute(
        select(t.skill.c.code, t.skill.c.name, t.user_skill.c.level)
        .join(t.user_skill, t.user_skill.c.skill_id == t.skill.c.id)
        .where(t.user_skill.c.user_id == user_id)
        .order_by(t.skill.c.code)
    )
    return [LevelRow(*row) for row in rows]


def put_of_user(
    session: Session, key: str, skill: str, level: int | None, *, reason: str | None = None
) -> list[LevelRow]:
    """Say how well a person knows something, or with no level that he does not; returns all that he knows.

    Raises:
        NotFound: there is no such person or skill, or he does not know what is to be taken away.
    """
    session.actor.require("skill.edit")
    user_id = naming.find_id(session, t.user, key, code="login")
    login = session.execute(select(t.user.c.login).where(t.user.c.id == user_id)).scalar_one()
    change = _put(session, t.user_skill, {"user_id": user_id}, skill, level, of=login)
    if change:
        session.record("skill", "user", login, reason=reason, before=change[0], after=change[1])
    return _levels(session, user_id)


def of_account(session: Session, key: str) -> list[NeedRow]:
    """What an account needs, by code."""
    session.actor.require("account.read")
    account_id = naming.find_id(session, t.account, key)
    return of_accounts(session, [account_id]).get(account_id, [])


def of_accounts(session: Session, account_ids: list[int]) -> dict[int, list[NeedRow]]:
    """What each of the accounts needs, by code."""
    need, knows = t.account_need.c, t.user_skill.c
    rows = session.execute(
        select(need.account_id, t.skill.c.code, t.skill.c.name, need.level, t.user.c.login, knows.level, need.weight)
        .select_from(t.account_need)
        .join(t.account, t.account.c.id == need.account_id)
        .join(t.skill, t.skill.c.id == need.skill_id)
        .outerjoin(t.user, t.user.c.id == t.account.c.owner_id)
        .outerjoin(t.user_skill, and_(knows.user_id == t.account.c.owner_id, knows.skill_id == need.skill_id))
        .where(need.account_id.in_(account_ids))
        .order_by(t.skill.c.code)
    )
    found: dict[int, list[NeedRow]] = {}
    for account_id, *row in rows:
        found.setdefault(account_id, []).append(NeedRow(*row))
    return found


def put_of_account(
    session: Session, key: str, skill: str, level: int | None, *, weight: int | None = None, reason: str | None = None
) -> list[NeedRow]:
    """Say how well an account's owner should know something, or with no level that he need not; returns all its needs.

    Args:
        weight: how much it weighs among what would be good to have; it is required where nothing is said.

    Raises:
        NotFound: there is no such account or skill, or the account does not need what is to be taken away.
    """
    session.actor.require("account.edit")
    account_id = naming.find_id(session, t.account, key)
    account = session.execute(
        select(t.account.c.code, t.account.c.territory_id).where(t.account.c.id == account_id)
    ).one()
    change = _put(session, t.account_need, {"account_id": account_id}, skill, level, of=account.code)
    weighed = None if level is None else _weigh(session, account_id, skill, weight)
    if weighed:
        change = ({**(change or ({}, {}))[0], **weighed[0]}, {**(change or ({}, {}))[1], **weighed[1]})
    if change:
        session.record(
            "need", "account", account.code, territory_id=account.territory_id, reason=reason,
            before=change[0], after=change[1],
        )  # fmt: skip
    return of_accounts(session, [account_id]).get(account_id, [])


def _weigh(session: Session, account_id: int, skill: str, weight: int | None) -> "_Change | None":
    """Let a need weigh so much, or be required; None where it does already."""
    need = t.account_need.c
    skill_id = naming.find_id(session, t.skill, skill)
    here = and_(need.account_id == account_id, need.skill_id == skill_id)
    old = session.execute(select(need.weight).where(here)).scalar()
    if old == weight:
        return None
    session.run(update(t.account_need).where(here).values(weight=weight))
    code = session.execute(select(t.skill.c.code).where(t.skill.c.id == skill_id)).scalar_one()
    return {f"{code} weight": old}, {f"{code} weight": weight}


_Change = tuple[dict[str, Any], dict[str, Any]]
"""Level by code, before and after."""


def _put(
    session: Session, table: Table, owner: Mapping[str, int], skill: str, level: int | None, *, of: str
) -> _Change | None:
    """Write a level, or take it away; None when it is as it was."""
    skill_id = naming.find_id(session, t.skill, skill)
    code = session.execute(select(t.skill.c.code).where(t.skill.c.id == skill_id)).scalar_one()
    keys = {**owner, "skill_id": skill_id}
    here = and_(*(table.c[name] == value for name, value in keys.items()))
    old = session.execute(select(table.c.level).where(here)).scalar()
    if old is None and level is None:
        raise NotFound(_("{of} has no {skill}.").format(of=of, skill=code))
    if old == level:
        return None
    if old is None:
        session.actor.require("account.create" if table is t.account_need else "skill.create")
        session.sql.execute(insert(table).values(**keys, level=level))
    elif not session.run(delete(table).where(here) if level is None else update(table).where(here).values(level=level)):
        raise naming.not_found(t.account if table is t.account_need else t.user, of)
    return ({} if old is None else {code: old}), ({} if level is None else {code: level})
