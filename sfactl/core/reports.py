"""What reports are called, known without loading what makes them."""

from typing import Final

BUILT_IN: Final = (
    "overview", "attainment", "territories", "pipeline", "accounts", "assignments", "opportunities", "activities", "orders",
    "quotas", "people", "assignment-lint",
)  # fmt: skip
"""The reports that need no policy; a test holds the catalogue to these names."""
