"""People who use sfactl or sell, and what they sign in as."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, key_of
from sfactl.models.types import Day, Flag, Stamp, Whole, Words


class User(Kept, table=True):
    """A person of the sales organisation; inactive once he has left, never deleted."""

    __tablename__ = "app_user"
    __table_args__ = (CheckConstraint("manager_id <> id", name="not_own_manager"), STRICT)

    login: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)
    "The name folded for search: case, width and accents' forms do not matter."
    email: str | None = Field(default=None, sa_type=Words)
    title: str | None = Field(default=None, sa_type=Words)
    manager_id: int | None = key_of("app_user", required=False)
    hired_on: date | None = Field(default=None, sa_type=Day)
    active: bool = Field(default=True, sa_type=Flag)
    latitude_e6: int | None = Field(default=None, sa_type=Whole)
    "From where the person travels, an office as a rule, since everybody sees it: millionths of a degree."
    longitude_e6: int | None = Field(default=None, sa_type=Whole)


class UserIdentity(Keyed, table=True):
    """A name under which the operating system or PostgreSQL knows a person."""

    __tablename__ = "user_identity"
    __table_args__ = (
        UniqueConstraint("kind", "name"),
        CheckConstraint("kind IN ('os', 'postgresql')", name="kind"),
        STRICT,
    )

    user_id: int = key_of("app_user")
    kind: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)


class RoleGrant(Keyed, table=True):
    """A role that a person has, from when to when."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "role_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        STRICT,
    )

    user_id: int = key_of("app_user")
    role_id: int = key_of("role", index=False)
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)
    "The first day on which the person no longer has it."
    granted_at: datetime = Field(sa_type=Stamp)
    reason: str | None = Field(default=None, sa_type=Words)


class EmergencyGrant(Keyed, table=True):
    """A role that a person took himself, for one day, because something could not wait: break-glass."""

    __tablename__ = "emergency_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "role_id", "day"),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
        STRICT,
    )

    user_id: int = key_of("app_user")
    role_id: int = key_of("role", index=False)
    day: date = Field(sa_type=Day)
    "The only day on which it holds."
    granted_at: datetime = Field(sa_type=Stamp)
    reason: str = Field(sa_type=Words)


class Deputy(Keyed, table=True):
    """Somebody who may act for another, from when to when."""

    __tablename__ = "deputy"
    __table_args__ = (
        UniqueConstraint("user_id", "deputy_id", "valid_from"),
        CheckConstraint("deputy_id <> user_id", name="not_oneself"),
        CheckConstraint("valid_to >= valid_from", name="dates"),
        STRICT,
    )

    user_id: int = key_of("app_user")
    "For whom."
    deputy_id: int = key_of("app_user")
    valid_from: date = Field(sa_type=Day)
    valid_to: date = Field(sa_type=Day)
    "The first day on which he no longer may."
    reason: str | None = Field(default=None, sa_type=Words)
