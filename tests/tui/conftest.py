"""A workspace for the screens, made once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from sfactl.db.session import Door
from tests.tui import world


@pytest.fixture(scope="session")
def world_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The organisation in a file."""
    path = tmp_path_factory.mktemp("world") / "world.db"
    world.build(path)
    return path


@pytest.fixture
def path(world_template: Path, tmp_path: Path) -> Path:
    """A file of the test's own."""
    copy = tmp_path / "sales.db"
    shutil.copy(world_template, copy)
    return copy


@pytest.fixture
def door(path: Path) -> Door:
    """The way to it, as the administrator."""
    return world.door_to(path)
