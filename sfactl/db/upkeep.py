"""What a file needs from time to time; a server does it by itself."""

import sqlite3
from contextlib import suppress
from typing import Any

from sfactl.db.connect import system_connection
from sfactl.db.url import DatabaseUrl
from sfactl.errors import Unavailable

MANY = 1000
"""After so many rows that were added or changed, the planner's numbers may be far off."""


def refresh_statistics(url: DatabaseUrl) -> None:
    """Let the planner of a file know how many rows lie where, by a sample; when others are writing, the next time does.

    Without that it takes an index a territory for a sum in somebody's scope, which can take longer than reading all.
    """
    if not url.is_sqlite:
        return
    raw: Any = None
    with suppress(sqlite3.OperationalError, Unavailable):
        try:
            raw = system_connection(url, "the planner's numbers are about all rows")
            raw.execute("PRAGMA analysis_limit=1000")
            raw.execute("ANALYZE")
        finally:
            if raw is not None:
                raw.close()
