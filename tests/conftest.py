"""What all tests share."""

import pytest
from hypothesis import HealthCheck, settings

from tests import compiled_once
from tests.soak import IS_SOAK

pytest_plugins = ("tests.postgres", "tests.workspace", "tests.cli")

# Only long runs look where nobody looked before: otherwise the same commit gives the same answer, on a busy machine too.
settings.register_profile(
    "sfactl", deadline=None, derandomize=not IS_SOAK, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("sfactl")
compiled_once.install()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that must share a worker come first: begun last, they would keep one busy for minutes while the others wait."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
