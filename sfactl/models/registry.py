"""All tables in one place: importing this module fills `metadata`."""

from sqlmodel import SQLModel

from sfactl.models import (
    accounts,
    activities,
    assignments,
    audit,
    opportunities,
    orders,
    policies,
    products,
    quotas,
    runs,
    stock,
    teams,
    territories,
    users,
    workspaces,
)

__all__ = ["metadata"]

_ = (accounts, activities, assignments, audit, opportunities, orders, policies, products)
_ = (quotas, runs, stock, teams, territories, users, workspaces)

metadata = SQLModel.metadata
