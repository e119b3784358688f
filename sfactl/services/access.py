"""Who may do what, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from sfactl.core.actor import Actor
from sfactl.core.roles import NOUN_ACTIONS, Action, Scope, combine
from sfactl.db.session import Door, Session
from sfactl.errors import NotAllowed, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming


@dataclass(frozen=True)
class Who:
    """Who is asking."""

    login: str
    name: str
    signed_in_as: str
    roles: tuple[str, ...]
    territories: tuple[str, ...]


@dataclass(frozen=True)
class MatrixRow:
    """How far a role may go with a noun, per action; None where it may not."""

    role: str
    noun: str
    read: str | None
    create: str | None
    edit: str | None
    reassign: str | None
    approve: str | None
    export: str | None
    import_: str | None
    act_as: str | None
    erase: str | None


@dataclass(frozen=True)
class Decision:
    """Whether somebody may do something, and why."""

    permission: str
    allowed: bool
    scope: str
    reason: str


def whoami(session: Session) -> Who:
    """The person the connection is for, and who is at the keyboard."""
    actor = session.actor
    rows = session.execute(
        select(t.territory.c.code).where(t.territory.c.id.in_(actor.territories)).order_by(t.territory.c.tree_left)
    )
    return Who(actor.login, actor.name, actor.signed_in_as, actor.roles, tuple(rows.scalars()))


def matrix(session: Session, *, role: str | None = None, noun: str | None = None) -> list[MatrixRow]:
    """What each role in force may do, per noun.

    Raises:
        UsageFault: there is no such role or noun.
    """
    rows = session.execute(
        select(t.role.c.code, t.role_permission.c.noun, t.role_permission.c.action, t.role_permission.c.scope)
        .join(t.role_permission, t.role_permission.c.role_id == t.role.c.id)
        .where(t.role.c.active)
        .order_by(t.role.c.code)
    ).all()
    roles = list(dict.fromkeys(row[0] for row in rows))
    _require_known(role, roles)
    _require_known(noun, list(NOUN_ACTIONS))
    given: Mapping[tuple[str, str, str], str] = {(row[0], row[1], row[2]): row[3] for row in rows}
    shown = (
        Action.READ, Action.CREATE, Action.EDIT, Action.REASSIGN, Action.APPROVE, Action.EXPORT, Action.IMPORT,
        Action.ACT_AS, Action.ERASE,
    )  # fmt: skip
    return [
        MatrixRow(code, thing, *(given.get((code, thing, action)) for action in shown))
        for code in roles
        for thing in NOUN_ACTIONS
        if role in (None, code) and noun in (None, thing)
    ]


def _require_known(word: str | None, known: list[str]) -> None:
    if word is not None and word not in known:
        raise UsageFault(
            _("{word} is not known.").format(word=word), _("Known: {names}.").format(names=", ".join(known))
        )


_TABLES: Mapping[str, tuple[Any, str]] = {
    "account": (t.account, "code"), "opportunity": (t.opportunity, "code"), "order": (t.order, "code"),
    "territory": (t.territory, "code"), "team": (t.team, "code"), "product": (t.product, "code"),
    "user": (t.user, "login"),
}  # fmt: skip


def check(door: Door, user: str, noun: str, key: str | None = None) -> list[Decision]:
    """What a person may do with a noun, or with one row of it, each with the reason.

    Raises:
        NotFound: there is no such person, or the asker sees no such row.
        UsageFault: there is no such noun, or its rows have no names.
    """
    _require_known(noun, list(NOUN_ACTIONS))
    with door.read() as session:
        session.actor.require("access.read")
        user_id = naming.find_id(session, t.user, user, code="login")
        if user_id != session.actor.user_id and session.actor.scope("access.read") is not Scope.ALL:
            raise NotAllowed(_("You may see your own rights, not those of others."), _("Ask an administrator."))
        actor, givers = _actor_of(session, user_id)
        if key is not None:
            _find(session, noun, key)
    is_visible = None if key is None else _sees(door, actor.login, noun, key)
    permissions = [f"{noun}.{action}" for action in NOUN_ACTIONS[noun]]
    return [_decide(actor, name, givers.get(name, ()), is_visible) for name in permissions]


def _table_of(noun: str) -> tuple[Any, str]:
    if noun not in _TABLES:
        raise UsageFault(
            _("Rows of {noun} have no name of their own.").format(noun=noun),
            _("Nouns with names: {nouns}.").format(nouns=", ".join(_TABLES)),
        )
    return _TABLES[noun]


def _find(session: Session, noun: str, key: str) -> int:
    table, code = _table_of(noun)
    return naming.find_id(session, table, key, code=code)


def _sees(door: Door, login: str, noun: str, key: str) -> bool:
    theirs = Door(door.url, as_user=login, now=door.now, today=door.today)
    with theirs.read() as session:
        try:
            _find(session, noun, key)
        except NotFound:
            return False
    return True


def _actor_of(session: Session, user_id: int) -> tuple[Actor, Mapping[str, tuple[str, ...]]]:
    """A person, and per permission the roles that give it."""
    today, grant = session.today, t.role_grant.c
    rows = session.execute(
        select(t.role.c.code, t.role_permission.c.noun + "." + t.role_permission.c.action, t.role_permission.c.scope)
        .select_from(t.role_grant)
        .join(t.role, t.role.c.id == grant.role_id)
        .join(t.role_permission, t.role_permission.c.role_id == t.role.c.id)
        .where(grant.user_id == user_id, t.role.c.active, grant.valid_from <= today)
        .where(or_(grant.valid_to.is_(None), grant.valid_to > today))
    ).all()
    person = session.execute(select(t.user.c.login, t.user.c.name).where(t.user.c.id == user_id)).one()
    roles = tuple(sorted({row[0] for row in rows}))
    givers: dict[str, tuple[str, ...]] = {}
    for role, permission, _scope in sorted(tuple(row) for row in rows):
        givers[permission] = (*givers.get(permission, ()), role)
    return Actor(user_id, person.login, person.name, roles, combine((row[1], row[2]) for row in rows)), givers


def _decide(actor: Actor, permission: str, givers: tuple[str, ...], is_visible: bool | None) -> Decision:
    scope = actor.scope(permission)
    roles = ", ".join(givers or actor.roles) or "–"
    if scope is Scope.NONE:
        return Decision(permission, False, scope, _("no role of theirs gives it ({roles})").format(roles=roles))
    if is_visible is False and scope is not Scope.ALL:
        return Decision(permission, False, scope, _("given for {scope}; the row lies outside").format(scope=scope))
    return Decision(permission, True, scope, _("given for {scope} by {roles}").format(scope=scope, roles=roles))
