"""PostgreSQL logins of people: made, given their rights, and taken away, as the directory of people says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from sfactl.core.actor import Actor
from sfactl.core.roles import Scope
from sfactl.core.text import is_role_name
from sfactl.db import migrate, postgres_check, postgres_guard
from sfactl.db.connect import actor_from_json, require_schema, system_connection
from sfactl.db.engine import engine_over
from sfactl.db.postgres_check import SYNC, Finding
from sfactl.db.url import DatabaseUrl
from sfactl.errors import NotAllowed, SfaError, UsageFault
from sfactl.i18n import N_, _

WHY_UNSCOPED = "logins and their rights are the database administrator's"
_SIGN_IN = N_("Sign in as a database administrator: --database postgresql+psycopg://ADMINISTRATOR@HOST/NAME")
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(734211)"


@dataclass(frozen=True)
class Step:
    """One statement, and what it is for."""

    statement: str
    purpose: str
    place: str
    "The role it is about, or the membership."
    is_last: bool = False
    "Done when all others are committed: nobody comes back between the two."


@dataclass(frozen=True)
class _Login:
    role: str
    actor: Actor | None
    "None for somebody who left."


@dataclass(frozen=True)
class _Membership:
    member: str
    group: str
    grantor: str


def sync(url: DatabaseUrl, *, is_trial: bool = False) -> list[Step]:
    """Make the server's logins, memberships and guard agree with the workspace; returns what was, or would be, done.

    Run by a database administrator. Nobody gets a password here. All is done in one transaction, but for the sessions
    of people who left: they are ended after it, when nobody can sign in again; what an interruption left undone is done
    next time.

    Raises:
        UsageFault: the database is a file.
        NotAllowed: the login may not do this on the server.
    """
    with _administrator(url) as connection:
        with connection.begin() as transaction:
            if is_trial:
                steps = _planned(connection)
                transaction.rollback()
                return steps
            steps = put_right(connection)
        with connection.begin():
            _run(connection, [step for step in steps if step.is_last])
    return steps


def put_right(connection: Connection) -> list[Step]:
    """The guard and all steps but the last ones, in the transaction that is open; returns all steps."""
    raw: Any = connection.connection.dbapi_connection
    raw.execute(_ONE_AT_A_TIME)
    _guard(connection)
    steps = _steps(raw)
    _run(connection, [step for step in steps if not step.is_last])
    return steps


def _run(connection: Connection, steps: list[Step]) -> None:
    raw: Any = connection.connection.dbapi_connection
    for step in steps:
        raw.execute(step.statement)


def _planned(connection: Connection) -> list[Step]:
    raw: Any = connection.connection.dbapi_connection
    raw.execute(_ONE_AT_A_TIME)
    steps = _plan(raw)
    if steps is None:
        _guard(connection)
        steps = _steps(raw)
    return steps


def check(url: DatabaseUrl) -> list[Finding]:
    """Everything in which the server differs from what a synchronising makes, or that lets people round the guard.

    Nothing is changed, and nobody has to wait.

    Raises:
        UsageFault: the database is a file.
        NotAllowed: the login may not look at this on the server.
    """
    with _administrator(url) as connection, connection.begin() as transaction:
        found = look(connection.connection.dbapi_connection)
        transaction.rollback()
    return found


def look(raw: Any) -> list[Finding]:
    """What `check` finds, over a connection that is in a transaction; it is left as it was."""
    found = postgres_check.findings(raw)
    steps = _plan(raw) if found else _steps(raw)
    due = dict.fromkeys(Finding(_("due: {what}").format(what=step.purpose), step.place, SYNC) for step in steps or ())
    return [*_unusable(raw), *due, *found]


@contextmanager
def _administrator(url: DatabaseUrl) -> Iterator[Connection]:
    """A connection that no rule scopes, to a workspace of this version; what the server refuses is said."""
    if url.is_sqlite:
        raise UsageFault(_("A SQLite file has no logins."), _("Name a PostgreSQL database."))
    engine = engine_over(url, lambda: system_connection(url, WHY_UNSCOPED), writing=True)
    try:
        with engine.connect() as connection:
            _require_administrator(connection.connection.dbapi_connection)
            require_schema(migrate.current(connection))
            connection.rollback()
            yield connection
    except (psycopg.Error, DBAPIError) as fault:
        raise _refused(fault) from fault


def _require_administrator(raw: Any) -> None:
    """Whoever row-level security holds back would take a part for the whole."""
    login, sees_all = raw.execute(
        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if not sees_all:
        raise NotAllowed(_("{login} is no database administrator.").format(login=login), _(_SIGN_IN))


def _refused(fault: Exception) -> SfaError:
    original = fault.orig if isinstance(fault, DBAPIError) else fault
    reason = str(original).strip().partition("\n")[0]
    kind = NotAllowed if isinstance(original, psycopg.errors.InsufficientPrivilege) else SfaError
    return kind(_("The server refused: {reason}.").format(reason=reason.rstrip(".")), _(_SIGN_IN))


def _guard(connection: Connection) -> None:
    for statement in postgres_guard.roles_sql():
        connection.exec_driver_sql(statement)
    migrate.guard(connection)


def _plan(raw: Any) -> list[Step] | None:
    """The steps; None where nobody can say who people are until the guard is put right, as after a restore."""
    try:
        with raw.transaction():
            return _steps(raw)
    except psycopg.Error:
        return None


def _steps(raw: Any) -> list[Step]:
    logins = _logins(raw)
    return [
        *_of_logins(raw, logins), *_of_past_deputies(raw, logins), *_of_memberships(raw, logins),
        *_of_sessions(raw, logins),
    ]  # fmt: skip


def _of_logins(raw: Any, logins: list[_Login]) -> Iterator[Step]:
    existing = dict(raw.execute("SELECT rolname, rolcanlogin FROM pg_roles").fetchall())
    for login in logins:
        may_sign_in = existing.get(login.role)
        if login.actor is None and may_sign_in:
            yield _step(raw, "ALTER ROLE {} NOLOGIN", login.role, purpose=_("a person who left"))
        elif login.actor and may_sign_in is None:
            yield _step(raw, "CREATE ROLE {} LOGIN", login.role, purpose=_("a new login"))
        elif login.actor and not may_sign_in:
            yield _step(raw, "ALTER ROLE {} LOGIN", login.role, purpose=_("a login that comes back"))


def _of_memberships(raw: Any, logins: list[_Login]) -> Iterator[Step]:
    """What nothing gives any more is taken away first: the server knows no circles."""
    users = postgres_guard.USERS
    leavers = {login.role for login in logins if login.actor is None}
    due = _due(raw, logins)
    due |= {(login.role, users) for login in logins if login.actor}
    held, ours = _memberships(raw), {login.role for login in logins}
    for one in held:
        pair = (one.member, one.group)
        if pair not in due and one.member in ours and one.group in ours | {users}:
            purpose = _("a person who left") if one.member in leavers else _("no longer acting for another")
            statement = "REVOKE {} FROM {} GRANTED BY {} CASCADE"
            yield _step(raw, statement, one.group, one.member, one.grantor, purpose=purpose, place=_in(*pair))
    for member, group in sorted(
        due - {(one.member, one.group) for one in held}, key=lambda pair: (pair[1] != users, pair)
    ):
        purpose = _("the rights of every person") if group == users else _("acting for another")
        yield _step(raw, "GRANT {} TO {}", group, member, purpose=purpose, place=_in(member, group))


def _of_past_deputies(raw: Any, logins: list[_Login]) -> Iterator[Step]:
    """Deputyships that are over, of people who may act for the other anyway: the guard would take them for deputies."""
    within = _within(logins)
    rows = raw.execute(
        "SELECT d.id, hers.name, his.name FROM public.deputy AS d"
        " JOIN public.user_identity AS his ON his.user_id = d.user_id AND his.kind = 'postgresql'"
        " JOIN public.user_identity AS hers ON hers.user_id = d.deputy_id AND hers.kind = 'postgresql'"
        " WHERE d.valid_to <= current_date ORDER BY d.id"
    ).fetchall()
    for key, member, group in rows:
        if (member, group) in within:
            statement = f"DELETE FROM public.deputy WHERE id = {int(key)}"  # noqa: S608 - a number
            yield Step(statement, _("a deputyship that is over"), _in(member, group))


def _in(member: str, group: str) -> str:
    return f"{member} in {group}"


def _of_sessions(raw: Any, logins: list[_Login]) -> list[Step]:
    """The open sessions of people who left."""
    open_ones = {row[0] for row in raw.execute("SELECT DISTINCT usename::text FROM pg_stat_activity").fetchall()}
    end = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}")
    return [
        Step(end.format(sql.Literal(login.role)).as_string(raw), _("a session of a person who left"), login.role, True)
        for login in logins
        if login.actor is None and login.role in open_ones
    ]


def _step(raw: Any, statement: str, *roles: str, purpose: str, place: str | None = None) -> Step:
    text = sql.SQL(statement).format(*(sql.Identifier(role) for role in roles))
    return Step(text.as_string(raw), purpose, place or roles[-1])


def _due(raw: Any, logins: list[_Login]) -> set[tuple[str, str]]:
    """Who is to be a member of whom; deputies come first where the server, which knows no circles, cannot have all.

    Those who have the same rights are no members of each other.
    """
    staying = {login.role for login in logins if login.actor}
    deputies = [(member, group, has_begun) for member, group, has_begun in _deputies(raw) if {member, group} <= staying]
    wanted = [(member, group) for member, group, has_begun in deputies if has_begun]
    wanted += sorted(_within(logins))
    wanted += [(member, group) for member, group, has_begun in deputies if not has_begun]
    if not deputies:
        return set(wanted)
    found: dict[str, set[str]] = {}
    for member, group in wanted:
        if not _leads(found, group, member):
            found.setdefault(member, set()).add(group)
    return {(member, group) for member, groups in found.items() for group in groups}


def _deputies(raw: Any) -> list[tuple[str, str, bool]]:
    """Deputy, whom he stands for, and whether it has begun; which days hold is looked at by the guard, too."""
    rows: list[tuple[str, str, bool]] = raw.execute(
        "SELECT hers.name, his.name, d.valid_from <= current_date FROM public.deputy AS d"
        " JOIN public.user_identity AS his ON his.user_id = d.user_id AND his.kind = 'postgresql'"
        " JOIN public.user_identity AS hers ON hers.user_id = d.deputy_id AND hers.kind = 'postgresql'"
        " WHERE d.valid_to > current_date ORDER BY d.valid_from, 1, 2"
    ).fetchall()
    return rows


def _within(logins: list[_Login]) -> set[tuple[str, str]]:
    found = {(one.role, other.role) for one in logins for other in logins if one != other and _may_act_as(one, other)}
    return {(member, group) for member, group in found if (group, member) not in found}


def _leads(memberships: dict[str, set[str]], start: str, end: str) -> bool:
    """Whether one is a member of the other already, through others if need be."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        new = memberships.get(here, set()) - seen
        seen |= new
        waiting += new
    return False


def _may_act_as(login: _Login, other: _Login) -> bool:
    if login.actor is None or other.actor is None:
        return False
    serves = login.actor.may("access.act_as") and other.actor.scope("access.edit") is Scope.NONE
    return serves or login.actor.covers(other.actor)


def _memberships(raw: Any) -> list[_Membership]:
    rows = raw.execute(
        "SELECT m.rolname, g.rolname, pg_get_userbyid(a.grantor) FROM pg_auth_members AS a"
        " JOIN pg_roles AS m ON m.oid = a.member JOIN pg_roles AS g ON g.oid = a.roleid ORDER BY 1, 2, 3"
    )
    return [_Membership(*row) for row in rows.fetchall()]


def _logins(raw: Any) -> list[_Login]:
    rows = raw.execute(
        "SELECT i.name, CASE WHEN u.active THEN sfa_sec.actor(i.name::name) END FROM public.user_identity AS i"
        " JOIN public.app_user AS u ON u.id = i.user_id WHERE i.kind = 'postgresql' ORDER BY i.name"
    )
    return [_Login(name, actor_from_json(said) if said else None) for name, said in rows if is_role_name(name)]


def _unusable(raw: Any) -> list[Finding]:
    """Names of people that cannot be a role: they came past `user map`."""
    rows = raw.execute("SELECT name FROM public.user_identity WHERE kind = 'postgresql' ORDER BY name").fetchall()
    remedy = _("Delete the row from user_identity; `sfactl user map` takes another name.")
    return [Finding(_("a name that cannot be a login"), row[0], remedy) for row in rows if not is_role_name(row[0])]
