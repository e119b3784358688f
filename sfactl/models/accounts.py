"""Customers and prospects, and the people there."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, follows_account, key_of
from sfactl.models.types import Whole, Words


class Account(Kept, table=True):
    """A customer or prospect company, in the territory and with the owner that its open assignment says."""

    __table_args__ = (
        UniqueConstraint("id", "territory_id"),
        Index("ix_account_territory_id", "territory_id", "code"),
        CheckConstraint("kind IN ('customer', 'prospect', 'partner')", name="kind"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)
    territory_id: int = key_of("territory", index=False)
    owner_id: int | None = key_of("app_user", required=False)
    parent_id: int | None = key_of("account", required=False)
    kind: str = Field(default="customer", sa_type=Words)
    segment: str | None = Field(default=None, sa_type=Words)
    industry: str | None = Field(default=None, sa_type=Words)
    city: str | None = Field(default=None, sa_type=Words)
    region: str | None = Field(default=None, sa_type=Words)
    country: str | None = Field(default=None, sa_type=Words)
    postal_code: str | None = Field(default=None, sa_type=Words)
    phone: str | None = Field(default=None, sa_type=Words)
    website: str | None = Field(default=None, sa_type=Words)
    employees: int | None = Field(default=None, sa_type=Whole)
    annual_revenue_minor: int | None = Field(default=None, sa_type=Whole)
    currency: str = Field(sa_type=Words)
    latitude_e6: int | None = Field(default=None, sa_type=Whole)
    "Millionths of a degree."
    longitude_e6: int | None = Field(default=None, sa_type=Whole)
    potential_minor: int | None = Field(default=None, sa_type=Whole)
    "What it could buy in a year."
    work_e3: int | None = Field(default=None, sa_type=Whole)
    "Hours that it asks for in a year, in thousandths; what the policy says of its segment where it is empty."


class Contact(Kept, table=True):
    """A person at an account; territory and owner are the account's."""

    __table_args__ = (follows_account(), Index("ix_contact_account_id", "account_id", "territory_id"), STRICT)

    account_id: int = Field(sa_type=Whole)
    territory_id: int = key_of("territory")
    owner_id: int | None = key_of("app_user", required=False)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)
    title: str | None = Field(default=None, sa_type=Words)
    email: str | None = Field(default=None, sa_type=Words)
    phone: str | None = Field(default=None, sa_type=Words)
