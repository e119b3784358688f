"""The tree of territories and who works in each."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from sfactl.models.base import STRICT, Kept, Keyed, key_of
from sfactl.models.types import Day, Whole, Words

UNASSIGNED = "UNASSIGNED"
"""The code of the territory that holds what has none."""


class Territory(Kept, table=True):
    """A node of the tree; its name means the whole subtree unless somebody says otherwise."""

    __table_args__ = (
        Index("ix_territory_tree", "tree_left", "tree_right"),
        CheckConstraint("tree_left < tree_right", name="tree"),
        CheckConstraint("parent_id <> id", name="not_own_parent"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    name_key: str = Field(index=True, sa_type=Words)
    parent_id: int | None = key_of("territory", required=False)
    kind: str | None = Field(default=None, sa_type=Words)
    priority: int = Field(default=0, sa_type=Whole)
    tree_left: int = Field(sa_type=Whole)
    "Number of this node in a walk of the tree; the subtree of X is `tree_left BETWEEN X.tree_left AND X.tree_right`."
    tree_right: int = Field(sa_type=Whole)
    depth: int = Field(default=0, sa_type=Whole)


class TerritoryMember(Keyed, table=True):
    """A person in a territory, with a role there, from when to when."""

    __tablename__ = "territory_member"
    __table_args__ = (
        UniqueConstraint("territory_id", "user_id", "role", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates"),
        CheckConstraint("role IN ('manager', 'account_manager', 'specialist')", name="role"),
        Index("ix_territory_member_user_id", "user_id", "valid_from"),
        STRICT,
    )

    territory_id: int = key_of("territory")
    user_id: int = key_of("app_user", index=False)
    role: str = Field(sa_type=Words)
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)
    "The first day on which the person is no longer a member."
