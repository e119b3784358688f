"""A plan made: what a planner finds, written to a file with what it comes to."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sfactl import files
from sfactl.core.plans import Header, Left, Line, new_key
from sfactl.db.session import Door, Session
from sfactl.i18n import _
from sfactl.services import plan_names
from sfactl.services.plan_effects import Effects
from sfactl.services.plan_files import PLAN_HINT, Body

TOLD_EVERY: Final = 2000
MOST_LEFT: Final = 1000
"""So many rows that are left alone are named in a plan; beyond, they are only counted."""

Planner = Callable[[Session, Any, date], Iterator[Line | Left]]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """What is to be planned."""

    kind: str
    "The command, as the plan names it."
    planner: Planner
    request: Any
    "What the planner is asked for."
    effective: date
    reason: str | None = None
    undoes: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def make(door: Door, order: Order, path: Path, *, replace: bool = False, progress: Progress | None = None) -> Header:
    """Write the plan of an order to a file, and return its header.

    Raises:
        Conflict: the file is there already.
        Unavailable: it cannot be written.
        SfaError: what the planner raises.
    """
    files.require_free(path, replace=replace, hint=_(PLAN_HINT))
    with closing(Body(path.parent)) as body:
        with door.read() as session:
            header = _gather(session, order, body, progress)
        body.write(path, header, replace=replace)
    return header


def _gather(session: Session, order: Order, body: Body, progress: Progress | None) -> Header:
    """Ask the planner for everything, write its lines, and sum up what they come to."""
    names = plan_names.load(session)
    effects = Effects(session, names, order.effective)
    counts: Counter[str] = Counter()
    left: list[Left] = []
    left_count = 0
    for found in order.planner(session, order.request, order.effective):
        if isinstance(found, Left):
            left_count += 1
            left += [found] if len(left) < MOST_LEFT else []
            continue
        body.add(found)
        effects.add(found)
        counts[found.entity] += 1
        if progress is not None and body.lines % TOLD_EVERY == 0:
            progress(_("planning"), body.lines, 0)
    return Header(
        new_key(session.now), order.kind, session.now.isoformat(), session.actor.login, session.today.isoformat(),
        order.effective.isoformat(), body.lines, order.reason, order.undoes, dict(sorted(counts.items())),
        effects.people(), effects.territories(), tuple(left), left_count, order.options,
    )  # fmt: skip
