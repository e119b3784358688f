"""What all tests share."""

from hypothesis import HealthCheck, settings

from tests.soak import IS_SOAK

pytest_plugins = ("tests.postgres", "tests.workspace", "tests.cli")

# Only long runs look where nobody looked before: otherwise the same commit gives the same answer, on a busy machine too.
settings.register_profile(
    "sfactl", deadline=None, derandomize=not IS_SOAK, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("sfactl")
