"""Who sees which rows, said a second time in plain Python and without a database, to compare the guards with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.db.company import Row, World

WIDTHS = ("none", "own", "territory", "subtree", "all")


@dataclass(frozen=True)
class Guarded:
    """How a table's rows find their readers."""

    noun: str
    places: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    above: tuple[str, str] | None = None
    "A column, and the table it points to: what is seen there is seen here."


EVERYBODY = frozenset({
    "workspace", "app_user", "role", "role_permission", "process", "stage", "product", "price", "warehouse", "stock", "arrival", "approval_rule",
    "skill", "user_skill", "capacity", "policy_setting", "rollup_month", "audit_head", "alembic_version",
    "feature", "feature_option", "product_attribute", "configuration_rule", "rule_product",
    "price_rule", "price_tier", "exchange_rate",
})  # fmt: skip
"""Seen by whoever is signed in."""
HIS_OWN = frozenset({"idempotency_key", "import_stage", "plan_stage"})
"""Seen by the person of the row, and nobody else."""
_TWO = ("territory_id", "credited_territory_id")
_SELLERS = ("owner_id", "credited_id")
GUARDED = {
    "policy_version": Guarded("policy"),
    "product_cost": Guarded("cost"),
    "contract_price": Guarded("product", above=("account_id", "account")),
    "quote": Guarded("quote", places=_TWO, people=_SELLERS),
    "quote_line": Guarded("quote", above=("quote_id", "quote")),
    "price_step": Guarded("quote", above=("quote_id", "quote")),
    "quote_version": Guarded("quote", people=("user_id",), above=("quote_id", "quote")),
    "quote_line_cost": Guarded("cost"),
    "user_identity": Guarded("access", people=("user_id",)),
    "role_grant": Guarded("access", people=("user_id",)),
    "emergency_grant": Guarded("emergency", people=("user_id",)),
    "deputy": Guarded("deputy", people=("user_id",)),
    "territory": Guarded("territory", places=("id",)),
    "territory_member": Guarded("territory", places=("territory_id",), people=("user_id",)),
    "team": Guarded("team", places=("territory_id",), people=("lead_id",)),
    "team_member": Guarded("team", people=("user_id",), above=("team_id", "team")),
    "account": Guarded("account", places=("territory_id",), people=("owner_id",)),
    "account_need": Guarded("account", above=("account_id", "account")),
    "contact": Guarded("contact", places=("territory_id",), people=("owner_id",)),
    "assignment": Guarded("assignment", places=("territory_id",), people=("user_id",)),
    "opportunity": Guarded("opportunity", places=_TWO, people=_SELLERS),
    "opportunity_split": Guarded("opportunity", people=("user_id",), above=("opportunity_id", "opportunity")),
    "opportunity_need": Guarded("opportunity", above=("opportunity_id", "opportunity")),
    "stage_change": Guarded("opportunity", above=("opportunity_id", "opportunity")),
    "opportunity_change": Guarded("opportunity", above=("opportunity_id", "opportunity")),
    "judgement": Guarded("judgement", places=("territory_id",), people=("user_id", "author_id")),
    "activity": Guarded("activity", places=("territory_id",), people=("owner_id",)),
    "sales_order": Guarded("order", places=_TWO, people=_SELLERS),
    "sales_order_line": Guarded("order", above=("order_id", "sales_order")),
    "rollup": Guarded("credit", places=("territory_id",), people=("user_id",)),
    "rollup_touched": Guarded("credit", places=("territory_id",), people=("user_id",)),
    "credit": Guarded("credit", places=("territory_id",), people=("user_id",)),
    "quota": Guarded("quota", places=("territory_id",), people=("user_id",)),
    "quota_adjustment": Guarded("quota", places=("territory_id",), people=("user_id",)),
    "quota_load": Guarded("quota", people=("user_id",)),
    "approval": Guarded("approval", places=("territory_id",), people=("approver_id", "asked_by_id")),
    "handoff": Guarded("handoff", places=("territory_id",), people=("user_id", "recipient_id")),
    "handoff_line": Guarded("handoff", above=("handoff_id", "handoff")),
    "reply_request": Guarded("reply", people=("user_id", "recipient_id")),
    "approval_token": Guarded("reply", above=("request_id", "reply_request")),
    "received_mail": Guarded("outbox", people=("user_id",)),
    "reservation": Guarded("reservation", places=("territory_id",), people=("user_id",)),
    "run": Guarded("run", people=("user_id",)),
    "audit_event": Guarded("audit", places=("territory_id",), people=("user_id",)),
    "audit_detail": Guarded("audit", above=("seq", "audit_event")),
    "run_change": Guarded("audit", places=("territory_id",)),
    "message": Guarded("outbox", people=("user_id",)),
    "message_attachment": Guarded("outbox", above=("message_id", "message")),
    "holdover": Guarded("opportunity", people=("held_by_id", "to_id"), above=("opportunity_id", "opportunity")),
    "rule_exclusion": Guarded("account", above=("account_id", "account")),
    "assignment_rule": Guarded("rule", places=("territory_id",)),
    "territory_place": Guarded("territory", places=("territory_id",)),
    "territory_plan": Guarded("territory_plan", people=("user_id",)),
    "territory_plan_node": Guarded("territory_plan", above=("plan_id", "territory_plan")),
    "territory_plan_account": Guarded("territory_plan", above=("plan_id", "territory_plan")),
    "territory_plan_member": Guarded("territory_plan", above=("plan_id", "territory_plan")),
}


@dataclass(frozen=True)
class Person:
    """What decides what somebody sees."""

    key: int
    scopes: dict[str, str]
    "Per permission, `noun.action`."
    territories: frozenset[int]
    subtree: frozenset[int]

    def places(self, permission: str) -> frozenset[int]:
        """The territories that a permission reaches, when it does not reach all."""
        return {"territory": self.territories, "subtree": self.subtree}.get(
            self.scopes.get(permission, "none"), frozenset()
        )


def person(world: World, login: str, today: date) -> Person:
    """Somebody, on a day."""
    day = today.isoformat()
    key = next(row["id"] for row in world["app_user"] if row["login"] == login)
    roles = {row["id"] for row in world["role"] if row["active"]}
    held = {row["role_id"] for row in world["role_grant"] if row["user_id"] == key and _holds(row, day)} & roles
    taken = {row["role_id"] for row in world["emergency_grant"] if row["user_id"] == key and row["day"] == day}
    for_emergencies = {row["id"] for row in world["role"] if row["active"] and row["is_emergency"]}
    held = (held - for_emergencies) | (taken & for_emergencies)
    scopes: dict[str, str] = {}
    for row in world["role_permission"]:
        if row["role_id"] in held:
            name = f"{row['noun']}.{row['action']}"
            scopes[name] = max(scopes.get(name, "none"), row["scope"], key=WIDTHS.index)
    member = {row["territory_id"] for row in world["territory_member"] if row["user_id"] == key and _holds(row, day)}
    return Person(key, scopes, frozenset(member), frozenset(_below(world, member)))


def _holds(row: Row, day: str) -> bool:
    return row["valid_from"] <= day and (row["valid_to"] is None or row["valid_to"] > day)


def _below(world: World, tops: set[int]) -> set[int]:
    found = set(tops)
    while True:
        more = {row["id"] for row in world["territory"] if row["parent_id"] in found} - found
        if not more:
            return found
        found |= more


def reaches(world: World, who: Person, table: str, row: Row, action: str, noun: str | None = None) -> bool:
    """Whether a permission of a table's noun, or of another that hangs on it, reaches a row."""
    rule = GUARDED[table]
    noun = noun or rule.noun
    permission = f"{noun}.{action}"
    scope = who.scopes.get(permission, "none")
    if scope in ("none", "all"):
        return scope == "all"
    near = who.places(permission)
    return (
        any(row[column] in near for column in rule.places)
        or any(row[column] == who.key for column in rule.people)
        or _has_share(world, who, table, row)
        or _above_reached(world, who, rule, row, action, noun)
    )


def _has_share(world: World, who: Person, table: str, row: Row) -> bool:
    if table in ("opportunity", "quote"):
        sale = row["id" if table == "opportunity" else "opportunity_id"]
        return any(
            part["opportunity_id"] == sale and part["user_id"] == who.key and part["share_bp"]
            for part in world["opportunity_split"]
        )
    if table == "sales_order":
        return any(
            part["order_id"] == row["id"] and part["user_id"] == who.key
            and (part["share_bp"] < 10000 or part["kind"] == "overlay")
            for part in world["credit"]
        )  # fmt: skip
    return False


def _above_reached(world: World, who: Person, rule: Guarded, row: Row, action: str, noun: str) -> bool:
    if rule.above is None:
        return False
    column, table = rule.above
    return any(_key(above) == row[column] and reaches(world, who, table, above, action, noun) for above in world[table])


def _key(row: Row) -> object:
    return row["id"] if "id" in row else row["seq"]


def sees(world: World, who: Person, table: str, row: Row) -> bool:
    """Whether somebody sees a row."""
    if table in EVERYBODY:
        return True
    if table in HIS_OWN:
        return bool(row["user_id"] == who.key)
    return reaches(world, who, table, row, "read")


def visible(world: World, who: Person) -> World:
    """All that somebody sees."""
    return {table: [row for row in rows if sees(world, who, table, row)] for table, rows in world.items()}


_NOUN_OF_ALL = {
    "rollup_month": "rollup",
    "workspace": "workspace", "app_user": "user", "role": "policy", "role_permission": "policy", "process": "policy",
    "stage": "policy", "alembic_version": "policy", "product": "product", "price": "product", "warehouse": "stock",
    "stock": "stock", "arrival": "stock", "skill": "skill", "user_skill": "skill", "policy_setting": "policy", "capacity": "user",
    "feature": "product", "feature_option": "product", "product_attribute": "product", "configuration_rule": "product",
    "rule_product": "product", "approval_rule": "policy",
    "price_rule": "product", "price_tier": "product", "exchange_rate": "product",
}  # fmt: skip
"""Whose permission it takes to write what everybody reads."""
_POINTS_TO = {
    "account": {"parent_id": "account"},
    "territory": {"parent_id": "territory"},
    "account_need": {"account_id": "account"},
    "run_change": {"run_id": "run"},
    "contact": {"account_id": "account"},
    "assignment": {"account_id": "account", "run_id": "run"},
    "opportunity": {"account_id": "account"},
    "opportunity_split": {"opportunity_id": "opportunity"},
    "stage_change": {"opportunity_id": "opportunity"},
    "opportunity_need": {"opportunity_id": "opportunity"},
    "judgement": {"opportunity_id": "opportunity"},
    "activity": {"account_id": "account", "opportunity_id": "opportunity"},
    "sales_order": {"account_id": "account"},
    "sales_order_line": {"order_id": "sales_order"},
    "credit": {"order_id": "sales_order"},
    "holdover": {"opportunity_id": "opportunity", "to_territory_id": "territory", "run_id": "run"},
    "rule_exclusion": {"account_id": "account", "territory_id": "territory"},
    "territory_place": {"territory_id": "territory", "parent_id": "territory"},
    "territory_plan_node": {"plan_id": "territory_plan"},
    "territory_plan_account": {"plan_id": "territory_plan", "account_id": "account"},
    "territory_plan_member": {"plan_id": "territory_plan"},
    "message_attachment": {"message_id": "message"},
    "price_rule": {"territory_id": "territory"},
    "contract_price": {"account_id": "account"},
    "quote": {
        "account_id": "account",
        "opportunity_id": "opportunity",
        "of_id": "quote",
        "contact_id": "contact",
        "order_id": "sales_order",
    },
    "quote_line": {"quote_id": "quote"},
    "price_step": {"quote_id": "quote"},
    "quote_version": {"quote_id": "quote"},
    "quote_line_cost": {"quote_id": "quote"},
    "approval_rule": {"territory_id": "territory"},
    "approval": {"quote_id": "quote"},
    "handoff": {"quote_id": "quote"},
    "handoff_line": {"handoff_id": "handoff"},
    "reply_request": {"message_id": "message", "approval_id": "approval", "handoff_id": "handoff"},
    "approval_token": {"request_id": "reply_request"},
}
"""What a writer must see before he may point to it."""


def may_insert(world: World, who: Person, signed: int, table: str, row: Row) -> bool:
    """Whether somebody may add a row like this one.

    Args:
        signed: key of who is at the keyboard.
    """
    if table in HIS_OWN:
        return bool(row["user_id"] == who.key)
    if (table in PERSONAL and signed != who.key) or table == "emergency_grant":  # none of these is of today
        return False
    if table == "audit_event":
        return row["user_id"] == who.key and row["actor_id"] == signed
    if table in ("audit_detail", "run_change"):
        return _sees_targets(world, who, table, row)
    if table == "audit_head" or table in BY_TRIGGER:
        return False
    if table in _NOUN_OF_ALL:
        may = who.scopes.get(f"{_NOUN_OF_ALL[table]}.create", "none") != "none"
        return may and _sees_targets(world, who, table, row)
    return reaches(world, who, table, row, "create") and _sees_targets(world, who, table, row)


def _sees_targets(world: World, who: Person, table: str, row: Row) -> bool:
    return all(
        row[column] is None
        or any(other["id"] == row[column] and sees(world, who, target, other) for other in world[target])
        for column, target in _POINTS_TO.get(table, {}).items()
    )


BY_TRIGGER = frozenset({"opportunity_change", "rollup_touched", "quote_line_cost"})
"""Written by the database itself, and by nobody."""
PERSONAL = frozenset({"user_identity", "role_grant", "emergency_grant", "deputy"})
"""Written by the person himself, not by those who act for him."""
_MOVING = {
    "account": ("account.reassign",), "contact": ("account.reassign",), "activity": ("account.reassign",),
    "sales_order": ("account.reassign",), "opportunity": ("opportunity.reassign", "account.reassign"),
    "quote": ("opportunity.reassign", "account.reassign"),
}  # fmt: skip


def may_move(who: Person, table: str, old: Row, new: Row) -> bool:
    """Whether somebody may change whose a row is and where, if that is what he does."""
    rule = GUARDED[table]
    moved = table in _MOVING and any(old[column] != new[column] for column in (*rule.places, *rule.people))
    return not moved or any(who.scopes.get(permission, "none") != "none" for permission in _MOVING[table])


def may_change(
    world: World, who: Person, table: str, row: Row, actions: tuple[str, ...], *, signed: int | None = None
) -> bool:
    """Whether somebody may change, or delete, a row where it is.

    Args:
        signed: key of who is at the keyboard; the person himself when none is named.
    """
    if table in PERSONAL and signed not in (None, who.key):
        return False
    if table in HIS_OWN:
        return bool(row["user_id"] == who.key)
    if table == "audit_event" or table in BY_TRIGGER:
        return False
    if table in ("audit_detail", "run_change"):
        return "reassign" in actions and who.scopes.get("audit.erase") == "all"
    if table == "audit_head":
        return "reassign" in actions  # each writer moves it on; nobody deletes it
    if table in _NOUN_OF_ALL:
        return any(who.scopes.get(f"{_NOUN_OF_ALL[table]}.{action}", "none") != "none" for action in actions)
    if table in ("opportunity_split", "credit") and "reassign" in actions and not _sees_targets(world, who, table, row):
        return False
    return sees(world, who, table, row) and any(reaches(world, who, table, row, action) for action in actions)


def points_to(table: str) -> dict[str, str]:
    """Columns, and the tables they point to, that a writer must see."""
    return _POINTS_TO.get(table, {})
