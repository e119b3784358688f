"""Erasing a person: his row, and what the trail tells of him, so that the chain still holds."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table, Text, delete, or_, select, update

from sfactl.core.roles import Scope
from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotAllowed, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.registry import metadata
from sfactl.services import audit, handoffs, naming, outbox

SHORTEST = 2
"""A shorter text would be found everywhere."""
MOST_TRACES = 1000
_NOT_SEARCHED = frozenset(
    {"audit_event", "audit_detail", "audit_head", "run_change", "import_stage", "idempotency_key", "policy_version"}
)


@dataclass(frozen=True)
class Trace:
    """A text that still holds something of the person."""

    table: str
    row: str
    column: str


@dataclass(frozen=True)
class Erasure:
    """What was erased, and what was not."""

    events: int
    "Events of the trail whose details are gone."
    traces: tuple[Trace, ...]


def erase_contact(session: Session, key: str, account: str, *, reason: str | None = None) -> Erasure:
    """Erase a person at an account.

    Raises:
        NotAllowed: the role may not erase.
        NotFound: there is no such account or contact.
        UsageFault: several contacts of the account have the name.
    """
    _require(session)
    account_id = naming.find_id(session, t.account, account)
    contact = t.contact.c
    rows = session.execute(
        select(contact.id, contact.name, contact.email, contact.phone).where(
            contact.account_id == account_id,
            or_(contact.external_id == key, contact.name_key == match_key(key)),
        )
    ).all()
    if not rows:
        raise NotFound(
            _("There is no contact {key}.").format(key=key), _("`sfactl contact list --account ACCOUNT` shows them.")
        )
    if len(rows) > 1:
        raise UsageFault(_("{key} fits several contacts.").format(key=key), _("Name the key of the other system."))
    row = rows[0]
    session.sql.execute(delete(t.contact).where(contact.id == row.id))
    code = session.execute(select(t.account.c.code).where(t.account.c.id == account_id)).scalar_one()
    return _erase(session, "contact", code, _texts(row.name, row.email, row.phone), reason)


def erase_user(session: Session, key: str, *, reason: str | None = None) -> Erasure:
    """Erase somebody who left: name, login, address and how the system knew him; what he did stays, as somebody's.

    Raises:
        NotAllowed: the role may not erase.
        NotFound: there is no such person.
        Conflict: he has not left.
    """
    _require(session)
    user_id = naming.find_id(session, t.user, key, code="login")
    row = session.execute(select(t.user).where(t.user.c.id == user_id)).one()
    if row.active:
        raise Conflict(
            _("{user} has not left.").format(user=row.login),
            _("First: sfactl user deactivate {user}").format(user=row.login),
        )
    names = session.execute(select(t.user_identity.c.name).where(t.user_identity.c.user_id == user_id)).scalars().all()
    login = f"erased-{user_id}"
    session.sql.execute(delete(t.user_identity).where(t.user_identity.c.user_id == user_id))
    session.sql.execute(
        update(t.user).where(t.user.c.id == user_id).values(
            login=login, name=login, name_key=login, email=None, title=None, external_id=None, hired_on=None,
            latitude_e6=None, longitude_e6=None,
            updated_at=session.now, version=t.user.c.version + 1,
        )
    )  # fmt: skip
    outbox.forget(session, user_id, login)
    handoffs.forget(session, user_id, login)
    return _erase(session, "user", login, _texts(row.login, row.name, row.email, *names), reason)


def _require(session: Session) -> None:
    session.actor.require("audit.erase")
    if session.actor.scope("audit.read") is not Scope.ALL:
        raise NotAllowed(_("Only somebody who sees the whole trail can erase in it."))


def _texts(*values: str | None) -> list[str]:
    return [value for value in values if value and len(value) >= SHORTEST]


def _erase(session: Session, entity: str, key: str, texts: Sequence[str], reason: str | None) -> Erasure:
    if reason and _told(texts).search(reason):
        raise UsageFault(_("The reason itself names the person."), _("It stays in the trail: say it without the name."))
    events = list(_events_that_tell(session, texts))
    detail = t.audit_detail.c
    for start in range(0, len(events), 500):
        named = detail.seq.in_(events[start : start + 500])
        session.sql.execute(update(t.audit_detail).where(named).values(salt=None, key=None, content=None))
    after = {"events": events, "runs": _erase_in_runs(session, texts)}
    session.record(audit.ERASE, entity, key, reason=reason, after=after, is_discreet=True)
    return Erasure(len(events), tuple(_traces(session, texts)))


def _events_that_tell(session: Session, texts: Sequence[str]) -> Iterator[int]:
    """Numbers of the events whose details hold one of the texts, as a word or words, in whatever case."""
    pattern = _told(texts)
    detail = t.audit_detail.c
    rows = session.execute(
        select(detail.seq, detail.key, detail.content).order_by(detail.seq).execution_options(yield_per=2000)
    )
    for row in rows:
        if row.content is not None and pattern.search(f"{row.key or ''}\n{row.content}"):
            yield row.seq


def _told(texts: Sequence[str]) -> re.Pattern[str]:
    """Finds one of the texts in JSON; of no texts, nothing."""
    told = [re.escape(json.dumps(text, ensure_ascii=False)[1:-1]) for text in texts]
    return re.compile(rf"(?<!\w)(?:{'|'.join(told)})(?!\w)" if told else "(?!)", re.IGNORECASE)


def _erase_in_runs(session: Session, texts: Sequence[str]) -> list[str]:
    """Empty the rows of runs that tell; returns the runs' keys."""
    pattern, change = _told(texts), t.run_change.c
    rows = session.execute(
        select(change.id, change.before, change.after, t.run.c.key)
        .join(t.run, t.run.c.id == change.run_id)
        .execution_options(yield_per=2000)
    )
    found = [(row.id, row.key) for row in rows if pattern.search(f"{row.before}\n{row.after}")]
    for start in range(0, len(found), 500):
        ids = [key for key, _run in found[start : start + 500]]
        session.sql.execute(update(t.run_change).where(change.id.in_(ids)).values(before=None, after=None))
    told = [row for row in session.execute(_SAID) if pattern.search(row.said)]
    for row in told:
        session.sql.execute(update(t.run).where(t.run.c.id == row.id).values(said=None))
    return sorted({run for _key, run in found} | {row.key for row in told})


_SAID: Final = select(t.run.c.id, t.run.c.key, t.run.c.said).where(t.run.c.said.is_not(None))


def _traces(session: Session, texts: Sequence[str]) -> Iterator[Trace]:
    found = (
        trace
        for table in metadata.sorted_tables if table.name not in _NOT_SEARCHED
        for trace in _traces_in(session, table, texts)
    )  # fmt: skip
    for _number, trace in zip(range(MOST_TRACES), found, strict=False):
        yield trace


def _traces_in(session: Session, table: Table, texts: Sequence[str]) -> Iterator[Trace]:
    name = table.c.get("code", next(iter(table.primary_key.columns)))
    for column in table.columns:
        if isinstance(column.type, Text) and texts:
            holds = or_(*(column.icontains(text, autoescape=True) for text in texts))
            for row in session.execute(select(name, column).where(holds)):
                if _told(texts).search(row[1]):
                    yield Trace(table.name, str(row[0]), column.name)
