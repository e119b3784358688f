"""Members of territories in a plan, under keys like `SW sam account_manager 2026-01-01`."""

from sfactl.models import tables as t
from sfactl.services.plan_memberships import Kind

KIND = Kind("member", t.territory_member, t.territory, "territory_id", "territory.edit")
ENTITY = KIND.entity()
