"""Percentages that need agreement are compared as they are shown; a form says which of its fields must be answered."""

import sqlalchemy as sa
from alembic import op

from sfactl.db import agreement_guard as guard
from sfactl.models import types

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("handoff_line", sa.Column("is_required", types.Flag(), server_default="0", nullable=False))
    if op.get_bind().dialect.name == "sqlite":  # on a server, the guard makes them
        for name, statement in guard.in_file().items():
            op.execute(f"DROP TRIGGER {name}")
            op.execute(statement)
