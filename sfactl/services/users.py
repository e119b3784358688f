"""The people of the workspace, what they sign in as, and their roles."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, insert, or_, select, update

from sfactl.core.roles import Scope
from sfactl.core.text import is_role_name, match_key, safe
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotAllowed, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import grants, naming, policies
from sfactl.transfer.cleaning import EMAIL, LONGEST_CODE

LONGEST_NAME = 200


@dataclass(frozen=True)
class UserRow:
    """A person, with what holds today."""

    login: str
    name: str
    title: str | None
    roles: tuple[str, ...]
    territories: tuple[str, ...]
    manager: str | None
    email: str | None
    active: bool


@dataclass(frozen=True)
class CardRow:
    """A person as the address book says: what everybody may know."""

    login: str
    name: str
    title: str | None
    email: str | None
    manager: str | None


@dataclass(frozen=True)
class NewUser:
    """A person to be added."""

    login: str
    name: str
    email: str | None = None
    title: str | None = None
    manager: str | None = None
    roles: tuple[str, ...] = ()
    external_id: str | None = None


def find(session: Session, *, search: str | None = None, everybody: bool = False, limit: int = 0) -> list[UserRow]:
    """People by login; those who left only with `everybody`."""
    session.actor.require("user.read")
    boss = t.user.alias("boss")
    statement = (
        select(t.user, boss.c.login.label("boss"))
        .outerjoin(boss, boss.c.id == t.user.c.manager_id)
        .order_by(t.user.c.login)
    )
    if not everybody:
        statement = statement.where(t.user.c.active)
    if search:
        statement = statement.where(naming.says(t.user, search, code="login"))
    if limit:
        statement = statement.limit(limit)
    roles, places = _roles(session), _territories(session)
    return [
        UserRow(
            login=row.login, name=row.name, title=row.title, roles=roles.get(row.id, ()),
            territories=places.get(row.id, ()), manager=row.boss, email=row.email, active=row.active,
        )
        for row in session.execute(statement)
    ]  # fmt: skip


def directory(session: Session, search: str, *, limit: int = 0) -> list[CardRow]:
    """Those who are here and whose login or name holds the words, by login; who they are is nobody's secret."""
    return _cards(session, t.user.c.active, naming.says(t.user, search, code="login"), limit=limit)


def card(session: Session, login: str) -> CardRow:
    """What everybody may know of a person.

    Raises:
        NotFound: there is nobody of this login or name.
    """
    return _cards(session, t.user.c.id == naming.find_id(session, t.user, login, code="login"))[0]


def _cards(session: Session, *conditions: ColumnElement[bool], limit: int = 0) -> list[CardRow]:
    boss, person = t.user.alias("boss"), t.user.c
    statement = (
        select(person.login, person.name, person.title, person.email, boss.c.login)
        .select_from(t.user)
        .outerjoin(boss, boss.c.id == person.manager_id)
        .where(*conditions)
        .order_by(person.login)
        .limit(limit or None)
    )
    return [CardRow(*row) for row in session.execute(statement)]


def one(session: Session, key: str) -> UserRow:
    """A person by login, name or external key, whether he is still here or not."""
    session.actor.require("user.read")
    user_id = naming.find_id(session, t.user, key, code="login")
    login = session.execute(select(t.user.c.login).where(t.user.c.id == user_id)).scalar_one()
    return next(row for row in find(session, everybody=True) if row.login == login)


def _roles(session: Session) -> Mapping[int, tuple[str, ...]]:
    grant, today = t.role_grant.c, session.today
    rows = session.execute(
        select(grant.user_id, t.role.c.code)
        .join(t.role, t.role.c.id == grant.role_id)
        .where(grant.valid_from <= today, or_(grant.valid_to.is_(None), grant.valid_to > today))
        .order_by(grant.user_id, t.role.c.code)
        .distinct()
    )
    return _grouped(rows.all())


def _territories(session: Session) -> Mapping[int, tuple[str, ...]]:
    member, today = t.territory_member.c, session.today
    rows = session.execute(
        select(member.user_id, t.territory.c.code)
        .join(t.territory, t.territory.c.id == member.territory_id)
        .where(member.valid_from <= today, or_(member.valid_to.is_(None), member.valid_to > today))
        .order_by(member.user_id, t.territory.c.code)
        .distinct()
    )
    return _grouped(rows.all())


def _grouped(rows: object) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for key, word in rows:  # type: ignore[attr-defined]
        found[key] = (*found.get(key, ()), word)
    return found


def add(session: Session, new: NewUser) -> None:
    """Add a person, with roles.

    Raises:
        Conflict: the login is taken.
        UsageFault: there is no such role.
    """
    session.actor.require("user.create")
    _require_usable(new)
    if session.execute(select(t.user.c.id).where(func.lower(t.user.c.login) == new.login.lower())).first():
        raise Conflict(_("The login {login} is taken or not available.").format(login=new.login), _("Choose another."))
    manager = naming.find_id_or_none(session, t.user, new.manager, code="login")
    session.sql.execute(
        insert(t.user).values(
            login=new.login, name=new.name, name_key=match_key(new.name), email=new.email, title=new.title,
            manager_id=manager, external_id=new.external_id, active=True,
            created_at=session.now, updated_at=session.now, version=1,
        )
    )  # fmt: skip
    session.record("create", "user", new.login, after={"name": new.name, "roles": list(new.roles)})
    for role in new.roles:
        grants.grant(session, new.login, role)


def _require_usable(new: NewUser) -> None:
    """A login that people can type, a name that can be read, an address that mail can go to."""
    if not new.login or len(new.login) > LONGEST_CODE or any(c.isspace() or not c.isprintable() for c in new.login):
        raise UsageFault(
            _("“{login}” is no login: it has 1 to {most} characters and no blanks.").format(
                login=new.login, most=LONGEST_CODE
            )
        )
    if not new.name.strip() or len(new.name) > LONGEST_NAME or not new.name.isprintable():
        raise UsageFault(_("A name has 1 to {most} characters, all of them visible.").format(most=LONGEST_NAME))
    if new.email is not None and not EMAIL.fullmatch(new.email):
        raise UsageFault(_("{email} is not one e-mail address.").format(email=new.email))


def map_identity(session: Session, key: str, name: str, *, kind: str) -> None:
    """Let a person be known by a name of the operating system (`os`) or by a PostgreSQL role (`postgresql`).

    Raises:
        Conflict: the name stands for somebody already.
        UsageFault: no role can have the name.
    """
    session.actor.require("access.edit")
    if kind == "postgresql":
        require_role_name(name)
    user_id = naming.find_id(session, t.user, key, code="login")
    taken = session.execute(
        select(t.user.c.id, t.user.c.login)
        .join(t.user_identity, t.user_identity.c.user_id == t.user.c.id)
        .where(t.user_identity.c.kind == kind, t.user_identity.c.name == name)
    ).first()
    if taken and taken.id == user_id:
        return
    if taken:
        raise Conflict(
            _("{name} already stands for {login}.").format(name=name, login=taken.login),
            _("One name of the system stands for one person."),
        )
    session.sql.execute(insert(t.user_identity).values(user_id=user_id, kind=kind, name=name))
    login = session.execute(select(t.user.c.login).where(t.user.c.id == user_id)).scalar_one()
    session.record("map", "user", login, after={"kind": kind, "name": name})


def require_role_name(name: str) -> None:
    """Refuse a name that PostgreSQL would cut, keep for itself, or take for something else.

    Raises:
        UsageFault: no role of a person's can have the name.
    """
    if not is_role_name(name):
        raise UsageFault(
            _("“{name}” cannot be somebody's role on the server.").format(name=safe(name)),
            _(
                "A role has 1 to 63 bytes, all visible, does not begin with pg_, and is none of the server's or sfactl's."
            ),
        )


def deactivate(session: Session, key: str, *, reason: str | None = None) -> None:
    """Let a person who left no longer sign in; his rows stay where they are.

    Raises:
        Conflict: he is the last administrator.
        NotAllowed: he is an administrator, and the asker is none.
    """
    session.actor.require("user.edit")
    user_id = naming.find_id(session, t.user, key, code="login")
    if policies.administers(session, user_id) and session.actor.scope("access.edit") is not Scope.ALL:
        raise NotAllowed(_("Only an administrator switches off an administrator."), _("Ask one."))
    session.sql.execute(
        update(t.user)
        .where(t.user.c.id == user_id)
        .values(active=False, updated_at=session.now, version=t.user.c.version + 1)
    )
    policies.require_administrator(session)
    login = session.execute(select(t.user.c.login).where(t.user.c.id == user_id)).scalar_one()
    session.record("deactivate", "user", login, reason=reason, before={"active": True}, after={"active": False})
