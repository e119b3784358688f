"""The policy in force: roles, what they may do, and the versions that were applied."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint

from sfactl.models.base import STRICT, Field, Keyed, key_of
from sfactl.models.types import Flag, Stamp, Whole, Words


class Role(Keyed, table=True):
    """A set of permissions that people are given together."""

    __table_args__ = (STRICT,)

    code: str = Field(unique=True, sa_type=Words)
    title: str = Field(sa_type=Words)
    is_emergency: bool = Field(default=False, sa_type=Flag)
    "Whether people may take it themselves, for a day and loudly."
    active: bool = Field(default=True, sa_type=Flag)
    "False once a policy no longer names the role; its grants then give nothing."


class RolePermission(Keyed, table=True):
    """One thing a role may do to one noun, and how far."""

    __tablename__ = "role_permission"
    __table_args__ = (
        UniqueConstraint("role_id", "noun", "action"),
        CheckConstraint("scope IN ('own', 'territory', 'subtree', 'all')", name="scope"),
        STRICT,
    )

    role_id: int = key_of("role", index=False)
    noun: str = Field(sa_type=Words)
    action: str = Field(sa_type=Words)
    scope: str = Field(sa_type=Words)


class PolicyVersion(Keyed, table=True):
    """A policy as it was applied: its files, whole, and who applied it."""

    __tablename__ = "policy_version"
    __table_args__ = (STRICT,)

    number: int = Field(unique=True, sa_type=Whole)
    applied_at: datetime = Field(sa_type=Stamp)
    user_id: int | None = key_of("app_user", required=False)
    digest: str = Field(sa_type=Words)
    content: str = Field(sa_type=Words)
    "The files as JSON: name to text."
    reason: str | None = Field(default=None, sa_type=Words)
