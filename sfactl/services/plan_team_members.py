"""Members of teams in a plan, under keys like `T-WEST sam 2026-01-01`."""

from sfactl.models import tables as t
from sfactl.services.plan_memberships import Kind

KIND = Kind("team-member", t.team_member, t.team, "team_id", "team.edit")
ENTITY = KIND.entity()
