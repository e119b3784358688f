"""Column types that mean the same on both databases.

On SQLite every table is STRICT, so each type here compiles to INTEGER or TEXT there.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number: a key, a count, or money in minor units."""

Words = Text()
"""Text of any length."""

Octets = LargeBinary()
"""Bytes of a file."""


class Day(Date):
    """A date without a time; ISO text on SQLite."""


class Flag(Boolean):
    """Yes or no; 1 or 0 on SQLite."""


@compiles(Day, "sqlite")
def _day_on_sqlite(_type: Day, _compiler: Any, **_: Any) -> str:
    return "TEXT"


@compiles(Flag, "sqlite")
def _flag_on_sqlite(_type: Flag, _compiler: Any, **_: Any) -> str:
    return "INTEGER"


class Stamp(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond; ISO text ending in Z on SQLite, so that text order is time order."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TEXT on SQLite, TIMESTAMP WITH TIME ZONE elsewhere."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a moment that does not say its time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return stamp_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always a moment in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        moment: datetime = value
        return moment.astimezone(UTC)


def stamp_text(moment: datetime) -> str:
    """A moment as SQLite stores it: `2026-01-31T08:15:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


FOREVER = date(9999, 12, 31)
"""What stands for 'no end' where two ends are compared."""
