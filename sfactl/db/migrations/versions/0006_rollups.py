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
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("bookings", types.Whole, nullable=False),
        sa.ForeignKeyConstraint(["month_id"], ["rollup_month.id"], name=op.f("fk_rollup_month_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_rollup_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_rollup_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup")),
        sa.CheckConstraint("kind IN ('revenue', 'overlay', 'booked')", name=op.f("ck_rollup_kind")),
        sa.CheckConstraint("kind = 'booked' OR user_id IS NOT NULL", name=op.f("ck_rollup_person")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_rollup", "rollup",
        ["month_id", "kind", sa.text("coalesce(user_id, 0)"), "territory_id", "currency"], unique=True,
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


def _touch(who: str, place: str, day: str) -> str:
    return (
        f"INSERT INTO rollup_touched (month_id, user_id, territory_id) SELECT id, {who}, {place} FROM rollup_month"
        f" WHERE month = substr({day}, 1, 8) || '01' ON CONFLICT DO NOTHING;"
    )


def _credit(row: str) -> str:
    return _touch(f"{row}.user_id", f"{row}.territory_id", f"{row}.credited_on")


def _order(row: str) -> str:
    return _touch("0", f"{row}.credited_territory_id", f"{row}.booked_on")


_OF_ORDER = "credited_id, credited_territory_id, booked_on, amount_minor, currency"
_TRIGGERS = (
    f"CREATE TRIGGER guard_credit_made AFTER INSERT ON credit BEGIN {_credit('NEW')} END",
    f"CREATE TRIGGER guard_credit_changed AFTER UPDATE ON credit BEGIN {_credit('OLD')} {_credit('NEW')} END",
    f"CREATE TRIGGER guard_credit_gone AFTER DELETE ON credit BEGIN {_credit('OLD')} END",
    f"CREATE TRIGGER guard_order_made AFTER INSERT ON sales_order BEGIN {_order('NEW')} END",
    f"CREATE TRIGGER guard_order_changed AFTER UPDATE OF {_OF_ORDER} ON sales_order BEGIN"
    f" {_order('OLD')} {_order('NEW')} END",
    f"CREATE TRIGGER guard_order_gone AFTER DELETE ON sales_order BEGIN {_order('OLD')} END",
)
"""On a server, the guard makes them (`db/postgres_guard.py`)."""
