"""A process with its stages, what each asks for and does, and the opportunities that are in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from sfactl.db.session import Session
from sfactl.errors import NotFound
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, process_policy, territories

_stage, _sale = t.stage.c, t.opportunity.c


@dataclass(frozen=True)
class StageOnMap:
    """A stage of a process."""

    process: str
    stage: str
    name: str
    status: str
    probability: int
    "Basis points."
    guidance: str | None
    requires: tuple[str, ...]
    automatic: tuple[str, ...]
    opportunities: tuple[str, ...]
    "Those in sight that are there, the next to close first."


@dataclass(frozen=True)
class ProcessMap:
    """A process, in the order of its stages."""

    code: str
    name: str
    stages: tuple[StageOnMap, ...]


def draw(
    session: Session, *, process: str | None = None, opportunities: Sequence[str] = (), territory: str | None = None
) -> ProcessMap:
    """A process with the open opportunities in sight on it, or with some that are named, open or not.

    Raises:
        NotFound: there is no such process or opportunity.
    """
    session.actor.require("opportunity.read")
    found = session.execute(
        select(t.process).where(t.process.c.code == process) if process else select(t.process).order_by(t.process.c.id)
    ).first()
    if found is None:
        raise NotFound(_("There is no process {name}.").format(name=process))
    here = _opportunities(session, opportunities, territory)
    terms = process_policy.current(session)
    rows = session.execute(
        select(t.stage).where(_stage.process_id == found.id, _stage.active).order_by(_stage.position)
    ).all()
    return ProcessMap(found.code, found.name, tuple(
        StageOnMap(
            found.code, row.code, row.name, row.status, row.probability_bp, row.guidance,
            _required(terms.of(found.code, row.code)), tuple(terms.of(found.code, row.code).automatic),
            tuple(here.get(row.id, ())),
        )
        for row in rows
    ))  # fmt: skip


def _opportunities(session: Session, named: Sequence[str], territory: str | None) -> dict[int, list[str]]:
    statement = select(_sale.stage_id, _sale.code).order_by(_sale.close_on, _sale.code)
    if named:
        statement = statement.where(_sale.id.in_([naming.find_id(session, t.opportunity, key) for key in named]))
    else:
        statement = statement.where(_sale.status == "open")
    if territory is not None:
        statement = statement.where(_sale.credited_territory_id.in_(territories.subtree(session, territory)))
    found: dict[int, list[str]] = {}
    for stage_id, code in session.execute(statement):
        found.setdefault(stage_id, []).append(code)
    return found


def _required(terms: process_policy.StageTerms) -> tuple[str, ...]:
    """What a stage asks for, in short."""
    gate = terms.requires
    activities = [f"{count} {kind}" for kind, count in gate.activities.items()]
    return (*gate.fields, *activities, *([f"quote {gate.quote}"] if gate.quote else []))
