"""Statements compiled once for all databases of a test process, as one program that stays open does for its own.

Each test has a database of its own, and with it an engine whose statements would all be compiled anew: a sixth of the time.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import Engine

from sfactl.db import engine as engines

_first: dict[str, Engine] = {}
"""By kind of database, the engine whose dialect and compiled statements the later ones use."""


def install() -> None:
    """Let the engines of this process share what does not depend on the database."""
    engines.create_engine = _engine  # type: ignore[attr-defined]


def _engine(url: str, **options: Any) -> Engine:
    made = sqlalchemy.create_engine(url, **options)
    first = _first.setdefault(url, made)
    if first is not made and getattr(
        first.dialect, "server_version_info", None
    ):  # it was connected, and knows the server
        made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
    return made
