"""Who works which account, over time."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text

from sfactl.models.base import STRICT, Field, Keyed, key_of, metadata
from sfactl.models.types import Day, Stamp, Words

_IS_OPEN_OWNER = text("role = 'owner' AND valid_to IS NULL")


class Assignment(Keyed, table=True):
    """A person who works an account, as what, in which territory, from when to when, and why.

    The `owner` rows of an account follow one another without overlap; the one without an end says the account's
    territory now, and its owner, who may be nobody.
    """

    __table_args__ = (
        Index("uq_assignment_open_owner", "account_id", unique=True, sqlite_where=_IS_OPEN_OWNER),
        Index("uq_assignment_person", "account_id", "user_id", "role", "valid_from", unique=True),
        Index("ix_assignment_territory_id", "territory_id", "user_id"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates"),
        CheckConstraint("role IN ('owner', 'overlay', 'specialist')", name="role"),
        CheckConstraint("role = 'owner' OR user_id IS NOT NULL", name="person"),
        STRICT,
    )  # fmt: skip

    account_id: int = key_of("account", index=False)
    user_id: int | None = key_of("app_user", required=False)
    territory_id: int = key_of("territory", index=False)
    role: str = Field(default="owner", sa_type=Words)
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)
    "The first day on which it no longer holds."
    cause: str = Field(sa_type=Words)
    "What made it: import, manual, rule, distribution, leaver, territory, balance."
    run_id: int | None = key_of("run", required=False, index=False)
    created_at: datetime = Field(sa_type=Stamp)
    rule: str | None = Field(default=None, sa_type=Words)
    "The rule that placed it."


def tell_postgresql() -> None:
    """Say of the tables what only PostgreSQL is told. For migrations: it loads that dialect, which takes long."""
    index = next(each for each in metadata.tables["assignment"].indexes if each.name == "uq_assignment_open_owner")
    index.dialect_kwargs["postgresql_where"] = _IS_OPEN_OWNER
