"""PostgreSQL logins of people: made, given their rights, and taken away, as the directory of people says."""

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from sfactl.core.actor import Actor
from sfactl.core.roles import Scope
from sfactl.db import migrate, postgres_guard
from sfactl.db.connect import actor_from_json, system_connection
from sfactl.db.engine import engine_over
from sfactl.db.url import DatabaseUrl
from sfactl.errors import UsageFault
from sfactl.i18n import _

WHY_UNSCOPED = "logins and their rights are the database administrator's"


@dataclass(frozen=True)
class Step:
    """One statement, and what it is for."""

    statement: str
    purpose: str


@dataclass(frozen=True)
class _Login:
    role: str
    actor: Actor | None
    "None for somebody who left."


def sync(url: DatabaseUrl, *, is_trial: bool = False) -> list[Step]:
    """Make the server's logins, memberships and guard agree with the workspace; returns what was, or would be, done.

    Run by a database administrator. Nobody gets a password here.

    Raises:
        UsageFault: the database is a file.
    """
    if url.is_sqlite:
        raise UsageFault(_("A SQLite file has no logins."), _("Name a PostgreSQL database."))
    engine = engine_over(url, lambda: system_connection(url, WHY_UNSCOPED), writing=True)
    with engine.begin() as connection:
        raw: Any = connection.connection.dbapi_connection
        raw.execute("SELECT pg_advisory_xact_lock(734211)")
        steps = _steps(raw)
        if not is_trial:
            for step in steps:
                raw.execute(step.statement)
            migrate.guard(connection)
    return steps


def _steps(raw: Any) -> list[Step]:
    logins = _logins(raw)
    existing = dict(raw.execute("SELECT rolname, rolcanlogin FROM pg_roles").fetchall())
    members = _members(raw)
    steps: list[Step] = []
    for login in logins:
        steps += _own_steps(raw, login, existing, members)
    for login in logins:
        for other in logins:
            if login != other and _may_act_as(login, other) and (login.role, other.role) not in members:
                steps.append(_step(raw, "GRANT {} TO {}", other.role, login.role, purpose=_("acting for another")))
    return steps


def _own_steps(raw: Any, login: _Login, existing: dict[str, bool], members: set[tuple[str, str]]) -> list[Step]:
    users = postgres_guard.USERS
    if login.actor is None:
        if not existing.get(login.role):
            return []
        return [
            _step(raw, "ALTER ROLE {} NOLOGIN", login.role, purpose=_("a person who left")),
            _step(raw, "REVOKE {} FROM {}", users, login.role, purpose=_("a person who left")),
            Step(
                sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}")
                .format(sql.Literal(login.role)).as_string(raw), _("a person who left"),
            ),
        ]  # fmt: skip
    steps = []
    if login.role not in existing:
        steps.append(_step(raw, "CREATE ROLE {} LOGIN", login.role, purpose=_("a new login")))
    elif not existing[login.role]:
        steps.append(_step(raw, "ALTER ROLE {} LOGIN", login.role, purpose=_("a login that comes back")))
    if (login.role, users) not in members:
        steps.append(_step(raw, "GRANT {} TO {}", users, login.role, purpose=_("the rights of every person")))
    return steps


def _step(raw: Any, statement: str, *roles: str, purpose: str) -> Step:
    text = sql.SQL(statement).format(*(sql.Identifier(role) for role in roles))
    return Step(text.as_string(raw), purpose)


def _may_act_as(login: _Login, other: _Login) -> bool:
    if login.actor is None or other.actor is None:
        return False
    serves = login.actor.may("access.act_as") and other.actor.scope("access.edit") is Scope.NONE
    return serves or login.actor.covers(other.actor)


def _members(raw: Any) -> set[tuple[str, str]]:
    rows = raw.execute(
        "SELECT m.rolname, g.rolname FROM pg_auth_members AS a"
        " JOIN pg_roles AS m ON m.oid = a.member JOIN pg_roles AS g ON g.oid = a.roleid"
    )
    return {(row[0], row[1]) for row in rows}


def _logins(raw: Any) -> list[_Login]:
    rows = raw.execute(
        "SELECT i.name, CASE WHEN u.active THEN sfa_sec.actor(i.name::name) END FROM public.user_identity AS i"
        " JOIN public.app_user AS u ON u.id = i.user_id WHERE i.kind = 'postgresql' ORDER BY i.name"
    )
    return [_Login(name, actor_from_json(said) if said else None) for name, said in rows]
