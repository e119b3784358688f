"""The database itself: its version, whether what it says agrees, and copies of it."""

import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, or_, select

from sfactl import files
from sfactl.db import file_systems, migrate, schema
from sfactl.db.connect import open_file, system_connection
from sfactl.db.engine import engine_over
from sfactl.db.session import Door, Session
from sfactl.db.url import DatabaseUrl
from sfactl.errors import Conflict, SfaError, Unavailable, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import audit, pipeline_history, rollups


@dataclass(frozen=True)
class Info:
    """What there is to know about a database."""

    database: str
    engine: str
    version: str
    "Of the tables."
    size_bytes: int | None
    journal: str | None
    accounts: int
    opportunities: int
    orders: int
    last_change: object


@dataclass(frozen=True)
class Finding:
    """Something that does not agree."""

    check: str
    key: str
    detail: str


def info(session: Session, url: DatabaseUrl) -> Info:
    """The engine, the tables' version and how many rows the person sees."""
    session.actor.require("workspace.read")
    counts = [session.execute(select(func.count()).select_from(table)).scalar_one() for table in _COUNTED]
    last = session.execute(select(func.max(t.audit_event.c.at))).scalar()
    if url.path is not None:
        engine, size = f"SQLite {sqlite3.sqlite_version}", url.path.stat().st_size
        journal = "wal" if url.path.with_name(f"{url.path.name}-wal").exists() else "delete"
    else:
        engine = f"PostgreSQL {session.execute(select(func.current_setting('server_version'))).scalar()}"
        size = int(session.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
        journal = None
    return Info(str(url), engine, schema.HEAD, size, journal, counts[0], counts[1], counts[2], last)


_COUNTED = (t.account, t.opportunity, t.order)


def check(door: Door) -> list[Finding]:
    """What does not agree: the file itself, owners and assignments, territories of children, credit, the pipeline, the trail.

    Raises:
        NotAllowed: the person does not see everything, so that he could not tell.
    """
    with door.read() as session:
        session.actor.require("workspace.edit")
        found = (
            _stray_owners(session)
            + _stray_children(session)
            + _wrong_credit(session)
            + _wrong_tree(session)
            + _wrong_loads(session)
        )
        found += [
            Finding("pipeline", code, _("its newest kept change says something else"))
            for code in pipeline_history.strays(session)
        ]
        found += [
            Finding(
                "rollup", f"{each.month} {each.kind} {each.user} {each.territory}",
                _("{stored} is stored, and {summed} is the sum (minor units)").format(
                    stored=each.stored_minor, summed=each.summed_minor
                ),
            )
            for each in rollups.differences(session)
        ]  # fmt: skip
        found += [Finding("audit", link.partition(":")[0], link) for link in audit.broken_links(session)]
    return found + _damage(door.url)


def _stray_owners(session: Session) -> list[Finding]:
    account, holds = t.account.c, t.assignment.c
    is_open = and_(holds.account_id == account.id, holds.role == "owner", holds.valid_to.is_(None))
    rows = session.execute(
        select(account.code)
        .outerjoin(t.assignment, is_open)
        .where(
            or_(
                holds.id.is_(None),
                holds.user_id.is_distinct_from(account.owner_id),
                holds.territory_id != account.territory_id,
            )
        )
    )
    return [Finding("owner", code, _("the account and its open assignment differ")) for code in rows.scalars()]


def _stray_children(session: Session) -> list[Finding]:
    found = []
    for table in (t.contact, t.opportunity, t.activity, t.order):
        child = table.c
        rows = session.execute(
            select(child.id)
            .join(t.account, t.account.c.id == child.account_id)
            .where(child.territory_id != t.account.c.territory_id)
        )
        found += [Finding("territory", f"{table.name} {key}", _("not its account's")) for key in rows.scalars()]
    return found


def _wrong_credit(session: Session) -> list[Finding]:
    order, credit = t.order.c, t.credit.c
    total = func.coalesce(func.sum(credit.amount_minor), 0)
    rows = session.execute(
        select(order.code)
        .outerjoin(t.credit, and_(credit.order_id == order.id, credit.kind == "revenue"))
        .where(order.credited_id.is_not(None))
        .group_by(order.id, order.code, order.amount_minor)
        .having(total != order.amount_minor)
    )
    return [Finding("credit", code, _("the revenue credits do not add up to the order")) for code in rows.scalars()]


def _wrong_tree(session: Session) -> list[Finding]:
    node, parent = t.territory, t.territory.alias("parent")
    rows = session.execute(
        select(node.c.code)
        .join(parent, parent.c.id == node.c.parent_id)
        .where(or_(node.c.tree_left <= parent.c.tree_left, node.c.tree_right >= parent.c.tree_right))
    )
    return [Finding("tree", code, _("not below its parent")) for code in rows.scalars()] + _wrong_places(session)


def _wrong_places(session: Session) -> list[Finding]:
    """Territories whose place over time and their place now differ, or whose places overlap."""
    node, place, other = t.territory.c, t.territory_place.c, t.territory_place.alias("other")
    is_open = and_(place.territory_id == node.id, place.valid_to.is_(None))
    differs = or_(
        place.id.is_(None),
        place.parent_id.is_distinct_from(node.parent_id),
        place.is_archived != node.archived_on.is_not(None),
    )
    stray = session.execute(select(node.code).outerjoin(t.territory_place, is_open).where(differs).order_by(node.code))
    later = and_(
        other.c.territory_id == place.territory_id,
        other.c.valid_from > place.valid_from,
        or_(place.valid_to.is_(None), place.valid_to > other.c.valid_from),
    )
    twice = session.execute(
        select(node.code)
        .join(t.territory_place, place.territory_id == node.id)
        .join(other, later)
        .distinct()
        .order_by(node.code)
    )
    found = [Finding("tree", code, _("its place over time ends elsewhere")) for code in stray.scalars()]
    return found + [Finding("tree", code, _("in two places on one day")) for code in twice.scalars()]


def _wrong_loads(session: Session) -> list[Finding]:
    """Quotas and adjustments that say another day than the load that made or ended them."""
    load, ending = t.quota_load.alias("load"), t.quota_load.alias("ending")
    found = []
    for table in (t.quota, t.quota_adjustment):
        rows = table.c
        differs = or_(
            rows.loaded_on != load.c.loaded_on,
            rows.replaced_on.is_distinct_from(ending.c.loaded_on),
            rows.replaced_by < rows.load_id,
        )
        keys = session.execute(
            select(rows.id)
            .join(load, load.c.id == rows.load_id)
            .outerjoin(ending, ending.c.id == rows.replaced_by)
            .where(differs)
            .order_by(rows.id)
        ).scalars()
        found += [Finding("quota", f"{table.name} {key}", _("not of its load's day")) for key in keys]
    return found


def _damage(url: DatabaseUrl) -> list[Finding]:
    if not url.is_sqlite:
        return []
    raw = system_connection(url, "the file is checked as a whole")
    try:
        said = [row[0] for row in raw.execute("PRAGMA integrity_check")]
        dangling = raw.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as fault:
        return [Finding("file", str(url.path), str(fault))]
    finally:
        raw.close()
    found = [Finding("file", str(url.path), line) for line in said if line != "ok"]
    return found + [Finding("foreign key", f"{row[0]} {row[1]}", row[2]) for row in dangling]


def upgrade(url: DatabaseUrl, *, copy: bool = True) -> Path | None:
    """Bring the tables to this program's version, after a copy of a file; returns where the copy is."""
    saved = None
    if url.path is not None:
        if not url.path.exists():
            raise Unavailable(_("There is no database {path}.").format(path=url.path), _("`sfactl init` makes one."))
        found = _version_of(url)
        if found is None:
            raise Unavailable(_("The database holds no sfactl workspace."), _("`sfactl init` makes one."))
        if copy and found != schema.HEAD:
            saved = url.path.with_name(f"{url.path.name}.before-{schema.HEAD}")
            _copy_file(url, saved, replace=True)
    migrate.upgrade(url)
    return saved


def _version_of(url: DatabaseUrl) -> str | None:
    engine = engine_over(
        url, lambda: system_connection(url, "the version is asked before anybody signs in"), writing=False
    )
    with engine.connect() as connection:
        return migrate.current(connection)


def backup(door: Door, to: Path, *, replace: bool = False) -> Path:
    """A copy of the whole database, complete to the moment it was begun.

    Of a server it takes a login that row-level security does not hold back, which no person's is: the server decides.

    Raises:
        NotAllowed: the person may not see everything.
        Conflict: the file is there already.
    """
    if not door.url.is_sqlite:
        _dump(door.url, to, replace=replace)
        return to
    with door.read() as session:
        session.actor.require("workspace.edit")
    _copy_file(door.url, to, replace=replace)
    return to


def restore(url: DatabaseUrl, source: Path, *, replace: bool = False) -> None:
    """Put a copy of a file in the database's place.

    Raises:
        Conflict: there is a database already.
        UsageFault: the copy is no sfactl database, or the database is no file.
    """
    if url.path is None:
        raise UsageFault(
            _("Only a file is restored here."), _("Use pg_restore, then `sfactl access sync`, for PostgreSQL.")
        )
    if url.path.exists() and not replace:
        raise Conflict(
            _("There is a database {path} already.").format(path=url.path), _("--replace puts the copy in its place.")
        )
    if not source.exists():
        raise UsageFault(_("There is no file {path}.").format(path=source))
    _copy_file(DatabaseUrl("sqlite", path=source.absolute()), url.path, replace=replace)


def _copy_file(url: DatabaseUrl, to: Path, *, replace: bool) -> None:
    """Copy through the engine, into a new file beside the target, and rename: whole or not at all."""
    source = open_file(url.path or Path())
    try:
        with files.new_path(to, replace=replace) as part:
            target: Any = open_file(part)
            try:
                source.backup(target)
                target.execute(f"PRAGMA journal_mode={file_systems.journal_for(file_systems.kind_of(to.parent))}")
            finally:
                target.close()
    except sqlite3.Error as fault:
        raise SfaError(_("The copy failed: {reason}.").format(reason=fault)) from fault
    finally:
        source.close()


def _dump(url: DatabaseUrl, to: Path, *, replace: bool) -> None:
    program = shutil.which("pg_dump", path=_programs())
    if program is None:
        raise Unavailable(_("pg_dump is not installed here."), _("Install PostgreSQL's client programs."))
    conninfo, password = url.without_password()
    secret = {"PGPASSWORD": password} if password else {}
    with files.new_path(to, replace=replace) as part:
        done = subprocess.run(
            [program, "--format=custom", f"--file={part}", f"--dbname={conninfo}"],
            capture_output=True, text=True, check=False, env=os.environ | secret,
        )  # fmt: skip
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["–"])[0].removeprefix("pg_dump: error: ")
            raise SfaError(
                _("pg_dump failed: {reason}").format(reason=reason),
                _("A copy needs a login that row-level security does not hold back: a superuser's or BYPASSRLS."),
            )


def _programs() -> str:
    """Where the system keeps its programs, newest PostgreSQL first: never where `PATH` of the caller leads."""
    own = [path for pattern in _OWN_FOLDERS for path in sorted(Path("/").glob(pattern), reverse=True)]
    return os.pathsep.join(map(str, (*own, *_SYSTEM_FOLDERS)))


_OWN_FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")
_SYSTEM_FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin")
