"""An approved offer on its way to the customer: written into the outbox with the change that it is sent."""

from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import or_, select, update

from sfactl.core.quote_states import OPEN, State, require
from sfactl.db.session import Session
from sfactl.errors import Conflict, UsageFault
from sfactl.i18n import _
from sfactl.mail import quotes as words
from sfactl.mail.addresses import one_address
from sfactl.mail.messages import Attachment
from sfactl.models import tables as t
from sfactl.render.quote_document import Document
from sfactl.services import naming, outbox, quote_documents, quote_storing
from sfactl.services.outbox import Letter

_quote = t.quote.c
KIND = "quote"


@dataclass(frozen=True)
class Parcel:
    """What goes to the customer, made before it is sent."""

    offer: Document
    to_address: str
    contact: str | None
    is_known: bool = False


def parcel(session: Session, key: str, *, to: str | None = None) -> Parcel:
    """An offer as it would leave, and to whom.

    Raises:
        Conflict: it is not approved.
        UsageFault: nobody is named who has an address.
    """
    session.actor.require("quote.edit")
    offer = quote_documents.document(session, key)
    require(offer.code, offer.status, State.SENT)
    contact = session.execute(
        select(t.contact.c.name, t.contact.c.email)
        .join(t.quote, _quote.contact_id == t.contact.c.id)
        .where(_quote.code == offer.code)
    ).first()
    address = to or (contact.email if contact else None)
    if not address:
        raise UsageFault(
            _("Nobody is named to whom {quote} goes.").format(quote=offer.code),
            _("Say it with --to ADDRESS; a new quote takes --contact."),
        )
    return Parcel(replace(offer, status=State.SENT), one_address(address), contact.name if contact else None)


def send(session: Session, ready: Parcel, content: bytes) -> str:
    """Put an offer into the outbox and note that the customer has it; earlier revisions are done with.

    Args:
        content: the document, made of the parcel.

    Raises:
        Conflict: it was changed since the document was made, is over, or is not approved any more.
    """
    for permission in ("quote.edit", "outbox.create"):
        session.actor.require(permission)
    quote_id = naming.find_id(session, t.quote, ready.offer.code)
    quote = quote_storing.stored(session, quote_id).quote
    require(quote.code, State(quote.status), State.SENT)
    if quote.digest != ready.offer.digest:
        raise Conflict(
            _("{quote} was changed meanwhile.").format(quote=quote.code), _("Look at it, and send it again.")
        )
    if quote.valid_until <= session.today:
        raise Conflict(
            _("{quote} was valid until {day}.").format(quote=quote.code, day=quote.valid_until),
            _("Make a new revision with sfactl quote revise {quote}.").format(quote=quote.code),
        )
    session.sql.execute(
        update(t.quote).where(_quote.id == quote_id).values(
            status=State.SENT, sent_at=session.now, updated_at=session.now, version=_quote.version + 1
        )
    )  # fmt: skip
    _replace_earlier(session, quote_id, quote.of_id or quote_id, quote.code)
    outbox.put(session, _letter(ready, content, quote.of_id or quote_id))
    session.record(
        "send", "quote", quote.code, territory_id=quote.territory_id, before={"status": quote.status},
        after={"status": State.SENT, "to": ready.to_address, "digest": quote.digest},
    )  # fmt: skip
    return str(quote.code)


def _replace_earlier(session: Session, quote_id: int, first_id: int, code: str) -> None:
    """Other revisions that are still open are no offers any more."""
    session.sql.execute(
        update(t.quote)
        .where(or_(_quote.id == first_id, _quote.of_id == first_id), _quote.id != quote_id)
        .where(_quote.status.in_(sorted(OPEN)))
        .values(
            status=State.DECLINED, closed_on=session.today, closing_reason=_("{quote} replaces it.").format(quote=code),
            primary_of_id=None, updated_at=session.now, version=_quote.version + 1,
        )
    )  # fmt: skip


def _letter(ready: Parcel, content: bytes, first_id: int) -> Letter:
    offer = ready.offer
    file = f"{offer.code}.pdf"
    told = words.Offer(
        offer.code, offer.name, offer.locale, offer.language, ready.contact, offer.amount, offer.valid_until,
        offer.person, offer.seller, file,
    )  # fmt: skip
    written = words.body(told)
    attachment = Attachment(file, "application/pdf", content, sha256(content).hexdigest())
    return Letter(
        f"quote {offer.code} {offer.digest} {ready.to_address}", KIND, ready.to_address, words.subject(told),
        written.text, written.html, about=f"quote {first_id}", is_newest=True, attachments=(attachment,),
    )  # fmt: skip
