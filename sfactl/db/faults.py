"""What drivers raise, turned into errors a person can meet."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from sfactl.db import lock_holders
from sfactl.db.agreement_guard import IS_AGREED, NOT_AGREED
from sfactl.db.sqlite_guard import REFUSED
from sfactl.errors import Conflict, NotFound, SfaError, Unavailable
from sfactl.i18n import _

_RETRY = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the whole transaction is run again."""
_ONE_OWNER = "an account has one owner at a time"
"""What the trigger of SQLite says where PostgreSQL has an exclusion constraint."""


NOT_ENOUGH_STOCK = "sfactl: not enough stock"
"""What the triggers of both say when pieces would be promised twice."""


def sqlstate(fault: BaseException) -> str:
    """PostgreSQL's five-character code, or nothing."""
    return getattr(fault, "sqlstate", None) or ""


def is_retryable(fault: DBAPIError) -> bool:
    """Whether running the same transaction again may succeed."""
    return sqlstate(fault.orig) in _RETRY if fault.orig else False


def is_connection_lost(fault: DBAPIError) -> bool:
    """Whether nobody knows what became of the transaction."""
    return fault.connection_invalidated or sqlstate(fault.orig or fault)[:2] in ("08", "57")


def translate(fault: DBAPIError, path: Path | None = None) -> SfaError | None:
    """The error for a person; None when it is a bug of ours, whose traceback is wanted.

    Args:
        path: the file that the data are in, if it is one.
    """
    original = fault.orig
    text = str(original)
    if NOT_AGREED in text:
        return Conflict(
            _("Not everybody who must agree to it has agreed to it as it is."),
            _("`sfactl quote submit QUOTE --preview` tells who must."),
        )
    if IS_AGREED in text:
        return Conflict(
            _("The quote is submitted or agreed to, and is not changed so."),
            _("Take it back first: `sfactl quote recall`."),
        )
    if NOT_ENOUGH_STOCK in text:
        return Conflict(
            _("Others hold these pieces, or the reservation is over."), _("`sfactl stock check` says what is free.")
        )
    if isinstance(original, sqlite3.Error):
        return _of_sqlite(text, path)
    code = sqlstate(original) if original else ""
    if code == "22003" or "the audit trail is append-only" in text:
        return Unavailable(
            _("The trail cannot go on from where its head stands."),
            _("`sfactl audit verify` says what is wrong with it."),
        )
    if code in ("42501", "23503"):
        return _not_found()
    if code in ("23505", "23P01"):
        return _not_available()
    if fault.connection_invalidated or code[:2] in ("08", "53", "57", "58") or code == "55P03":
        return Unavailable(_("The database did not answer."), _("Try again; `sfactl doctor` looks at what is wrong."))
    if code in _RETRY:
        return Unavailable(_("Others kept changing the same rows."), _("Try again."))
    return None


def _of_sqlite(text: str, path: Path | None) -> SfaError | None:
    if REFUSED in text or text == "not authorized" or text.startswith("FOREIGN KEY constraint failed"):
        return _not_found()
    if text.startswith("UNIQUE constraint failed") or text == _ONE_OWNER:
        return _not_available()
    if "locked" in text or "busy" in text:
        return lock_holders.in_use(path)
    if "full" in text or "disk I/O" in text or "readonly" in text or "unable to open" in text:
        return Unavailable(
            _("The database file cannot be written: {reason}.").format(reason=text),
            _("Check the disk and the rights of the file and its folder."),
        )
    if "not a database" in text or "malformed" in text:
        return SfaError(
            _("The database file is damaged: {reason}.").format(reason=text),
            _("Restore a backup with `sfactl db restore`."),
        )
    return None


def _not_found() -> NotFound:
    return NotFound(_("There is no such row."))


def _not_available() -> Conflict:
    return Conflict(_("This code or name is taken or not available."), _("Choose another."))
