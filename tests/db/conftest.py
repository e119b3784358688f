"""The company with something in every table, made once, for tests that leave it as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sfactl.db import url
from sfactl.db.url import DatabaseUrl
from tests.db.company import Company, enrich, world_of
from tests.db.who_sees_what import Person, person
from tests.organisation import TODAY
from tests.postgres import PostgresServer
from tests.workspace import TestWorkspace, role_of


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[Company]:
    """On each database in turn; a test that changes it rolls back."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield _filled(file_of(template, tmp_path_factory.mktemp("filled"), worker))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"m_{worker}_{os.urandom(4).hex()}"
    server.create_database(name, request.getfixturevalue("postgres_template"))
    where = url.parse(server.url(name))
    try:
        yield _filled(TestWorkspace(where.for_login(role_of(worker, "ana")), where, worker))
    finally:
        server.drop_database(name)


@pytest.fixture(scope="session")
def sqlite_company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Company:
    """In a file."""
    return _filled(file_of(sqlite_template, tmp_path_factory.mktemp("filled"), worker))


def file_of(template: Path, folder: Path, worker: str) -> TestWorkspace:
    path = folder / "sales.db"
    shutil.copy(template, path)
    where = DatabaseUrl("sqlite", path=path)
    return TestWorkspace(where, where, worker)


def _filled(workspace: TestWorkspace) -> Company:
    enrich(workspace)
    return Company(workspace, world_of(workspace))


def today_of(company: Company) -> date:
    """The day that decides who is a member of what: the server has its own."""
    return TODAY if company.workspace.is_sqlite else datetime.now(UTC).date()


def who(company: Company, login: str) -> Person:
    return person(company.world, login, today_of(company))
