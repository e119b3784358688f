"""People who sell together."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, key_of
from sfactl.models.types import Day, Words


class Team(Kept, table=True):
    """A team; it belongs to a territory and has a lead."""

    __table_args__ = (STRICT,)

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)
    territory_id: int = key_of("territory")
    lead_id: int | None = key_of("app_user", required=False)


class TeamMember(Keyed, table=True):
    """A person in a team, from when to when."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("team_id", "user_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates"),
        STRICT,
    )

    team_id: int = key_of("team", index=False)
    user_id: int = key_of("app_user")
    role: str | None = Field(default=None, sa_type=Words)
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)
