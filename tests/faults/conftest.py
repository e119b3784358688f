"""Worlds for tests of faults, on each database, made once and copied for each case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.world import Launcher, World, postgres_world, sqlite_world
from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts commands."""
    started = Launcher(tmp_path_factory.mktemp("launched"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def in_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, worker: str, launcher: Launcher) -> World:
    """The world in files."""
    return sqlite_world(sqlite_template, tmp_path_factory.mktemp("faults"), worker, launcher)


@pytest.fixture(scope="session")
def on_server(
    postgres_server: PostgresServer,
    postgres_template: str,
    tmp_path_factory: pytest.TempPathFactory,
    worker: str,
    launcher: Launcher,
) -> World:
    """The world on the server."""
    return postgres_world(postgres_server, postgres_template, tmp_path_factory.mktemp("faults"), worker, launcher)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest) -> World:
    """The world on each database in turn."""
    name = "in_file" if request.param == "sqlite" else "on_server"
    found: World = request.getfixturevalue(name)
    return found
