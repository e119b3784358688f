"""Plans: bulk changes, the outbox, rules of assignment, and territories over time."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "plan_stage",
        sa.Column("stage_id", types.Whole, autoincrement=False, nullable=False),
        sa.Column("n", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("entity", types.Words, nullable=False),
        sa.Column("key", types.Words, nullable=False),
        sa.Column("row_id", types.Whole, nullable=True),
        sa.Column("was_person", types.Whole, nullable=True),
        sa.Column("to_person", types.Whole, nullable=True),
        sa.Column("was_place", types.Whole, nullable=True),
        sa.Column("to_place", types.Whole, nullable=True),
        sa.Column("since", types.Day(), nullable=True),
        sa.Column("cause", types.Words, nullable=False),
        sa.Column("said", types.Words, nullable=True),
        sa.PrimaryKeyConstraint("stage_id", "n", name=op.f("pk_plan_stage")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "policy_setting",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("value", types.Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_setting")),
        sa.UniqueConstraint("name", name=op.f("uq_policy_setting_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "assignment_rule",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("step", types.Whole, nullable=False),
        sa.Column("position", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("condition", types.Words, nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_assignment_rule_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_assignment_rule_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_assignment_rule_code")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_assignment_rule_territory_id"), "assignment_rule", ["territory_id"], unique=False)
    op.create_index(op.f("ix_assignment_rule_user_id"), "assignment_rule", ["user_id"], unique=False)
    op.create_table(
        "capacity",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("accounts", types.Whole, nullable=True),
        sa.Column("hours", types.Whole, nullable=True),
        sa.CheckConstraint("accounts >= 0", name=op.f("ck_capacity_accounts")),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_capacity_hours")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_capacity_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity")),
        sa.UniqueConstraint("user_id", name=op.f("uq_capacity_user_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "message",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("delivery_key", types.Words, nullable=False),
        sa.Column("message_id", types.Words, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("about", types.Words, nullable=True),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("recipient_id", types.Whole, nullable=True),
        sa.Column("to_address", types.Words, nullable=False),
        sa.Column("subject", types.Words, nullable=False),
        sa.Column("text", types.Words, nullable=False),
        sa.Column("html", types.Words, nullable=True),
        sa.Column("run_key", types.Words, nullable=True),
        sa.Column("status", types.Words, nullable=False),
        sa.Column("created_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("due_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("attempts", types.Whole, nullable=False),
        sa.Column("claimed_by", types.Words, nullable=True),
        sa.Column("claimed_until", types.Stamp(timezone=True), nullable=True),
        sa.Column("sent_at", types.Stamp(timezone=True), nullable=True),
        sa.Column("last_error", types.Words, nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'failed', 'cancelled')", name=op.f("ck_message_status")
        ),
        sa.ForeignKeyConstraint(["recipient_id"], ["app_user.id"], name=op.f("fk_message_recipient_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("code", name=op.f("uq_message_code")),
        sa.UniqueConstraint("delivery_key", name=op.f("uq_message_delivery_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_message_about", "message", ["about", "to_address"], unique=False)
    op.create_index("ix_message_status", "message", ["status", "id"], unique=False)
    op.create_index(op.f("ix_message_recipient_id"), "message", ["recipient_id"], unique=False)
    op.create_index(op.f("ix_message_user_id"), "message", ["user_id"], unique=False)
    op.create_table(
        "territory_place",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("parent_id", types.Whole, nullable=True),
        sa.Column("is_archived", types.Flag(), nullable=False),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_territory_place_dates")),
        sa.ForeignKeyConstraint(["parent_id"], ["territory.id"], name=op.f("fk_territory_place_parent_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_territory_place_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_place")),
        sa.UniqueConstraint("territory_id", "valid_from", name=op.f("uq_territory_place_territory_id_valid_from")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_territory_place_parent_id"), "territory_place", ["parent_id"], unique=False)
    op.create_table(
        "territory_plan",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("status", types.Words, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("created_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("activated_on", types.Day(), nullable=True),
        sa.Column("run_key", types.Words, nullable=True),
        sa.CheckConstraint("status IN ('draft', 'active', 'archived')", name=op.f("ck_territory_plan_status")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_territory_plan_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_territory_plan_code")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_territory_plan_user_id"), "territory_plan", ["user_id"], unique=False)
    op.create_table(
        "rule_exclusion",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=True),
        sa.Column("since", types.Day(), nullable=False),
        sa.Column("reason", types.Words, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rule_exclusion_account_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_rule_exclusion_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_exclusion")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_rule_exclusion_territory_id"), "rule_exclusion", ["territory_id"], unique=False)
    op.create_table(
        "territory_plan_account",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("plan_id", types.Whole, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("node_code", types.Words, nullable=False),
        sa.Column("owner_id", types.Whole, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_territory_plan_account_account_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_territory_plan_account_owner_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["territory_plan.id"], name=op.f("fk_territory_plan_account_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_plan_account")),
        sa.UniqueConstraint("plan_id", "account_id", name=op.f("uq_territory_plan_account_plan_id_account_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_territory_plan_account_account_id"), "territory_plan_account", ["account_id"], unique=False
    )
    op.create_index(op.f("ix_territory_plan_account_owner_id"), "territory_plan_account", ["owner_id"], unique=False)
    op.create_table(
        "territory_plan_member",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("plan_id", types.Whole, nullable=False),
        sa.Column("node_code", types.Words, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("role", types.Words, nullable=False),
        sa.CheckConstraint(
            "role IN ('manager', 'account_manager', 'specialist')", name=op.f("ck_territory_plan_member_role")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["territory_plan.id"], name=op.f("fk_territory_plan_member_plan_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_territory_plan_member_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_plan_member")),
        sa.UniqueConstraint(
            "plan_id",
            "node_code",
            "user_id",
            "role",
            name=op.f("uq_territory_plan_member_plan_id_node_code_user_id_role"),
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_territory_plan_member_user_id"), "territory_plan_member", ["user_id"], unique=False)
    op.create_table(
        "territory_plan_node",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("plan_id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("parent_code", types.Words, nullable=True),
        sa.Column("kind", types.Words, nullable=True),
        sa.Column("priority", types.Whole, nullable=False),
        sa.Column("into_code", types.Words, nullable=True),
        sa.CheckConstraint("parent_code <> code", name=op.f("ck_territory_plan_node_not_own_parent")),
        sa.ForeignKeyConstraint(["plan_id"], ["territory_plan.id"], name=op.f("fk_territory_plan_node_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_plan_node")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_territory_plan_node_plan_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "holdover",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=False),
        sa.Column("held_by_id", types.Whole, nullable=True),
        sa.Column("to_id", types.Whole, nullable=True),
        sa.Column("to_territory_id", types.Whole, nullable=False),
        sa.Column("until", types.Day(), nullable=False),
        sa.Column("to_share_bp", types.Whole, nullable=False),
        sa.Column("began_on", types.Day(), nullable=False),
        sa.Column("ended_on", types.Day(), nullable=True),
        sa.Column("run_id", types.Whole, nullable=True),
        sa.CheckConstraint("to_share_bp BETWEEN 0 AND 10000", name=op.f("ck_holdover_share")),
        sa.ForeignKeyConstraint(["held_by_id"], ["app_user.id"], name=op.f("fk_holdover_held_by_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_holdover_opportunity_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_holdover_run_id")),
        sa.ForeignKeyConstraint(["to_id"], ["app_user.id"], name=op.f("fk_holdover_to_id")),
        sa.ForeignKeyConstraint(["to_territory_id"], ["territory.id"], name=op.f("fk_holdover_to_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holdover")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_holdover_held_by_id"), "holdover", ["held_by_id"], unique=False)
    op.create_index(op.f("ix_holdover_run_id"), "holdover", ["run_id"], unique=False)
    op.create_index(op.f("ix_holdover_to_id"), "holdover", ["to_id"], unique=False)
    op.create_index(op.f("ix_holdover_to_territory_id"), "holdover", ["to_territory_id"], unique=False)
    op.create_index(
        "uq_holdover_open",
        "holdover",
        ["opportunity_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.add_column("assignment", sa.Column("rule", types.Words, nullable=True))
    op.add_column("run", sa.Column("status", types.Words, server_default="applied", nullable=False))
    op.add_column("run", sa.Column("effective_on", types.Day(), nullable=True))
    op.add_column("run", sa.Column("undoes", types.Words, nullable=True))
    op.add_column("run", sa.Column("said", types.Words, nullable=True))
    op.add_column("territory", sa.Column("archived_on", types.Day(), nullable=True))
    op.drop_index("ix_assignment_run_id", "assignment")
    op.create_index(
        "uq_rule_exclusion", "rule_exclusion", ["account_id", sa.text("coalesce(territory_id, 0)")], unique=True
    )
    op.execute(
        "INSERT INTO territory_place (territory_id, parent_id, is_archived, valid_from)"
        f" SELECT id, parent_id, {_no()}, '2000-01-01' FROM territory ORDER BY id"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE assignment DROP CONSTRAINT one_owner")
        op.execute(f"ALTER TABLE assignment ADD CONSTRAINT one_owner {_ONE_OWNER}")


_ONE_OWNER = """
EXCLUDE USING gist (
    box(
        point(account_id, valid_from - DATE '2000-01-01'),
        point(account_id, coalesce(valid_to - DATE '2000-01-01', 2147483648) - 0.5)
    ) WITH &&
) WHERE (role = 'owner')
"""
"""An account's owner rows as boxes: as wide as its key, as high as their days. To the server they cost a third of ranges.

Boxes that touch overlap, so each ends half a day early; one without an end ends after the last day there is.
"""


def _no() -> str:
    return "0" if op.get_bind().dialect.name == "sqlite" else "false"
