"""A look at everything sfactl needs, each with what to do when it is wrong."""

import locale
import os
import shutil
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
from sfactl.db import connect, file_systems, schema, url
from sfactl.db.session import Door, Session
from sfactl.errors import SfaError, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t

CLOCK_TOLERANCE_S = 60
MAIL_TIMEOUT_S = 5
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
    yield from _mail(settings, environment)
    yield from _terminal(settings, environment)


def _settings(settings: Settings) -> Iterator[Check]:
    what, path = _("settings"), settings.path
    if not path.exists():
        yield Check(what, "ok", _("{path} does not exist; defaults hold").format(path=path))
        return
    found = list(_open_to_all(what, path))
    if path.stat().st_uid not in (os.getuid(), 0):
        said = _("{path} belongs to somebody else").format(path=path)
        found.append(Check(what, "wrong", said, _("Make it your own file.")))
    if path.stat().st_mode & stat.S_IWGRP:
        said = _("{path} can be written by a group").format(path=path)
        found.append(Check(what, "warning", said, f"chmod g-w {path}"))
    yield from found or [Check(what, "ok", f"{path} [{settings.profile}]")]


def _open_to_all(what: str, path: Path) -> Iterator[Check]:
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        yield Check(what, "warning", _("{path} can be read by everybody").format(path=path), f"chmod o-rwx {path}")


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
    for part in (path, *(path.with_name(f"{path.name}-{end}") for end in ("wal", "shm", "journal"))):
        if part.exists():
            yield from _open_to_all(what, part)
    if path.exists() and path.stat().st_uid != os.getuid():
        yield Check(
            what, "warning", _("{path} belongs to somebody else").format(path=path),
            _("Whoever owns the file can read and change all of it."),
        )  # fmt: skip
    folder = path.parent
    if folder.exists() and folder.stat().st_mode & stat.S_IWOTH and not folder.stat().st_mode & stat.S_ISVTX:
        said = _("{path} can be written by everybody: the file in it can be replaced").format(path=folder)
        yield Check(what, "warning", said, f"chmod o-w {folder}")
    yield from _journal(path, file_systems.kind_of(path))


def _journal(path: Path, kind: str) -> Iterator[Check]:
    if file_systems.is_shared(kind):
        yield Check(
            _("file"), "warning", _("{path} lies on a network file system ({kind})").format(path=path, kind=kind),
            _("Move the database to a local disk, or use PostgreSQL."),
        )  # fmt: skip
    version = sqlite3.sqlite_version
    if path.is_file() and file_systems.has_log(path) and file_systems.journal_for(kind) != "WAL":
        said = _("{version}, write-ahead log: it can corrupt the file here").format(version=version)
        yield Check("SQLite", "wrong", said, _("`sfactl db upgrade` takes the rollback journal instead."))
    elif not connect.wal_is_safe():
        said = _("{version}, rollback journal: a write-ahead log can corrupt the file before 3.51.3")
        yield Check("SQLite", "ok", said.format(version=version))
    elif file_systems.journal_for(kind) != "WAL":
        said = _("{version}, rollback journal: a write-ahead log needs a disk of this machine")
        yield Check("SQLite", "ok", said.format(version=version))
    else:
        yield Check("SQLite", "ok", _("{version}, write-ahead log").format(version=version))


def _server(session: Session) -> Iterator[Check]:
    number, said = _server_version(session)
    if is_repaired(number):
        yield Check("PostgreSQL", "ok", said)
        return
    yield Check(
        "PostgreSQL", "wrong", _("{version} can show hidden rows through planner statistics").format(version=said),
        _("Upgrade to the last minor release."),
    )  # fmt: skip


def _server_version(session: Session) -> tuple[int, str]:
    number = session.execute(select(func.current_setting("server_version_num"))).scalar_one()
    return int(number), str(session.execute(select(func.current_setting("server_version"))).scalar_one())


def is_repaired(number: int) -> bool:
    """Whether a PostgreSQL of this `server_version_num` (160010 is 16.10) keeps hidden rows to itself."""
    major, minor = divmod(number, 10000)
    if major > max(_SAFE_MINORS):
        return True
    return major in _SAFE_MINORS and minor >= _SAFE_MINORS[major]


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


def _mail(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Whether the mail server can be had as the settings say: protected, and signed in."""
    from sfactl.mail import server
    from sfactl.mail.smtp import Post

    mail, what = settings.mail, _("mail")
    if not mail.host:
        yield Check(what, "ok", _("no server is named; nothing is sent"))
        return
    try:
        named = server.named(mail.model_copy(update={"timeout": min(mail.timeout, MAIL_TIMEOUT_S)}), environment)
        with Post(named) as post:
            post.open()
        yield Check(what, "ok", f"{named.name} {named.protection}, {named.sender.address}")
    except UsageFault as fault:
        yield Check(what, "wrong", fault.message, fault.hint)
    except SfaError as fault:
        yield Check(what, "wrong", fault.message, _("Check [mail] in the settings."))


def _terminal(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    encoding = (sys.stdout.encoding or locale.getpreferredencoding()).lower()
    size = shutil.get_terminal_size()
    detail = f"{environment.get('TERM', '–')}, {encoding}, {size.columns}x{size.lines}, {settings.locale}"
    if "utf" not in encoding:
        yield Check(_("terminal"), "warning", detail, _("Names may lose their accents; set LANG to a UTF-8 locale."))
    else:
        yield Check(_("terminal"), "ok", detail)
