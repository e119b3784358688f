"""What may be done, to what, and how far.

A permission is `noun.action`. A role gives permissions, each with a scope; the policy says which. The names here are
the whole list: a policy that uses another one is refused.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Scope(StrEnum):
    """How far a permission reaches, from nothing to everything."""

    NONE = "none"
    OWN = "own"
    "What one owns or is credited with."
    TERRITORY = "territory"
    "And what lies in the territories one is a member of."
    SUBTREE = "subtree"
    "And in all territories below them."
    ALL = "all"


WIDTH = {scope: width for width, scope in enumerate(Scope)}


def wider(one: Scope, other: Scope) -> Scope:
    """The more permissive of two scopes."""
    return max(one, other, key=WIDTH.__getitem__)


class Action(StrEnum):
    """What can be done to a noun."""

    READ = "read"
    CREATE = "create"
    EDIT = "edit"
    REASSIGN = "reassign"
    APPROVE = "approve"
    EXPORT = "export"
    IMPORT = "import"
    ACT_AS = "act_as"
    ERASE = "erase"


NOUN_ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "user": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "access": (Action.READ, Action.CREATE, Action.EDIT, Action.ACT_AS),
    "deputy": (Action.READ, Action.CREATE, Action.EDIT),
    "emergency": (Action.READ, Action.CREATE, Action.EDIT),
    "policy": (Action.READ, Action.CREATE, Action.EDIT),
    "workspace": (Action.READ, Action.EDIT),
    "territory": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "team": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "skill": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "account": (Action.READ, Action.CREATE, Action.EDIT, Action.REASSIGN, Action.EXPORT, Action.IMPORT),
    "contact": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "assignment": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT),
    "rule": (Action.READ, Action.CREATE, Action.EDIT),
    "territory_plan": (Action.READ, Action.CREATE, Action.EDIT),
    "opportunity": (
        Action.READ, Action.CREATE, Action.EDIT, Action.REASSIGN, Action.APPROVE, Action.EXPORT, Action.IMPORT,
    ),
    "judgement": (Action.READ, Action.CREATE),
    "activity": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "order": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "credit": (Action.READ, Action.CREATE, Action.EDIT),
    "rollup": (Action.READ, Action.CREATE, Action.EDIT),
    "quota": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "product": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "cost": (Action.READ, Action.CREATE, Action.EDIT),
    "stock": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT, Action.IMPORT),
    "quote": (Action.READ, Action.CREATE, Action.EDIT, Action.EXPORT),
    "approval": (Action.READ, Action.CREATE, Action.EDIT),
    "handoff": (Action.READ, Action.CREATE, Action.EDIT),
    "reply": (Action.READ, Action.CREATE, Action.EDIT),
    "reservation": (Action.READ, Action.CREATE, Action.EDIT),
    "run": (Action.READ, Action.CREATE, Action.EDIT),
    "outbox": (Action.READ, Action.CREATE, Action.EDIT),
    "audit": (Action.READ, Action.EXPORT, Action.ERASE),
}  # fmt: skip

PERMISSIONS = tuple(f"{noun}.{action}" for noun, actions in NOUN_ACTIONS.items() for action in actions)

ADMINISTRATION = ("access.edit", "policy.edit")
"""What somebody must be able to do with scope `all`, or the workspace has no administrator."""


def combine(grants: Iterable[tuple[str, str]]) -> dict[str, Scope]:
    """What several roles give together: per permission, the widest scope.

    Args:
        grants: pairs of permission and scope, in any order.
    """
    held: dict[str, Scope] = {}
    for permission, scope in grants:
        held[permission] = wider(held.get(permission, Scope.NONE), Scope(scope))
    return held
