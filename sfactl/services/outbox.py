"""The outbox: mail is written in the transaction that causes it, and sent after.

Whoever sends claims one message at a time: nobody else takes it until the claim is over. What the server has is recorded
at once, in the transaction that claims the next. A sender that dies after the server took the mail leaves a claim that
ends, and the mail is sent again under the same Message-ID: that is all that SMTP allows.
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, or_, select, true, update

from sfactl.core import outbox as rules
from sfactl.core.codes import code_of
from sfactl.core.outbox import Result, Status
from sfactl.core.quote_states import SETTLED, UNASKED
from sfactl.core.roles import Scope
from sfactl.db.session import Door, Session
from sfactl.errors import Conflict, Unavailable, UsageFault
from sfactl.i18n import _
from sfactl.mail.addresses import one_address
from sfactl.mail.messages import Attachment, Content, build, require_sound
from sfactl.mail.server import Server
from sfactl.mail.smtp import Outcome, Post
from sfactl.models import tables as t
from sfactl.services import naming, reply_tokens

MOST_FAULTS: Final = 3
"""After so many lost connections in a row, the server is left alone for this time."""
TOGETHER: Final = 100
"""So many are written with one statement."""
_OPEN: Final = (Status.QUEUED, Status.SENDING)
WITHDRAWN: Final = "withdrawn"
"""Why a question that waited is not sent any more; people read it in their own language."""


@dataclass(frozen=True)
class Letter:
    """A mail to one person, before it is in the outbox."""

    delivery_key: str
    "What it is about and for whom: a second one of the same key is not written."
    kind: str
    to_address: str
    subject: str
    text: str
    html: str | None = None
    recipient_id: int | None = None
    run_key: str | None = None
    about: str | None = None
    "To one address, messages about one thing are sent in the order in which they were written."
    is_newest: bool = False
    "Whether it stands for earlier ones of its kind, about the same and to the same address, that still wait."
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class MessageRow:
    """A message of the outbox."""

    code: str
    status: str
    to: str
    recipient: str | None
    "Login, where it is one of us."
    subject: str
    kind: str
    about: str | None
    created_by: str
    created_at: datetime
    due_at: datetime
    "Not tried before."
    attempts: int
    sent_at: datetime | None
    last_error: str | None
    run: str | None
    message_id: str
    text: str = ""


@dataclass(frozen=True)
class AttachmentRow:
    """A file that goes along with a message."""

    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True)
class Claimed:
    """A message that one sender has for itself."""

    id: int
    code: str
    content: Content
    attempts: int
    "With the one that is being made."


@dataclass(frozen=True)
class Tried:
    """What came of one message."""

    code: str
    to: str
    subject: str
    status: str
    attempts: int
    due_at: datetime | None
    "When it is tried again."
    reason: str | None


@dataclass(frozen=True)
class Report:
    """What came of sending."""

    tried: tuple[Tried, ...]
    waiting: int
    "How many are left in the queue."
    fault: Unavailable | None = None
    "Why it ended early."

    @property
    def failed(self) -> int:
        """How many the server refused for good."""
        return sum(each.status == Status.FAILED for each in self.tried)


def put(session: Session, letter: Letter) -> bool:
    """Write a message, in the transaction that causes it; False when one of its key is there already.

    Raises:
        UsageFault: the address is not exactly one, or the subject is not one line.
    """
    return put_all(session, [letter]) == 1


def put_all(session: Session, letters: Iterable[Letter]) -> int:
    """Write messages, in the transaction that causes them, and return how many were new.

    Raises:
        UsageFault: an address is not exactly one, or a subject is not one line.
    """
    session.actor.require("outbox.create")
    born = session.execute(select(t.workspace.c.created_at)).scalar_one()
    written, left = 0, iter(letters)
    while batch := list(islice(left, TOGETHER)):
        rows = [_row(session, letter, f"{born.isoformat()} {letter.delivery_key}") for letter in batch]
        written += session.run(session.insert_new(t.message).values(rows).on_conflict_do_nothing())
        for letter, row in zip(batch, rows, strict=True):
            if letter.attachments:
                _attach(session, letter)
            if letter.is_newest:
                _replace_earlier(session, letter, row["code"])
    return written


def _attach(session: Session, letter: Letter) -> None:
    """The files of a message; one that was there before keeps those that it has."""
    key = session.execute(select(t.message.c.id).where(t.message.c.delivery_key == letter.delivery_key)).scalar()
    if key is None:  # somebody else's
        return
    rows = [
        {
            "message_id": key, "position": position, "name": each.name, "media_type": each.media_type,
            "content": each.content, "digest": each.digest,
        }
        for position, each in enumerate(letter.attachments)
    ]  # fmt: skip
    session.run(session.insert_new(t.message_attachment).values(rows).on_conflict_do_nothing())


def _row(session: Session, letter: Letter, name: str) -> dict[str, Any]:
    require_sound(letter.subject, letter.text, letter.html, letter.attachments)
    address = one_address(letter.to_address)
    digest = hashlib.sha256(name.encode()).digest()
    return {
        "code": code_of("MSG", digest), "delivery_key": letter.delivery_key,
        "message_id": f"<{digest.hex()[:40]}@{address.rpartition('@')[2]}>", "kind": letter.kind, "about": letter.about,
        "user_id": session.actor.user_id, "recipient_id": letter.recipient_id, "to_address": address,
        "subject": letter.subject, "text": letter.text, "html": letter.html, "run_key": letter.run_key,
        "status": Status.QUEUED.value, "created_at": session.now, "due_at": session.now, "attempts": 0,
    }  # fmt: skip


def _replace_earlier(session: Session, letter: Letter, code: str) -> None:
    message, newest = t.message.c, t.message.alias("newest")
    is_earlier = and_(
        message.about == letter.about, message.to_address == letter.to_address, message.kind == letter.kind,
        message.status == Status.QUEUED,
        message.id < select(newest.c.id).where(newest.c.delivery_key == letter.delivery_key).scalar_subquery(),
    )  # fmt: skip
    reason = _("{code} says it anew.").format(code=code)
    session.sql.execute(update(t.message).where(is_earlier).values(status=Status.CANCELLED.value, last_error=reason))


def find(session: Session, *, status: str | None = None, to: str | None = None, limit: int = 0) -> list[MessageRow]:
    """Messages in sight, latest first.

    Args:
        to: words in the address, or the recipient's login.

    Raises:
        UsageFault: there is no such status.
    """
    session.actor.require("outbox.read")
    statement = _messages().order_by(t.message.c.id.desc())
    if status is not None:
        statement = statement.where(_status() == _known(status))
    if to is not None:
        said = func.lower(t.message.c.to_address).contains(naming.folded(to), autoescape=True)
        statement = statement.where(or_(said, _RECIPIENT.c.login == to))
    if limit:
        statement = statement.limit(limit)
    return [_message(row) for row in session.execute(statement)]


def show(session: Session, code: str) -> MessageRow:
    """One message with its text.

    Raises:
        NotFound: there is none, or it is not this person's to see.
    """
    session.actor.require("outbox.read")
    message_id = naming.find_id(session, t.message, code)
    statement = _messages().add_columns(t.message.c.text).where(t.message.c.id == message_id)
    return _message(session.execute(statement).one())


def _message(row: Any) -> MessageRow:
    found = MessageRow(*row)
    if found.last_error != WITHDRAWN:
        return found
    reason = _("Withdrawn: the quote was changed or taken back, or the question was settled, before it was sent.")
    return replace(found, last_error=reason)


def _status() -> ColumnElement[str]:
    """Where a message is; a question that waits and is overtaken goes nowhere any more, whoever wrote it."""
    message = t.message.c
    found: ColumnElement[str] = case(
        (and_(message.status == Status.QUEUED, _is_overtaken(message)), Status.CANCELLED.value), else_=message.status
    )
    return found


def _is_overtaken(message: Any) -> ColumnElement[bool]:
    """Whether it asks something that nobody needs to answer: settled, or about a quote that is not so any more."""
    request, approval, handoff, quote = t.reply_request.c, t.approval.c, t.handoff.c, t.quote.c
    of_approval = exists().where(
        approval.id == request.approval_id, quote.id == approval.quote_id,
        or_(approval.status != "pending", is_settled(approval.digest)),
    )  # fmt: skip
    of_handoff = exists().where(
        handoff.id == request.handoff_id, quote.id == handoff.quote_id,
        or_(handoff.status != "sent", is_unasked(handoff.digest), _is_answered_for_all(handoff)),
    )  # fmt: skip
    return exists().where(request.message_id == message.id, or_(of_approval, of_handoff))


def _is_answered_for_all(handoff: Any) -> ColumnElement[bool]:
    """Whether somebody else who was asked the same answered for all; of those in sight."""
    other = t.handoff.alias("other").c
    return and_(
        ~handoff.is_each,
        exists().where(
            other.form == handoff.form, other.quote_id == handoff.quote_id, other.digest == handoff.digest,
            other.id != handoff.id, other.status.in_(("confirmed", "refused")),
        ),
    )  # fmt: skip


def is_settled(digest: Any) -> ColumnElement[bool]:
    """Whether nobody is asked to agree to a quote any more as it was at that digest."""
    quote = t.quote.c
    return or_(quote.status.in_(sorted(SETTLED)), func.coalesce(quote.digest, digest) != digest)


def is_unasked(digest: Any) -> ColumnElement[bool]:
    """Whether other areas need not answer about a quote any more as it was at that digest."""
    quote = t.quote.c
    return or_(quote.status.in_(sorted(UNASKED)), func.coalesce(quote.digest, digest) != digest)


def withdraw(session: Session) -> int:
    """Write down which questions in reach are overtaken before they were sent; returns how many.

    None of them is sent in any case, and lists say so at once: this only keeps the queue short.
    """
    message = t.message.c
    is_over = and_(message.status == Status.QUEUED, _mine_to_send(session), _is_overtaken(message))
    return session.run(
        update(t.message).where(is_over).values(status=Status.CANCELLED.value, last_error=WITHDRAWN, claimed_by=None)
    )


def ask_again(session: Session, delivery_key: str) -> bool:
    """Put a question back in the queue that was withdrawn, since it is asked again as it was."""
    message = t.message.c
    is_back = and_(
        message.delivery_key == delivery_key, message.status == Status.CANCELLED, message.last_error == WITHDRAWN
    )
    values = {"status": Status.QUEUED.value, "last_error": None, "due_at": session.now}
    return session.run(update(t.message).where(is_back).values(values)) == 1


def attachments(session: Session, code: str) -> list[AttachmentRow]:
    """The files of a message; errors as of `show`."""
    session.actor.require("outbox.read")
    file, message_id = t.message_attachment.c, naming.find_id(session, t.message, code)
    rows = session.execute(
        select(file.name, file.media_type, func.length(file.content))
        .where(file.message_id == message_id)
        .order_by(file.position)
    )
    return [AttachmentRow(*row) for row in rows]


_RECIPIENT: Final = t.user.alias("recipient")


def _messages() -> Select[Any]:
    message, writer = t.message.c, t.user.alias("writer")
    return (
        select(
            message.code, _status(), message.to_address, _RECIPIENT.c.login, message.subject, message.kind,
            message.about, writer.c.login, message.created_at, message.due_at, message.attempts, message.sent_at,
            case((and_(message.status == Status.QUEUED, _is_overtaken(message)), WITHDRAWN), else_=message.last_error),
            message.run_key, message.message_id,
        )
        .join(writer, writer.c.id == message.user_id)
        .outerjoin(_RECIPIENT, _RECIPIENT.c.id == message.recipient_id)
    )  # fmt: skip


def _known(status: str) -> str:
    if status not in list(Status):
        raise UsageFault(
            _("There is no status {status}.").format(status=status),
            _("Choose from: {names}.").format(names=", ".join(Status)),
        )
    return status


def waiting(session: Session, about: Sequence[str] | None = None) -> int:
    """How many messages are in the queue that this person may send, now or later."""
    is_open = and_(_status().in_(_OPEN), _mine_to_send(session), _is_about(about))
    return int(session.execute(select(func.count()).select_from(t.message).where(is_open)).scalar_one())


def _mine_to_send(session: Session) -> ColumnElement[bool]:
    """Who may edit a message may send it; what one only reads is not tried."""
    is_any = session.actor.scope("outbox.edit") is Scope.ALL
    return true() if is_any else t.message.c.user_id == session.actor.user_id


def _is_about(about: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if about is None else t.message.c.about.in_(about)


def claim(
    session: Session, sender: str, period: timedelta, before: datetime, about: Sequence[str] | None = None
) -> Claimed | None:
    """The next message that is due, for this sender alone until the period is over; None when there is none.

    What a dead sender left comes back first. A message waits while an earlier one about the same, to the same
    address, is not through.

    Args:
        before: what is due later, or was tried since, is left for the next time.
        about: only messages about one of these.
    """
    session.actor.require("outbox.edit")
    message = t.message.c
    _release_the_dead(session)
    earlier = t.message.alias("earlier")
    waits = exists().where(
        earlier.c.about == message.about, earlier.c.to_address == message.to_address,
        earlier.c.id < message.id, earlier.c.status.in_(_OPEN),
        or_(earlier.c.status != Status.QUEUED, ~_is_overtaken(earlier.c)),
    )  # fmt: skip
    row = session.execute(
        select(t.message)
        .where(
            message.status == Status.QUEUED,
            message.due_at <= before,
            _mine_to_send(session),
            _is_about(about),
            ~waits,
            ~_is_overtaken(message),
        )
        .order_by(message.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=t.message)
    ).first()
    if row is None or not _take(session, row.id, sender, session.now + period):
        return None
    content = Content(
        row.message_id, row.to_address, row.subject, row.text, row.html, row.created_at, _files(session, row.id)
    )
    return Claimed(row.id, row.code, reply_tokens.put_in(session, row.id, content), row.attempts + 1)


def _files(session: Session, message_id: int) -> tuple[Attachment, ...]:
    file = t.message_attachment.c
    rows = session.execute(
        select(file.name, file.media_type, file.content, file.digest)
        .where(file.message_id == message_id)
        .order_by(file.position)
    )
    return tuple(Attachment(*row) for row in rows)


def _release_the_dead(session: Session) -> None:
    message = t.message.c
    is_dead = and_(message.status == Status.SENDING, message.claimed_until <= session.now, _mine_to_send(session))
    values = {"status": Status.QUEUED.value, "claimed_by": None, "claimed_until": None}
    session.sql.execute(update(t.message).where(is_dead).values(values))


def _take(session: Session, message_id: int, sender: str, until: datetime) -> bool:
    message = t.message.c
    is_free = and_(message.id == message_id, message.status == Status.QUEUED)
    values = {"status": Status.SENDING.value, "claimed_by": sender, "claimed_until": until}
    return session.run(update(t.message).where(is_free).values(attempts=message.attempts + 1, **values)) == 1


def record(session: Session, sender: str, claimed: Claimed, outcome: Outcome, jitter: float) -> Tried:
    """Write down what came of a message, if the sender still has it.

    Args:
        jitter: from 0 to 1; see `core.outbox.pause`.
    """
    status = rules.status_after(outcome.result, claimed.attempts)
    due = session.now + rules.pause(outcome.result, claimed.attempts, jitter) if status is Status.QUEUED else None
    message = t.message.c
    values: dict[str, Any] = {
        "status": status.value, "claimed_by": None, "claimed_until": None, "last_error": outcome.reason,
        "sent_at": session.now if status is Status.SENT else None,
    }  # fmt: skip
    if due:
        values["due_at"] = due
    is_held = and_(message.id == claimed.id, message.claimed_by == sender)
    if session.run(update(t.message).where(is_held).values(**values)) and status is not Status.QUEUED:
        session.record("send", "message", claimed.code, after={"status": status.value})
    content = claimed.content
    return Tried(
        claimed.code, content.to_address, content.subject, status.value, claimed.attempts, due, outcome.reason
    )  # fmt: skip


def send(
    door: Door,
    server: Server,
    *,
    limit: int = 0,
    about: Sequence[str] | None = None,
    jitter: Callable[[], float] = random.random,
) -> Report:
    """Send what is due, oldest first, and tell what came of each message.

    Each is tried once. What the server refuses for now comes back after a pause, what it refuses for good does not;
    when the server itself is not to be had, all the rest waits.

    Args:
        limit: at most so many messages; 0 is all.
        about: only messages about one of these; all of them when nothing is said.
    """
    round_ = _Round(door, server, limit, about, jitter)
    fault = None
    if door.write(_count_due, round_.began, about):
        with Post(server) as post:
            try:
                round_.go(post)
            except Unavailable as reason:
                fault = reason
    with door.read() as session:
        return Report(tuple(round_.tried), waiting(session, about), fault)


def _count_due(session: Session, before: datetime, about: Sequence[str] | None) -> int:
    session.actor.require("outbox.edit")
    _release_the_dead(session)
    withdraw(session)
    message = t.message.c
    is_due = and_(message.status == Status.QUEUED, message.due_at <= before, _mine_to_send(session), _is_about(about))
    return int(session.execute(select(func.count()).select_from(t.message).where(is_due)).scalar_one())


class _Round:
    """One sender at its work."""

    def __init__(
        self, door: Door, server: Server, limit: int, about: Sequence[str] | None, jitter: Callable[[], float]
    ) -> None:
        self.door, self.server, self.limit, self.about, self.jitter = door, server, limit, about, jitter
        self.sender = uuid4().hex
        self.began = door.now
        self.tried: list[Tried] = []

    def go(self, post: Post) -> None:
        """Send until nothing is due.

        Raises:
            Unavailable: the server is not to be had; what was claimed is in the queue again.
        """
        post.open()
        claimed, faults = self.door.write(self._first), 0
        while claimed:
            outcome, fault = self._deliver(post, claimed)
            faults = faults + 1 if outcome.is_servers else 0
            is_last = fault is not None or faults == MOST_FAULTS
            tried, claimed = self.door.write(self._record_and_go_on, claimed, outcome, self.jitter(), is_last)
            self.tried.append(tried)
            if fault:
                raise fault
        if faults == MOST_FAULTS:
            raise Unavailable(
                _("The mail server {server} keeps losing the connection: {reason}.").format(
                    server=self.server.name, reason=self.tried[-1].reason
                ),
                _("What waits is sent another time; `sfactl doctor` looks at the server."),
            )

    def _deliver(self, post: Post, claimed: Claimed) -> tuple[Outcome, Unavailable | None]:
        try:
            message = build(claimed.content, self.server.sender)
            return post.deliver(message, claimed.content.to_address), None
        except UsageFault as fault:
            return Outcome(Result.FAILED, fault.message), None
        except Unavailable as fault:
            return Outcome(Result.LOST, fault.message), fault
        except BaseException:
            result = Result.UNSURE if post.is_given else Result.LATER
            self.door.write(self._record_and_go_on, claimed, Outcome(result, _("interrupted")), 0.0, True)
            raise

    def _first(self, session: Session) -> Claimed | None:
        return claim(session, self.sender, rules.lease(self.server.most_s), self.began, self.about)

    def _record_and_go_on(
        self, session: Session, claimed: Claimed, outcome: Outcome, jitter: float, is_last: bool
    ) -> tuple[Tried, Claimed | None]:
        tried = record(session, self.sender, claimed, outcome, jitter)
        is_last = is_last or len(self.tried) + 1 == self.limit
        return tried, None if is_last else self._first(session)


def retry(session: Session, codes: Sequence[str] = (), *, is_all: bool = False) -> list[str]:
    """Put messages that failed back in the queue, and those that wait for their next attempt to its front.

    Args:
        is_all: every one that failed, whatever its code.

    Raises:
        NotFound: there is none of a code.
        Conflict: one is sent, being sent, or cancelled.
    """
    return _turn(session, "retry", _failed(session) if is_all else codes, (Status.FAILED, Status.QUEUED), {
        "status": Status.QUEUED.value, "attempts": 0, "due_at": session.now,
    })  # fmt: skip


def cancel(session: Session, codes: Sequence[str]) -> list[str]:
    """Send these messages never.

    Raises:
        NotFound: there is none of a code.
        Conflict: one is sent or being sent.
    """
    return _turn(session, "cancel", codes, (Status.FAILED, Status.QUEUED), {"status": Status.CANCELLED.value})


def _failed(session: Session) -> list[str]:
    is_failed = and_(t.message.c.status == Status.FAILED, _mine_to_send(session))
    return list(session.execute(select(t.message.c.code).where(is_failed).order_by(t.message.c.id)).scalars())


def _turn(
    session: Session, action: str, codes: Sequence[str], of: Sequence[Status], values: dict[str, Any]
) -> list[str]:
    session.actor.require("outbox.edit")
    message, turned = t.message.c, []
    for code in dict.fromkeys(codes):
        message_id = naming.find_id(session, t.message, code)
        before = session.execute(select(message.code, message.status).where(message.id == message_id)).one()
        if before.status not in of:
            raise Conflict(
                _("{code} is {status}.").format(code=before.code, status=before.status),
                _("`sfactl outbox list` shows where each message is."),
            )
        is_same = and_(message.id == message_id, message.status == before.status)
        if not session.run(update(t.message).where(is_same).values(**values)):
            raise naming.not_found(t.message, code)
        after = {"status": values["status"]}
        session.record(action, "message", before.code, before={"status": before.status}, after=after)
        turned.append(before.code)
    return turned


def forget(session: Session, user_id: int, instead: str) -> None:
    """Empty what was written to somebody who is erased; what waits for him is never sent.

    Args:
        instead: what stands where his address did.
    """
    message = t.message.c
    his = select(message.id).where(message.recipient_id == user_id)
    session.sql.execute(delete(t.message_attachment).where(t.message_attachment.c.message_id.in_(his)))
    status = case((message.status == Status.QUEUED, Status.CANCELLED.value), else_=message.status)
    session.sql.execute(
        update(t.message)
        .where(message.recipient_id == user_id)
        .values(to_address=instead, subject=instead, text="", html=None, last_error=None, status=status)
    )
