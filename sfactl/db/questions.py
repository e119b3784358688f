"""Questions in SQL, in a person's own words: one statement that reads, over his own scoped connection."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sfactl.db.session import Session
from sfactl.errors import SfaError, UsageFault
from sfactl.i18n import _

_AT_ONCE = 2000
_STEPS = 10_000
"""After so many steps of SQLite's machine, a signal that came meanwhile is heard."""
_COMMENT = r"(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/|\()*"
_READS = re.compile(rf"{_COMMENT}(select|with|values)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_SPELLED = re.compile(r"u&\s*[\"']", re.IGNORECASE)
_HARMLESS = frozenset({"random", "clock_timestamp", "timeofday", "gen_random_uuid"})
"""Functions that give something else each time and change nothing."""


@dataclass(frozen=True)
class Answer:
    """The columns' names, each once, and the rows as the driver gives them."""

    columns: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


def ask(session: Session, statement: str) -> Answer:
    """Run a statement that reads.

    The transaction is read-only and the connection scoped; what is refused here would fail or do nothing there too, but
    for functions of a server that act by being called.

    Raises:
        UsageFault: it is not one statement that reads, or it is wrong SQL.
    """
    if not _READS.match(statement):
        raise UsageFault(_("Only SELECT, WITH and VALUES are run here."), _("Changes have commands of their own."))
    if session.is_sqlite:
        return _of_file(session, statement)
    return _of_server(session, statement)


def _of_file(session: Session, statement: str) -> Answer:
    import sqlite3

    raw: Any = session.sql.connection.dbapi_connection
    raw.set_progress_handler(lambda: 0, _STEPS)
    try:
        cursor = raw.cursor().execute(statement)
    except (sqlite3.Error, sqlite3.Warning) as fault:
        raise _wrong(str(fault)) from fault
    return Answer(_once(cursor.description or ()), _rows_of_file(cursor))


def _rows_of_file(cursor: Any) -> Iterator[Sequence[Any]]:
    import sqlite3

    try:
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows
    except sqlite3.Error as fault:
        raise _wrong(str(fault)) from fault


def _of_server(session: Session, statement: str) -> Answer:
    import psycopg

    raw: Any = session.sql.connection.dbapi_connection
    _refuse_acting_functions(raw, statement)
    cursor = raw.cursor(name="answer")  # only what reads can have a cursor declared, and only one statement
    cursor.itersize = _AT_ONCE
    try:
        cursor.execute(statement)
    except psycopg.Error as fault:
        cursor.close()
        raise _wrong(fault.diag.message_primary or str(fault)) from fault
    return Answer(_once(cursor.description or ()), _rows_of_server(cursor))


def _rows_of_server(cursor: Any) -> Iterator[Sequence[Any]]:
    import psycopg

    try:
        yield from cursor
    except psycopg.Error as fault:
        raise _wrong(fault.diag.message_primary or str(fault)) from fault
    finally:
        cursor.close()


def _refuse_acting_functions(raw: Any, statement: str) -> None:
    """Any word that is the name of a function with effects: whether it is called here is not worth a parser."""
    if _SPELLED.search(statement):
        raise UsageFault(_("Names and texts spelled in Unicode escapes are not run here."))
    words = sorted({word.lower() for word in _WORD.findall(statement)} - _HARMLESS)
    rows = raw.execute(
        "SELECT DISTINCT p.proname FROM pg_catalog.pg_proc AS p WHERE p.provolatile = 'v' AND p.proname = ANY(%s)"
        " ORDER BY 1",
        (words,),
    ).fetchall()
    if rows:
        names = ", ".join(row[0] for row in rows)
        raise UsageFault(
            _("What may have effects is not run here: {names}.").format(names=names),
            _("A column of that name needs another alias."),
        )


def _once(description: Sequence[Any]) -> tuple[str, ...]:
    """The columns' names; the second of a name gets a number."""
    seen: dict[str, int] = {}
    names = []
    for column in description:
        name = str(column[0])
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(names)


def _wrong(reason: str) -> SfaError:
    if reason == "interrupted":  # the signal's own exception ended in the driver
        raise KeyboardInterrupt
    if "not authorized" in reason or "prohibited" in reason:
        return UsageFault(
            _("The statement reaches for something that is not to be read here."),
            _("Name tables without a schema; `sfactl sql --tables` lists them."),
        )
    return UsageFault(
        _("The statement fails: {reason}.").format(reason=reason.rstrip(".")), _("`sfactl sql --tables` lists tables.")
    )
