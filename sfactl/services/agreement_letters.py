"""The mails about an offer, written into the outbox in the transaction that causes them."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import insert, select

from sfactl import i18n
from sfactl.config.forms_policy import APPROVAL, FormEntry
from sfactl.core.money import Money, round_half_up
from sfactl.core.text import guard_formula
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.mail import agreements as words
from sfactl.mail.addresses import is_address
from sfactl.mail.agreements import Notice, OfferLine, Question
from sfactl.mail.messages import Attachment
from sfactl.mail.templating import fill_text
from sfactl.models import tables as t
from sfactl.render.formats import (
    format_date,
    format_datetime,
    format_discount,
    format_money,
    format_quantity,
    format_unit_price,
)
from sfactl.services import approval_policy, availability, outbox, quote_documents, quote_storing
from sfactl.services.outbox import Letter

ANSWERABLE: Final = timedelta(days=30)
"""So long after its due time an answer by mail is taken."""
_approval = t.approval.c


@dataclass(frozen=True)
class Offer:
    """A quote as mails tell it."""

    code: str
    digest: str
    about: str
    "The first revision's code: mails about all revisions go out in order."
    words: dict[str, str]
    "For templates."
    lines: Sequence[Any]
    currency: str
    owner_id: int | None


def offer_of(session: Session, quote_id: int) -> Offer:
    """A quote with what templates may say of it, in the language of whoever sends it."""
    kept, locale = quote_storing.stored(session, quote_id), i18n.language()
    quote = kept.quote
    seller = session.execute(select(t.user.c.name).where(t.user.c.id == (quote.owner_id or quote.author_id))).scalar()

    def money(minor: int) -> str:
        return format_money(Money(minor, quote.currency), locale, with_currency=True)

    said = {
        "code": quote.code, "name": quote.name, "account": quote.account_name, "total": money(quote.net_minor),
        "list": money(quote.list_minor), "discount": format_discount(Fraction(quote.discount_bp, 10_000), locale),
        "currency": quote.currency, "seller": str(seller or ""), "valid_until": format_date(quote.valid_until, locale),
        "payment_days": str(quote.payment_days), "terms": quote.terms or "",
    }  # fmt: skip
    family = session.execute(select(t.quote.c.code).where(t.quote.c.id == quote.of_id)).scalar() or quote.code
    return Offer(quote.code, quote.digest, family, said, kept.lines, quote.currency, quote.owner_id)


def filled(form: FormEntry, name: str, template: str, offer: Offer) -> str:
    """A template of a form over an offer."""
    return fill_text(template, {"quote": offer.words}, f"forms.toml: {form.code}: {name}")


def ask(
    session: Session, quote_id: int, approval_id: int, person: int, due_at: datetime, *, again: bool = False
) -> None:
    """Write the mail that asks somebody to agree; none to somebody without an address, who finds it with `quote approvals`."""
    form, offer = approval_policy.form(session, APPROVAL), offer_of(session, quote_id)
    recipient = session.execute(select(t.user.c.id, t.user.c.name, t.user.c.email).where(t.user.c.id == person)).one()
    if not recipient.email or not is_address(recipient.email):
        return
    question = Question(
        form.title, _("Hello {name},").format(name=recipient.name), filled(form, "body", form.body, offer),
        facts(offer), _reasons(session, approval_id), lines(session, offer, with_stock=form.stock) if form.lines else (),
        due=due(due_at),
        commands=(
            (_("All of it:"), f"sfactl quote show {offer.code}"),
            (_("To answer without mail:"), f'sfactl quote approve {offer.code} --comment "…"'),
        ),
        with_stock=form.stock,
    )  # fmt: skip
    key = f"approval {approval_id}" + (f" {due_at.isoformat()}" if again else "")
    written = words.body(question)
    letter = Letter(
        key, "approval", recipient.email, words.subject(filled(form, "subject", form.subject, offer)), written.text,
        written.html, recipient_id=person, about=offer.about, attachments=attachments(session, form, offer),
    )  # fmt: skip
    if outbox.put(session, letter):
        expect(session, key, offer, due_at, person, approval_id=approval_id)


def expect(
    session: Session, delivery_key: str, offer: Offer, due_at: datetime, recipient_id: int | None, **about: int
) -> None:
    """Take an answer to a mail: once, for the offer as it is, and not for ever."""
    message_id = select(t.message.c.id).where(t.message.c.delivery_key == delivery_key).scalar_subquery()
    session.sql.execute(
        insert(t.reply_request).values(
            message_id=message_id, user_id=session.actor.user_id, recipient_id=recipient_id, digest=offer.digest,
            expires_at=due_at + ANSWERABLE, **about,
        )
    )  # fmt: skip


def facts(offer: Offer) -> list[tuple[str, str]]:
    """What is told of every offer."""
    said = offer.words
    found = [
        (_("Quote"), f"{said['code']} {said['name']}"), (_("Account"), said["account"]), (_("Total"), said["total"]),
        (_("By the price list"), said["list"]), (_("Discount"), said["discount"]),
        (_("Days to pay"), said["payment_days"]), (_("Valid until"), said["valid_until"]),
    ]  # fmt: skip
    return [*found, (_("Terms"), said["terms"])] if said["terms"] else found


def _reasons(session: Session, approval_id: int) -> list[str]:
    rule = t.approval_rule.c
    row = session.execute(
        select(rule.title, rule.code).join(t.approval, _approval.rule_id == rule.id).where(_approval.id == approval_id)
    ).one()
    return [_("{title} (rule {code})").format(title=row.title, code=row.code)]


def due(due_at: datetime) -> str:
    """Until when somebody should answer."""
    return _("Please answer until {moment}.").format(moment=format_datetime(due_at, i18n.language()))


def lines(session: Session, offer: Offer, *, with_stock: bool) -> list[OfferLine]:
    """The lines of an offer, as people read them; discount and amount count the discount on the whole offer in."""
    locale = i18n.language()
    stock = _stock(session, offer) if with_stock else {}
    return [
        OfferLine(
            line.product, line.product_name, format_quantity(line.quantity_milli, locale),
            format_unit_price(line.net_e4, locale),
            format_money(Money(line.net_minor, offer.currency), locale, with_currency=True),
            format_discount(Fraction(line.list_minor - line.net_minor, line.list_minor), locale)
            if line.list_minor > line.net_minor else "",
            stock.get(line.line, ""),
        )
        for line in offer.lines
    ]  # fmt: skip


def _stock(session: Session, offer: Offer) -> dict[int, str]:
    """By line: how much there is now, when the rest comes, and how old the answer is."""
    if not session.actor.may("stock.read"):
        return {}
    wishes = [availability.Wish(line.product, line.quantity_milli) for line in offer.lines]
    found, locale = {}, i18n.language()
    for line, (goods, _wish, parts) in zip(offer.lines, availability.promises(session, wishes), strict=True):
        counted = {place.warehouse: place.counted_on for place in goods.places}
        said = [
            _("{quantity} missing").format(quantity=format_quantity(part.quantity_milli, locale)) if part.on is None
            else _("{quantity} in {warehouse} from {day} (counted {counted})").format(
                quantity=format_quantity(part.quantity_milli, locale), warehouse=part.warehouse,
                day=format_date(part.on, locale), counted=format_date(counted.get(part.warehouse or ""), locale),
            )
            for part in parts
        ]  # fmt: skip
        is_kept = bool(goods.places) or any(part.on for part in parts)
        found[line.line] = "; ".join(said) if is_kept else _("not kept in stock")
    return found


def attachments(session: Session, form: FormEntry, offer: Offer) -> tuple[Attachment, ...]:
    """The files that go along with a form."""
    makers = {"json": _json, "csv": _csv, "pdf": _pdf}
    return tuple(makers[kind](session, offer) for kind in form.attach)


def _pdf(session: Session, offer: Offer) -> Attachment:
    from sfactl.render.quote_document import pdf_of

    content = pdf_of(quote_documents.document(session, offer.code))
    return Attachment(f"{offer.code}.pdf", "application/pdf", content, offer.digest)


def _json(_session: Session, offer: Offer) -> Attachment:
    said = {
        "quote": offer.code, "digest": offer.digest, "account": offer.words["account"], "currency": offer.currency,
        "lines": [
            {
                "line": line.line, "product": line.product, "name": line.product_name,
                "quantity": _decimal(line.quantity_milli, 3), "unit_price": _decimal(line.net_e4, 4),
                "amount": str(Money(line.amount_minor, offer.currency).decimal),
                "net": str(Money(line.net_minor, offer.currency).decimal), "discount": _discount(line),
                "currency": offer.currency,
            }
            for line in offer.lines
        ],
    }  # fmt: skip
    content = json.dumps(said, ensure_ascii=False, indent=1).encode()
    return Attachment(f"{offer.code}.json", "application/json", content, offer.digest)


def _csv(_session: Session, offer: Offer) -> Attachment:
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(["line", "product", "name", "quantity", "unit_price", "amount", "currency"])
    for line in offer.lines:
        out.writerow([
            line.line, guard_formula(line.product), guard_formula(line.product_name), _decimal(line.quantity_milli, 3),
            _decimal(line.net_e4, 4), Money(line.amount_minor, offer.currency).decimal, offer.currency,
        ])  # fmt: skip
    return Attachment(f"{offer.code}.csv", "text/csv", written.getvalue().encode("utf-8"), offer.digest)


def _discount(line: Any) -> str:
    """How far a line lies below the price list, with its part of the discount on the whole offer."""
    off = (
        Fraction(line.list_minor - line.net_minor, line.list_minor) if line.list_minor > line.net_minor else Fraction(0)
    )
    return _decimal(round_half_up(off * 10_000), 4)


def _decimal(units: int, places: int) -> str:
    whole, rest = divmod(units, 10**places)
    return f"{whole}.{rest:0{places}d}"


def tell_result(session: Session, quote_id: int) -> None:
    """Tell whose offer it is that it is approved, or that somebody said no."""
    offer, status = offer_of(session, quote_id), _status(session, quote_id)
    said = session.execute(
        select(t.user.c.name, _approval.status, _approval.comment)
        .join(t.user, t.user.c.id == _approval.approver_id)
        .where(
            _approval.quote_id == quote_id,
            _approval.status.in_(("approved", "rejected")),
            _approval.digest == offer.digest,
        )
        .order_by(_approval.decided_at, _approval.id)
    ).all()
    title = (_("{quote} is approved") if status == "approved" else _("{quote} is rejected")).format(quote=offer.code)
    paragraphs = [
        (_("{name} agrees: {comment}") if row.status == "approved" else _("{name} says no: {comment}")).format(
            name=row.name, comment=row.comment or "–"
        )
        for row in said
    ]
    _tell(session, quote_id, offer, title, paragraphs, status)


def tell_answer(session: Session, quote_id: int, handoff_id: int) -> None:
    """Tell whose offer it is what another area answered."""
    if session.execute(select(t.quote.c.id).where(t.quote.c.id == quote_id)).first() is None:  # not in sight
        return
    offer, handoff = offer_of(session, quote_id), t.handoff.c
    row = session.execute(select(t.handoff).where(handoff.id == handoff_id)).one()
    line = t.handoff_line.c
    said = session.execute(
        select(line.label, line.value)
        .where(line.handoff_id == handoff_id, line.is_asked, line.value.is_not(None))
        .order_by(line.position)
    )
    is_yes = row.status == "confirmed"
    title = (_("{form} is confirmed for {quote}") if is_yes else _("{form} is refused for {quote}")).format(
        form=row.title, quote=offer.code
    )
    comment = (_("{name} says yes: {comment}") if is_yes else _("{name} says no: {comment}")).format(
        name=_who(session, row), comment=row.comment or "–"
    )
    told = [comment, *(f"{each.label}: {each.value}" for each in said)]
    if not is_yes:
        told.append(_("Change the quote, and ask anew: sfactl quote edit {quote}").format(quote=offer.code))
    _tell(session, quote_id, offer, title, told, f"handoff {row.code}")


def _who(session: Session, handoff: Any) -> str:
    """Whom we asked; who answered, where that is somebody else of ours."""
    key = handoff.recipient_id or (handoff.answered_by_id if handoff.via != "mail" else None)
    name = session.execute(select(t.user.c.name).where(t.user.c.id == key)).scalar() if key else None
    return str(name or handoff.to_address)


def tell_recalled(session: Session, quote_id: int, people: Sequence[int]) -> None:
    """Tell those who were asked that they need not answer."""
    offer = offer_of(session, quote_id)
    title = _("{quote} was taken back").format(quote=offer.code)
    text = [_("You need not answer any more; an answer to the earlier mail is not taken.")]
    for person in people:
        _tell(session, quote_id, offer, title, text, "recalled", person=person)


def _status(session: Session, quote_id: int) -> str:
    return str(session.execute(select(t.quote.c.status).where(t.quote.c.id == quote_id)).scalar_one())


def _tell(
    session: Session, quote_id: int, offer: Offer, title: str, paragraphs: Sequence[str], kind: str,
    *, person: int | None = None,
) -> None:  # fmt: skip
    recipient_id = person or offer.owner_id
    row = session.execute(select(t.user.c.id, t.user.c.name, t.user.c.email).where(t.user.c.id == recipient_id)).first()
    if row is None or not row.email or not is_address(row.email):
        return
    written = words.notice(
        Notice(
            title, _("Hello {name},").format(name=row.name), [title + ".", *paragraphs],
            ((_("All of it:"), f"sfactl quote show {offer.code}"),),
        )
    )  # fmt: skip
    moment = session.now.isoformat()
    outbox.put(
        session,
        Letter(
            f"{kind} {quote_id} {row.id} {moment}", "quote", row.email,
            words.subject(f"{title}: {offer.words['account']}, {offer.words['total']}"), written.text, written.html,
            recipient_id=row.id, about=offer.about,
        ),
    )  # fmt: skip


def tell_refused(
    session: Session, key: str, recipient_id: int | None, address: str, about: str, reason: str, command: str
) -> None:
    """Tell somebody that the answer in his mail was not taken, and why.

    Args:
        command: by which he answers without mail.
    """
    name = session.execute(select(t.user.c.name).where(t.user.c.id == recipient_id)).scalar() if recipient_id else None
    title = _("Your answer about {about} was not taken").format(about=about)
    written = words.notice(
        Notice(
            title, _("Hello {name},").format(name=name or address),
            [_("Why: {reason}").format(reason=reason), _("Nothing was changed.")],
            ((_("All of it:"), f"sfactl quote show {about}"), (_("To answer without mail:"), command)),
        )
    )  # fmt: skip
    if is_address(address):
        outbox.put(
            session,
            Letter(
                f"reply {key}",
                "reply",
                address,
                words.subject(title),
                written.text,
                written.html,
                recipient_id=recipient_id,
            ),
        )


def require_address(address: str | None, who: str) -> str:
    """An address that mail can go to.

    Raises:
        UsageFault: there is none.
    """
    if not address or not is_address(address):
        raise UsageFault(
            _("{user} has no e-mail address.").format(user=who),
            _("Import one with `sfactl import user`, or name an address."),
        )
    return address
