"""Bringing a database to this program's version of the tables."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from sfactl.db import file_systems, postgres_guard
from sfactl.db.connect import system_connection
from sfactl.db.engine import engine_over
from sfactl.db.url import DatabaseUrl

FOLDER = Path(__file__).parent / "migrations"


def upgrade(url: DatabaseUrl, revision: str = "head") -> None:
    """Run the migrations that are missing, each whole or not at all; on PostgreSQL, put the guard in force again."""
    engine = engine_over(url, lambda: system_connection(url, "migrations change the tables"), writing=True)
    with engine.begin() as connection:
        if not url.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(734211)"))
            for statement in postgres_guard.roles_sql():
                connection.exec_driver_sql(statement)
        _run(connection, revision)
        if not url.is_sqlite:
            guard(connection)
    if url.is_sqlite:
        _set_journal(url)


def current(connection: Connection) -> str | None:
    """The version that a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def guard(connection: Connection) -> None:
    """Put PostgreSQL's roles, functions, grants and policies in force, as this program's rules say them."""
    names = inspect(connection)
    policies = connection.execute(
        text("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'")
    ).all()
    tables, sequences = names.get_table_names(schema="public"), names.get_sequence_names(schema="public")
    statements = postgres_guard.guard_sql(tables, sequences, [(row[0], row[1]) for row in policies])
    # In one go: several hundred, each with a journey of its own, would take twice as long.
    connection.exec_driver_sql(";\n".join(statements), execution_options={"no_parameters": True})


def _run(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _set_journal(url: DatabaseUrl) -> None:
    raw: Any = system_connection(url, "the journal is set for the file as a whole")
    try:
        kind = file_systems.kind_of(url.path or FOLDER)
        raw.execute(f"PRAGMA journal_mode={file_systems.journal_for(kind)}")
    finally:
        raw.close()
