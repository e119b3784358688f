"""What kind of answer a field of a hand-off asks for, and whether each of those asked answers, or the first for all."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("handoff", sa.Column("is_each", types.Flag(), server_default="0", nullable=False))
    op.add_column("handoff_line", sa.Column("kind", types.Words, server_default="text", nullable=False))
    op.add_column("handoff_line", sa.Column("choices", types.Words, nullable=True))
