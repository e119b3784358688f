"""All tables in one place: importing this module fills `metadata`."""

from sqlmodel import SQLModel

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

MODULES = (
    accounts, activities, agreements, assignments, audit, catalogue, messages, opportunities, orders, pipeline, plans, policies,
    pricing, products, quotas, quotes, rollups, runs, skills, stock, teams, territories, users, workspaces,
)  # fmt: skip

metadata = SQLModel.metadata
