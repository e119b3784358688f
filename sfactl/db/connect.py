"""The only module that opens a connection to the data.

`connect` takes who is asking and gives a connection that shows and changes what is his, for as long as it is open.
`system_connection` is for the few things that stand before or above people: sign-in, migrations, backups.
"""

import os
import pwd
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfactl import files
from sfactl.core.actor import Actor
from sfactl.core.roles import Scope, combine
from sfactl.db import forks, lock_holders, schema
from sfactl.db.sqlite_guard import GuardedConnection
from sfactl.db.url import DatabaseUrl
from sfactl.errors import NotAllowed, NotFound, SfaError, Unavailable, UsageFault
from sfactl.i18n import _

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT_S = 10.0
LOCK_TIMEOUT_S = 60.0
"""So long a command waits for rows that another is changing on a server, and so long the server waits for a command."""
_IDLE = "idle_in_transaction_session_timeout"
"""When a command or its network is gone without a word, the server lets go of its rows after this time."""
_SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""The first releases of each line of SQLite in which a write-ahead log cannot corrupt the file."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person's rights and rows were read from."""

    data_version: int
    "Another one once anybody committed anything."
    file: tuple[int, int]
    "Its device and number: another one once the file was replaced."
    today: date


def connect(
    url: DatabaseUrl, *, today: date, as_user: str | None = None, writing: bool = False, sealed: bool = False
) -> Any:
    """A connection scoped to the person at the keyboard, or to the one he acts for; its `actor` says who that is.

    Args:
        today: decides which memberships and grants hold.
        as_user: login or external key of somebody whose rights lie within the caller's own.
        writing: without it, the connection cannot change anything.
        sealed: for statements in a person's own words (`GuardedConnection.guard`); a server seals always.

    Raises:
        NotAllowed: nobody here is known by the name the system gives, or he may not act for the other.
        NotFound: there is no such other person.
        Unavailable: the database cannot be reached.
    """
    if url.is_sqlite:
        return _connect_sqlite(url, today=today, as_user=as_user, writing=writing, sealed=sealed)
    return _connect_postgres(url, as_user=as_user, writing=writing)


def still_holds(raw: GuardedConnection, url: DatabaseUrl, today: date) -> bool:
    """Whether a connection to a file shows what a new one would: no commit since it was opened, the same file, the same day."""
    try:
        return raw.standing == _standing(raw, url.path or Path(), today)
    except (sqlite3.Error, OSError):
        return False


def _standing(raw: GuardedConnection, path: Path, today: date) -> Standing:
    about = path.stat()
    return Standing(raw.ask("PRAGMA data_version", {})[0][0], (about.st_dev, about.st_ino), today)


def system_connection(url: DatabaseUrl, reason: str) -> Any:
    """A connection that no rule scopes.

    Args:
        reason: why nobody's scope can serve; the callers are listed by a test.
    """
    if not reason:
        raise ValueError("say why no person's scope can serve")
    if url.is_sqlite:
        return open_file(url.path or Path(), create=True)
    return _open_server(url)


def watching(url: DatabaseUrl) -> Any:
    """A connection that reads no table: it only learns that something was committed (`db.watch`).

    Raises:
        SfaError: the file is not there, or the server cannot be reached.
    """
    if url.is_sqlite:
        return open_file(url.path or Path())
    raw = _open_server(url)
    raw.autocommit = True
    return raw


def os_login() -> str:
    """The operating system's name for the owner of this process: never a variable that a person can set."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite may keep a write-ahead log; older ones can corrupt the file when it is reset."""
    line = [safe for safe in _SAFE_WAL if safe[:2] == version[:2]]
    return version >= (line[0] if line else _SAFE_WAL[0])


def open_file(path: Path, *, create: bool = False) -> GuardedConnection:
    """A file of SQLite with everything set that keeps it whole; not scoped yet."""
    if path.is_symlink():
        raise SfaError(_("{path} is a link; sfactl opens only the file itself.").format(path=path))
    if not create and not path.exists():
        raise Unavailable(_("There is no database {path}.").format(path=path), _("`sfactl init` makes one."))
    if create:
        files.make_empty(path)
    before = os.umask(0o077)
    raw = None
    try:
        raw = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, factory=GuardedConnection, check_same_thread=False
        )
        forks.belongs_here(raw)
        for pragma in ("foreign_keys=ON", "recursive_triggers=ON", "trusted_schema=OFF", "temp_store=MEMORY"):
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("PRAGMA synchronous=EXTRA")  # beside a write-ahead log it is the same as FULL
        raw.execute("PRAGMA cache_size=-131072")
    except sqlite3.Error as fault:
        if raw is not None:
            raw.close()
        if _is_locked(fault):
            raise lock_holders.in_use(path) from fault
        raise Unavailable(
            _("The database {path} cannot be opened: {reason}.").format(path=path, reason=fault),
            _("`sfactl doctor` looks at what is in the way."),
        ) from fault
    finally:
        os.umask(before)
    return raw


def _connect_sqlite(
    url: DatabaseUrl, *, today: date, as_user: str | None, writing: bool, sealed: bool
) -> GuardedConnection:
    raw = open_file(url.path or Path())
    try:
        raw.standing = _standing(raw, url.path or Path(), today)
        require_schema(_sqlite_version(raw))
        read = _sqlite_reader(raw, today)
        here = os_login()
        me = read("i.kind = 'os' AND i.name = ?", here)
        if me is None:
            raise _unknown(here)
        actor = replace(me, signed_in_as=me.login)
        if as_user is not None and as_user != me.login:
            other = _other(read, as_user)
            day = today.isoformat()
            is_deputy = raw.execute(_IS_DEPUTY, (other.user_id, me.user_id, day, day)).fetchone() is not None
            actor = _take_place(me, other, is_deputy=is_deputy)
        raw.guard(actor, today=today, writing=writing, sealed=sealed)
    except BaseException as fault:
        raw.close()
        if isinstance(fault, sqlite3.Error) and _is_locked(fault):
            raise lock_holders.in_use(url.path) from fault
        raise
    return raw


def _is_locked(fault: sqlite3.Error) -> bool:
    return "locked" in str(fault)


def _sqlite_version(raw: sqlite3.Connection) -> str | None:
    try:
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as fault:
        if "no such table" in str(fault):
            return None
        if _is_locked(fault):
            raise
        raise Unavailable(_("This file is no sfactl database: {reason}.").format(reason=fault)) from fault
    return str(row[0]) if row else None


Reader = Callable[..., Actor | None]


def _sqlite_reader(raw: sqlite3.Connection, today: date) -> Reader:
    day = today.isoformat()

    def rows(sql: str, *values: object) -> list[Any]:
        return raw.execute(sql, values).fetchall()

    def read(where: str, *values: object, is_self: bool = True) -> Actor | None:
        found = rows(
            "SELECT DISTINCT u.id, u.login, u.name FROM app_user AS u LEFT JOIN user_identity AS i ON i.user_id = u.id"
            f" WHERE u.active AND {where}",
            *values,
        )
        if len(found) != 1:
            return None
        key, login, name = found[0]
        grants = rows(_GRANTS, key, day, day, key, day if is_self else None)
        member = [row[0] for row in rows(_MEMBERSHIPS, key, day, day)]
        below = [row[0] for row in rows(_SUBTREE, key, day, day)]
        taken = {row[0] for row in rows(_TAKEN, key, day if is_self else None)}
        return replace(_actor(key, login, name, grants, member, below), emergency=tuple(sorted(taken)))

    return read


_TAKEN = """
SELECT r.code, r.id FROM emergency_grant AS g JOIN role AS r ON r.id = g.role_id AND r.active AND r.is_emergency
WHERE g.user_id = ? AND g.day = ?
"""
_GRANTS = f"""
SELECT r.code, p.noun || '.' || p.action, p.scope
FROM role AS r JOIN role_permission AS p ON p.role_id = r.id
WHERE r.active AND r.id IN (
    SELECT role_id FROM role_grant
    WHERE user_id = ? AND valid_from <= ? AND (valid_to IS NULL OR valid_to > ?) AND NOT r.is_emergency
    UNION ALL SELECT id FROM ({_TAKEN})
)
"""
"""A role that is taken in an emergency holds for whoever took it, not for those who act for him."""
_IS_DEPUTY = "SELECT 1 FROM deputy WHERE user_id = ? AND deputy_id = ? AND valid_from <= ? AND valid_to > ?"
_MEMBERSHIPS = """
SELECT territory_id FROM territory_member
WHERE user_id = ? AND valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)
"""
_SUBTREE = """
SELECT DISTINCT below.id
FROM territory_member AS m JOIN territory AS top ON top.id = m.territory_id
JOIN territory AS below ON below.tree_left BETWEEN top.tree_left AND top.tree_right
WHERE m.user_id = ? AND m.valid_from <= ? AND (m.valid_to IS NULL OR m.valid_to > ?)
"""


def _actor(
    key: int,
    login: str,
    name: str,
    grants: Iterable[Sequence[str]],
    member: Iterable[int],
    below: Iterable[int],
) -> Actor:
    held = list(grants)
    return Actor(
        user_id=key,
        login=login,
        name=name,
        roles=tuple(sorted({row[0] for row in held if row[0]})),
        permissions=combine((permission, scope) for _role, permission, scope in held),
        territories=frozenset(member),
        subtree=frozenset(below),
    )


def _other(read: Reader, key: str) -> Actor:
    columns = ("login", "external_id", "name")
    other = next((found for name in columns if (found := read(f"u.{name} = ?", key, is_self=False))), None)
    if other is None:
        raise NotFound(_("There is no active user {user}.").format(user=key), _("`sfactl user list` names them."))
    return other


def _take_place(me: Actor, other: Actor, *, is_deputy: bool) -> Actor:
    serves = me.may("access.act_as") and other.scope("access.edit") is Scope.NONE
    if not (is_deputy or serves or me.covers(other)):
        raise NotAllowed(
            _("You may not act as {user}: their rights do not lie within your own.").format(user=other.login)
        )
    return replace(other, signed_in_as=me.login, signed_in_id=me.user_id)


def _unknown(name: str) -> NotAllowed:
    return NotAllowed(
        _("{name} is not known in this workspace.").format(name=name),
        _("Ask an administrator to run: sfactl user map LOGIN {name}").format(name=name),
    )


def require_schema(found: str | None) -> None:
    """Refuse a database whose tables are not of this program's version, with what to do about it."""
    if found == schema.HEAD:
        return
    if found is None:
        raise Unavailable(_("The database holds no sfactl workspace."), _("`sfactl init` makes one."))
    if found > schema.HEAD:
        raise SfaError(
            _("The database is of a newer version ({found}) than this sfactl ({ours}).").format(
                found=found, ours=schema.HEAD
            ),
            _("Install the newer sfactl."),
        )
    raise SfaError(_("The database needs to be brought up to date."), _("`sfactl db upgrade` does it, after a backup."))


def _open_server(url: DatabaseUrl) -> "psycopg.Connection[Any]":
    import psycopg

    try:
        raw = psycopg.connect(url.conninfo, connect_timeout=10, application_name="sfactl")
    except psycopg.OperationalError as fault:
        reason = str(fault).strip().splitlines()[0]
        raise Unavailable(
            _("The database {url} cannot be reached: {reason}.").format(url=url, reason=reason),
            _("Check the host, your login and the network; `sfactl doctor` helps."),
        ) from fault
    except psycopg.ProgrammingError:  # its words quote the URL, password and all
        raise UsageFault(
            _("The server's library cannot read the database URL {url}.").format(url=url),
            _("Look at the names and values after the question mark."),
        ) from None
    forks.belongs_here(raw)
    return raw


def _connect_postgres(url: DatabaseUrl, *, as_user: str | None, writing: bool) -> "psycopg.Connection[Any]":
    import psycopg

    raw = _open_server(url)
    try:
        raw.autocommit = True
        _refuse_owners(raw)
        require_schema(_postgres_version(raw))
        me = _postgres_actor(raw)
        if me is None:
            raise _unknown(_one(raw, "SELECT session_user"))
        actor = replace(me, signed_in_as=me.login)
        if as_user is not None and as_user != me.login:
            actor = replace(_set_role(raw, as_user), signed_in_as=me.login, signed_in_id=me.user_id)
        raw.read_only = not writing
        if not writing:
            raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # a block of reading is of one moment
        else:
            raw.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'; SET {_IDLE} = '{LOCK_TIMEOUT_S}s'")
        raw.autocommit = False
    except BaseException as fault:
        raw.close()
        if isinstance(fault, psycopg.OperationalError):
            raise Unavailable(
                _("The database did not answer."), _("Try again; `sfactl doctor` looks at what is wrong.")
            ) from fault
        raise
    raw.actor = actor  # type: ignore[attr-defined]
    return raw


def _one(raw: "psycopg.Connection[Any]", sql: str, *values: object) -> Any:
    row = raw.execute(sql, values).fetchone()
    return row[0] if row else None


def _refuse_owners(raw: "psycopg.Connection[Any]") -> None:
    above = _one(
        raw,
        "SELECT EXISTS (SELECT 1 FROM pg_roles AS r"
        " WHERE (r.rolsuper OR r.rolbypassrls OR r.rolname IN ('sfa_owner', 'sfa_guard'))"
        " AND pg_has_role(session_user, r.oid, 'MEMBER'))",
    )
    if above:
        raise NotAllowed(
            _("The database login {login} stands above all rules; sfactl works only with a person's own login.").format(
                login=_one(raw, "SELECT session_user")
            ),
            _("Sign in as yourself, for example postgresql+psycopg://YOU@HOST/NAME."),
        )


def _postgres_version(raw: "psycopg.Connection[Any]") -> str | None:
    if _one(raw, "SELECT to_regclass('public.alembic_version')") is None:
        return None
    if not _one(raw, "SELECT has_table_privilege('public.alembic_version', 'SELECT')"):
        raise _unknown(_one(raw, "SELECT session_user"))
    return _one(raw, "SELECT version_num FROM public.alembic_version") or schema.HEAD


def _postgres_actor(raw: "psycopg.Connection[Any]") -> Actor | None:
    said = _one(raw, "SELECT sfa_sec.actor(current_user)")
    return actor_from_json(said) if said else None


def actor_from_json(said: Mapping[str, Any]) -> Actor:
    """A person as `sfa_sec.actor` says him."""
    grants = [("", permission, scope) for permission, scope in said["permissions"]]
    actor = _actor(said["user_id"], said["login"], said["name"], grants, said["territories"], said["subtree"])
    return replace(actor, roles=tuple(sorted(said["roles"])), emergency=tuple(sorted(said["emergency"])))


def _set_role(raw: "psycopg.Connection[Any]", key: str) -> Actor:
    import psycopg
    from psycopg import sql

    role = _one(raw, "SELECT sfa_sec.role_of(%s)", key)
    if role is None:
        raise NotFound(_("There is no active user {user}.").format(user=key), _("`sfactl user list` names them."))
    try:
        raw.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    except psycopg.errors.InsufficientPrivilege as fault:
        raise NotAllowed(
            _("You may not act as {user}: their rights do not lie within your own.").format(user=key),
            _("`sfactl access sync` grants it to those who may."),
        ) from fault
    actor = _postgres_actor(raw)
    if actor is None:
        raise _unknown(role)
    return actor
