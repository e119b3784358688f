"""A look at everything sfactl needs, each with what to do when it is wrong."""

import locale
import os
import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from sfactl.config.settings import Settings
from sfactl.db import connect, schema, url
from sfactl.db.session import Door, Session
from sfactl.errors import SfaError
from sfactl.i18n import _
from sfactl.models import tables as t

CLOCK_TOLERANCE_S = 60
MAIL_TIMEOUT_S = 5.0
_NETWORK_FILES = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "gpfs", "lustre", "afs")
_SAFE_MINORS = {13: 22, 14: 19, 15: 14, 16: 10, 17: 6}
"""PostgreSQL releases in which planner statistics and role changes no longer show hidden rows (CVE-2025-8713)."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    what: str
    state: str
    "`ok`, `warning` or `wrong`."
    detail: str
    hint: str | None = None


def look(settings: Settings, door: Callable[[], Door], environment: Mapping[str, str]) -> Iterator[Check]:
    """Settings, database, clock, mail and terminal, each as it is looked at."""
    yield from _settings(settings)
    yield from _database(settings, door)
    yield from _mail(settings)
    yield from _terminal(settings, environment)


def _settings(settings: Settings) -> Iterator[Check]:
    if not settings.path.exists():
        yield Check(_("settings"), "ok", _("{path} does not exist; defaults hold").format(path=settings.path))
        return
    mode, owner = settings.path.stat().st_mode, settings.path.stat().st_uid
    if owner not in (os.getuid(), 0):
        yield Check(
            _("settings"), "wrong", _("{path} belongs to somebody else").format(path=settings.path),
            _("Make it your own file."),
        )  # fmt: skip
    elif mode & stat.S_IWGRP:
        yield Check(
            _("settings"), "warning", _("{path} can be written by a group").format(path=settings.path), "chmod g-w"
        )
    else:
        yield Check(_("settings"), "ok", f"{settings.path} [{settings.profile}]")


def _database(settings: Settings, door: Callable[[], Door]) -> Iterator[Check]:
    what = _("database")
    if not settings.database:
        yield Check(what, "wrong", _("none is named"), _("`sfactl init` makes one, `sfactl demo` shows one with data."))
        return
    try:
        where = url.parse(settings.database)
        if where.path is not None:
            yield from _file(where.path)
        with door().read() as session:
            yield Check(what, "ok", f"{where} ({schema.HEAD})")
            yield Check(_("you"), "ok", f"{session.actor.login}: {', '.join(session.actor.roles) or '–'}")
            if not where.is_sqlite:
                yield from _server(session)
            yield _clock(session)
    except SfaError as fault:
        yield Check(what, "wrong", fault.message, fault.hint)


def _file(path: Path) -> Iterator[Check]:
    what = _("file")
    if path.exists() and path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        yield Check(what, "warning", _("{path} can be read by everybody").format(path=path), f"chmod o-rwx {path}")
    kind = _file_system(path)
    if kind.startswith(_NETWORK_FILES):
        yield Check(
            what, "warning", _("{path} lies on a network file system ({kind})").format(path=path, kind=kind),
            _("Move the database to a local disk, or use PostgreSQL."),
        )  # fmt: skip
    version = sqlite3.sqlite_version
    if connect.wal_is_safe():
        yield Check("SQLite", "ok", _("{version}, write-ahead log").format(version=version))
    else:
        detail = _("{version}, rollback journal: a write-ahead log can corrupt the file before 3.51.3")
        yield Check("SQLite", "ok", detail.format(version=version))


def _file_system(path: Path) -> str:
    """The kind of file system that holds a path, where the system tells it."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    found = ("", "")
    for fields in mounts:
        point, kind = fields[4], fields[fields.index("-") + 1]
        if str(path).startswith(point.rstrip("/") + "/") and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1]


def _server(session: Session) -> Iterator[Check]:
    number = int(session.execute(select(func.current_setting("server_version_num"))).scalar_one())
    major, minor = number // 10000, number % 10000
    said = session.execute(select(func.current_setting("server_version"))).scalar_one()
    if minor < _SAFE_MINORS.get(major, 0 if major > max(_SAFE_MINORS) else 10**6):
        yield Check(
            "PostgreSQL", "wrong", _("{version} can show hidden rows through planner statistics").format(version=said),
            _("Upgrade to the last minor release."),
        )  # fmt: skip
    else:
        yield Check("PostgreSQL", "ok", str(said))


def _clock(session: Session) -> Check:
    now = datetime.now(UTC)
    there: Any = None
    if session.is_sqlite:
        there = session.execute(select(func.max(t.audit_event.c.at))).scalar()
        ahead = (there - now).total_seconds() if there else 0.0
    else:
        there = session.execute(select(func.clock_timestamp())).scalar_one()
        ahead = abs((there - now).total_seconds())
    if ahead > CLOCK_TOLERANCE_S:
        return Check(
            _("clock"), "wrong", _("{seconds} seconds from the database's").format(seconds=round(ahead)),
            _("Set the clock of this machine."),
        )  # fmt: skip
    return Check(_("clock"), "ok", now.isoformat(timespec="seconds"))


def _mail(settings: Settings) -> Iterator[Check]:
    mail, what = settings.mail, _("mail")
    if not mail.host:
        yield Check(what, "ok", _("no server is named; nothing is sent"))
        return
    secret = Path(mail.password_file) if mail.password_file else None
    if secret and secret.exists() and secret.stat().st_mode & 0o077:
        yield Check(what, "wrong", _("{path} can be read by others").format(path=secret), f"chmod 600 {secret}")
    try:
        with socket.create_connection((mail.host, mail.port), timeout=MAIL_TIMEOUT_S) as server:
            greeting = server.recv(200).decode("ascii", "replace").strip()
        yield Check(what, "ok", f"{mail.host}:{mail.port} {greeting[:60]}")
    except OSError as fault:
        yield Check(
            what, "wrong", _("{host}:{port} does not answer: {reason}").format(
                host=mail.host, port=mail.port, reason=fault.strerror or fault),
            _("Check [mail] in the settings."),
        )  # fmt: skip


def _terminal(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    encoding = (sys.stdout.encoding or locale.getpreferredencoding()).lower()
    size = shutil.get_terminal_size()
    detail = f"{environment.get('TERM', '–')}, {encoding}, {size.columns}x{size.lines}, {settings.locale}"
    if "utf" not in encoding:
        yield Check(_("terminal"), "warning", detail, _("Names may lose their accents; set LANG to a UTF-8 locale."))
    else:
        yield Check(_("terminal"), "ok", detail)
