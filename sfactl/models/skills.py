"""What people know and what accounts need."""

from sqlalchemy import CheckConstraint, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, key_of
from sfactl.models.types import Whole, Words


class Skill(Kept, table=True):
    """A language, a product, an industry: something a person may know and an account may need."""

    __table_args__ = (STRICT,)

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)


class UserSkill(Keyed, table=True):
    """How well a person knows something."""

    __tablename__ = "user_skill"
    __table_args__ = (
        UniqueConstraint("user_id", "skill_id"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        STRICT,
    )

    user_id: int = key_of("app_user", index=False)
    skill_id: int = key_of("skill")
    level: int = Field(sa_type=Whole)
    "From 1, has heard of it, to 5, teaches it."


class AccountNeed(Keyed, table=True):
    """A skill that whoever works an account should have."""

    __tablename__ = "account_need"
    __table_args__ = (
        UniqueConstraint("account_id", "skill_id"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        STRICT,
    )

    account_id: int = key_of("account", index=False)
    skill_id: int = key_of("skill")
    level: int = Field(default=1, sa_type=Whole)
    "The least that will do."
    weight: int | None = Field(default=None, sa_type=Whole)
    "How much it weighs among what would be good to have; it is required where this is empty."
