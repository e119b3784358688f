"""What all tables have in common."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from sfactl.models.types import Stamp, Whole, Words

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

STRICT = {"sqlite_strict": True}


class Keyed(SQLModel):
    """A row with an integer key of its own."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Whole)


class Kept(Keyed):
    """A row that people edit and imports upsert."""

    external_id: str | None = Field(default=None, unique=True, sa_type=Words)
    "What another system calls this row; imports find it by this first."
    created_at: datetime = Field(sa_type=Stamp)
    updated_at: datetime = Field(sa_type=Stamp)
    version: int = Field(default=1, sa_type=Whole)
    "Goes up with every change, so that a second writer notices the first."


def key_of(table: str, **options: Any) -> Any:
    """A column that holds the key of a row in `table`."""
    required = options.pop("required", True)
    index = options.pop("index", True)
    if not required:
        options["default"] = None
    return Field(foreign_key=f"{table}.id", index=index, nullable=not required, sa_type=Whole, **options)


def follows_account() -> ForeignKeyConstraint:
    """A child's territory is its account's, checked when the transaction commits."""
    return ForeignKeyConstraint(
        ["account_id", "territory_id"],
        ["account.id", "account.territory_id"],
        deferrable=True,
        initially="DEFERRED",
    )
