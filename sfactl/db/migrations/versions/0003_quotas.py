"""Quotas: loads and versions, teams, curves and ramps, adjustments."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0003"
down_revision = "0002"

_MEASURES = "measure IN ('revenue', 'units', 'won_amount', 'won_count', 'activities_done')"
_COLUMNS = (
    "id, external_id, created_at, updated_at, version, user_id, territory_id, measure, product_family, starts_on, ends_on,"
    " amount_minor, currency"
)
_KNOWN_SINCE = "'2000-01-01'"
"""Quotas of whose making nothing was kept count as known from the beginning."""


def upgrade() -> None:
    _make_loads()
    op.execute(
        "INSERT INTO quota_load (id, loaded_at, loaded_on, user_id, kind)"
        f" SELECT 1, min(created_at), {_KNOWN_SINCE}, (SELECT min(id) FROM app_user), 'import'"
        " FROM quota HAVING count(*) > 0"
    )
    _make_adjustments()
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        _alter()
    _make_indexes()


def _make_loads() -> None:
    op.create_table(
        "quota_load",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("loaded_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("loaded_on", types.Day(), nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("run_key", types.Words, nullable=True),
        sa.Column("reason", types.Words, nullable=True),
        sa.CheckConstraint(
            "kind IN ('import', 'set', 'allocate', 'adjust', 'move', 'undo')", name=op.f("ck_quota_load_kind")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_quota_load_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_load")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_quota_load_run_key"), "quota_load", ["run_key"], unique=False)
    op.create_index(op.f("ix_quota_load_user_id"), "quota_load", ["user_id"], unique=False)


def _make_adjustments() -> None:
    op.create_table(
        "quota_adjustment",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("team_id", types.Whole, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("measure", types.Words, nullable=False),
        sa.Column("product_family", types.Words, nullable=True),
        sa.Column("counts_from", types.Day(), nullable=False),
        sa.Column("ends_on", types.Day(), nullable=True),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("reason", types.Words, nullable=False),
        sa.Column("cause", types.Words, nullable=False),
        sa.Column("load_id", types.Whole, nullable=False),
        sa.Column("loaded_on", types.Day(), nullable=False),
        sa.Column("replaced_by", types.Whole, nullable=True),
        sa.Column("replaced_on", types.Day(), nullable=True),
        sa.CheckConstraint("user_id IS NULL OR team_id IS NULL", name=op.f("ck_quota_adjustment_target")),
        sa.CheckConstraint("ends_on > counts_from", name=op.f("ck_quota_adjustment_dates")),
        sa.CheckConstraint(_MEASURES, name=op.f("ck_quota_adjustment_measure")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_quota_adjustment_user_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_quota_adjustment_team_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_quota_adjustment_territory_id")),
        sa.ForeignKeyConstraint(["load_id"], ["quota_load.id"], name=op.f("fk_quota_adjustment_load_id")),
        sa.ForeignKeyConstraint(["replaced_by"], ["quota_load.id"], name=op.f("fk_quota_adjustment_replaced_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_adjustment")),
        sqlite_strict=True,
    )
    op.create_index("ix_quota_adjustment_counts_from", "quota_adjustment", ["counts_from", "measure"], unique=False)
    for column in ("user_id", "team_id", "territory_id", "load_id", "replaced_by"):
        op.create_index(op.f(f"ix_quota_adjustment_{column}"), "quota_adjustment", [column], unique=False)


_NEW: tuple[tuple[str, Any], ...] = (
    ("team_id", types.Whole), ("seasonality", types.Words), ("ramp", types.Words), ("active_from", types.Day()),
    ("active_until", types.Day()), ("load_id", types.Whole), ("loaded_on", types.Day()), ("replaced_by", types.Whole),
    ("replaced_on", types.Day()),
)  # fmt: skip


def _alter() -> None:
    """On a server the table gets what it lacks."""
    op.drop_index("uq_quota_window", "quota")
    for name, kind in _NEW:
        op.add_column("quota", sa.Column(name, kind, nullable=True))
    op.execute(f"UPDATE quota SET load_id = 1, loaded_on = {_KNOWN_SINCE}")
    op.alter_column("quota", "load_id", nullable=False)
    op.alter_column("quota", "loaded_on", nullable=False)
    op.create_check_constraint(op.f("ck_quota_target"), "quota", "user_id IS NULL OR team_id IS NULL")
    op.create_check_constraint(op.f("ck_quota_active"), "quota", "active_until > active_from")
    for column, table in (("team_id", "team"), ("load_id", "quota_load"), ("replaced_by", "quota_load")):
        op.create_foreign_key(op.f(f"fk_quota_{column}"), "quota", table, [column], ["id"])


def _make_anew() -> None:
    """In a file the table is made anew, since a column that points elsewhere cannot be added with a value."""
    for name in ("uq_quota_window", "ix_quota_starts_on", "ix_quota_territory_id", "ix_quota_user_id"):
        op.drop_index(name, "quota")
    op.rename_table("quota", "quota_before")
    op.create_table(
        "quota",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("updated_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("team_id", types.Whole, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("measure", types.Words, nullable=False),
        sa.Column("product_family", types.Words, nullable=True),
        sa.Column("starts_on", types.Day(), nullable=False),
        sa.Column("ends_on", types.Day(), nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("seasonality", types.Words, nullable=True),
        sa.Column("ramp", types.Words, nullable=True),
        sa.Column("active_from", types.Day(), nullable=True),
        sa.Column("active_until", types.Day(), nullable=True),
        sa.Column("load_id", types.Whole, nullable=False),
        sa.Column("loaded_on", types.Day(), nullable=False),
        sa.Column("replaced_by", types.Whole, nullable=True),
        sa.Column("replaced_on", types.Day(), nullable=True),
        sa.CheckConstraint(_MEASURES, name=op.f("ck_quota_measure")),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_quota_amount")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_quota_dates")),
        sa.CheckConstraint("user_id IS NULL OR team_id IS NULL", name=op.f("ck_quota_target")),
        sa.CheckConstraint("active_until > active_from", name=op.f("ck_quota_active")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_quota_user_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_quota_team_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_quota_territory_id")),
        sa.ForeignKeyConstraint(["load_id"], ["quota_load.id"], name=op.f("fk_quota_load_id")),
        sa.ForeignKeyConstraint(["replaced_by"], ["quota_load.id"], name=op.f("fk_quota_replaced_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("external_id", name=op.f("uq_quota_external_id")),
        sqlite_strict=True,
    )
    op.execute(
        f"INSERT INTO quota ({_COLUMNS}, load_id, loaded_on)"
        f" SELECT {_COLUMNS}, 1, {_KNOWN_SINCE} FROM quota_before ORDER BY id"
    )
    op.drop_table("quota_before")
    op.create_index("ix_quota_starts_on", "quota", ["starts_on", "measure"], unique=False)
    op.create_index(op.f("ix_quota_territory_id"), "quota", ["territory_id"], unique=False)
    op.create_index(op.f("ix_quota_user_id"), "quota", ["user_id"], unique=False)


def _make_indexes() -> None:
    op.create_index("ix_quota_ends_on", "quota", ["ends_on", "measure"], unique=False)
    for column in ("team_id", "load_id", "replaced_by"):
        op.create_index(op.f(f"ix_quota_{column}"), "quota", [column], unique=False)
    op.create_index(
        "uq_quota_window",
        "quota",
        [
            sa.text("coalesce(user_id, 0)"),
            sa.text("coalesce(team_id, 0)"),
            sa.text("(CASE WHEN user_id IS NULL AND team_id IS NULL THEN territory_id ELSE 0 END)"),
            "measure",
            sa.text("coalesce(product_family, '')"),
            "starts_on",
        ],
        unique=True,
        sqlite_where=sa.text("replaced_by IS NULL"),
        postgresql_where=sa.text("replaced_by IS NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('quota_load', 'id'), max(id)) FROM quota_load HAVING max(id) > 0"
        )
