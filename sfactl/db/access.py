"""Who sees which rows: one rule a table.

From this one list both guards are made: temporary views and triggers on SQLite (`sqlite_guard`), row-level security on
PostgreSQL (`postgres_guard`). A table that has no rule here cannot be read by anybody, and fails the tests.

A rule says what scopes a row: columns that hold a territory, columns that hold a person, a parent whose scope holds, or
a table of shares. How far somebody reaches is not said here but by his roles, in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from sfactl.core.roles import Scope


class Kind(StrEnum):
    """How a table is guarded."""

    SCOPED = "scoped"
    "A row is seen by those whose scope for the noun holds one of its territories or people."
    PUBLIC = "public"
    "Whoever is signed in reads it; writing needs the permission, with any scope."
    PRIVATE = "private"
    "A person's own working rows: his alone, to read and to write."
    TRAIL = "trail"
    "Read as scoped; written only in one's own name, and never changed."
    HISTORY = "history"
    "Read as scoped; written by triggers of the database alone, whenever the row above it changes."
    DETAIL = "detail"
    "Says more of a row of the trail: read with it, written once, and erased by those who may."
    COUNTER = "counter"
    "One row that each writer moves on."


class Verb(StrEnum):
    """What a statement does to a row."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


ACTIONS: Mapping[Verb, tuple[str, ...]] = {
    Verb.SELECT: ("read",),
    Verb.INSERT: ("create",),
    Verb.UPDATE: ("edit", "reassign"),
    Verb.DELETE: ("edit",),
}
"""Which permissions allow a verb; any of them does."""


@dataclass(frozen=True)
class Parent:
    """The row that a row hangs on."""

    column: str
    table: str
    key: str = "id"


@dataclass(frozen=True)
class Shares:
    """A table that gives people a share in rows of another: `table.key` points here, `table.person` has the share."""

    table: str
    key: str
    person: str
    where: str
    column: str = "id"
    "What the key is compared with here: the row's own, or that of a row it hangs on."


@dataclass(frozen=True)
class Rule:
    """How one table is guarded."""

    kind: Kind
    noun: str
    territories: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    parent: Parent | None = None
    shares: Shares | None = None
    links: tuple[Parent, ...] = ()
    "Rows it points to: whoever writes it must see them. So nobody gives himself a share in what is hidden from him."
    moving: tuple[str, ...] = ()
    "Columns that say whose a row is and where: changing one takes a permission of `moved_by`, however the row is reached."
    moved_by: tuple[str, ...] = ()
    is_personal: bool = False
    "Written only by the person himself, never by somebody who acts for him."
    today: str | None = None
    "A column that holds the day on which a row is added, and no other."
    may_lie_nowhere: bool = False
    "A row may lie in no territory: then who sees everything sees it, and whose it is."


def _public(noun: str) -> Rule:
    return Rule(Kind.PUBLIC, noun)


_PLACES = ("territory_id", "credited_territory_id")
_SELLERS = ("owner_id", "credited_id")
_ACCOUNT = Parent("account_id", "account")
_ORDER = Parent("order_id", "sales_order")
_OPPORTUNITY = Parent("opportunity_id", "opportunity")
_PLANNED_TREE = Parent("plan_id", "territory_plan")
_MESSAGE = Parent("message_id", "message")
_QUOTE = Parent("quote_id", "quote")
_HANDOFF = Parent("handoff_id", "handoff")
_REQUEST = Parent("request_id", "reply_request")

NEVER = "1 = 0"
"""The condition of what nobody reaches."""

RULES: Mapping[str, Rule] = {
    # the workspace, its policy and the directory of people
    "workspace": _public("workspace"),
    "app_user": _public("user"),
    "role": _public("policy"),
    "role_permission": _public("policy"),
    "process": _public("policy"),
    "stage": _public("policy"),
    "policy_version": Rule(Kind.SCOPED, "policy"),
    "user_identity": Rule(Kind.SCOPED, "access", people=("user_id",), is_personal=True),
    "role_grant": Rule(Kind.SCOPED, "access", people=("user_id",), is_personal=True),
    "emergency_grant": Rule(Kind.SCOPED, "emergency", people=("user_id",), is_personal=True, today="day"),
    "deputy": Rule(Kind.SCOPED, "deputy", people=("user_id",), is_personal=True),
    "policy_setting": _public("policy"),
    "capacity": _public("user"),
    "skill": _public("skill"),
    "user_skill": _public("skill"),
    # territories and teams
    "territory": Rule(Kind.SCOPED, "territory", territories=("id",), links=(Parent("parent_id", "territory"),)),
    "territory_place": Rule(
        Kind.SCOPED, "territory", territories=("territory_id",),
        links=(Parent("territory_id", "territory"), Parent("parent_id", "territory")),
    ),
    "territory_plan": Rule(Kind.SCOPED, "territory_plan", people=("user_id",)),
    "territory_plan_node": Rule(Kind.SCOPED, "territory_plan", parent=_PLANNED_TREE, links=(_PLANNED_TREE,)),
    "territory_plan_account": Rule(
        Kind.SCOPED, "territory_plan", parent=_PLANNED_TREE, links=(_PLANNED_TREE, _ACCOUNT)
    ),
    "territory_plan_member": Rule(Kind.SCOPED, "territory_plan", parent=_PLANNED_TREE, links=(_PLANNED_TREE,)),
    "territory_member": Rule(Kind.SCOPED, "territory", territories=("territory_id",), people=("user_id",)),
    "team": Rule(Kind.SCOPED, "team", territories=("territory_id",), people=("lead_id",)),
    "team_member": Rule(Kind.SCOPED, "team", people=("user_id",), parent=Parent("team_id", "team")),
    # accounts
    "account": Rule(
        Kind.SCOPED, "account", territories=("territory_id",), people=("owner_id",),
        links=(Parent("parent_id", "account"),), moving=("territory_id", "owner_id"), moved_by=("account.reassign",),
    ),
    "contact": Rule(
        Kind.SCOPED, "contact", territories=("territory_id",), people=("owner_id",), links=(_ACCOUNT,),
        moving=("territory_id", "owner_id"), moved_by=("account.reassign",),
    ),
    "assignment": Rule(
        Kind.SCOPED, "assignment", territories=("territory_id",), people=("user_id",),
        links=(_ACCOUNT, Parent("run_id", "run")),
    ),
    "rule_exclusion": Rule(
        Kind.SCOPED, "account", parent=_ACCOUNT, links=(_ACCOUNT, Parent("territory_id", "territory"))
    ),
    "assignment_rule": Rule(Kind.SCOPED, "rule", territories=("territory_id",)),
    "account_need": Rule(Kind.SCOPED, "account", parent=_ACCOUNT, links=(_ACCOUNT,)),
    # selling and booking
    "opportunity": Rule(
        Kind.SCOPED, "opportunity", territories=_PLACES, people=_SELLERS,
        shares=Shares("opportunity_split", "opportunity_id", "user_id", "share_bp > 0"), links=(_ACCOUNT,),
        moving=(*_PLACES, *_SELLERS), moved_by=("opportunity.reassign", "account.reassign"),
    ),
    "opportunity_split": Rule(
        Kind.SCOPED, "opportunity", people=("user_id",), parent=_OPPORTUNITY, links=(_OPPORTUNITY,)
    ),
    "holdover": Rule(
        Kind.SCOPED, "opportunity", people=("held_by_id", "to_id"), parent=_OPPORTUNITY,
        links=(_OPPORTUNITY, Parent("run_id", "run"), Parent("to_territory_id", "territory")),
    ),
    "stage_change": Rule(Kind.SCOPED, "opportunity", parent=_OPPORTUNITY, links=(_OPPORTUNITY,)),
    "opportunity_need": Rule(Kind.SCOPED, "opportunity", parent=_OPPORTUNITY, links=(_OPPORTUNITY,)),
    "judgement": Rule(
        Kind.SCOPED, "judgement", territories=("territory_id",), people=("user_id", "author_id"), links=(_OPPORTUNITY,)
    ),
    "opportunity_change": Rule(Kind.HISTORY, "opportunity", parent=_OPPORTUNITY),
    "activity": Rule(
        Kind.SCOPED, "activity", territories=("territory_id",), people=("owner_id",), links=(_ACCOUNT, _OPPORTUNITY),
        moving=("territory_id", "owner_id"), moved_by=("account.reassign",),
    ),
    "sales_order": Rule(
        Kind.SCOPED, "order", territories=_PLACES, people=_SELLERS,
        shares=Shares("credit", "order_id", "user_id", "share_bp < 10000 OR kind = 'overlay'"), links=(_ACCOUNT,),
        moving=(*_PLACES, *_SELLERS), moved_by=("account.reassign",),
    ),
    "sales_order_line": Rule(Kind.SCOPED, "order", parent=_ORDER, links=(_ORDER,)),
    "credit": Rule(Kind.SCOPED, "credit", territories=("territory_id",), people=("user_id",), links=(_ORDER,)),
    "rollup_month": _public("rollup"),
    "rollup": Rule(Kind.SCOPED, "credit", territories=("territory_id",), people=("user_id",)),
    "rollup_touched": Rule(Kind.HISTORY, "credit", territories=("territory_id",), people=("user_id",)),
    "quota": Rule(
        Kind.SCOPED, "quota", territories=("territory_id",), people=("user_id",), links=(Parent("team_id", "team"),)
    ),
    "quota_adjustment": Rule(
        Kind.SCOPED, "quota", territories=("territory_id",), people=("user_id",), links=(Parent("team_id", "team"),)
    ),
    "quota_load": Rule(Kind.SCOPED, "quota", people=("user_id",)),
    # what is sold
    "product": _public("product"),
    "price": _public("product"),
    "product_cost": Rule(Kind.SCOPED, "cost"),
    "feature": _public("product"),
    "feature_option": _public("product"),
    "product_attribute": _public("product"),
    "configuration_rule": _public("product"),
    "rule_product": _public("product"),
    "price_rule": Rule(Kind.PUBLIC, "product", links=(Parent("territory_id", "territory"),)),
    "price_tier": _public("product"),
    "contract_price": Rule(Kind.SCOPED, "product", parent=_ACCOUNT, links=(_ACCOUNT,)),
    "exchange_rate": _public("product"),
    # what is offered
    "quote": Rule(
        Kind.SCOPED, "quote", territories=_PLACES, people=_SELLERS,
        shares=Shares("opportunity_split", "opportunity_id", "user_id", "share_bp > 0", column="opportunity_id"),
        links=(
            _ACCOUNT, _OPPORTUNITY, Parent("of_id", "quote"), Parent("contact_id", "contact"),
            Parent("order_id", "sales_order"),
        ),
        moving=(*_PLACES, *_SELLERS), moved_by=("opportunity.reassign", "account.reassign"),
    ),
    "quote_line": Rule(Kind.SCOPED, "quote", parent=_QUOTE, links=(_QUOTE,)),
    "price_step": Rule(Kind.SCOPED, "quote", parent=_QUOTE, links=(_QUOTE,)),
    "quote_version": Rule(Kind.SCOPED, "quote", people=("user_id",), parent=_QUOTE, links=(_QUOTE,)),
    "quote_line_cost": Rule(Kind.HISTORY, "cost", links=(_QUOTE,)),
    "warehouse": _public("stock"),
    "stock": _public("stock"),
    "arrival": _public("stock"),
    "reservation": Rule(
        Kind.SCOPED, "reservation", territories=("territory_id",), people=("user_id",), may_lie_nowhere=True
    ),
    # agreeing
    "approval_rule": Rule(Kind.PUBLIC, "policy", links=(Parent("territory_id", "territory"),)),
    "approval": Rule(
        Kind.SCOPED, "approval", territories=("territory_id",), people=("approver_id", "asked_by_id"), links=(_QUOTE,)
    ),
    "handoff": Rule(
        Kind.SCOPED, "handoff", territories=("territory_id",), people=("user_id", "recipient_id"), links=(_QUOTE,)
    ),
    "handoff_line": Rule(Kind.SCOPED, "handoff", parent=_HANDOFF, links=(_HANDOFF,)),
    "reply_request": Rule(
        Kind.SCOPED, "reply", people=("user_id", "recipient_id"),
        links=(_MESSAGE, Parent("approval_id", "approval"), Parent("handoff_id", "handoff")),
    ),
    "approval_token": Rule(Kind.SCOPED, "reply", parent=_REQUEST, links=(_REQUEST,)),
    "received_mail": Rule(Kind.SCOPED, "outbox", people=("user_id",)),
    # keeping
    "run": Rule(Kind.SCOPED, "run", people=("user_id",)),
    "run_change": Rule(
        Kind.DETAIL, "audit", territories=("territory_id",), links=(Parent("run_id", "run"),)
    ),
    "idempotency_key": Rule(Kind.PRIVATE, "run", people=("user_id",)),
    "import_stage": Rule(Kind.PRIVATE, "run", people=("user_id",)),
    "plan_stage": Rule(Kind.PRIVATE, "run", people=("user_id",)),
    "message": Rule(Kind.SCOPED, "outbox", people=("user_id",)),
    "message_attachment": Rule(Kind.SCOPED, "outbox", parent=_MESSAGE, links=(_MESSAGE,)),
    "audit_event": Rule(Kind.TRAIL, "audit", territories=("territory_id",), people=("user_id",)),
    "audit_detail": Rule(Kind.DETAIL, "audit", parent=Parent("seq", "audit_event", "seq")),
    "audit_head": Rule(Kind.COUNTER, "audit"),
    "alembic_version": Rule(Kind.PUBLIC, "policy"),
}  # fmt: skip


SHARED = frozenset(rule.shares.table for rule in RULES.values() if rule.shares)
"""Tables whose rows open others: they are written only by those who see what they open."""


class Terms(Protocol):
    """How an engine says the parts of a condition."""

    def in_territories(self, column: str, noun: str, action: str) -> str | None:
        """The column holds a territory in reach; None when territories give nothing here."""

    def is_me(self, column: str, noun: str, action: str) -> str | None:
        """The column holds the person himself; None when owning gives nothing here."""

    def shared(self, shares: Shares, column: str, noun: str, action: str) -> str | None:
        """The person has a share in the row; None when owning gives nothing here."""

    def everything(self, noun: str, action: str) -> str | None:
        """The permission reaches all rows; None when that cannot be."""

    def table(self, name: str) -> str:
        """A table as the guard names it."""


def condition(rule: Rule, action: str, terms: Terms, row: str) -> str:
    """When a row is in scope for an action, as SQL.

    Args:
        row: what stands before a column: a table's alias, or OLD or NEW in a trigger.
    """
    noun = rule.noun
    parts = [terms.in_territories(f"{row}.{column}", noun, action) for column in rule.territories]
    parts += [terms.is_me(f"{row}.{column}", noun, action) for column in rule.people]
    if rule.shares:
        parts.append(terms.shared(rule.shares, f"{row}.{rule.shares.column}", noun, action))
    if rule.parent:
        above = condition(replace(RULES[rule.parent.table], noun=noun), action, terms, "above")
        exists = (
            f"EXISTS (SELECT 1 FROM {terms.table(rule.parent.table)} AS above"
            f" WHERE above.{rule.parent.key} = {row}.{rule.parent.column} AND ({above}))"
        )
        parts.append(None if above == NEVER else exists)
    # A new territory is in nobody's list yet, and an event may lie in none.
    is_nowhere = rule.may_lie_nowhere or rule.kind in (Kind.TRAIL, Kind.DETAIL)
    if is_nowhere or (rule.territories in ((), ("id",)) and not rule.parent):
        parts.append(terms.everything(noun, action))
    said = [part for part in parts if part]
    return " OR ".join(said) if said else NEVER


def reach(rule: Rule, verb: Verb, permissions: Mapping[str, Scope]) -> dict[str, Scope]:
    """How far somebody gets with a verb, per action that allows it; an empty dictionary is not at all."""
    found = {action: permissions.get(f"{rule.noun}.{action}", Scope.NONE) for action in ACTIONS[verb]}
    return {action: scope for action, scope in found.items() if scope is not Scope.NONE}
