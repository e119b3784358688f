"""Reports by mail: who gets one, in whose scope it is made, and that a run that is repeated mails nothing twice."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import and_, exists, or_, select

from sfactl.core.outbox import Status
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.mail import reports as words
from sfactl.mail.addresses import is_address, one_address
from sfactl.mail.messages import Attachment
from sfactl.models import tables as t
from sfactl.render.report_summary import Summary
from sfactl.services import naming, outbox
from sfactl.services.outbox import Letter
from sfactl.services.report_options import Asked
from sfactl.services.reports import Order

KIND: Final = "report"


@dataclass(frozen=True)
class Recipient:
    """Who gets a report."""

    address: str
    login: str | None = None
    "In whose scope it is made; in that of whoever runs it where only an address was named."
    user_id: int | None = None


def named(session: Session, names: Iterable[str]) -> list[Recipient]:
    """Recipients by address or login, each once.

    Raises:
        NotFound: there is no such person.
        UsageFault: an address is not exactly one, or a person has none.
    """
    session.actor.require("outbox.create")
    found = [Recipient(one_address(name)) if "@" in name else _person(session, name) for name in names]
    return list(dict.fromkeys(found))


def _person(session: Session, name: str) -> Recipient:
    key = naming.find_id(session, t.user, name, code="login")
    person = t.user.c
    row = session.execute(select(person.id, person.login, person.email, person.active).where(person.id == key)).one()
    if not row.active:
        raise naming.not_found(t.user, name)
    return _recipient(row)


def _recipient(row: Any) -> Recipient:
    if not row.email or not is_address(row.email):
        raise UsageFault(
            _("{user} has no e-mail address.").format(user=row.login),
            _("Import one with `sfactl import user`, or name an address."),
        )
    return Recipient(row.email, row.login, row.id)


def managers(session: Session) -> list[Recipient]:
    """Everybody who has people below him or manages a territory in sight today, by login.

    Raises:
        UsageFault: one of them has no address; nobody gets anything then.
    """
    session.actor.require("outbox.create")
    person, below, member = t.user.c, t.user.alias("below"), t.territory_member.c
    has_people = exists().where(below.c.manager_id == person.id, below.c.active)
    manages = exists().where(
        member.user_id == person.id, member.role == "manager", member.valid_from <= session.today,
        or_(member.valid_to.is_(None), member.valid_to > session.today),
    )  # fmt: skip
    rows = session.execute(
        select(person.id, person.login, person.email)
        .where(and_(person.active, or_(has_people, manages)))
        .order_by(person.login)
    )
    return [_recipient(row) for row in rows]


def about(order: Order, recipient: Recipient) -> str:
    """What tells this report of others to the same address, whatever the day."""
    return f"report {order.name} {_digest(order, recipient)}"


def _digest(order: Order, recipient: Recipient, *more: Any) -> str:
    said = [order.name, sorted(order.said.items()), order.fields, order.format, recipient.login, *more]
    return sha256(json.dumps(said, default=str).encode()).hexdigest()[:16]


def letter(
    order: Order, asked: Asked, recipient: Recipient, summary: Summary, file: Attachment, *, again: str = ""
) -> Letter:
    """The mail that brings a report.

    Args:
        again: what tells it of one that was mailed already, for whoever wants it once more.
    """
    period = asked.period
    dates = (period.start, period.end) if period else ()
    key = _digest(order, recipient, dates, asked.day, recipient.address, file.name, again)
    written = words.body(summary)
    return Letter(
        f"report {order.name} {asked.day} {key}", KIND, recipient.address, words.subject(summary), written.text,
        written.html, recipient_id=recipient.user_id, about=about(order, recipient), attachments=(file,),
    )  # fmt: skip


def put(session: Session, letters: Sequence[Letter]) -> int:
    """Put mails into the outbox, and return how many are new."""
    return outbox.put_all(session, letters)


def was_mailed(session: Session, letter: Letter) -> bool:
    """Whether the last mail about the same, to the same address, brought the same data."""
    message, file = t.message.c, t.message_attachment.c
    last = session.execute(
        select(file.digest)
        .join(t.message, message.id == file.message_id)
        .where(message.about == letter.about, message.to_address == letter.to_address)
        .where(message.status.not_in((Status.FAILED, Status.CANCELLED)))
        .order_by(message.id.desc())
        .limit(1)
    ).scalar()
    return bool(last) and last == letter.attachments[0].digest
