"""Expected arrivals, and reservations that never promise a piece twice."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("warehouse_id", types.Whole, nullable=False),
        sa.Column("reference", types.Words, nullable=False),
        sa.Column("quantity_milli", types.Whole, nullable=False),
        sa.Column("expected_on", types.Day(), nullable=False),
        sa.Column("received_on", types.Day(), nullable=True),
        sa.CheckConstraint("quantity_milli >= 0", name=op.f("ck_arrival_quantity")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_arrival_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_arrival_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint(
            "product_id", "warehouse_id", "reference", name=op.f("uq_arrival_product_id_warehouse_id_reference")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_arrival_warehouse_id"), "arrival", ["warehouse_id"], unique=False)
    _make_reservations()
    for statement in _TRIGGERS if op.get_bind().dialect.name == "sqlite" else ():
        op.execute(statement)


def _make_reservations() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("warehouse_id", types.Whole, nullable=False),
        sa.Column("quantity_milli", types.Whole, nullable=False),
        sa.Column("needed_on", types.Day(), nullable=False),
        sa.Column("quote_code", types.Words, nullable=True),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=True),
        sa.Column("made_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("expires_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("status", types.Words, nullable=False),
        sa.Column("ended_at", types.Stamp(timezone=True), nullable=True),
        sa.Column("reason", types.Words, nullable=True),
        sa.CheckConstraint("status IN ('held', 'released', 'expired', 'consumed')", name=op.f("ck_reservation_status")),
        sa.CheckConstraint("quantity_milli > 0", name=op.f("ck_reservation_quantity")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_reservation_product_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_reservation_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_reservation_user_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_reservation_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint("code", name=op.f("uq_reservation_code")),
        sqlite_strict=True,
    )
    op.create_index("ix_reservation_product_id", "reservation", ["product_id", "warehouse_id", "status"], unique=False)
    op.create_index("ix_reservation_status", "reservation", ["status", "expires_at"], unique=False)
    for column in ("quote_code", "territory_id", "user_id", "warehouse_id"):
        op.create_index(op.f(f"ix_reservation_{column}"), "reservation", [column], unique=False)


_SAME = "product_id = NEW.product_id AND warehouse_id = NEW.warehouse_id"
_NOW = "min(NEW.made_at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))"
_COUNTED = f"SELECT 1 FROM stock WHERE {_SAME} AND counted_on > max(substr(r.ended_at, 1, 10), r.needed_on)"
_HELD = (
    f"{_SAME} AND (r.status = 'held' AND r.expires_at > {_NOW} OR r.status = 'consumed' AND NOT EXISTS ({_COUNTED}))"
)
_TRIGGERS = (
    f"""
    CREATE TRIGGER guard_reservation_made BEFORE INSERT ON reservation WHEN NEW.status = 'held' BEGIN
        SELECT RAISE(ABORT, 'sfactl: not enough stock') WHERE EXISTS (
            SELECT 1 FROM (
                SELECT NEW.needed_on AS day
                UNION SELECT r.needed_on FROM reservation AS r WHERE {_HELD} AND r.needed_on > NEW.needed_on
            ) AS days
            WHERE NEW.quantity_milli
                + (SELECT coalesce(sum(r.quantity_milli), 0) FROM reservation AS r WHERE {_HELD} AND r.needed_on <= days.day)
                > (SELECT coalesce(sum(quantity_milli), 0) FROM stock WHERE {_SAME})
                + (SELECT coalesce(sum(quantity_milli), 0) FROM arrival
                    WHERE {_SAME} AND received_on IS NULL AND expected_on <= days.day)
        );
    END
    """,
    """
    CREATE TRIGGER guard_reservation_changed BEFORE UPDATE ON reservation
    WHEN NEW.product_id <> OLD.product_id OR NEW.warehouse_id <> OLD.warehouse_id OR NEW.made_at <> OLD.made_at
        OR NEW.quantity_milli > OLD.quantity_milli OR NEW.needed_on < OLD.needed_on OR NEW.expires_at > OLD.expires_at
        OR OLD.status <> 'held' AND NOT (OLD.status = 'consumed' AND NEW.status = 'released')
    BEGIN
        SELECT RAISE(ABORT, 'sfactl: not enough stock');
    END
    """,
    """
    CREATE TRIGGER guard_reservation_gone BEFORE DELETE ON reservation WHEN OLD.status = 'consumed' BEGIN
        SELECT RAISE(ABORT, 'sfactl: not enough stock');
    END
    """,
)
"""On a server, the guard makes them (`db/postgres_guard.py`)."""
