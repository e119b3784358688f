"""The audit trail: each event is chained to the one before by its hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from sfactl.core.actor import Actor
from sfactl.models import tables
from sfactl.models.types import stamp_text

GENESIS = "0" * 64
"""What the first event is chained to."""

Values = Mapping[str, object]


@dataclass(frozen=True)
class Event:
    """What happened to one thing, before it is chained."""

    action: str
    entity: str
    key: str | None = None
    territory_id: int | None = None
    run_key: str | None = None
    reason: str | None = None
    before: Values | None = None
    after: Values | None = None


def canonical(value: object) -> str:
    """JSON that is the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def chained_hash(previous: str, row: Mapping[str, object]) -> str:
    """SHA-256 over the previous hash and the canonical JSON of an event without its own hash."""
    return hashlib.sha256((previous + canonical(row)).encode()).hexdigest()


def append(connection: Connection, actor: Actor, now: datetime, events: list[Event]) -> None:
    """Chain the events to the trail; other writers wait until this transaction ends."""
    head = tables.audit_head
    seq, previous = connection.execute(select(head.c.seq, head.c.hash).where(head.c.id == 1).with_for_update()).one()
    rows: list[dict[str, Any]] = []
    for event in events:
        seq += 1
        row = _row(event, actor, now, seq)
        previous_hash, previous = previous, chained_hash(previous, {**row, "at": stamp_text(now)})
        rows.append({**row, "previous_hash": previous_hash, "hash": previous})
    connection.execute(insert(tables.audit_event), rows)
    connection.execute(update(head).where(head.c.id == 1).values(seq=seq, hash=previous))


def _row(event: Event, actor: Actor, now: datetime, seq: int) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": now,
        "user_id": actor.user_id,
        "actor": actor.signed_in_as,
        "on_behalf_of": actor.login if actor.is_acting_for_another else None,
        "action": event.action,
        "entity": event.entity,
        "key": event.key,
        "territory_id": event.territory_id,
        "run_key": event.run_key,
        "reason": event.reason,
        "before": canonical(event.before) if event.before is not None else None,
        "after": canonical(event.after) if event.after is not None else None,
    }
