"""SQLAlchemy engines over connections that are scoped already."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool, QueuePool

from sfactl.db.url import DatabaseUrl

logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())
"""What goes wrong while a connection is given back is raised, too; nobody wants it with a traceback on his terminal."""


KEPT = 2
"""So many connections of a program that stays open wait for its next question."""


def engine_over(
    url: DatabaseUrl, opener: Callable[[], Any], *, writing: bool, holds: Callable[[Any], bool] | None = None
) -> Engine:
    """An engine whose every connection comes from `opener`; errors never show the values of a statement.

    Args:
        holds: says of a connection that served before whether it may again; without it, none serves twice.
    """
    scheme = "sqlite://" if url.is_sqlite else "postgresql+psycopg://"
    pool: dict[str, Any] = (
        {"poolclass": QueuePool, "pool_size": KEPT, "max_overflow": -1} if holds else {"poolclass": NullPool}
    )
    engine = create_engine(scheme, creator=opener, hide_parameters=True, **pool)
    if holds:
        _ask_before_reuse(engine, holds)
    if url.is_sqlite:
        begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


def _ask_before_reuse(engine: Engine, holds: Callable[[Any], bool]) -> None:
    @event.listens_for(engine, "checkout")
    def _checkout(raw: Any, record: Any, _proxy: Any) -> None:
        if record.info.setdefault("served", False) and not holds(raw):
            raise DisconnectionError("it shows what was")
        record.info["served"] = True
