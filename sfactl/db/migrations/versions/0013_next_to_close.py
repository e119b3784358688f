"""Open opportunities in the order in which they close, all and of a stage, without sorting; their sums without reading rows."""

from alembic import op

revision = "0013"
down_revision = "0012"

INDEXES = {
    "ix_opportunity_next": ["status", "close_on", "code"],
    "ix_opportunity_lane": ["status", "stage_id", "close_on", "code"],
    "ix_opportunity_sums": ["status", "stage_id", "currency", "close_on", "probability_bp", "amount_minor"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "opportunity", columns, unique=False)
