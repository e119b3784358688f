"""A replica of the database: whether it may be read, because it is no further behind than somebody allows."""

from datetime import date
from typing import Any

from sfactl.db import connect
from sfactl.db.url import DatabaseUrl
from sfactl.errors import SfaError, UsageFault
from sfactl.i18n import _

_LAG = """
SELECT CASE
    WHEN NOT pg_is_in_recovery() THEN 0
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver) THEN 0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
END
"""
"""Seconds; nothing where nobody can tell. One that has replayed all it got is up to date only while it still gets something."""


def why_not(url: DatabaseUrl, *, today: date, as_user: str | None, max_lag_s: int) -> str | None:
    """Why a replica may not be read now, in words; None when it may.

    Raises:
        UsageFault: it is a file.
    """
    if url.is_sqlite:
        raise UsageFault(_("read_url names a file; only a server has a replica."))
    try:
        raw: Any = connect.connect(url, today=today, as_user=as_user)
    except SfaError as fault:
        return fault.message
    try:
        if raw.actor.emergency:
            return _("what is done under an emergency role is written down first")
        lag = raw.execute(_LAG).fetchone()[0]
    finally:
        raw.close()
    if lag is None:
        return _("nobody can tell how far behind it is")
    if lag > max_lag_s:
        return _("it is {lag} seconds behind").format(lag=round(lag))
    return None
