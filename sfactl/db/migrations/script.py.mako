"""${message}."""

from alembic import op
import sqlalchemy as sa

from sfactl.models import types

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
