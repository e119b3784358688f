"""The mails that ask somebody about an offer: for his agreement, or what his area must know; and those that tell the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sfactl import i18n
from sfactl.core.text import safe
from sfactl.i18n import _
from sfactl.mail.addresses import LONGEST_LINE
from sfactl.mail.templating import Body, fill

TOKEN_MARK: Final = "sfa-REPLY-TOKEN"  # noqa: S105 - what stands in its place
"""Stands where the token goes, which is made when the mail is sent and kept nowhere."""
LONGEST: Final = 500
APPROVE: Final = "APPROVE"
CONFIRM: Final = "CONFIRM"


@dataclass(frozen=True)
class OfferLine:
    """A line of the offer, as people read it."""

    product: str
    name: str
    quantity: str
    price: str
    amount: str
    discount: str
    stock: str = ""


@dataclass(frozen=True)
class Question:
    """What somebody is asked."""

    title: str
    greeting: str
    body: str
    facts: Sequence[tuple[str, str]] = ()
    "What is told, with what it means before it."
    reasons: Sequence[str] = ()
    "Why just he is asked."
    lines: Sequence[OfferLine] = ()
    asked: Sequence[str] = ()
    "What he should say with his answer."
    due: str = ""
    yes: str = APPROVE
    commands: Sequence[tuple[str, str]] = ()
    with_stock: bool = False


def body(question: Question) -> Body:
    """What the mail says."""
    return fill("question", {
        "language": i18n.language(), "title": _plain(question.title), "greeting": _plain(question.greeting),
        "body": [_plain(line) for line in question.body.splitlines() if line.strip()],
        "facts": [{"label": _plain(label), "value": _plain(value)} for label, value in question.facts],
        "why": _("Why you are asked:"), "reasons": [_plain(reason) for reason in question.reasons],
        "lines": [_line(line) for line in question.lines], "with_stock": question.with_stock,
        "headings": _headings(),
        "asked_title": _("Please say with your answer:"), "asked": [_plain(each) for each in question.asked],
        "how": _how(question.yes, has_fields=bool(question.asked)), "due": _plain(question.due),
        "commands": [{"what": _plain(what), "command": _plain(command)} for what, command in question.commands],
        "token": TOKEN_MARK,
    })  # fmt: skip


def _headings() -> Mapping[str, str]:
    return {
        "product": _("Product"), "quantity": _("Quantity"), "price": _("Price"), "discount": _("Discount"),
        "amount": _("Amount"), "stock": _("Availability"),
    }  # fmt: skip


def words_for(yes: str) -> str:
    """The words that are taken for a yes and a no."""
    if yes == CONFIRM:
        return _("CONFIRM (APPROVE says the same) or REJECT")
    return _("APPROVE or REJECT")


def _how(yes: str, *, has_fields: bool) -> Mapping[str, str]:
    more = _("Then, if you like, your comment.")
    if has_fields:
        more = _("Then what is asked above, each on a line of its own as name: value, and your comment, if you like.")
    return {
        "first": _("To answer, reply to this mail. First line: {words}. {more}").format(
            words=words_for(yes), more=more
        ),
        "token": _("Leave this line in the mail, it tells which question you answer:"),
        "own": _("It works once and only for you: do not pass it on."),
    }  # fmt: skip


def _line(line: OfferLine) -> Mapping[str, str]:
    return {
        "product": _plain(line.product), "name": _plain(line.name), "quantity": line.quantity, "price": line.price,
        "amount": line.amount, "discount": line.discount, "stock": _plain(line.stock),
    }  # fmt: skip


@dataclass(frozen=True)
class Notice:
    """What somebody is told, without being asked anything."""

    title: str
    greeting: str
    paragraphs: Sequence[str]
    commands: Sequence[tuple[str, str]] = ()


def notice(said: Notice) -> Body:
    """What the mail says."""
    return fill("notice", {
        "language": i18n.language(), "title": _plain(said.title), "greeting": _plain(said.greeting),
        "paragraphs": [_plain(each) for each in said.paragraphs],
        "commands": [{"what": _plain(what), "command": _plain(command)} for what, command in said.commands],
        "footer": _("This mail only tells you. Nothing is agreed to by answering it."),
    })  # fmt: skip


def subject(text: str) -> str:
    """The line by which the mail is found in a mailbox."""
    return safe(" ".join(text.split()), LONGEST_LINE) or "–"


def _plain(text: str) -> str:
    """Text from data on one line, without what a reader obeys."""
    return safe(text, LONGEST)
