"""The trail: who changed what, and whether anybody touched it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from sfactl.db import trail
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.types import stamp_text


@dataclass(frozen=True)
class AuditRow:
    """One event."""

    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    action: str
    entity: str
    key: str | None
    reason: str | None


def find(
    session: Session, *, actor: str | None = None, entity: str | None = None, key: str | None = None, limit: int = 0
) -> list[AuditRow]:
    """Events, latest first."""
    session.actor.require("audit.read")
    event = t.audit_event.c
    statement = select(
        event.seq, event.at, event.actor, event.on_behalf_of, event.action, event.entity, event.key, event.reason
    ).order_by(event.seq.desc())
    for column, wanted in ((event.actor, actor), (event.entity, entity), (event.key, key)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if limit:
        statement = statement.limit(limit)
    return [AuditRow(*row) for row in session.execute(statement)]


def broken_links(session: Session) -> Iterator[str]:
    """Places where the chain does not hold; needs sight of the whole trail."""
    event, head = t.audit_event.c, t.audit_head.c
    previous, expected = trail.GENESIS, 0
    for row in session.execute(select(t.audit_event).order_by(event.seq).execution_options(yield_per=2000)):
        expected += 1
        said = dict(row._mapping)
        linked, own = said.pop("previous_hash"), said.pop("hash")
        said["at"] = stamp_text(said["at"])
        if row.seq != expected:
            yield f"{expected}: missing"
            expected = row.seq
        if linked != previous or trail.chained_hash(linked, said) != own:
            yield f"{row.seq}: changed"
        previous = own
    last = session.execute(select(head.seq, head.hash).where(head.id == 1)).one()
    if (last.seq, last.hash) != (expected, previous):
        yield f"{last.seq}: cut off"
