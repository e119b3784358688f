"""One at a time: a lock that ends with the process that has it, whatever becomes of it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from sfactl import files
from sfactl.db import connect
from sfactl.db.url import DatabaseUrl
from sfactl.errors import SfaError, Unavailable
from sfactl.i18n import _

_NAMES: Final = 1 << 63


@contextmanager
def only_one(url: DatabaseUrl, key: str, *, said: str, folder: Path, today: date) -> Iterator[None]:
    """Hold the lock of this key until the end of the block: on a server for all machines, else for this account's processes.

    Args:
        said: what it is of, in words.
        folder: where locks lie that belong to a file.

    Raises:
        Unavailable: somebody else has it.
    """
    digest = sha256(f"{url} {key}".encode()).hexdigest()
    if url.is_sqlite:
        with _of_file(folder / f"{digest[:32]}.lock", said):
            yield
    else:
        with _of_server(url, int(digest[:16], 16) % _NAMES, said, today):
            yield


@contextmanager
def _of_file(path: Path, name: str) -> Iterator[None]:
    path = _place(path.parent) / path.name
    files.make_empty(path)
    lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _is_taken(name, os.pread(lock, 20, 0).decode("ascii", "replace").strip()) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def _place(folder: Path) -> Path:
    """The folder of locks; one of this account's own among temporary files, where it has no home that can be written."""
    try:
        files.make_folder(folder, may_be_link=True)
    except SfaError:
        folder = Path(gettempdir()) / f"sfactl-locks-{os.getuid()}"
        files.make_folder(folder)
    return folder


@contextmanager
def _of_server(url: DatabaseUrl, number: int, name: str, today: date) -> Iterator[None]:
    raw = connect.connect(url, today=today)
    try:
        has_it = raw.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()[0]
        raw.commit()  # the lock is the connection's, and stays
        if not has_it:
            raise _is_taken(name, "")
        yield
    finally:
        with suppress(Exception):
            raw.close()


def _is_taken(name: str, process: str) -> Unavailable:
    who = _(" (process {process})").format(process=process) if process else ""
    return Unavailable(_("Another run of {name} is at work{who}.").format(name=name, who=who))
