"""How Alembic runs the migrations: on the connection that `db.migrate` hands it."""

from alembic import context
from sqlalchemy import Connection

from sfactl.models import assignments, plans, quotas
from sfactl.models.registry import metadata

assignments.tell_postgresql()
plans.tell_postgresql()
quotas.tell_postgresql()
connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
