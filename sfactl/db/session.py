"""Units of work: a snapshot to read from, or one transaction to write in."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, TypeVarTuple, overload
from uuid import uuid4
from weakref import WeakSet

from sqlalchemy import ARRAY, ColumnElement, Connection, Engine, Executable, Result, Table, any_, insert, literal, text
from sqlalchemy.exc import DBAPIError

from sfactl.core.actor import Actor
from sfactl.db import connect, faults, trail, watch
from sfactl.db.engine import engine_over
from sfactl.db.url import DatabaseUrl
from sfactl.errors import SfaError, Unavailable
from sfactl.i18n import _
from sfactl.models import tables

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import TypedReturnsRows

TRIES = 8
COMMIT_TIMEOUT_S = 10
"""So long a server may take over a commit whose answer was lost."""

P = ParamSpec("P")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")


class Session:
    """A unit of work for one person: what services take first."""

    def __init__(self, sql: Connection, actor: Actor, now: datetime, today: date) -> None:
        self.sql = sql
        "The connection, whose statements are all in one transaction."
        self.actor = actor
        self.now = now
        "When the command was given, in UTC."
        self.today = today
        "That moment's date where the person is."
        self.info: dict[str, Any] = {}
        "What services found out in this transaction and need again."
        self._events: list[trail.Event] = []

    @overload
    def execute(self, statement: "TypedReturnsRows[*Ts]", values: Any = None, **options: Any) -> Result[*Ts]: ...

    @overload
    def execute(self, statement: Executable, values: Any = None, **options: Any) -> Result[*tuple[Any, ...]]: ...

    def execute(self, statement: Executable, values: Any = None, **options: Any) -> Result[*tuple[Any, ...]]:
        """Run a statement; with several values, once for each."""
        return self.sql.execute(statement, values, **options)

    def run(self, statement: Executable) -> int:
        """Run a statement over many rows, and return how many it wrote."""
        return int(self.sql.execute(statement, execution_options={"preserve_rowcount": True}).rowcount)

    @property
    def is_sqlite(self) -> bool:
        """Whether the data are in a file."""
        return self.sql.dialect.name == "sqlite"

    def among(self, column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
        """Whether a column holds one of very many values, which a server gets and reads as one array."""
        if self.is_sqlite:
            return column.in_(values)
        return column == any_(literal(list(values), ARRAY(column.type)))

    def insert_new(self, table: Table) -> Any:
        """An insert that can leave alone what is there already: `.on_conflict_do_nothing()`."""
        if self.is_sqlite:
            from sqlalchemy.dialects.sqlite import insert as insert_new
        else:
            from sqlalchemy.dialects.postgresql import insert as insert_new  # type: ignore[assignment]
        return insert_new(table)

    def record(self, action: str, entity: str, key: str | None = None, **details: Any) -> None:
        """Leave an event in the trail when this transaction commits; `details` are the fields of `trail.Event`."""
        self._events.append(trail.Event(action, entity, key, **details))


class Door:
    """The way to the data for one person: every unit of work starts here.

    One that stays open keeps connections to a file, and reads through them again for as long as nobody committed anything:
    to scope a new one costs more than most questions.
    """

    def __init__(
        self,
        url: DatabaseUrl,
        *,
        as_user: str | None = None,
        now: datetime | None = None,
        today: date | None = None,
        zone: tzinfo | None = None,
        clock: Callable[[], datetime] | None = None,
        on_emergency: Callable[[Actor], None] | None = None,
        stays_open: bool = False,
    ) -> None:
        self.url = url
        self._stays_open = stays_open
        self._on_emergency = on_emergency
        self._is_traced = False
        self.as_user = as_user
        self._zone = zone
        self._fixed_now = now
        self._clock = clock or _utc_now
        self._today = today
        self._engines: dict[tuple[bool, bool], Engine] = {}
        self._open_connections: WeakSet[Any] = WeakSet()

    @property
    def now(self) -> datetime:
        """The moment, in UTC; fixed when a test or `--as-of` fixes it."""
        return self._fixed_now or self._clock()

    @property
    def today(self) -> date:
        """The person's date."""
        return self._today or self.now.astimezone(self._zone).date()

    @contextmanager
    def read(self, *, sealed: bool = False) -> Iterator[Session]:
        """A snapshot: what is read in the block is of one moment.

        Args:
            sealed: for statements in a person's own words, which must not find out by failing what is hidden.

        Raises:
            SfaError: what the driver raised, in words for a person.
        """
        with _in_words(self.url), self._open(writing=False, sealed=sealed) as session:
            yield session

    def write(self, function: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function in one transaction and return what it returns; run it again whole when others were faster.

        The function must do nothing but work on the session, since it may be run up to eight times.

        Raises:
            SfaError: what the function or the driver raised; nothing is changed then.
        """
        key = uuid4().hex
        for attempt in range(TRIES):
            with _in_words(self.url):
                try:
                    return self._write_once(key, function, *args, **kwargs)
                except DBAPIError as fault:
                    if not faults.is_retryable(fault) or attempt == TRIES - 1:
                        raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, no secret
        raise Unavailable(_("Others kept changing the same rows."), _("Try again."))

    def _write_once(
        self, key: str, function: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        with self._open(writing=True) as session:
            result = function(session, *args, **kwargs)
            if session._events:
                trail.append(session.sql, session.actor, session.now, session._events)
            session.sql.execute(
                insert(tables.idempotency_key).values(key=key, user_id=session.actor.user_id, done_at=session.now)
            )
            watch.tell(session.sql)
            try:
                session.sql.commit()
            except DBAPIError as fault:
                if not (faults.is_connection_lost(fault) and self._was_done(key)):
                    raise
        return result

    def _was_done(self, key: str) -> bool:
        """Whether a commit whose answer got lost reached the server; one that is still on its way is waited for.

        Raises:
            Unavailable: nobody can tell.
        """
        try:
            with self._open(writing=True) as session:
                return _is_taken(session, key)
        except (SfaError, DBAPIError) as fault:
            raise Unavailable(
                _("The connection was lost during the commit; whether the changes are in force is not known."),
                _("Look before you make them again. A plan may be applied again: it is applied only once."),
            ) from fault

    @contextmanager
    def _open(self, *, writing: bool, sealed: bool = False) -> Iterator[Session]:
        now, today = self.now, self.today
        with self._engine(writing=writing, sealed=sealed).connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            session = Session(connection, raw.actor, now, today)
            if session.actor.emergency and not self._is_traced:
                self._is_traced = True
                self.write(_leave_trace)
                if self._on_emergency:
                    self._on_emergency(session.actor)
            yield session

    def _engine(self, *, writing: bool, sealed: bool) -> Engine:
        known = self._engines.get((writing, sealed))
        if known is None:
            keeps = self._stays_open and self.url.is_sqlite and not writing
            made = engine_over(
                self.url, partial(self._connect, writing=writing, sealed=sealed), writing=writing,
                holds=self._still_holds if keeps else None,
            )  # fmt: skip
            known = self._engines.setdefault((writing, sealed), made)
        return known

    def _still_holds(self, raw: Any) -> bool:
        return connect.still_holds(raw, self.url, self.today)

    def _connect(self, *, writing: bool, sealed: bool) -> Any:
        raw = connect.connect(self.url, today=self.today, as_user=self.as_user, writing=writing, sealed=sealed)
        self._open_connections.add(raw)
        return raw

    def abandon(self) -> None:
        """Close what an interruption left open, so that its locks are gone before something is tidied up.

        A signal may arrive while a connection is being closed, and its exception then keeps the connection alive.
        """
        for raw in list(self._open_connections):
            raw.close()


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _is_taken(session: Session, key: str) -> bool:
    """Whether a transaction that used the key is committed; the key is asked for, which waits for one that is not over."""
    from sqlalchemy.dialects.postgresql import insert as insert_new

    session.execute(text(f"SET LOCAL lock_timeout = '{COMMIT_TIMEOUT_S}s'"))
    row = {"key": key, "user_id": session.actor.user_id, "done_at": session.now}
    ask = insert_new(tables.idempotency_key).values(row).on_conflict_do_nothing()
    return session.run(ask) == 0


def _leave_trace(session: Session) -> None:
    """Whatever is done under a role that was taken in an emergency, even a look, is in the trail."""
    session.record(trail.BREAK_GLASS, "command", after={"roles": list(session.actor.emergency)})


@contextmanager
def system_session(url: DatabaseUrl, reason: str, actor: Actor, now: datetime) -> Iterator[Session]:
    """One transaction that no rule scopes, in the name of `actor`: for making a workspace, before anybody has rights.

    What is left in the trail is committed with it.
    """
    engine = engine_over(url, lambda: connect.system_connection(url, reason), writing=True)
    with _in_words(url), engine.connect() as connection:
        session = Session(connection, actor, now, now.date())
        yield session
        if session._events:
            trail.append(session.sql, session.actor, session.now, session._events)
        session.sql.commit()


@contextmanager
def _in_words(url: DatabaseUrl) -> Iterator[None]:
    try:
        yield
    except DBAPIError as fault:
        error: SfaError | None = faults.translate(fault, url.path)
        if error is None:
            raise
        raise error from fault
