"""What a person can do: one module a noun, used by commands and screens alike.

A module is loaded when it is first named (`services.accounts`), so that help and completion load none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfactl.services import (
        access,
        access_logins,
        account_page,
        account_timeline,
        accounts,
        activities,
        assignments,
        audit,
        databases,
        demo,
        doctor,
        erasure,
        exports,
        grants,
        holdovers,
        imports,
        move_files,
        moves,
        narrowing,
        opportunities,
        orders,
        outbox,
        pipeline,
        plan_files,
        plan_making,
        plan_runs,
        plans,
        policies,
        products,
        questions,
        quotas,
        run_changes,
        skills,
        stock,
        teams,
        territories,
        territory_report,
        users,
        workspaces,
    )

__all__ = [
    "access",
    "access_logins",
    "account_page",
    "account_timeline",
    "accounts",
    "activities",
    "assignments",
    "audit",
    "databases",
    "demo",
    "doctor",
    "erasure",
    "exports",
    "grants",
    "holdovers",
    "imports",
    "move_files",
    "moves",
    "narrowing",
    "opportunities",
    "orders",
    "outbox",
    "pipeline",
    "plan_files",
    "plan_making",
    "plan_runs",
    "plans",
    "policies",
    "products",
    "questions",
    "quotas",
    "run_changes",
    "skills",
    "stock",
    "teams",
    "territories",
    "territory_report",
    "users",
    "workspaces",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
