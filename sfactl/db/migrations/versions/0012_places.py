"""Where accounts and people are, how much work and potential an account has, and needs that are wishes."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0012"
down_revision = "0011"

ADDED = {
    "account": ("latitude_e6", "longitude_e6", "potential_minor", "work_e3"),
    "app_user": ("latitude_e6", "longitude_e6"),
    "account_need": ("weight",),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name in columns:
            op.add_column(table, sa.Column(name, types.Whole, nullable=True))
