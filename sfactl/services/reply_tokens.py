"""Tokens by which a mail is answered: made when the mail is sent, told in that mail alone, kept as a hash.

So neither the outbox nor a log nor the trail can tell one, and whoever wrote the mail cannot answer it. A mail that is sent
again bears a token of its own; the first one that comes back is the answer.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from sfactl.db.session import Session
from sfactl.errors import Conflict
from sfactl.i18n import _
from sfactl.mail.agreements import APPROVE, CONFIRM, TOKEN_MARK
from sfactl.mail.messages import Content
from sfactl.mail.receiving import hashed, new_token, token_text
from sfactl.models import tables as t

_request = t.reply_request.c


@dataclass(frozen=True)
class Expected:
    """A question that a token belongs to."""

    id: int
    approval_id: int | None
    handoff_id: int | None
    recipient_id: int | None
    recipient: str | None
    "Login, where it is one of us."
    address: str
    digest: str
    expires_at: datetime
    used_at: datetime | None
    about: str
    "Code of the quote."
    handoff: str | None = None
    "Its code, where it is one that is asked."

    @property
    def yes(self) -> str:
        """The word for a yes."""
        return CONFIRM if self.handoff_id is not None else APPROVE

    @property
    def command(self) -> str:
        """By which the question is answered without mail."""
        return f"sfactl handoff answer {self.handoff} --yes" if self.handoff else f"sfactl quote approve {self.about}"


def put_in(session: Session, message_id: int, content: Content) -> Content:
    """The mail as it goes out: with a new token, where it asks something and the sender may make one."""
    if TOKEN_MARK not in content.text:
        return content
    request_id = session.execute(
        select(_request.id).where(_request.message_id == message_id, _request.used_at.is_(None)).order_by(_request.id)
    ).scalar()
    if request_id is None or not session.actor.may("reply.create"):
        return _with(content, "–")
    token = new_token()
    session.sql.execute(insert(t.approval_token).values(request_id=request_id, hash=hashed(token), made_at=session.now))
    return replace(_with(content, token_text(token)), references=f"<{token_text(token)}@sfa>")


def _with(content: Content, word: str) -> Content:
    html = None if content.html is None else content.html.replace(TOKEN_MARK, word)
    return replace(content, text=content.text.replace(TOKEN_MARK, word), html=html)


def find(session: Session, token: str) -> Expected | None:
    """The question of a token; None where it is none of ours."""
    approval, handoff, message = t.approval.c, t.handoff.c, t.message.c
    row = session.execute(
        select(
            _request.id, _request.approval_id, _request.handoff_id, _request.recipient_id, t.user.c.login,
            message.to_address, _request.digest, _request.expires_at, _request.used_at, t.quote.c.code,
            handoff.code,
        )
        .select_from(t.approval_token)
        .join(t.reply_request, _request.id == t.approval_token.c.request_id)
        .join(t.message, message.id == _request.message_id)
        .outerjoin(t.user, t.user.c.id == _request.recipient_id)
        .outerjoin(t.approval, approval.id == _request.approval_id)
        .outerjoin(t.handoff, handoff.id == _request.handoff_id)
        .outerjoin(t.quote, or_(t.quote.c.id == approval.quote_id, t.quote.c.id == handoff.quote_id))
        .where(t.approval_token.c.hash == hashed(token))
    ).first()  # fmt: skip
    if row is None:
        return None
    *values, about, code = row
    return Expected(*[*values, about or "–", code])


def use(session: Session, expected: Expected) -> None:
    """Spend a token and all others of its question.

    Raises:
        Conflict: it is spent, or its time is over.
    """
    if expected.expires_at <= session.now:
        raise Conflict(
            _("The time for an answer by mail is over."),
            _("Answer with {command}.").format(command=expected.command),
        )
    is_fresh = update(t.reply_request).where(_request.id == expected.id, _request.used_at.is_(None))
    if not session.run(is_fresh.values(used_at=session.now)):
        raise Conflict(_("The mail was answered already, and works once."))
