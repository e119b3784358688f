"""Answers that come in by mail: each works once, in the name of whom we asked, and whoever errs is told why.

Who sent a mail is not looked at: the token tells whom we asked. What a mail says goes to the service whose question it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from sfactl.core.replies import Verdict, answers
from sfactl.db.session import Door, Session
from sfactl.errors import Conflict, NotAllowed, NotFound, SfaError, UsageFault
from sfactl.i18n import _
from sfactl.mail import receiving
from sfactl.mail.agreements import words_for
from sfactl.mail.mailboxes import Incoming
from sfactl.mail.receiving import Reply
from sfactl.models import tables as t
from sfactl.services import agreement_letters, approvals, handoffs, reply_tokens
from sfactl.services.reply_tokens import Expected

_REFUSALS = (Conflict, NotAllowed, NotFound, UsageFault)


@dataclass(frozen=True)
class ReceivedRow:
    """What came of one mail."""

    message_id: str
    about: str | None
    outcome: str
    "`answered`, `refused` or `ignored`."
    verdict: str | None
    user: str | None
    "In whose name."
    reason: str | None


def receive(door: Door, door_as: Callable[[str], Door], mails: Iterable[Incoming]) -> list[ReceivedRow]:
    """Take the answers out of a mailbox; what was read before is left alone.

    Args:
        door_as: the way to the data in the name of somebody else.

    Raises:
        NotAllowed: the person may not see everybody's questions.
    """
    with door.read() as session:
        session.actor.require("reply.edit")
        session.actor.require("outbox.create")
    found = []
    for mail in mails:
        reply = receiving.read(mail.raw)
        row = _take(door, door_as, reply)
        mail.done()
        if row:
            found.append(row)
    return found


def _take(door: Door, door_as: Callable[[str], Door], reply: Reply) -> ReceivedRow | None:
    with door.read() as session:
        if session.execute(
            select(t.received_mail.c.id).where(t.received_mail.c.message_id == reply.message_id)
        ).first():
            return None
        expected = reply_tokens.find(session, reply.token) if reply.token else None
    if expected is None or reply.is_automatic:
        return door.write(_remember, reply, "ignored", expected, _ignored_because(reply))
    try:
        verdict = _verdict(reply, expected)
        act = door_as(expected.recipient) if expected.recipient else door
        return act.write(_answer, reply, expected, verdict)
    except _REFUSALS as fault:
        return door.write(_refuse, reply, expected, fault)


def _ignored_because(reply: Reply) -> str:
    if reply.is_bounce:
        return _("A notice that a mail could not be delivered: nothing was changed. See to the address.")
    if reply.is_automatic:
        return _("An automatic answer, such as a notice of absence: nothing was changed, and nobody is told.")
    if reply.token:
        return _("Its token is none of ours, or its question was erased: nothing was changed.")
    return _("It bears no token of ours, so it answers none of our questions: nothing was changed.")


def _verdict(reply: Reply, expected: Expected) -> Verdict:
    if reply.answer.verdict is None:
        raise UsageFault(
            _("The first line is no verdict: {line}.").format(line=reply.answer.said or "–"),
            _("Write {words} on the first line and nothing else, your comment on the second.").format(
                words=words_for(expected.yes)
            ),
        )
    return reply.answer.verdict


def _answer(session: Session, reply: Reply, expected: Expected, verdict: Verdict) -> ReceivedRow:
    reply_tokens.use(session, expected)
    comment: str | None = reply.answer.comment or None
    if expected.approval_id is not None:
        quote_id = session.execute(
            select(t.approval.c.quote_id).where(t.approval.c.id == expected.approval_id)
        ).scalar_one()
        approvals.decide_on(session, quote_id, expected.digest, verdict, comment=comment, via="mail")
    else:
        code = session.execute(select(t.handoff.c.code).where(t.handoff.c.id == expected.handoff_id)).scalar_one()
        values, comment = answers(reply.answer.more, handoffs.asked_of(session, expected.handoff_id or 0))
        handoffs.answer(session, code, verdict, comment=comment or None, values=values, via="mail")
    row = _remember(session, reply, "answered", expected, None)
    return ReceivedRow(row.message_id, expected.about, "answered", verdict.value, session.actor.login, None)


def _refuse(session: Session, reply: Reply, expected: Expected, fault: SfaError) -> ReceivedRow:
    reason = f"{fault.message} {fault.hint}" if fault.hint else fault.message
    agreement_letters.tell_refused(
        session, reply.message_id, expected.recipient_id, expected.address, expected.about, reason,
        expected.command,
    )  # fmt: skip
    return _remember(session, reply, "refused", expected, fault.message)


def _remember(
    session: Session, reply: Reply, outcome: str, expected: Expected | None, reason: str | None
) -> ReceivedRow:
    about = expected.about if expected else None
    values = {
        "message_id": reply.message_id, "user_id": session.actor.user_id, "received_at": session.now, "outcome": outcome,
        "about": about, "reason": reason,
    }  # fmt: skip
    if not session.run(session.insert_new(t.received_mail).values(values).on_conflict_do_nothing()):
        raise Conflict(_("The mail was read already."))
    verdict = reply.answer.verdict.value if reply.answer.verdict else None
    return ReceivedRow(
        reply.message_id, about, outcome, verdict, expected.recipient if expected else None, reason
    )  # fmt: skip
