"""SQLAlchemy engines over connections that are scoped already."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from sfactl.db.url import DatabaseUrl

logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())
"""What goes wrong while a connection is given back is raised, too; nobody wants it with a traceback on his terminal."""


def engine_over(url: DatabaseUrl, opener: Callable[[], Any], *, writing: bool) -> Engine:
    """An engine whose every connection comes from `opener`; errors never show the values of a statement."""
    scheme = "sqlite://" if url.is_sqlite else "postgresql+psycopg://"
    engine = create_engine(scheme, creator=opener, poolclass=NullPool, hide_parameters=True)
    if url.is_sqlite:
        begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine
