"""Notices that somebody changed something, without looking at any table.

A file says it by its data version; a server by a notification that every transaction of ours leaves. Neither says what
was changed, nor to whom it belongs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

from sqlalchemy import Connection, text

from sfactl.db import connect
from sfactl.db.url import DatabaseUrl
from sfactl.errors import SfaError

CHANNEL: Final = "sfactl_changed"
LOOK_S: Final = 0.5
"""How often a file is asked for its data version, and how long a server is listened to before a stop is noticed."""
RETRY_S: Final = 2.0
"""After a lost connection, how long until the next try."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody committed something since the last look."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The database does not answer; it is tried again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Back:
    """It answers again."""


Beat = Changed | Lost | Back


def changes(url: DatabaseUrl, stop: Event) -> Iterator[Beat]:
    """What happens to the data until `stop` is set; at most one `Changed` every `LOOK_S` seconds.

    A connection that is lost is opened anew for as long as it takes; after it, everything may have changed.
    """
    is_lost = False
    while not stop.is_set():
        try:
            for _beat in _watch(url, stop):
                if is_lost:
                    is_lost = False
                    yield Back()
                if _beat:
                    yield Changed()
        except Exception as fault:
            if not _is_of_the_database(fault):
                raise
            yield Lost(_reason(fault))
            is_lost = True
        stop.wait(RETRY_S if is_lost else 0)


def tell(connection: Connection) -> None:
    """Let those who watch a server know that this transaction changed something, once it commits."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {CHANNEL}"))


def _watch(url: DatabaseUrl, stop: Event) -> Iterator[bool]:
    """Whether something changed, at each look."""
    raw = connect.watching(url)
    try:
        yield from _versions(raw, url.path or Path(), stop) if url.is_sqlite else _notifications(raw, stop)
    finally:
        raw.close()


def _versions(raw: Any, path: Path, stop: Event) -> Iterator[bool]:
    """Whether the file was changed, until another one stands in its place, as after a restore.

    Raises:
        OSError: there is no file.
    """

    def look() -> tuple[int, int, int]:
        about = path.stat()
        return about.st_dev, about.st_ino, int(raw.execute("PRAGMA data_version").fetchone()[0])

    known = look()
    yield False
    while not stop.wait(LOOK_S):
        found = look()
        yield found != known
        if found[:2] != known[:2]:
            return
        known = found


def _notifications(raw: Any, stop: Event) -> Iterator[bool]:
    raw.execute(f"LISTEN {CHANNEL}")
    yield False
    while not stop.is_set():
        yield bool(list(raw.notifies(timeout=LOOK_S, stop_after=1)))


def _is_of_the_database(fault: Exception) -> bool:
    """Whether the file or server is in trouble, and not this program."""
    is_the_drivers = type(fault).__module__.partition(".")[0] in ("sqlite3", "psycopg")
    return is_the_drivers or isinstance(fault, SfaError | OSError)


def _reason(fault: BaseException) -> str:
    text = str(fault).strip()
    return text.splitlines()[0] if text else type(fault).__name__
