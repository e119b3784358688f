"""What reports are called, known without loading what makes them."""

from typing import Final

BUILT_IN: Final = (
    "overview", "attainment", "attainment-by-team", "attainment-by-territory", "attainment-by-manager",
    "quota-rollup", "territories", "territory-mix", "top-accounts", "at-risk",
    "territory-people", "pipeline", "funnel", "forecast", "forecast-by-territory",
    "forecast-by-seller", "pipeline-changes", "pipeline-aging", "stuck", "accounts", "assignments", "opportunities", "activities", "orders",
    "quotas", "people", "assignment-lint",
)  # fmt: skip
"""The reports that need no policy; a test holds the catalogue to these names."""
