"""From nothing to this version of the tables, and the tables are those of the program."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from sfactl.db import migrate, schema
from sfactl.db.connect import wal_is_safe
from sfactl.db.url import DatabaseUrl, parse
from sfactl.models.registry import metadata
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, worker: str) -> Iterator[DatabaseUrl]:
    """A database without tables, on each engine in turn."""
    if request.param == "sqlite":
        yield DatabaseUrl("sqlite", path=tmp_path / "empty.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"migrate_{worker}"
    server.create_database(name)
    yield parse(server.url(name))
    server.drop_database(name)


def looked_at(where: DatabaseUrl, look: Any) -> Any:
    """What a function of a connection finds."""
    url = f"sqlite:///{where.path}" if where.is_sqlite else where.conninfo.replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return look(connection)
    finally:
        engine.dispose()


def tables_of(connection: Connection) -> list[Any]:
    """All there is, in the engine's own words."""
    if connection.dialect.name == "sqlite":
        return sorted(connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all())
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, 2",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2",
        "SELECT proname, prosrc, proconfig::text, proacl::text FROM pg_proc WHERE pronamespace = 'sfa_sec'::regnamespace"
        " ORDER BY 1",
    )
    return [connection.exec_driver_sql(query).all() for query in queries]


def test_the_programs_version_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_an_empty_database_comes_to_this_version_and_stays_there(empty: DatabaseUrl):
    assert empty.is_sqlite or looked_at(empty, migrate.current) is None

    migrate.upgrade(empty)
    first = looked_at(empty, tables_of)
    migrate.upgrade(empty)

    assert looked_at(empty, migrate.current) == schema.HEAD
    assert looked_at(empty, tables_of) == first


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression.*")  # an index over expressions is not compared
        found = compare_metadata(context, metadata)
    return [said for said in found if not any(name in repr(said) for name in ("uq_quota_window", "uq_rule_exclusion"))]


def test_the_tables_are_those_of_the_program(empty: DatabaseUrl):
    migrate.upgrade(empty)

    assert looked_at(empty, differences) == []


def test_a_difference_would_be_noticed(tmp_path: Path):
    where = DatabaseUrl("sqlite", path=tmp_path / "x.db")
    migrate.upgrade(where)

    def changed(connection: Connection) -> list[Any]:
        connection.exec_driver_sql("ALTER TABLE contact DROP COLUMN phone")
        connection.exec_driver_sql("DROP INDEX ix_account_name_key")
        return differences(connection)

    assert sorted(said[0] for said in looked_at(where, changed)) == ["add_column", "add_index"]


# case 58
def test_a_migration_that_fails_leaves_nothing(empty: DatabaseUrl, monkeypatch: pytest.MonkeyPatch):
    whole = migrate._run

    def fails_at_its_end(connection: Connection, revision: str) -> None:
        whole(connection, revision)
        raise RuntimeError("the power is gone")

    monkeypatch.setattr(migrate, "_run", fails_at_its_end)
    with pytest.raises(RuntimeError):
        migrate.upgrade(empty)

    assert looked_at(empty, migrate.current) is None
    monkeypatch.undo()
    migrate.upgrade(empty)
    assert looked_at(empty, migrate.current) == schema.HEAD


def test_in_a_file_every_table_keeps_its_types(tmp_path: Path):
    where = DatabaseUrl("sqlite", path=tmp_path / "x.db")
    migrate.upgrade(where)

    rows = looked_at(
        where, lambda c: c.exec_driver_sql("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").all()
    )
    assert {row[0] for row in rows if not row[1]} <= {"alembic_version", "sqlite_schema"}


# case 47
def test_a_file_has_the_journal_that_its_engine_keeps_whole(tmp_path: Path):
    where = DatabaseUrl("sqlite", path=tmp_path / "x.db")
    migrate.upgrade(where)

    mode = looked_at(where, lambda c: c.exec_driver_sql("PRAGMA journal_mode").scalar())
    assert mode == ("wal" if wal_is_safe() else "delete")


def test_an_account_has_one_open_owner_and_as_many_past_ones_as_it_had(empty: DatabaseUrl):
    """The tables of the program do not say it of PostgreSQL, since its dialect would be loaded at every start."""
    migrate.upgrade(empty)
    query = "SELECT sql FROM sqlite_master WHERE name = '{}'"
    if not empty.is_sqlite:
        query = "SELECT indexdef FROM pg_indexes WHERE indexname = '{}'"

    found = looked_at(empty, lambda c: c.exec_driver_sql(query.format("uq_assignment_open_owner")).scalar())

    assert "UNIQUE" in found and "valid_to IS NULL" in found


def test_an_account_has_one_owner_a_day(empty: DatabaseUrl):
    """Days that lie side by side are taken, days that two owners would share are not, however far away."""
    migrate.upgrade(empty)
    at = "'2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1"
    rows = (
        f"INSERT INTO territory (id, code, name, name_key, priority, tree_left, tree_right, depth, created_at, updated_at, version) VALUES (1, 'WORLD', 'World', 'world', 0, 1, 4, 0, {at})",
        *(f"INSERT INTO account (id, code, name, name_key, territory_id, kind, currency, created_at, updated_at, version) VALUES ({key}, 'A{key}', 'A', 'a', 1, 'customer', 'USD', {at})" for key in (1, 2)),
    )  # fmt: skip

    def tried(connection: Connection, account: int, since: str, until: str | None) -> bool:
        """Whether it was taken."""
        told = f"'{until}'" if until else "NULL"
        values = f"{account}, 1, 'owner', '{since}', {told}, 'manual', '2026-01-01T00:00:00.000000Z'"
        names = "account_id, territory_id, role, valid_from, valid_to, cause, created_at"
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"INSERT INTO assignment ({names}) VALUES ({values})")
        except DBAPIError:
            return False
        return True

    def found(connection: Connection) -> dict[tuple[int, str, str | None], bool]:
        for statement in rows:
            connection.exec_driver_sql(statement)
        windows: list[tuple[int, str, str | None]] = [
            (1, "2026-01-10", "2026-01-20"), (1, "2026-01-20", None), (1, "2026-01-09", "2026-01-10"),
            (1, "2026-01-19", "2026-01-20"), (1, "2026-01-01", "2026-01-11"), (1, "2026-01-01", None),
            (1, "9999-12-30", "9999-12-31"), (1, "0001-01-01", "2026-01-10"), (1, "1970-01-01", "2026-01-09"),
            (2, "2026-01-15", "2026-01-16"),
        ]  # fmt: skip
        return {window: tried(connection, *window) for window in windows}

    taken = [window for window, is_taken in looked_at(empty, found).items() if is_taken]

    assert taken == [
        (1, "2026-01-10", "2026-01-20"), (1, "2026-01-20", None), (1, "2026-01-09", "2026-01-10"),
        (1, "1970-01-01", "2026-01-09"), (2, "2026-01-15", "2026-01-16"),
    ]  # fmt: skip


def test_data_of_the_first_tables_come_along(empty: DatabaseUrl):
    """Territories know since when they lie where they lie, and runs that they were applied."""
    looked_at(empty, lambda c: (migrate._run(c, "0001"), c.commit()))
    at = "'2026-01-01T00:00:00.000000Z'"
    kept = f"{at}, {at}, 1"
    rows = (
        f"INSERT INTO app_user (id, login, name, name_key, active, created_at, updated_at, version) VALUES (1, 'ana', 'Ana', 'ana', true, {kept})",
        f"INSERT INTO territory (id, code, name, name_key, priority, tree_left, tree_right, depth, created_at, updated_at, version) VALUES (1, 'WORLD', 'World', 'world', 0, 1, 4, 0, {kept})",
        f"INSERT INTO territory (id, code, name, name_key, parent_id, priority, tree_left, tree_right, depth, created_at, updated_at, version) VALUES (2, 'WEST', 'West', 'west', 1, 0, 2, 3, 1, {kept})",
        f"INSERT INTO run (id, key, kind, user_id, started_at, summary) VALUES (1, 'r', 'import', 1, {at}, '{{}}')",
    )  # fmt: skip

    def fill(connection: Connection) -> None:
        for statement in rows:
            connection.exec_driver_sql(statement.replace("true", "1") if empty.is_sqlite else statement)
        connection.commit()

    looked_at(empty, fill)
    migrate.upgrade(empty)

    places = "SELECT territory_id, parent_id, valid_to FROM territory_place ORDER BY territory_id"
    assert looked_at(empty, lambda c: [tuple(row) for row in c.exec_driver_sql(places)]) == [
        (1, None, None),
        (2, 1, None),
    ]
    runs = "SELECT key, status, undoes FROM run"
    assert looked_at(empty, lambda c: [tuple(row) for row in c.exec_driver_sql(runs)]) == [("r", "applied", None)]


def test_quotas_of_before_are_the_first_load_and_known_from_the_beginning(empty: DatabaseUrl):
    """What there was before versions is kept, whole, as the version that is in force."""

    def before(connection: Connection) -> None:
        migrate._run(connection, "0002")
        at = "'2026-01-01T00:00:00.000000Z'"
        kept = f"{at}, {at}, 1"
        for statement in (
            "INSERT INTO app_user (id, login, name, name_key, active, created_at, updated_at, version)"
            f" VALUES (1, 'ana', 'Ana', 'ana', true, {kept})",
            "INSERT INTO territory (id, code, name, name_key, priority, tree_left, tree_right, depth, created_at,"
            f" updated_at, version) VALUES (1, 'SW', 'Southwest', 'southwest', 0, 1, 2, 0, {kept})",
            "INSERT INTO quota (id, user_id, territory_id, measure, starts_on, ends_on, amount_minor, currency,"
            f" created_at, updated_at, version) VALUES (7, 1, 1, 'revenue', '2026-01-01', '2026-04-01', 500, 'USD', {kept})",
        ):
            connection.exec_driver_sql(statement)
        connection.commit()

    looked_at(empty, before)
    migrate.upgrade(empty)

    columns = "id, user_id, amount_minor, load_id, CAST(loaded_on AS TEXT), replaced_by"
    rows = looked_at(empty, lambda c: c.exec_driver_sql(f"SELECT {columns} FROM quota").all())
    loads = looked_at(empty, lambda c: c.exec_driver_sql("SELECT id, user_id, kind FROM quota_load").all())
    assert rows == [(7, 1, 500, 1, "2000-01-01", None)]
    assert loads == [(1, 1, "import")]
