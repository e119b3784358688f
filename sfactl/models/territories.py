"""The tree of territories and who works in each."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from sfactl.models.base import STRICT, Field, Kept, Keyed, key_of
from sfactl.models.types import Day, Flag, Stamp, Whole, Words

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
    archived_on: date | None = Field(default=None, nullable=True, sa_type=Day)
    "From this day on nothing is in it any more; its past stays."


class TerritoryPlace(Keyed, table=True):
    """Below which territory one lay, and whether it was in use, from when to when.

    The places of a territory follow one another without overlap; the one without an end says what `territory` says.
    """

    __tablename__ = "territory_place"
    __table_args__ = (
        UniqueConstraint("territory_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates"),
        STRICT,
    )

    territory_id: int = key_of("territory", index=False)
    parent_id: int | None = key_of("territory", required=False)
    is_archived: bool = Field(default=False, sa_type=Flag)
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)


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


class TerritoryPlan(Keyed, table=True):
    """A tree that is drawn up beside the active one."""

    __tablename__ = "territory_plan"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
        STRICT,
    )

    code: str = Field(unique=True, sa_type=Words)
    name: str = Field(sa_type=Words)
    status: str = Field(default="draft", sa_type=Words)
    user_id: int = key_of("app_user")
    "Who drew it up."
    created_at: datetime = Field(sa_type=Stamp)
    activated_on: date | None = Field(default=None, sa_type=Day)
    run_key: str | None = Field(default=None, sa_type=Words)
    "The run that made it the active tree."


class TerritoryPlanNode(Keyed, table=True):
    """A territory of a planned tree; one that is new has no row in `territory` yet."""

    __tablename__ = "territory_plan_node"
    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        CheckConstraint("parent_code <> code", name="not_own_parent"),
        STRICT,
    )

    plan_id: int = key_of("territory_plan", index=False)
    code: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    parent_code: str | None = Field(default=None, sa_type=Words)
    kind: str | None = Field(default=None, sa_type=Words)
    priority: int = Field(default=0, sa_type=Whole)
    into_code: str | None = Field(default=None, sa_type=Words)
    "The territory is given up, and this one gets what lies in it."


class TerritoryPlanAccount(Keyed, table=True):
    """An account that a planned tree puts elsewhere, and whose it will be."""

    __tablename__ = "territory_plan_account"
    __table_args__ = (UniqueConstraint("plan_id", "account_id"), STRICT)

    plan_id: int = key_of("territory_plan", index=False)
    account_id: int = key_of("account")
    node_code: str = Field(sa_type=Words)
    owner_id: int | None = key_of("app_user", required=False)
    "None leaves it with its owner."


class TerritoryPlanMember(Keyed, table=True):
    """A person in a territory of a planned tree."""

    __tablename__ = "territory_plan_member"
    __table_args__ = (
        UniqueConstraint("plan_id", "node_code", "user_id", "role"),
        CheckConstraint("role IN ('manager', 'account_manager', 'specialist')", name="role"),
        STRICT,
    )

    plan_id: int = key_of("territory_plan", index=False)
    node_code: str = Field(sa_type=Words)
    user_id: int = key_of("app_user")
    role: str = Field(sa_type=Words)
