"""Stored figures of months that are over."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "rollup_month",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("month", types.Day(), nullable=False),
        sa.Column("made_at", types.Stamp(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_month")),
        sa.UniqueConstraint("month", name=op.f("uq_rollup_month_month")),
        sqlite_strict=True,
    )
    op.create_table(
        "rollup",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("month_id", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("bookings", types.Whole, nullable=False),
        sa.ForeignKeyConstraint(["month_id"], ["rollup_month.id"], name=op.f("fk_rollup_month_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_rollup_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_rollup_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup")),
        sa.UniqueConstraint(
            "month_id", "kind", "user_id", "territory_id", "currency",
            name=op.f("uq_rollup_month_id_kind_user_id_territory_id_currency"),
        ),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index("ix_rollup_territory_id", "rollup", ["territory_id", "user_id"], unique=False)
    op.create_index(op.f("ix_rollup_user_id"), "rollup", ["user_id"], unique=False)
    op.create_table(
        "rollup_touched",
        sa.Column("month_id", types.Whole, autoincrement=False, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.PrimaryKeyConstraint("month_id", "user_id", "territory_id", name=op.f("pk_rollup_touched")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for statement in _TRIGGERS if op.get_bind().dialect.name == "sqlite" else ():
        op.execute(statement)


def _touch(row: str) -> str:
    return (
        "INSERT INTO rollup_touched (month_id, user_id, territory_id)"
        f" SELECT id, {row}.user_id, {row}.territory_id FROM rollup_month"
        f" WHERE month = substr({row}.credited_on, 1, 8) || '01' ON CONFLICT DO NOTHING;"
    )


_TRIGGERS = (
    f"CREATE TRIGGER guard_credit_made AFTER INSERT ON credit BEGIN {_touch('NEW')} END",
    f"CREATE TRIGGER guard_credit_changed AFTER UPDATE ON credit BEGIN {_touch('OLD')} {_touch('NEW')} END",
    f"CREATE TRIGGER guard_credit_gone AFTER DELETE ON credit BEGIN {_touch('OLD')} END",
)
"""On a server, the guard makes them (`db/postgres_guard.py`)."""
