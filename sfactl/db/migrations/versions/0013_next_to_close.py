"""Open opportunities in the order in which they close are read without sorting them."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index("ix_opportunity_next", "opportunity", ["status", "close_on", "code"], unique=False)
