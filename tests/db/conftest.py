"""The company with something in every table, made once, for tests that leave it as it was; and fresh ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sfactl.db.url import DatabaseUrl
from tests.db.company import Company, enrich, world_of
from tests.db.who_sees_what import Person, person
from tests.organisation import TODAY
from tests.postgres import PostgresServer
from tests.workspace import TestWorkspace, copy_on_server


@pytest.fixture(scope="session")
def sqlite_company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Company:
    """In a file; a test that changes it rolls back."""
    path = tmp_path_factory.mktemp("filled") / "sales.db"
    shutil.copy(sqlite_template, path)
    where = DatabaseUrl("sqlite", path=path)
    return _filled(TestWorkspace(where, where, worker))


@pytest.fixture(scope="session")
def postgres_company(postgres_server: PostgresServer, postgres_template: str, worker: str) -> Iterator[Company]:
    """On the server; a test that changes it rolls back."""
    with copy_on_server(postgres_server, postgres_template, worker) as workspace:
        yield _filled(workspace)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest) -> Company:
    """On each database in turn."""
    name = "sqlite_company" if request.param == "sqlite" else "postgres_company"
    found: Company = request.getfixturevalue(name)
    return found


def _filled(workspace: TestWorkspace) -> Company:
    enrich(workspace)
    return Company(workspace, world_of(workspace))


def today_of(company: Company) -> date:
    """The day that decides who is a member of what: the server has its own."""
    return TODAY if company.workspace.is_sqlite else datetime.now(UTC).date()


def who(company: Company, login: str) -> Person:
    return person(company.world, login, today_of(company))
