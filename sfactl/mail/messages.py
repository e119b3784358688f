"""A mail as it goes over the wire: the same bytes however often it is sent."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from typing import Final

from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.mail.addresses import LONGEST_LINE, Mailbox, is_one_line, one_address

LARGEST_BYTES: Final = 20_000_000
"""Of all files of a mail together: most servers take no more, once they are written as text."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes
    digest: str = ""
    "Of its data; see `models.messages.MessageAttachment`."


@dataclass(frozen=True)
class Content:
    """What a mail says, to whom, and by which name it is known."""

    message_id: str
    to_address: str
    subject: str
    text: str
    html: str | None
    written_at: datetime
    attachments: tuple[Attachment, ...] = ()
    references: str | None = None
    "What an answer refers to, so that it is known by more than its text."


def build(content: Content, sender: Mailbox) -> EmailMessage:
    """The mail with its headers, as plain text and, where there is one, as a page beside it.

    Raises:
        UsageFault: the address is not exactly one, or something would end a line of the header.
    """
    require_sound(content.subject, content.text, content.html, content.attachments)
    message = EmailMessage(policy=policy.SMTP)
    message["Message-ID"] = content.message_id
    message["Date"] = content.written_at
    message["From"] = sender.header
    message["To"] = Mailbox(one_address(content.to_address)).header
    message["Subject"] = content.subject
    if content.references is not None:
        message["References"] = content.references
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text, cte="quoted-printable")
    if content.html is not None:
        message.add_alternative(content.html, subtype="html", cte="quoted-printable")
        message.set_boundary(_boundary(content.message_id))
    for each in content.attachments:
        kind, _slash, subtype = each.media_type.partition("/")
        message.add_attachment(each.content, kind, subtype, filename=each.name, cte="base64")
    if content.attachments:
        message.set_boundary(_boundary(f"{content.message_id} files"))
    return message


def _boundary(of: str) -> str:
    return f"=_{hashlib.sha256(of.encode()).hexdigest()[:32]}"


def require_sound(subject: str, text: str, html: str | None, attachments: Sequence[Attachment] = ()) -> None:
    """Refuse what would end a line of the header, and what no mail may hold.

    Raises:
        UsageFault: the subject is empty, too long or not one line, a text holds NUL, a file's name is none, or the files
            are larger than mail servers take.
    """
    if not is_one_line(subject) or len(subject) > LONGEST_LINE:
        raise UsageFault(
            _("{subject} cannot be the subject of a mail.").format(subject=ascii(subject[:LONGEST_LINE])),
            _("Use one line of at most {most} characters.").format(most=LONGEST_LINE),
        )
    if "\0" in text + (html or ""):
        raise UsageFault(_("A mail holds no NUL character."))
    for each in attachments:
        if not is_one_line(each.name) or len(each.name) > LONGEST_LINE or "/" in each.name:
            raise UsageFault(_("{name} cannot be the name of a file in a mail.").format(name=ascii(each.name)))
    size = sum(len(each.content) for each in attachments)
    if size > LARGEST_BYTES:
        raise UsageFault(
            _("The files of the mail have {size} MB; mail servers take {most} MB.").format(
                size=-(-size // 1_000_000), most=LARGEST_BYTES // 1_000_000
            ),
            _("Take fewer rows, or write a file with --to."),
        )
