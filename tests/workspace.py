"""A pytest plugin: workspaces for tests, on each database, made once and copied for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from sfactl.db import url
from sfactl.db.session import Door
from sfactl.db.url import DatabaseUrl
from sfactl.services import access_logins, users
from tests import organisation
from tests.postgres import PostgresServer


@dataclass(frozen=True)
class TestWorkspace:
    """A workspace with the small company in it."""

    __test__ = False

    url: DatabaseUrl
    "As the administrator uses it."
    system_url: DatabaseUrl
    "As a database administrator uses it; the same for a file."
    worker: str

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.is_sqlite

    def door(self, login: str = "ana") -> Door:
        """The way to the data for a person of the company."""
        if self.is_sqlite:
            as_user = None if login == "ana" else login
            return Door(self.url, as_user=as_user, now=organisation.NOW, today=organisation.TODAY)
        mine = self.system_url.for_login(role_of(self.worker, login))
        return Door(mine, now=organisation.NOW, today=organisation.TODAY)

    def environment(self, login: str = "ana") -> dict[str, str]:
        """What a command needs to work here as somebody."""
        if self.is_sqlite:
            return {"SFACTL_DATABASE": str(self.url)} | ({} if login == "ana" else {"SFACTL_AS": login})
        mine = self.system_url.for_login(role_of(self.worker, login))
        return {"SFACTL_DATABASE": str(mine)}


def role_of(worker: str, login: str) -> str:
    """A person's database role: roles belong to the whole server, so each worker has its own."""
    return f"t_{worker}_{login}"


@pytest.fixture(scope="session")
def worker() -> str:
    """The name of this test worker."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company in a file."""
    folder = tmp_path_factory.mktemp("company")
    where = DatabaseUrl("sqlite", path=folder / "company.db")
    organisation.create(where)
    organisation.fill(Door(where, now=organisation.NOW, today=organisation.TODAY), folder)
    return folder / "company.db"


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, worker: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The company in a database of the server, with a login for each person."""
    name = f"company_{worker}"
    postgres_server.create_database(name)
    where = url.parse(postgres_server.url(name))
    organisation.create(where, role_of(worker, "ana"))
    access_logins.sync(where)
    door = Door(where.for_login(role_of(worker, "ana")), now=organisation.NOW, today=organisation.TODAY)
    organisation.fill(door, tmp_path_factory.mktemp("company"))
    for login in [*organisation.ROLES, "leo"]:
        if login != "ana":
            door.write(users.map_identity, login, role_of(worker, login), kind="postgresql")
    access_logins.sync(where)
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path, worker: str) -> Iterator[TestWorkspace]:
    """The company, fresh, on each database in turn."""
    if request.param == "sqlite":
        yield _copy_of_file(request.getfixturevalue("sqlite_template"), tmp_path, worker)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with copy_on_server(server, request.getfixturevalue("postgres_template"), worker) as fresh:
        yield fresh


@contextmanager
def copy_on_server(server: PostgresServer, template: str, worker: str) -> Iterator[TestWorkspace]:
    """The company on the server, until the end of the block; who may act for whom is then as before.

    Roles belong to the whole server, so what a test grants would be there for the tests after it.
    """
    name = f"w_{worker}_{os.urandom(4).hex()}"
    before = server.memberships(role_of(worker, ""))
    server.create_database(name, template)
    where = url.parse(server.url(name))
    try:
        yield TestWorkspace(where.for_login(role_of(worker, "ana")), where, worker)
    finally:
        server.drop_database(name)
        server.revoke(server.memberships(role_of(worker, "")) - before)


@pytest.fixture
def postgres_workspace(postgres_server: PostgresServer, postgres_template: str, worker: str) -> Iterator[TestWorkspace]:
    """The company, fresh, on the server."""
    with copy_on_server(postgres_server, postgres_template, worker) as fresh:
        yield fresh


@pytest.fixture
def sqlite_workspace(sqlite_template: Path, tmp_path: Path, worker: str) -> TestWorkspace:
    """The company, fresh, in a file."""
    return _copy_of_file(sqlite_template, tmp_path, worker)


def _copy_of_file(template: Path, folder: Path, worker: str) -> TestWorkspace:
    path = folder / "sales.db"
    shutil.copy(template, path)
    where = DatabaseUrl("sqlite", path=path)
    return TestWorkspace(where, where, worker)


def system_rows(workspace: TestWorkspace, query: str) -> list[tuple[object, ...]]:
    """What a query says when no rule scopes it: for looking at what is really there."""
    if workspace.is_sqlite:
        import sqlite3

        with sqlite3.connect(str(workspace.url.path)) as raw:
            return raw.execute(query).fetchall()
    with psycopg.connect(workspace.system_url.conninfo) as connection:
        return connection.execute(sql.SQL(query)).fetchall()  # type: ignore[arg-type]


def system_change(workspace: TestWorkspace, statement: str) -> None:
    """Change rows past the program, as a database administrator could."""
    if workspace.is_sqlite:
        import sqlite3

        with sqlite3.connect(str(workspace.url.path)) as raw:
            raw.execute(statement)
        return
    with psycopg.connect(workspace.system_url.conninfo) as connection:
        connection.execute(sql.SQL(statement))  # type: ignore[arg-type]
