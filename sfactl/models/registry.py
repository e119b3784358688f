"""All tables in one place: importing this module fills `metadata`."""

from sfactl.models import (
    accounts,
    activities,
    agreements,
    assignments,
    audit,
    catalogue,
    messages,
    opportunities,
    orders,
    pipeline,
    plans,
    policies,
    pricing,
    products,
    quotas,
    quotes,
    rollups,
    runs,
    skills,
    stock,
    teams,
    territories,
    users,
    workspaces,
)
from sfactl.models.base import metadata

MODULES = (
    accounts, activities, agreements, assignments, audit, catalogue, messages, opportunities, orders, pipeline, plans, policies,
    pricing, products, quotas, quotes, rollups, runs, skills, stock, teams, territories, users, workspaces,
)  # fmt: skip

__all__ = ["MODULES", "metadata"]
