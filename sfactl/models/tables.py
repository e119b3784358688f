"""The tables by name, for statements over columns: `tables.account.c.code`.

Beside each stands the module that says it, which is loaded when the table is first named: a command pays for its own tables.
"""

from importlib import import_module
from typing import Annotated

from sqlalchemy import Table

from sfactl.models.base import metadata

workspace: Annotated[Table, "workspaces"]
user: Annotated[Table, "users", "app_user"]
user_identity: Annotated[Table, "users"]
role: Annotated[Table, "policies"]
role_permission: Annotated[Table, "policies"]
role_grant: Annotated[Table, "users"]
emergency_grant: Annotated[Table, "users"]
deputy: Annotated[Table, "users"]
policy_version: Annotated[Table, "policies"]
territory: Annotated[Table, "territories"]
territory_member: Annotated[Table, "territories"]
team: Annotated[Table, "teams"]
team_member: Annotated[Table, "teams"]
account: Annotated[Table, "accounts"]
contact: Annotated[Table, "accounts"]
skill: Annotated[Table, "skills"]
user_skill: Annotated[Table, "skills"]
account_need: Annotated[Table, "skills"]
assignment: Annotated[Table, "assignments"]
process: Annotated[Table, "opportunities"]
stage: Annotated[Table, "opportunities"]
opportunity: Annotated[Table, "opportunities"]
opportunity_split: Annotated[Table, "opportunities"]
opportunity_change: Annotated[Table, "pipeline"]
judgement: Annotated[Table, "pipeline"]
stage_change: Annotated[Table, "opportunities"]
activity: Annotated[Table, "activities"]
order: Annotated[Table, "orders", "sales_order"]
order_line: Annotated[Table, "orders", "sales_order_line"]
credit: Annotated[Table, "orders"]
rollup_month: Annotated[Table, "rollups"]
rollup: Annotated[Table, "rollups"]
rollup_touched: Annotated[Table, "rollups"]
quota: Annotated[Table, "quotas"]
quota_load: Annotated[Table, "quotas"]
quota_adjustment: Annotated[Table, "quotas"]
product: Annotated[Table, "products"]
product_cost: Annotated[Table, "products"]
price: Annotated[Table, "products"]
feature: Annotated[Table, "catalogue"]
feature_option: Annotated[Table, "catalogue"]
product_attribute: Annotated[Table, "catalogue"]
configuration_rule: Annotated[Table, "catalogue"]
rule_product: Annotated[Table, "catalogue"]
opportunity_need: Annotated[Table, "catalogue"]
warehouse: Annotated[Table, "stock"]
stock: Annotated[Table, "stock"]
arrival: Annotated[Table, "stock"]
reservation: Annotated[Table, "stock"]
run: Annotated[Table, "runs"]
run_change: Annotated[Table, "runs"]
idempotency_key: Annotated[Table, "runs"]
import_stage: Annotated[Table, "runs"]
audit_event: Annotated[Table, "audit"]
audit_detail: Annotated[Table, "audit"]
audit_head: Annotated[Table, "audit"]
plan_stage: Annotated[Table, "plans"]
holdover: Annotated[Table, "plans"]
capacity: Annotated[Table, "plans"]
assignment_rule: Annotated[Table, "plans"]
rule_exclusion: Annotated[Table, "plans"]
policy_setting: Annotated[Table, "plans"]
territory_place: Annotated[Table, "territories"]
territory_plan: Annotated[Table, "territories"]
territory_plan_node: Annotated[Table, "territories"]
territory_plan_account: Annotated[Table, "territories"]
territory_plan_member: Annotated[Table, "territories"]
message: Annotated[Table, "messages"]
message_attachment: Annotated[Table, "messages"]
price_rule: Annotated[Table, "pricing"]
price_tier: Annotated[Table, "pricing"]
contract_price: Annotated[Table, "pricing"]
exchange_rate: Annotated[Table, "pricing"]
quote: Annotated[Table, "quotes"]
quote_line: Annotated[Table, "quotes"]
quote_line_cost: Annotated[Table, "quotes"]
price_step: Annotated[Table, "quotes"]
quote_version: Annotated[Table, "quotes"]
approval_rule: Annotated[Table, "agreements"]
approval: Annotated[Table, "agreements"]
handoff: Annotated[Table, "agreements"]
handoff_line: Annotated[Table, "agreements"]
reply_request: Annotated[Table, "agreements"]
approval_token: Annotated[Table, "agreements"]
received_mail: Annotated[Table, "agreements"]


def __getattr__(name: str) -> Table:
    """A table that nobody asked for before."""
    if name not in __annotations__:
        raise AttributeError(f"module {__name__!r} has no table {name!r}")
    module, *called = __annotations__[name].__metadata__
    import_module(f"sfactl.models.{module}")
    table = metadata.tables[called[0] if called else name]
    globals()[name] = table
    return table
