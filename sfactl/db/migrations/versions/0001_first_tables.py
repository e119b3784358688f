"""The first tables."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("login", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.Column("email", types.Words, nullable=True),
        sa.Column("title", types.Words, nullable=True),
        sa.Column("manager_id", types.Whole, nullable=True),
        sa.Column("hired_on", types.Day(), nullable=True),
        sa.Column("active", types.Flag(), nullable=False),
        sa.CheckConstraint("manager_id <> id", name=op.f("ck_app_user_not_own_manager")),
        sa.ForeignKeyConstraint(["manager_id"], ["app_user.id"], name=op.f("fk_app_user_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("external_id", name=op.f("uq_app_user_external_id")),
        sa.UniqueConstraint("login", name=op.f("uq_app_user_login")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_app_user_manager_id"), "app_user", ["manager_id"], unique=False)
    op.create_index(op.f("ix_app_user_name_key"), "app_user", ["name_key"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("seq", types.Whole, nullable=False),
        sa.Column("hash", types.Words, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
        sqlite_strict=True,
    )
    op.create_table(
        "import_stage",
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("run_key", types.Words, nullable=False),
        sa.Column("n", types.Whole, nullable=False),
        sa.Column("source", types.Whole, nullable=False),
        sa.Column("line", types.Whole, nullable=False),
        sa.Column("row_id", types.Whole, nullable=True),
        sa.Column("is_new", types.Whole, nullable=True),
        sa.Column("bad", types.Whole, nullable=False),
        sa.Column("k0", types.Whole, nullable=True),
        sa.Column("k1", types.Whole, nullable=True),
        sa.Column("k2", types.Whole, nullable=True),
        sa.Column("k3", types.Whole, nullable=True),
        sa.Column("k4", types.Whole, nullable=True),
        sa.Column("k5", types.Whole, nullable=True),
        sa.Column("f0", types.Words, nullable=True),
        sa.Column("f1", types.Words, nullable=True),
        sa.Column("f2", types.Words, nullable=True),
        sa.Column("f3", types.Words, nullable=True),
        sa.Column("f4", types.Words, nullable=True),
        sa.Column("f5", types.Words, nullable=True),
        sa.Column("f6", types.Words, nullable=True),
        sa.Column("f7", types.Words, nullable=True),
        sa.Column("f8", types.Words, nullable=True),
        sa.Column("f9", types.Words, nullable=True),
        sa.Column("f10", types.Words, nullable=True),
        sa.Column("f11", types.Words, nullable=True),
        sa.Column("f12", types.Words, nullable=True),
        sa.Column("f13", types.Words, nullable=True),
        sa.Column("f14", types.Words, nullable=True),
        sa.Column("f15", types.Words, nullable=True),
        sa.Column("f16", types.Words, nullable=True),
        sa.Column("f17", types.Words, nullable=True),
        sa.Column("f18", types.Words, nullable=True),
        sa.Column("f19", types.Words, nullable=True),
        sa.Column("f20", types.Words, nullable=True),
        sa.Column("f21", types.Words, nullable=True),
        sa.Column("f22", types.Words, nullable=True),
        sa.Column("f23", types.Words, nullable=True),
        sa.PrimaryKeyConstraint("run_key", "n", name=op.f("pk_import_stage")),
        sqlite_strict=True,
    )
    op.create_index("ix_import_stage_row", "import_stage", ["run_key", "source", "row_id"], unique=False)
    op.create_table(
        "process",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
        sa.UniqueConstraint("code", name=op.f("uq_process_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "product",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.Column("family", types.Words, nullable=True),
        sa.Column("subfamily", types.Words, nullable=True),
        sa.Column("unit", types.Words, nullable=True),
        sa.Column("active", types.Flag(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_product_external_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_product_family"), "product", ["family"], unique=False)
    op.create_index(op.f("ix_product_name_key"), "product", ["name_key"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("title", types.Words, nullable=False),
        sa.Column("is_emergency", types.Flag(), nullable=False),
        sa.Column("active", types.Flag(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("code", name=op.f("uq_role_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "skill",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("code", name=op.f("uq_skill_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_skill_external_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_skill_name_key"), "skill", ["name_key"], unique=False)
    op.create_table(
        "territory",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.Column("parent_id", types.Whole, nullable=True),
        sa.Column("kind", types.Words, nullable=True),
        sa.Column("priority", types.Whole, nullable=False),
        sa.Column("tree_left", types.Whole, nullable=False),
        sa.Column("tree_right", types.Whole, nullable=False),
        sa.Column("depth", types.Whole, nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_territory_not_own_parent")),
        sa.CheckConstraint("tree_left < tree_right", name=op.f("ck_territory_tree")),
        sa.ForeignKeyConstraint(["parent_id"], ["territory.id"], name=op.f("fk_territory_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory")),
        sa.UniqueConstraint("code", name=op.f("uq_territory_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_territory_external_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_territory_name_key"), "territory", ["name_key"], unique=False)
    op.create_index(op.f("ix_territory_parent_id"), "territory", ["parent_id"], unique=False)
    op.create_index("ix_territory_tree", "territory", ["tree_left", "tree_right"], unique=False)
    op.create_table(
        "warehouse",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
        sa.UniqueConstraint("code", name=op.f("uq_warehouse_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "workspace",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("fiscal_first_month", types.Whole, nullable=False),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        sqlite_strict=True,
    )
    op.create_table(
        "account",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("owner_id", types.Whole, nullable=True),
        sa.Column("parent_id", types.Whole, nullable=True),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("segment", types.Words, nullable=True),
        sa.Column("industry", types.Words, nullable=True),
        sa.Column("city", types.Words, nullable=True),
        sa.Column("region", types.Words, nullable=True),
        sa.Column("country", types.Words, nullable=True),
        sa.Column("postal_code", types.Words, nullable=True),
        sa.Column("phone", types.Words, nullable=True),
        sa.Column("website", types.Words, nullable=True),
        sa.Column("employees", types.Whole, nullable=True),
        sa.Column("annual_revenue_minor", types.Whole, nullable=True),
        sa.Column("currency", types.Words, nullable=False),
        sa.CheckConstraint("kind IN ('customer', 'prospect', 'partner')", name=op.f("ck_account_kind")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_account_owner_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["account.id"], name=op.f("fk_account_parent_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_account_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("code", name=op.f("uq_account_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_account_external_id")),
        sa.UniqueConstraint("id", "territory_id", name=op.f("uq_account_id_territory_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_account_name_key"), "account", ["name_key"], unique=False)
    op.create_index(op.f("ix_account_owner_id"), "account", ["owner_id"], unique=False)
    op.create_index(op.f("ix_account_parent_id"), "account", ["parent_id"], unique=False)
    op.create_index("ix_account_territory_id", "account", ["territory_id", "code"], unique=False)
    op.create_table(
        "audit_event",
        sa.Column("seq", types.Whole, autoincrement=False, nullable=False),
        sa.Column("at", types.Stamp(), nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("actor_id", types.Whole, nullable=False),
        sa.Column("action", types.Words, nullable=False),
        sa.Column("entity", types.Words, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=True),
        sa.Column("run_key", types.Words, nullable=True),
        sa.Column("details", types.Words, nullable=False),
        sa.Column("previous_hash", types.Words, nullable=False),
        sa.Column("hash", types.Words, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["app_user.id"], name=op.f("fk_audit_event_actor_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_audit_event_user_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_event_hash")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_audit_event_actor_id"), "audit_event", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_event_user_id"), "audit_event", ["user_id"], unique=False)
    op.create_table(
        "deputy",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("deputy_id", types.Whole, nullable=False),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=False),
        sa.Column("reason", types.Words, nullable=True),
        sa.CheckConstraint("deputy_id <> user_id", name=op.f("ck_deputy_not_oneself")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_deputy_dates")),
        sa.ForeignKeyConstraint(["deputy_id"], ["app_user.id"], name=op.f("fk_deputy_deputy_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_deputy_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
        sa.UniqueConstraint("user_id", "deputy_id", "valid_from", name=op.f("uq_deputy_user_id_deputy_id_valid_from")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_deputy_deputy_id"), "deputy", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_deputy_user_id"), "deputy", ["user_id"], unique=False)
    op.create_table(
        "emergency_grant",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("role_id", types.Whole, nullable=False),
        sa.Column("day", types.Day(), nullable=False),
        sa.Column("granted_at", types.Stamp(), nullable=False),
        sa.Column("reason", types.Words, nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_emergency_grant_reason")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_emergency_grant_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_emergency_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_grant")),
        sa.UniqueConstraint("user_id", "role_id", "day", name=op.f("uq_emergency_grant_user_id_role_id_day")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_emergency_grant_user_id"), "emergency_grant", ["user_id"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("key", types.Words, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("done_at", types.Stamp(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_idempotency_key_user_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_idempotency_key_user_id"), "idempotency_key", ["user_id"], unique=False)
    op.create_table(
        "policy_version",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("number", types.Whole, nullable=False),
        sa.Column("applied_at", types.Stamp(), nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("digest", types.Words, nullable=False),
        sa.Column("content", types.Words, nullable=False),
        sa.Column("reason", types.Words, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_policy_version_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("number", name=op.f("uq_policy_version_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_policy_version_user_id"), "policy_version", ["user_id"], unique=False)
    op.create_table(
        "price",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("price_book", types.Words, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("unit_price_e4", types.Whole, nullable=False),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.CheckConstraint("unit_price_e4 >= 0", name=op.f("ck_price_price")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_price_dates")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_price_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
        sa.UniqueConstraint(
            "product_id",
            "price_book",
            "currency",
            "valid_from",
            name=op.f("uq_price_product_id_price_book_currency_valid_from"),
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "product_cost",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("cost_e4", types.Whole, nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_cost_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_cost")),
        sa.UniqueConstraint("product_id", "currency", name=op.f("uq_product_cost_product_id_currency")),
        sqlite_strict=True,
    )
    op.create_table(
        "quota",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("measure", types.Words, nullable=False),
        sa.Column("product_family", types.Words, nullable=True),
        sa.Column("starts_on", types.Day(), nullable=False),
        sa.Column("ends_on", types.Day(), nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.CheckConstraint(
            "measure IN ('revenue', 'units', 'won_amount', 'won_count', 'activities_done')",
            name=op.f("ck_quota_measure"),
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_quota_amount")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_quota_dates")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_quota_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_quota_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("external_id", name=op.f("uq_quota_external_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_quota_starts_on", "quota", ["starts_on", "measure"], unique=False)
    op.create_index(op.f("ix_quota_territory_id"), "quota", ["territory_id"], unique=False)
    op.create_index(op.f("ix_quota_user_id"), "quota", ["user_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("role_id", types.Whole, nullable=False),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.Column("granted_at", types.Stamp(), nullable=False),
        sa.Column("reason", types.Words, nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_role_grant_dates")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_role_grant_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_role_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("user_id", "role_id", "valid_from", name=op.f("uq_role_grant_user_id_role_id_valid_from")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_role_grant_user_id"), "role_grant", ["user_id"], unique=False)
    op.create_table(
        "role_permission",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("role_id", types.Whole, nullable=False),
        sa.Column("noun", types.Words, nullable=False),
        sa.Column("action", types.Words, nullable=False),
        sa.Column("scope", types.Words, nullable=False),
        sa.CheckConstraint("scope IN ('own', 'territory', 'subtree', 'all')", name=op.f("ck_role_permission_scope")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_role_permission_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_permission")),
        sa.UniqueConstraint("role_id", "noun", "action", name=op.f("uq_role_permission_role_id_noun_action")),
        sqlite_strict=True,
    )
    op.create_table(
        "run",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("key", types.Words, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("started_at", types.Stamp(), nullable=False),
        sa.Column("reason", types.Words, nullable=True),
        sa.Column("digest", types.Words, nullable=True),
        sa.Column("summary", types.Words, nullable=False),
        sa.CheckConstraint("kind IN ('import', 'policy', 'plan', 'undo')", name=op.f("ck_run_kind")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_run_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("key", name=op.f("uq_run_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_run_user_id"), "run", ["user_id"], unique=False)
    op.create_table(
        "stage",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("process_id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("position", types.Whole, nullable=False),
        sa.Column("probability_bp", types.Whole, nullable=False),
        sa.Column("category", types.Words, nullable=False),
        sa.Column("status", types.Words, nullable=False),
        sa.Column("guidance", types.Words, nullable=True),
        sa.Column("active", types.Flag(), nullable=False),
        sa.CheckConstraint(
            "category IN ('pipeline', 'best_case', 'commit', 'closed', 'omitted')", name=op.f("ck_stage_category")
        ),
        sa.CheckConstraint("status IN ('open', 'won', 'lost')", name=op.f("ck_stage_status")),
        sa.CheckConstraint("probability_bp BETWEEN 0 AND 10000", name=op.f("ck_stage_probability")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_stage_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("process_id", "code", name=op.f("uq_stage_process_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "stock",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("warehouse_id", types.Whole, nullable=False),
        sa.Column("quantity_milli", types.Whole, nullable=False),
        sa.Column("reorder_milli", types.Whole, nullable=True),
        sa.Column("bin", types.Words, nullable=True),
        sa.Column("counted_on", types.Day(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock")),
        sa.UniqueConstraint("product_id", "warehouse_id", name=op.f("uq_stock_product_id_warehouse_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_stock_warehouse_id"), "stock", ["warehouse_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("lead_id", types.Whole, nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["app_user.id"], name=op.f("fk_team_lead_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_team_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("code", name=op.f("uq_team_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_team_external_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_team_lead_id"), "team", ["lead_id"], unique=False)
    op.create_index(op.f("ix_team_name_key"), "team", ["name_key"], unique=False)
    op.create_index(op.f("ix_team_territory_id"), "team", ["territory_id"], unique=False)
    op.create_table(
        "territory_member",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("role", types.Words, nullable=False),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.CheckConstraint(
            "role IN ('manager', 'account_manager', 'specialist')", name=op.f("ck_territory_member_role")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_territory_member_dates")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_territory_member_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_territory_member_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_member")),
        sa.UniqueConstraint(
            "territory_id",
            "user_id",
            "role",
            "valid_from",
            name=op.f("uq_territory_member_territory_id_user_id_role_valid_from"),
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_territory_member_territory_id"), "territory_member", ["territory_id"], unique=False)
    op.create_index("ix_territory_member_user_id", "territory_member", ["user_id", "valid_from"], unique=False)
    op.create_table(
        "user_identity",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.CheckConstraint("kind IN ('os', 'postgresql')", name=op.f("ck_user_identity_kind")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_identity_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_identity")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_user_identity_kind_name")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_user_identity_user_id"), "user_identity", ["user_id"], unique=False)
    op.create_table(
        "user_skill",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("skill_id", types.Whole, nullable=False),
        sa.Column("level", types.Whole, nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_user_skill_level")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_user_skill_skill_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_skill_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_skill")),
        sa.UniqueConstraint("user_id", "skill_id", name=op.f("uq_user_skill_user_id_skill_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_user_skill_skill_id"), "user_skill", ["skill_id"], unique=False)
    op.create_table(
        "account_need",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("skill_id", types.Whole, nullable=False),
        sa.Column("level", types.Whole, nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_account_need_level")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_need_account_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_account_need_skill_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_need")),
        sa.UniqueConstraint("account_id", "skill_id", name=op.f("uq_account_need_account_id_skill_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_account_need_skill_id"), "account_need", ["skill_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("role", types.Words, nullable=False),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.Column("cause", types.Words, nullable=False),
        sa.Column("run_id", types.Whole, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.CheckConstraint("role = 'owner' OR user_id IS NOT NULL", name=op.f("ck_assignment_person")),
        sa.CheckConstraint("role IN ('owner', 'overlay', 'specialist')", name=op.f("ck_assignment_role")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_assignment_dates")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_assignment_account_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_assignment_run_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_assignment_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_assignment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_assignment_run_id"), "assignment", ["run_id"], unique=False)
    op.create_index("ix_assignment_territory_id", "assignment", ["territory_id", "user_id"], unique=False)
    op.create_index(op.f("ix_assignment_user_id"), "assignment", ["user_id"], unique=False)
    op.create_index(
        "uq_assignment_open_owner",
        "assignment",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("role = 'owner' AND valid_to IS NULL"),
        postgresql_where=sa.text("role = 'owner' AND valid_to IS NULL"),
    )
    op.create_index("uq_assignment_person", "assignment", ["account_id", "user_id", "role", "valid_from"], unique=True)
    op.create_table(
        "audit_detail",
        sa.Column("seq", types.Whole, autoincrement=False, nullable=False),
        sa.Column("salt", types.Words, nullable=True),
        sa.Column("key", types.Words, nullable=True),
        sa.Column("content", types.Words, nullable=True),
        sa.CheckConstraint(
            "(salt IS NULL) = (content IS NULL) AND (salt IS NOT NULL OR key IS NULL)",
            name=op.f("ck_audit_detail_whole"),
        ),
        sa.ForeignKeyConstraint(["seq"], ["audit_event.seq"], name=op.f("fk_audit_detail_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_detail")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_audit_detail_key"), "audit_detail", ["key"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("owner_id", types.Whole, nullable=True),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.Column("title", types.Words, nullable=True),
        sa.Column("email", types.Words, nullable=True),
        sa.Column("phone", types.Words, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "territory_id"],
            ["account.id", "account.territory_id"],
            name=op.f("fk_contact_account_id_territory_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_contact_owner_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_contact_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("external_id", name=op.f("uq_contact_external_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_contact_account_id", "contact", ["account_id", "territory_id"], unique=False)
    op.create_index(op.f("ix_contact_name_key"), "contact", ["name_key"], unique=False)
    op.create_index(op.f("ix_contact_owner_id"), "contact", ["owner_id"], unique=False)
    op.create_index(op.f("ix_contact_territory_id"), "contact", ["territory_id"], unique=False)
    op.create_table(
        "opportunity",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("name_key", types.Words, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("account_name", types.Words, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("owner_id", types.Whole, nullable=True),
        sa.Column("credited_territory_id", types.Whole, nullable=False),
        sa.Column("credited_id", types.Whole, nullable=True),
        sa.Column("stage_id", types.Whole, nullable=False),
        sa.Column("status", types.Words, nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("probability_bp", types.Whole, nullable=True),
        sa.Column("close_on", types.Day(), nullable=False),
        sa.Column("opened_on", types.Day(), nullable=False),
        sa.Column("closed_on", types.Day(), nullable=True),
        sa.Column("product_family", types.Words, nullable=True),
        sa.Column("next_step", types.Words, nullable=True),
        sa.CheckConstraint("(status = 'open') = (closed_on IS NULL)", name=op.f("ck_opportunity_closed")),
        sa.CheckConstraint("status IN ('open', 'won', 'lost')", name=op.f("ck_opportunity_status")),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_opportunity_amount")),
        sa.CheckConstraint(
            "probability_bp IS NULL OR probability_bp BETWEEN 0 AND 10000", name=op.f("ck_opportunity_probability")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "territory_id"],
            ["account.id", "account.territory_id"],
            name=op.f("fk_opportunity_account_id_territory_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["credited_id"], ["app_user.id"], name=op.f("fk_opportunity_credited_id")),
        sa.ForeignKeyConstraint(
            ["credited_territory_id"], ["territory.id"], name=op.f("fk_opportunity_credited_territory_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_opportunity_owner_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_opportunity_stage_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_opportunity_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sa.UniqueConstraint("code", name=op.f("uq_opportunity_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_opportunity_external_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_opportunity_account_id", "opportunity", ["account_id", "territory_id"], unique=False)
    op.create_index(op.f("ix_opportunity_credited_id"), "opportunity", ["credited_id"], unique=False)
    op.create_index(
        op.f("ix_opportunity_credited_territory_id"), "opportunity", ["credited_territory_id"], unique=False
    )
    op.create_index(op.f("ix_opportunity_name_key"), "opportunity", ["name_key"], unique=False)
    op.create_index(op.f("ix_opportunity_owner_id"), "opportunity", ["owner_id"], unique=False)
    op.create_index(
        "ix_opportunity_pipeline", "opportunity", ["status", "credited_territory_id", "close_on"], unique=False
    )
    op.create_index(op.f("ix_opportunity_stage_id"), "opportunity", ["stage_id"], unique=False)
    op.create_index(op.f("ix_opportunity_territory_id"), "opportunity", ["territory_id"], unique=False)
    op.create_table(
        "run_change",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("run_id", types.Whole, nullable=False),
        sa.Column("entity", types.Words, nullable=False),
        sa.Column("row_id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=True),
        sa.Column("before", types.Words, nullable=True),
        sa.Column("after", types.Words, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_change_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_change")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_run_change_run_id"), "run_change", ["run_id"], unique=False)
    op.create_table(
        "sales_order",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("account_name", types.Words, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("owner_id", types.Whole, nullable=True),
        sa.Column("credited_territory_id", types.Whole, nullable=False),
        sa.Column("credited_id", types.Whole, nullable=True),
        sa.Column("booked_on", types.Day(), nullable=False),
        sa.Column("completed_on", types.Day(), nullable=True),
        sa.Column("channel", types.Words, nullable=True),
        sa.Column("status", types.Words, nullable=True),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("tax_minor", types.Whole, nullable=False),
        sa.Column("freight_minor", types.Whole, nullable=False),
        sa.Column("total_minor", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("purchase_order", types.Words, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "territory_id"],
            ["account.id", "account.territory_id"],
            name=op.f("fk_sales_order_account_id_territory_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["credited_id"], ["app_user.id"], name=op.f("fk_sales_order_credited_id")),
        sa.ForeignKeyConstraint(
            ["credited_territory_id"], ["territory.id"], name=op.f("fk_sales_order_credited_territory_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_sales_order_owner_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_sales_order_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("code", name=op.f("uq_sales_order_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_sales_order_external_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_sales_order_account_id", "sales_order", ["account_id", "territory_id"], unique=False)
    op.create_index(
        "ix_sales_order_in_scope",
        "sales_order",
        ["booked_on", "currency", "amount_minor", "territory_id", "credited_territory_id", "owner_id", "credited_id"],
        unique=False,
    )
    op.create_index(op.f("ix_sales_order_credited_id"), "sales_order", ["credited_id"], unique=False)
    op.create_index(
        "ix_sales_order_figures",
        "sales_order",
        ["credited_territory_id", "booked_on", "amount_minor", "channel", "account_id", "total_minor", "currency"],
        unique=False,
    )
    op.create_index(op.f("ix_sales_order_owner_id"), "sales_order", ["owner_id"], unique=False)
    op.create_index(op.f("ix_sales_order_territory_id"), "sales_order", ["territory_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("team_id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("role", types.Words, nullable=True),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_team_member_dates")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_team_member_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        sa.UniqueConstraint("team_id", "user_id", "valid_from", name=op.f("uq_team_member_team_id_user_id_valid_from")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_team_member_user_id"), "team_member", ["user_id"], unique=False)
    op.create_table(
        "activity",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(), nullable=False),
        sa.Column("updated_at", types.Stamp(), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("subject", types.Words, nullable=False),
        sa.Column("account_id", types.Whole, nullable=True),
        sa.Column("account_name", types.Words, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=True),
        sa.Column("owner_id", types.Whole, nullable=False),
        sa.Column("planned_on", types.Day(), nullable=True),
        sa.Column("done_on", types.Day(), nullable=True),
        sa.Column("note", types.Words, nullable=True),
        sa.CheckConstraint("kind IN ('call', 'visit', 'meeting', 'email', 'task')", name=op.f("ck_activity_kind")),
        sa.ForeignKeyConstraint(
            ["account_id", "territory_id"],
            ["account.id", "account.territory_id"],
            name=op.f("fk_activity_account_id_territory_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_activity_opportunity_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_activity_owner_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_activity_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("external_id", name=op.f("uq_activity_external_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_activity_account_id", "activity", ["account_id", "territory_id"], unique=False)
    op.create_index(op.f("ix_activity_opportunity_id"), "activity", ["opportunity_id"], unique=False)
    op.create_index("ix_activity_owner_id", "activity", ["owner_id", "planned_on"], unique=False)
    op.create_index(op.f("ix_activity_territory_id"), "activity", ["territory_id"], unique=False)
    op.create_table(
        "credit",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("order_id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("share_bp", types.Whole, nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("credited_on", types.Day(), nullable=False),
        sa.CheckConstraint("kind IN ('revenue', 'overlay')", name=op.f("ck_credit_kind")),
        sa.CheckConstraint("share_bp BETWEEN 0 AND 10000", name=op.f("ck_credit_share")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_credit_order_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_credit_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_credit_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("order_id", "user_id", "kind", name=op.f("uq_credit_order_id_user_id_kind")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_credit_figures",
        "credit",
        ["kind", "user_id", "credited_on", "amount_minor", "territory_id", "currency"],
        unique=False,
    )
    op.create_index(op.f("ix_credit_territory_id"), "credit", ["territory_id"], unique=False)
    op.create_index(op.f("ix_credit_user_id"), "credit", ["user_id"], unique=False)
    op.create_table(
        "opportunity_split",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("share_bp", types.Whole, nullable=False),
        sa.CheckConstraint("kind IN ('revenue', 'overlay')", name=op.f("ck_opportunity_split_kind")),
        sa.CheckConstraint("share_bp BETWEEN 0 AND 10000", name=op.f("ck_opportunity_split_share")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_opportunity_split_opportunity_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_opportunity_split_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_split")),
        sa.UniqueConstraint(
            "opportunity_id", "user_id", "kind", name=op.f("uq_opportunity_split_opportunity_id_user_id_kind")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_opportunity_split_user_id"), "opportunity_split", ["user_id"], unique=False)
    op.create_table(
        "sales_order_line",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("order_id", types.Whole, nullable=False),
        sa.Column("line", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("quantity_milli", types.Whole, nullable=False),
        sa.Column("unit_price_e4", types.Whole, nullable=True),
        sa.Column("discount_bp", types.Whole, nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.CheckConstraint("discount_bp BETWEEN 0 AND 10000", name=op.f("ck_sales_order_line_discount")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_sales_order_line_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_sales_order_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_line")),
        sa.UniqueConstraint("order_id", "line", name=op.f("uq_sales_order_line_order_id_line")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_sales_order_line_product_id"), "sales_order_line", ["product_id"], unique=False)
    op.create_table(
        "stage_change",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=False),
        sa.Column("stage_id", types.Whole, nullable=False),
        sa.Column("entered_at", types.Stamp(), nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_stage_change_opportunity_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_stage_change_stage_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_stage_change_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_change")),
        sqlite_strict=True,
    )
    op.create_index("ix_stage_change_opportunity_id", "stage_change", ["opportunity_id", "entered_at"], unique=False)
    op.create_index(op.f("ix_stage_change_user_id"), "stage_change", ["user_id"], unique=False)
    op.create_index(
        "uq_quota_window",
        "quota",
        [
            sa.text("coalesce(user_id, 0)"),
            sa.text("(CASE WHEN user_id IS NULL THEN territory_id ELSE 0 END)"),
            "measure",
            sa.text("coalesce(product_family, '')"),
            "starts_on",
        ],
        unique=True,
    )
    _triggers()
    op.execute("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '" + "0" * 64 + "')")


def _triggers() -> None:
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)


_SQLITE = (
    """
    CREATE TRIGGER guard_audit_update BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_audit_delete BEFORE DELETE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_audit_insert BEFORE INSERT ON audit_event
    WHEN NEW.seq <= (SELECT seq FROM audit_head WHERE id = 1)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_detail_update BEFORE UPDATE ON audit_detail
    WHEN NEW.seq IS NOT OLD.seq OR NEW.salt IS NOT NULL OR NEW.key IS NOT NULL OR NEW.content IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_detail_delete BEFORE DELETE ON audit_detail
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_detail_insert BEFORE INSERT ON audit_detail
    WHEN EXISTS (SELECT 1 FROM audit_detail WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_change_update BEFORE UPDATE ON run_change
    WHEN NEW.id IS NOT OLD.id OR NEW.run_id IS NOT OLD.run_id OR NEW.before IS NOT NULL OR NEW.after IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_change_delete BEFORE DELETE ON run_change
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER guard_one_owner_insert BEFORE INSERT ON assignment
    WHEN NEW.role = 'owner' AND EXISTS (
        SELECT 1 FROM assignment AS other
        WHERE other.account_id = NEW.account_id AND other.role = 'owner' AND other.id IS NOT NEW.id
        AND other.valid_from < coalesce(NEW.valid_to, '9999-12-31')
        AND NEW.valid_from < coalesce(other.valid_to, '9999-12-31')
    )
    BEGIN SELECT RAISE(ABORT, 'an account has one owner at a time'); END
    """,
    """
    CREATE TRIGGER guard_one_owner_update BEFORE UPDATE OF account_id, role, valid_from, valid_to ON assignment
    WHEN NEW.role = 'owner' AND EXISTS (
        SELECT 1 FROM assignment AS other
        WHERE other.account_id = NEW.account_id AND other.role = 'owner' AND other.id <> NEW.id
        AND other.valid_from < coalesce(NEW.valid_to, '9999-12-31')
        AND NEW.valid_from < coalesce(other.valid_to, '9999-12-31')
    )
    BEGIN SELECT RAISE(ABORT, 'an account has one owner at a time'); END
    """,
)
_POSTGRESQL = (
    """
    ALTER TABLE assignment ADD CONSTRAINT one_owner EXCLUDE USING gist (
        int8range(account_id, account_id, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&
    ) WHERE (role = 'owner')
    """,
    """
    CREATE FUNCTION guard_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
    """,
    """
    CREATE TRIGGER guard_audit BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION guard_audit()
    """,
    """
    CREATE TRIGGER guard_detail BEFORE DELETE OR TRUNCATE ON audit_detail
    FOR EACH STATEMENT EXECUTE FUNCTION guard_audit()
    """,
    """
    CREATE TRIGGER guard_detail_update BEFORE UPDATE ON audit_detail FOR EACH ROW
    WHEN (NEW.seq <> OLD.seq OR NEW.salt IS NOT NULL OR NEW.key IS NOT NULL OR NEW.content IS NOT NULL) EXECUTE FUNCTION guard_audit()
    """,
    """
    CREATE TRIGGER guard_change BEFORE DELETE OR TRUNCATE ON run_change
    FOR EACH STATEMENT EXECUTE FUNCTION guard_audit()
    """,
    """
    CREATE TRIGGER guard_change_update BEFORE UPDATE ON run_change FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.run_id <> OLD.run_id OR NEW.before IS NOT NULL OR NEW.after IS NOT NULL)
    EXECUTE FUNCTION guard_audit()
    """,
)
