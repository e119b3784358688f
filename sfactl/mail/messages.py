"""A mail as it goes over the wire: the same bytes however often it is sent."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage

from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.mail.addresses import LONGEST_LINE, Mailbox, is_one_line, one_address


@dataclass(frozen=True)
class Content:
    """What a mail says, to whom, and by which name it is known."""

    message_id: str
    to_address: str
    subject: str
    text: str
    html: str | None
    written_at: datetime


def build(content: Content, sender: Mailbox) -> EmailMessage:
    """The mail with its headers, as plain text and, where there is one, as a page beside it.

    Raises:
        UsageFault: the address is not exactly one, or something would end a line of the header.
    """
    require_sound(content.subject, content.text, content.html)
    message = EmailMessage(policy=policy.SMTP)
    message["Message-ID"] = content.message_id
    message["Date"] = content.written_at
    message["From"] = sender.header
    message["To"] = Mailbox(one_address(content.to_address)).header
    message["Subject"] = content.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text, cte="quoted-printable")
    if content.html is not None:
        message.add_alternative(content.html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{hashlib.sha256(content.message_id.encode()).hexdigest()[:32]}")
    return message


def require_sound(subject: str, text: str, html: str | None) -> None:
    """Refuse what would end a line of the header, and what no mail may hold.

    Raises:
        UsageFault: the subject is empty, too long or not one line, or a text holds NUL.
    """
    if not is_one_line(subject) or len(subject) > LONGEST_LINE:
        raise UsageFault(
            _("{subject} cannot be the subject of a mail.").format(subject=ascii(subject[:LONGEST_LINE])),
            _("Use one line of at most {most} characters.").format(most=LONGEST_LINE),
        )
    if "\0" in text + (html or ""):
        raise UsageFault(_("A mail holds no NUL character."))
