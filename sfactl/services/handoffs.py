"""Questions to other areas about an offer: made from the forms of the policy, sent by mail, answered once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, insert, literal, or_, select, text, update

from sfactl.config.forms_policy import APPROVAL, FormEntry
from sfactl.core import form_values, quote_states
from sfactl.core.approvals import chosen
from sfactl.core.codes import code_of
from sfactl.core.form_values import Kind
from sfactl.core.replies import LONGEST_COMMENT, Verdict
from sfactl.core.text import safe
from sfactl.db import directory
from sfactl.db.session import Session
from sfactl.errors import Conflict, UsageFault
from sfactl.i18n import _
from sfactl.mail import agreements as words
from sfactl.mail.addresses import is_address, one_address
from sfactl.mail.agreements import Question
from sfactl.models import tables as t
from sfactl.services import agreement_letters, approval_policy, naming, outbox
from sfactl.services.agreement_letters import Offer
from sfactl.services.outbox import Letter

_ROLE: Final = "role:"
_LOCKS: Final = 7_031_967
"""The class of the locks of answers on a server; the quote's key is the other half."""
_handoff, _field = t.handoff.c, t.handoff_line.c


class NobodyMeant(UsageFault):
    """A form goes to nobody who has an address."""


@dataclass(frozen=True)
class HandoffRow:
    """A question to an area, and its answer."""

    code: str
    form: str
    title: str
    quote: str
    account_name: str
    to: str
    recipient: str | None
    status: str
    "`sent`, `confirmed`, `refused`, or `void` where nobody needs to answer any more."
    sent_by: str
    sent_at: datetime
    due_at: datetime | None
    is_overdue: bool
    answered_at: datetime | None
    answered_by: str | None
    via: str | None
    comment: str | None
    age_days: int | None = None
    "How old the answer is."


@dataclass(frozen=True)
class FieldRow:
    """A line of a form."""

    key: str
    label: str
    value: str | None
    is_asked: bool
    is_required: bool = False
    kind: str = Kind.TEXT
    choices: tuple[str, ...] = ()

    @property
    def question(self) -> form_values.Question:
        """What is asked, for the rules."""
        return form_values.Question(self.key, self.label, Kind(self.kind), self.choices)


@dataclass(frozen=True)
class To:
    """Who gets a form."""

    address: str
    name: str
    user_id: int | None = None


def send_on_submit(session: Session, quote_id: int) -> tuple[list[str], list[str]]:
    """Send the forms that go out when a quote is submitted; nobody is asked twice about the same.

    Returns their codes, and the names of forms that mean nobody who has an address.
    """
    codes: list[str] = []
    unsent: list[str] = []
    for form in approval_policy.forms(session):
        if form.on == "submit" and form.code != APPROVAL:
            try:
                codes += _send(session, quote_id, form)
            except NobodyMeant:
                unsent.append(form.code)
    return codes, unsent


def send(session: Session, quote: str, form: str) -> list[str]:
    """Send a form about a quote; returns the codes of what went out.

    Raises:
        NotFound: there is no such quote.
        UsageFault: there is no such form, or nobody to send it to.
        Conflict: all of them were asked about the quote as it is.
    """
    quote_id, entry = naming.find_id(session, t.quote, quote), approval_policy.form(session, form)
    if entry.code == APPROVAL:
        raise UsageFault(
            _("Who must agree is asked by submitting the quote."), _("sfactl quote submit {quote}").format(quote=quote)
        )
    codes = _send(session, quote_id, entry)
    if not codes:
        raise Conflict(
            _("Everybody was asked about {quote} as it is.").format(quote=quote),
            _("`sfactl handoff list --quote {quote}` shows the answers.").format(quote=quote),
        )
    return codes


def _send(session: Session, quote_id: int, form: FormEntry) -> list[str]:
    session.actor.require("handoff.create")
    offer = agreement_letters.offer_of(session, quote_id)
    quote = session.execute(select(t.quote).where(t.quote.c.id == quote_id)).one()
    found = [_send_one(session, quote, form, offer, to) for to in _recipients(session, quote, form)]
    return [code for code in found if code]


def _recipients(session: Session, quote: Any, form: FormEntry) -> Iterable[To]:
    found: dict[str, To] = {}
    for word in form.to:
        for to in _named(session, quote, word):
            found.setdefault(to.address, to)
    if not found:
        raise NobodyMeant(
            _("forms.toml: {form}: nobody with an address is meant by {names}.").format(
                form=form.code, names=", ".join(form.to)
            ),
            _("Give somebody the role, or name an address in the policy."),
        )
    return found.values()


def _named(session: Session, quote: Any, word: str) -> list[To]:
    if word.startswith(_ROLE):
        people = chosen(directory.approvers(session, quote.territory_id, word.removeprefix(_ROLE)), frozenset(), 1)
        rows = session.execute(
            select(t.user.c.id, t.user.c.name, t.user.c.email).where(t.user.c.id.in_(people)).order_by(t.user.c.login)
        )
        return [To(row.email, row.name, row.id) for row in rows if row.email and is_address(row.email)]
    if "@" in word:
        return [To(one_address(word), word)]
    key = naming.find_id(session, t.user, word, code="login")
    row = session.execute(select(t.user.c.name, t.user.c.email).where(t.user.c.id == key)).one()
    return [To(agreement_letters.require_address(row.email, word), row.name, key)]


def _send_one(session: Session, quote: Any, form: FormEntry, offer: Offer, to: To) -> str | None:
    """Send a form to one; nothing where he was asked about the quote as it is."""
    name = f"{form.code} {quote.id} {offer.digest} {to.address}"
    code, due_at = code_of("H", sha256(name.encode()).digest()), session.now + timedelta(hours=form.hours)
    values = {
        "code": code, "form": form.code, "title": form.title, "quote_id": quote.id, "digest": offer.digest,
        "territory_id": quote.territory_id, "user_id": session.actor.user_id, "recipient_id": to.user_id,
        "to_address": to.address, "status": "sent", "sent_at": session.now, "due_at": due_at,
        "is_each": form.answers == "each",
    }  # fmt: skip
    if not session.run(session.insert_new(t.handoff).values(values).on_conflict_do_nothing()):
        return code if outbox.ask_again(session, f"handoff {code}") else None
    key = session.execute(select(_handoff.id).where(_handoff.code == code)).scalar_one()
    fields = _fields(session, key, form, offer)
    _write(session, form, offer, to, code, due_at, fields, key)
    session.record(
        "send", "handoff", code, territory_id=quote.territory_id, after={"form": form.code, "quote": quote.code}
    )  # fmt: skip
    return code


def _fields(session: Session, handoff_id: int, form: FormEntry, offer: Offer) -> list[FieldRow]:
    rows = [
        FieldRow(
            each.key, each.label,
            None if each.value is None else agreement_letters.filled(form, each.key, each.value, offer),
            each.value is None, each.required, each.kind, tuple(each.choices),
        )
        for each in form.field
    ]  # fmt: skip
    for position, row in enumerate(rows):
        session.sql.execute(
            insert(t.handoff_line).values(
                handoff_id=handoff_id, position=position, key=row.key, label=row.label, value=row.value,
                is_asked=row.is_asked, is_required=row.is_required, kind=row.kind,
                choices=json.dumps(row.choices, ensure_ascii=False) if row.choices else None,
            )
        )  # fmt: skip
    return rows


def _write(
    session: Session, form: FormEntry, offer: Offer, to: To, code: str, due_at: datetime,
    fields: Sequence[FieldRow], handoff_id: int,
) -> None:  # fmt: skip
    facts = [*agreement_letters.facts(offer), *((each.label, each.value) for each in fields if each.value is not None)]
    asked = [each for each in fields if each.is_asked]
    sets = "".join(f" --set {each.key}=…" for each in asked)
    question = Question(
        form.title, _("Hello {name},").format(name=to.name), agreement_letters.filled(form, "body", form.body, offer),
        facts, (), agreement_letters.lines(session, offer, with_stock=form.stock) if form.lines else (),
        [_asked_as(each, session.today) for each in asked], agreement_letters.due(due_at), words.CONFIRM,
        ((_("To answer without mail:"), f'sfactl handoff answer {code} --yes{sets} --comment "…"'),), form.stock,
    )  # fmt: skip
    written = words.body(question)
    letter = Letter(
        f"handoff {code}", "handoff", to.address,
        words.subject(agreement_letters.filled(form, "subject", form.subject, offer)), written.text, written.html,
        recipient_id=to.user_id, about=offer.about,
        attachments=agreement_letters.attachments(session, form, offer),
    )  # fmt: skip
    outbox.put(session, letter)
    agreement_letters.expect(session, letter.delivery_key, offer, due_at, to.user_id, handoff_id=handoff_id)


def _asked_as(field: FieldRow, today: date) -> str:
    how = form_values.asked_as(field.question, today)
    label = _("{label}, {how}").format(label=field.label, how=how) if how else field.label
    if field.is_required:
        return _("{key}: … ({label}; needed for a yes)").format(key=field.key, label=label)
    return _("{key}: … ({label})").format(key=field.key, label=label)


def answer(
    session: Session, code: str, verdict: Verdict, *, comment: str | None = None,
    values: Mapping[str, str] | None = None, via: str = "command",
) -> HandoffRow:  # fmt: skip
    """Say what is asked, once.

    Args:
        values: what was asked, by key.

    Raises:
        NotFound: there is no such hand-off, or it is not the person's to see.
        Conflict: it is answered, by this person or for all who were asked, or the quote was changed or taken back since.
        UsageFault: the form asks for no such thing, for a value of another kind, or for something that a yes must say.
    """
    session.actor.require("handoff.edit")
    key = naming.find_id(session, t.handoff, code)
    row = session.execute(select(t.handoff).where(_handoff.id == key)).one()
    _take_turn(session, row.quote_id)
    _require_current(session, row)
    status = "confirmed" if verdict is Verdict.APPROVE else "refused"
    said = {
        "status": status, "answered_at": session.now, "answered_by_id": session.actor.user_id, "via": via,
        "comment": safe(comment, LONGEST_COMMENT) if comment else None,
    }  # fmt: skip
    if row.status != "sent" or not session.run(
        update(t.handoff).where(_handoff.id == key, _handoff.status == "sent").values(said)
    ):
        raise Conflict(
            _("{code} was answered already.").format(code=row.code),
            _("`sfactl handoff show {code}` shows it.").format(code=row.code),
        )
    _put_values(session, key, values or {})
    if verdict is Verdict.APPROVE:
        _require_values(session, key, row.code)
    outbox.withdraw(session)
    agreement_letters.tell_answer(session, row.quote_id, key)
    session.record(
        status, "handoff", row.code, territory_id=row.territory_id, reason=said["comment"],
        before={"status": row.status}, after={"status": status, "via": via},
    )  # fmt: skip
    return _rows(session, _handoff.id == key)[0]


def _take_turn(session: Session, quote_id: int) -> None:
    """Let one answer about a quote count after the other; a file is locked as it is."""
    if not session.is_sqlite:
        session.execute(text("SELECT pg_advisory_xact_lock(:kind, :key)"), {"kind": _LOCKS, "key": quote_id})


def _require_current(session: Session, row: Any) -> None:
    """Refuse to answer what is asked no more, and say what to do instead."""
    quote = session.execute(
        select(t.quote.c.code, t.quote.c.status, t.quote.c.digest).where(t.quote.c.id == row.quote_id)
    ).first()
    if row.status == "sent" and directory.answered_for_all(session, [row.id]):
        raise Conflict(
            _("Somebody else who was asked answered {form}: {code} needs no answer any more.").format(
                form=row.title, code=row.code
            ),
            _("`sfactl handoff list --all` shows the answers that you may see."),
        )
    if quote is None or row.status != "sent":  # not in sight; answered: told so below
        return
    if quote.status in quote_states.UNASKED:
        raise Conflict(
            _("{quote} is {state}: nobody needs to answer {code} any more.").format(
                quote=quote.code, state=quote_states.word(quote_states.State(quote.status)), code=row.code
            ),
            _("`sfactl quote show {quote}` shows it.").format(quote=quote.code),
        )
    if quote.digest != row.digest:
        newer = session.execute(
            select(_handoff.code).where(
                _handoff.quote_id == row.quote_id, _handoff.form == row.form, _handoff.to_address == row.to_address,
                _handoff.digest == quote.digest, _handoff.status == "sent",
            )
        ).scalar()  # fmt: skip
        raise Conflict(
            _("{quote} was changed since {code} was asked.").format(quote=quote.code, code=row.code),
            _("Answer the newer question: sfactl handoff answer {code}").format(code=newer) if newer
            else _("Whoever offers asks anew: sfactl handoff send {quote} {form}").format(quote=quote.code, form=row.form),
        )  # fmt: skip


def _require_values(session: Session, handoff_id: int, code: str) -> None:
    """Refuse a yes that leaves open what it must say."""
    missing = session.execute(
        select(_field.key, _field.label)
        .where(_field.handoff_id == handoff_id, _field.is_required, _field.value.is_(None))
        .order_by(_field.position)
    ).all()
    if missing:
        names = ", ".join(f"{row.key} ({row.label})" for row in missing)
        raise UsageFault(
            _("A yes to {code} needs {fields}.").format(code=code, fields=names),
            _("Say it with --set {key}=VALUE, or in the mail on a line of its own: {key}: VALUE").format(
                key=missing[0].key
            ),
        )


def asked_of(session: Session, handoff_id: int) -> dict[str, str]:
    """What a hand-off asks for: key to label."""
    rows = session.execute(select(_field.key, _field.label).where(_field.handoff_id == handoff_id, _field.is_asked))
    return {row.key: row.label for row in rows}


def _put_values(session: Session, handoff_id: int, values: Mapping[str, str]) -> None:
    asked = {row.key: row for row in _field_rows(session, handoff_id) if row.is_asked} if values else {}
    for name, value in values.items():
        if name not in asked:
            raise UsageFault(
                _("The form does not ask for {name}.").format(name=name),
                _("It asks for: {names}.").format(names=", ".join(asked) or "–"),
            )
        said = form_values.read(asked[name].question, value, today=session.today)
        session.sql.execute(
            update(t.handoff_line).where(_field.handoff_id == handoff_id, _field.key == name).values(value=said)
        )


def forget(session: Session, user_id: int, instead: str) -> None:
    """Take the address of somebody who is erased out of what he was asked."""
    address = literal(f"{instead} ").concat(_handoff.code)
    session.sql.execute(update(t.handoff).where(_handoff.recipient_id == user_id).values(to_address=address))


def find(
    session: Session, *, quote: str | None = None, mine: bool = False, everything: bool = False, limit: int = 0
) -> list[HandoffRow]:
    """Hand-offs, the first that is due first; with `everything` also those that are answered.

    Args:
        mine: only what this person is asked.

    Raises:
        NotFound: there is no such quote.
    """
    session.actor.require("handoff.read")
    wanted = []
    if quote is not None:
        wanted.append(_handoff.quote_id == naming.find_id(session, t.quote, quote))
    if mine:
        wanted.append(_handoff.recipient_id == session.actor.user_id)
    is_open = not everything and quote is None
    if is_open:
        wanted += [_handoff.status == "sent", or_(t.quote.c.id.is_(None), ~outbox.is_unasked(_handoff.digest))]
    return _rows(session, *wanted, everything=not is_open, limit=limit)


def one(session: Session, code: str) -> tuple[HandoffRow, list[FieldRow]]:
    """A hand-off with its fields.

    Raises:
        NotFound: there is none, or it is not this person's to see.
    """
    session.actor.require("handoff.read")
    key = naming.find_id(session, t.handoff, code)
    return _rows(session, _handoff.id == key)[0], _field_rows(session, key)


def _field_rows(session: Session, handoff_id: int) -> list[FieldRow]:
    rows = session.execute(
        select(
            _field.key, _field.label, _field.value, _field.is_asked, _field.is_required, _field.kind, _field.choices
        )
        .where(_field.handoff_id == handoff_id)
        .order_by(_field.position)
    )  # fmt: skip
    return [FieldRow(*row[:-1], tuple(json.loads(row.choices or "[]"))) for row in rows]


def _rows(session: Session, *wanted: Any, everything: bool = True, limit: int = 0) -> list[HandoffRow]:
    """Hand-offs; without `everything` only those that wait for an answer."""
    recipient, sender, answerer = t.user.alias("recipient"), t.user.alias("sender"), t.user.alias("answerer")
    is_void = and_(_handoff.status == "sent", outbox.is_unasked(_handoff.digest))
    status = case((is_void, "void"), else_=_handoff.status).label("status")
    statement = (
        select(
            _handoff.id, _handoff.code, _handoff.form, _handoff.title, t.quote.c.code, t.quote.c.account_name, _handoff.to_address,
            recipient.c.login, status, sender.c.login, _handoff.sent_at, _handoff.due_at, _handoff.answered_at,
            answerer.c.login, _handoff.via, _handoff.comment,
        )
        .select_from(t.handoff)
        .outerjoin(t.quote, t.quote.c.id == _handoff.quote_id)
        .outerjoin(recipient, recipient.c.id == _handoff.recipient_id)
        .join(sender, sender.c.id == _handoff.user_id)
        .outerjoin(answerer, answerer.c.id == _handoff.answered_by_id)
        .where(*wanted)
        .order_by(_handoff.due_at, _handoff.id)
    )  # fmt: skip
    rows = session.execute(statement).all()
    answered = directory.answered_for_all(session, [row.id for row in rows if row.status == "sent"])
    found = [_row(session, row, is_answered=row.id in answered) for row in rows]
    return [row for row in found if everything or row.status == "sent"][: limit or None]


def _row(session: Session, row: Any, *, is_answered: bool) -> HandoffRow:
    _id, code, form, title, quote, account, to, login, status, by, sent, due_at, *rest = row
    status = "void" if is_answered else status
    late = status == "sent" and due_at is not None and due_at <= session.now
    return HandoffRow(
        code, form, title, quote or "–", account or "–", to, login, status, by, sent, due_at, late,
        *[*rest, _age(session, rest[0])],
    )  # fmt: skip


def _age(session: Session, answered_at: datetime | None) -> int | None:
    return None if answered_at is None else (session.now - answered_at).days


def open_forms(session: Session, quote_id: int) -> list[str]:
    """Names of the forms about a quote as it is that nobody answered yet; of some, that not everybody did."""
    rows = session.execute(select(_handoff.id, _handoff.form).where(_is_waiting(quote_id))).all()
    answered = directory.answered_for_all(session, [row.id for row in rows])
    return sorted({row.form for row in rows if row.id not in answered})


def _is_waiting(quote_id: int) -> ColumnElement[bool]:
    """Whether a hand-off asks about a quote as it is, and has no answer of its own."""
    return and_(
        _handoff.quote_id == quote_id, t.quote.c.id == quote_id, _handoff.status == "sent",
        ~outbox.is_unasked(_handoff.digest),
    )  # fmt: skip


def send_again(session: Session, quote_id: int, forms: Iterable[str]) -> None:
    """Ask anew about a quote that was changed for the better, before everybody had answered."""
    wanted = set(forms)
    for form in approval_policy.forms(session):
        if form.code in wanted:
            with suppress(NobodyMeant):
                _send(session, quote_id, form)


def asked_people(session: Session, quote_id: int) -> set[int]:
    """Keys of our own people who were asked about a quote as it is, have the mail, and did not answer."""
    has_no_mail = exists().where(
        t.reply_request.c.handoff_id == _handoff.id, t.message.c.id == t.reply_request.c.message_id,
        t.message.c.status == "queued",
    )  # fmt: skip
    here = and_(_is_waiting(quote_id), _handoff.recipient_id.is_not(None), ~has_no_mail)
    rows = session.execute(select(_handoff.id, _handoff.recipient_id).where(here)).all()
    answered = directory.answered_for_all(session, [row.id for row in rows])
    return {int(row.recipient_id) for row in rows if row.id not in answered}
