"""Reports: files that go along with mail."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "message_attachment",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("message_id", types.Whole, nullable=False),
        sa.Column("position", types.Whole, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("media_type", types.Words, nullable=False),
        sa.Column("content", types.Octets, nullable=False),
        sa.Column("digest", types.Words, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_attachment_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attachment")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_message_attachment_message_id_position")),
        sqlite_strict=True,
    )
