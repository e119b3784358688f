"""The audit trail: each event is chained to the one before by its hash.

What an event changed stands beside it, in `audit_detail`, and only its digest is in the chain. So a person's data can be
erased there, and the chain still proves that no event was edited, removed, inserted or put elsewhere.
"""

import hashlib
import json
import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from sfactl.core.actor import Actor
from sfactl.db.connect import os_login
from sfactl.db.url import without_secret
from sfactl.models import tables
from sfactl.models.types import stamp_text

BREAK_GLASS = "break-glass"
"""The action of the event that taking a role in an emergency leaves, and of each command that is run under it."""
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
    is_discreet: bool = False
    "Whether the command's words are left out, since they name what is being erased."


def canonical(value: object) -> str:
    """JSON that is the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def details_digest(salt: str, key: str | None, content: str) -> str:
    """SHA-256 of an event's details with their salt: what the chain keeps of them."""
    return hashlib.sha256((salt + canonical([key, content])).encode()).hexdigest()


def chained_hash(previous: str, row: Mapping[str, object]) -> str:
    """SHA-256 over the previous hash and the canonical JSON of an event without its own hash."""
    return hashlib.sha256((previous + canonical(row)).encode()).hexdigest()


def append(connection: Connection, actor: Actor, now: datetime, events: list[Event]) -> None:
    """Chain the events to the trail; other writers wait until this transaction ends."""
    head = tables.audit_head
    seq, previous = connection.execute(select(head.c.seq, head.c.hash).where(head.c.id == 1).with_for_update()).one()
    rows: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    for event in events:
        seq += 1
        salt, content = secrets.token_hex(16), canonical(_details(event))
        details.append({"seq": seq, "salt": salt, "key": event.key, "content": content})
        row = {**_row(event, actor, now, seq), "details": details_digest(salt, event.key, content)}
        previous_hash, previous = previous, chained_hash(previous, {**row, "at": stamp_text(now)})
        rows.append({**row, "previous_hash": previous_hash, "hash": previous})
    connection.execute(insert(tables.audit_event), rows)
    connection.execute(insert(tables.audit_detail), details)
    connection.execute(update(head).where(head.c.id == 1).values(seq=seq, hash=previous))


def _row(event: Event, actor: Actor, now: datetime, seq: int) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": now,
        "user_id": actor.user_id,
        "actor_id": actor.keyboard_id,
        "action": event.action,
        "entity": event.entity,
        "territory_id": event.territory_id,
        "run_key": event.run_key,
    }


def _details(event: Event) -> dict[str, Any]:
    said = {"before": event.before, "after": event.after, "reason": event.reason}
    circumstances = {
        name: value for name, value in _circumstances().items() if name != "command" or not event.is_discreet
    }
    return {**{name: value for name, value in said.items() if value is not None}, **circumstances}


@cache
def _circumstances() -> Mapping[str, str]:
    """From which machine, by which account of it, and with which words; a command line of ours holds no password."""
    told = [without_secret(word) for word in sys.argv[1:]]
    words = {"command": shlex.join(["sfactl", *told])} if "sfactl" in Path(sys.argv[0]).parts[-2:] else {}
    return {"machine": os.uname().nodename, "account": os_login(), **words}
