"""A plan made and applied at once, for whoever looked at what it is about already."""

import tempfile
from pathlib import Path

from sfactl.db.session import Door
from sfactl.errors import Conflict
from sfactl.i18n import _
from sfactl.services import plan_files, plan_making, plans
from sfactl.services.plan_making import Order, Progress
from sfactl.services.plans import Outcome


def carry_out(door: Door, order: Order, *, progress: Progress | None = None) -> Outcome:
    """Make the plan of an order and apply it: whole or not at all.

    Raises:
        Conflict: there is nothing to change, or rows changed meanwhile.
        SfaError: what the planner raises.
    """
    with tempfile.TemporaryDirectory(prefix="sfactl-") as folder:
        path = Path(folder) / "plan"
        header = plan_making.make(door, order, path, progress=progress)
        if not header.lines:
            left = header.left[0].reason if header.left else ""
            raise Conflict(_("There is nothing to change."), left or None)
        with plan_files.opened(path) as plan:
            return plans.apply(door, plan, progress=progress)
