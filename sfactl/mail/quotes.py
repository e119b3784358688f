"""The mail that brings a customer an offer, in his language; the offer itself goes along as a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sfactl.core.money import Money
from sfactl.core.text import safe
from sfactl.mail.addresses import LONGEST_LINE
from sfactl.mail.templating import Body, fill
from sfactl.render.formats import format_date, format_money

LONGEST: Final = 500
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "subject": "Our offer {code}: {name}", "greeting": "Dear {name},", "greeting_all": "Dear customer,",
        "opening": "Thank you for your interest. Our offer is in the file {file}.", "sum": "Total",
        "until": "Valid until", "closing": "Do you have questions? Just answer this mail.",
    },
    "es": {
        "subject": "Nuestra oferta {code}: {name}", "greeting": "Estimado/a {name}:", "greeting_all": "Estimado cliente:",
        "opening": "Gracias por su interés. Nuestra oferta está en el archivo {file}.", "sum": "Total",
        "until": "Válida hasta", "closing": "¿Tiene preguntas? Responda simplemente a este correo.",
    },
}  # fmt: skip
"""Side by side, since a mail speaks the customer's language and not the person's."""


@dataclass(frozen=True)
class Offer:
    """What the mail tells of an offer."""

    code: str
    name: str
    locale: str
    language: str
    contact: str | None
    amount: Money
    valid_until: date
    person: str | None
    seller: Sequence[str]
    file: str


def subject(offer: Offer) -> str:
    """The line by which the mail is found in a mailbox."""
    told = WORDS[offer.language]["subject"].format(code=offer.code, name=_plain(offer.name))
    return safe(told, LONGEST_LINE)


def body(offer: Offer) -> Body:
    """What the mail says."""
    words = WORDS[offer.language]
    contact = _plain(offer.contact) if offer.contact else None
    return fill("quote", {
        "language": offer.language,
        "greeting": words["greeting"].format(name=contact) if contact else words["greeting_all"],
        "opening": words["opening"].format(file=_plain(offer.file)),
        "facts": [
            [words["sum"], format_money(offer.amount, offer.locale, with_currency=True)],
            [words["until"], format_date(offer.valid_until, offer.locale)],
        ],
        "closing": words["closing"], "person": _plain(offer.person or ""),
        "seller": [_plain(line) for line in offer.seller],
    })  # fmt: skip


def _plain(text: str) -> str:
    """Text from data on one line, without what a reader obeys."""
    return safe(text, LONGEST)
