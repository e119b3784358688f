"""The trail: who changed what, and whether anybody touched it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import Select, case, select, type_coerce

from sfactl.core.roles import Scope
from sfactl.db import trail
from sfactl.db.session import Session
from sfactl.errors import NotAllowed, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.types import Words, stamp_text
from sfactl.services import run_changes
from sfactl.services.run_changes import differences

ERASE = "erase"
"""The action of an event after which the details of others are gone; its `after` names them."""


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
    changes: str | None
    "Each field that differs, before and after."
    before: str | None
    after: str | None
    run: str | None
    command: str | None
    machine: str | None
    hash: str


@dataclass(frozen=True)
class Filter:
    """Which events; what is None does not narrow."""

    actor: str | None = None
    on_behalf_of: str | None = None
    action: str | None = None
    entity: str | None = None
    key: str | None = None
    run: str | None = None
    since: date | None = None
    until: date | None = None
    "The first day that is left out."
    limit: int = 0


@dataclass(frozen=True)
class Break:
    """A place where the trail does not hold."""

    seq: int
    finding: str


@dataclass(frozen=True)
class Verification:
    """What a look at the whole trail found."""

    events: int
    head: str
    "Number and hash of the last event: what to keep on another machine."
    erased: int
    "Events whose details were erased, as others say."
    breaks: tuple[Break, ...]


def find(session: Session, wanted: Filter, *, zone: tzinfo | None = None) -> Iterator[AuditRow]:
    """Events in sight, latest first; days are those of `zone`."""
    session.actor.require("audit.read")
    event = t.audit_event.c
    statement = _events().order_by(event.seq.desc())
    pairs = (
        (_ACTOR.c.login, wanted.actor), (_ON_BEHALF_OF, wanted.on_behalf_of), (event.action, wanted.action),
        (event.entity, wanted.entity), (t.audit_detail.c.key, wanted.key), (event.run_key, wanted.run),
    )  # fmt: skip
    for column, value in pairs:
        if value is not None:
            statement = statement.where(column == value)
    if wanted.since:
        statement = statement.where(event.at >= _midnight(wanted.since, zone))
    if wanted.until:
        statement = statement.where(event.at < _midnight(wanted.until, zone))
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return (_row(row) for row in session.execute(statement.execution_options(yield_per=2000)))


def one(session: Session, seq: int) -> AuditRow:
    """An event by its number.

    Raises:
        NotFound: there is none, or it is not the person's to see.
    """
    session.actor.require("audit.read")
    row = session.execute(_events().where(t.audit_event.c.seq == seq)).first()
    if row is None:
        raise NotFound(_("There is no event {seq}.").format(seq=seq), _("`sfactl audit list` shows those you may see."))
    return _row(row)


_ACTOR, _WHOSE = t.user.alias("actor"), t.user.alias("whose")
_ON_BEHALF_OF = case((t.audit_event.c.actor_id != t.audit_event.c.user_id, _WHOSE.c.login))


def _events(at: Any = t.audit_event.c.at) -> Select[Any]:
    event, detail = t.audit_event, t.audit_detail
    return (
        select(
            *(column for column in event.c if column.name != "at"), at, detail.c.key, detail.c.content, detail.c.salt, _ACTOR.c.login.label("actor"),
            _ON_BEHALF_OF.label("on_behalf_of"),
        )
        .outerjoin(detail, detail.c.seq == event.c.seq)
        .outerjoin(_ACTOR, _ACTOR.c.id == event.c.actor_id)
        .outerjoin(_WHOSE, _WHOSE.c.id == event.c.user_id)
    )  # fmt: skip


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone()


def _row(row: Any) -> AuditRow:
    said = run_changes.read(row.content)
    before, after = said.get("before"), said.get("after")
    return AuditRow(
        seq=row.seq, at=row.at, actor=row.actor, on_behalf_of=row.on_behalf_of, action=row.action, entity=row.entity,
        key=row.key, reason=said.get("reason"), changes=differences(before or {}, after or {}) or None,
        before=None if before is None else trail.canonical(before),
        after=None if after is None else trail.canonical(after),
        run=row.run_key, command=said.get("command"), machine=said.get("machine"), hash=row.hash,
    )  # fmt: skip


def verify(session: Session, *, head: str | None = None) -> Verification:
    """Recompute the whole chain.

    Args:
        head: what was the last event's `number:hash` at some time: the trail must still hold it. Without it, a tail that
            was cut together with the head, and a chain that was rewritten whole, cannot be told.

    Raises:
        NotAllowed: the person does not see the whole trail, so that he could not tell.
        UsageFault: `head` is not a number, a colon and a hash.
    """
    if session.actor.scope("audit.read") is not Scope.ALL:
        raise NotAllowed(_("Only somebody who sees the whole trail can verify it."), _("An auditor may, for example."))
    known = _head_of(head) if head else None
    links = _Chain(known)
    breaks = [*links.breaks(session), *_changed_runs(session, links)]
    return Verification(
        events=links.count, head=f"{links.count}:{links.previous}", erased=len(links.erased & links.empty),
        breaks=tuple(breaks),
    )  # fmt: skip


def _head_of(text: str) -> tuple[int, str]:
    number, _colon, hashed = text.strip().partition(":")
    if not number.isdigit() or len(hashed) != len(trail.GENESIS) or not hashed.isalnum():
        raise UsageFault(
            _("“{text}” is no head of a trail.").format(text=text), _("It is a number, a colon and 64 hex digits.")
        )
    return int(number), hashed


class _Chain:
    """One pass over the events, in their order."""

    def __init__(self, known: tuple[int, str] | None) -> None:
        self.known = known
        self.previous, self.count = trail.GENESIS, 0
        self.empty: set[int] = set()
        self.erased: set[int] = set()
        self.runs: list[tuple[int, str, str]] = []
        "Event, run and the digest of what it changed."
        self.erased_runs: set[str] = set()

    def breaks(self, session: Session) -> Iterator[Break]:
        as_it_stands = type_coerce(t.audit_event.c.at, Words).label("at")  # whatever stands there is what was hashed
        statement = _events(as_it_stands).order_by(t.audit_event.c.seq)
        for row in session.execute(statement.execution_options(yield_per=2000)):
            yield from self._link(dict(row._mapping))
        yield from (Break(seq, _("its details are gone, and no erasure names it")) for seq in self._unexplained())
        yield from self._end(session)

    def _link(self, said: dict[str, Any]) -> Iterator[Break]:
        linked, own = said.pop("previous_hash"), said.pop("hash")
        content, salt, key = said.pop("content"), said.pop("salt"), said.pop("key")
        del said["actor"], said["on_behalf_of"]
        self.count += 1
        if said["seq"] != self.count:
            yield Break(self.count, _("missing, or put elsewhere"))
            self.count = said["seq"]
        said["at"] = stamp_text(said["at"]) if isinstance(said["at"], datetime) else said["at"]
        if linked != self.previous or trail.chained_hash(linked, said) != own:
            yield Break(self.count, _("changed, inserted or removed before"))
        if content is None:
            self.empty.add(self.count)
        elif trail.details_digest(salt, key, content) != said["details"]:
            yield Break(self.count, _("its details were changed"))
        else:
            self._take_in(said, run_changes.read(content).get("after") or {})
        if self.known and self.known[0] == self.count and self.known[1] != own:
            yield Break(self.count, _("another event than the head that was kept: the trail was rewritten"))
        self.previous = own

    def _take_in(self, said: dict[str, Any], after: dict[str, Any]) -> None:
        if said["action"] == ERASE:
            self.erased |= set(after.get("events", ()))
            self.erased_runs |= set(after.get("runs", ()))
        elif said["run_key"] and "digest" in after:
            self.runs.append((self.count, said["run_key"], after["digest"]))

    def _unexplained(self) -> list[int]:
        return sorted(self.empty - self.erased)

    def _end(self, session: Session) -> Iterator[Break]:
        last = session.execute(select(t.audit_head.c.seq, t.audit_head.c.hash).where(t.audit_head.c.id == 1)).first()
        if self.count == 0:
            yield Break(0, _("there is no event at all: not even that of the workspace being made"))
        if last is None or (last.seq, last.hash) != (self.count, self.previous):
            yield Break(
                max(last.seq if last else 0, self.count), _("the end of the trail was cut off, or its head moved")
            )
        if self.known and self.known[0] > self.count:
            yield Break(self.known[0], _("the head that was kept is gone: the end was cut off"))


def _changed_runs(session: Session, links: _Chain) -> Iterator[Break]:
    """Runs whose rows no longer are what their event says."""
    keys = dict(session.execute(select(t.run.c.key, t.run.c.id)).all())
    for seq, key, digest in links.runs:
        if key in links.erased_runs:
            continue
        if key not in keys or run_changes.summary(session, keys[key]).digest != digest:
            yield Break(seq, _("what the run changed was itself changed"))


def broken_links(session: Session) -> Iterator[str]:
    """Places where the chain does not hold, as text; errors as of `verify`."""
    return (f"{found.seq}: {found.finding}" for found in verify(session).breaks)
