"""Periods as a screen names them, in the workspace's calendar."""

from typing import TYPE_CHECKING

from sfactl import services
from sfactl.core.periods import Period, parse_period

if TYPE_CHECKING:
    from sfactl.db.session import Session


def period_of(session: "Session", name: str) -> Period:
    """The period of this name.

    Raises:
        UsageFault: it is none.
    """
    return parse_period(name, today=session.today, calendar=services.workspaces.current(session).calendar)
