"""The pipeline over time, and judgements."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "opportunity_change",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=False),
        sa.Column("recorded_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("close_on", types.Day(), nullable=False),
        sa.Column("closed_on", types.Day(), nullable=True),
        sa.Column("stage_id", types.Whole, nullable=True),
        sa.Column("status", types.Words, nullable=False),
        sa.Column("probability_bp", types.Whole, nullable=True),
        sa.Column("credited_id", types.Whole, nullable=True),
        sa.Column("credited_territory_id", types.Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_opportunity_change_opportunity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_change")),
        sqlite_strict=True,
    )
    _make_judgements()
    op.add_column("stage", sa.Column("stuck_after", types.Whole, server_default="30", nullable=False))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _backfill("T00:00:00.000000Z" if is_sqlite else " 00:00:00+00"):
        op.execute(statement if is_sqlite else statement.replace("min(", "least("))
    op.create_index(
        "ix_opportunity_change_opportunity_id",
        "opportunity_change",
        ["opportunity_id", "id", "recorded_at", "stage_id"],
        unique=False,
    )
    op.create_index(
        "ix_opportunity_change_recorded_at", "opportunity_change", ["recorded_at", "opportunity_id"], unique=False
    )
    for statement in _TRIGGERS if is_sqlite else ():
        op.execute(statement)


def _make_judgements() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=True),
        sa.Column("author_id", types.Whole, nullable=False),
        sa.Column("category", types.Words, nullable=True),
        sa.Column("amount_minor", types.Whole, nullable=True),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("close_on", types.Day(), nullable=True),
        sa.Column("starts_on", types.Day(), nullable=True),
        sa.Column("ends_on", types.Day(), nullable=True),
        sa.Column("note", types.Words, nullable=True),
        sa.Column("made_at", types.Stamp(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('commit', 'best_case', 'pipeline', 'omitted')", name=op.f("ck_judgement_category")
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_judgement_amount")),
        sa.CheckConstraint(
            "CASE WHEN opportunity_id IS NULL THEN starts_on IS NOT NULL AND ends_on > starts_on AND amount_minor IS NOT NULL"
            " ELSE starts_on IS NULL END",
            name=op.f("ck_judgement_about"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_judgement_author_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_judgement_opportunity_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_judgement_territory_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_judgement_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sqlite_strict=True,
    )
    op.create_index("ix_judgement_opportunity_id", "judgement", ["opportunity_id", "id"], unique=False)
    op.create_index("ix_judgement_starts_on", "judgement", ["starts_on", "ends_on"], unique=False)
    for column in ("author_id", "territory_id", "user_id"):
        op.create_index(op.f(f"ix_judgement_{column}"), "judgement", [column], unique=False)


_KEPT = (
    "amount_minor", "currency", "close_on", "closed_on", "stage_id", "status", "probability_bp", "credited_id",
    "credited_territory_id",
)  # fmt: skip
_NAMES = ", ".join(_KEPT)
_OPEN_THEN = "amount_minor, currency, close_on, NULL, NULL, 'open', probability_bp, credited_id, credited_territory_id"


def _backfill(midnight: str) -> tuple[str, ...]:
    """What is known of the opportunities that are there: since when each was open, and since when it is closed."""

    def at(column: str) -> str:
        moment = f"{column} || '{midnight}'"
        return moment if midnight.startswith("T") else f"({moment})::timestamptz"

    into = f"INSERT INTO opportunity_change (opportunity_id, recorded_at, {_NAMES})"
    return (
        f"{into} SELECT id, min({at('opened_on')}, updated_at), {_NAMES} FROM opportunity WHERE status = 'open' ORDER BY id",
        f"{into} SELECT id, min({at('opened_on')}, {at('closed_on')}, updated_at), {_OPEN_THEN}"
        " FROM opportunity WHERE status <> 'open' ORDER BY id",
        f"{into} SELECT id, min({at('closed_on')}, updated_at), {_NAMES}"
        " FROM opportunity WHERE status <> 'open' ORDER BY id",
    )


def _midnight(column: str) -> str:
    return f"NEW.{column} || 'T00:00:00.000000Z'"


_NEW = ", ".join(f"NEW.{column}" for column in _KEPT)
_INTO = f"INSERT INTO opportunity_change (opportunity_id, recorded_at, {_NAMES})"
_NEW_OPEN_THEN = (
    "NEW.amount_minor, NEW.currency, NEW.close_on, NULL, NULL, 'open', NEW.probability_bp, NEW.credited_id,"
    " NEW.credited_territory_id"
)
_TRIGGERS = (
    f"""
    CREATE TRIGGER guard_opportunity_made AFTER INSERT ON opportunity BEGIN
        {_INTO} SELECT NEW.id, min({_midnight("opened_on")}, NEW.updated_at), {_NEW} WHERE NEW.status = 'open';
        {_INTO} SELECT NEW.id, min({_midnight("opened_on")}, {_midnight("closed_on")}, NEW.updated_at), {_NEW_OPEN_THEN}
            WHERE NEW.status <> 'open';
        {_INTO} SELECT NEW.id, min({_midnight("closed_on")}, NEW.updated_at), {_NEW} WHERE NEW.status <> 'open';
    END
    """,
    f"""
    CREATE TRIGGER guard_opportunity_changed AFTER UPDATE OF {_NAMES} ON opportunity
    WHEN {" OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _KEPT)} BEGIN
        {_INTO} VALUES (
            NEW.id,
            CASE WHEN NEW.version > OLD.version THEN NEW.updated_at ELSE strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') END,
            {_NEW}
        );
    END
    """,
)
"""On a server, the guard makes them (`db/postgres_guard.py`)."""
