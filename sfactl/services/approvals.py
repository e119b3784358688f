"""Agreement to offers: who is asked and why, who agreed, and what becomes of the quote.

An approval holds for the goods and terms that were agreed to, and for nothing worse; the database counts it again whenever
a quote becomes approved, sent or accepted (`db/agreement_sql.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, select, text, update

from sfactl.core import quote_states
from sfactl.core.approvals import chosen
from sfactl.core.quote_states import State
from sfactl.core.replies import LONGEST_COMMENT, Verdict
from sfactl.core.text import safe
from sfactl.db import agreement_sql, directory
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotAllowed
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import agreement_letters, approval_policy, handoffs, naming, outbox, quote_storing
from sfactl.services.approval_policy import RuleRow

_quote, _approval = t.quote.c, t.approval.c


@dataclass(frozen=True)
class NeedRow:
    """A rule that a quote reaches, and who agrees by it."""

    step: int
    rule: str
    title: str
    measure: str
    value: int | None
    "In the rule's unit; nothing of a margin, which not everybody may see."
    bound: int | None
    currency: str
    role: str
    quorum: int
    agreed: int
    approvers: tuple[str, ...]
    "Logins of those who are asked, or would be."
    status: str
    "`agreed`, `asked`, `next`, `later`, or `nobody` where there is nobody to ask."


@dataclass(frozen=True)
class ApprovalRow:
    """One person who was asked."""

    quote: str
    account_name: str
    step: int
    rule: str
    title: str
    approver: str
    status: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    is_overdue: bool
    decided_at: datetime | None
    decided_by: str | None
    "Who was at the keyboard, where that was a deputy."
    via: str | None
    comment: str | None
    digest: str
    "Of the quote that he was asked about."


@dataclass(frozen=True)
class Submitted:
    """What came of submitting, or of somebody's word."""

    quote: str
    status: str
    needs: Sequence[NeedRow]
    handoffs: Sequence[str] = ()
    "Codes of the hand-offs that went out."
    unsent: Sequence[str] = ()
    "Forms that mean nobody who has an address."


def preview(session: Session, key: str) -> list[NeedRow]:
    """Who must agree to a quote as it is, and why, in the order in which they are asked.

    Raises:
        NotFound: there is no such quote, or it is not the person's to see.
    """
    session.actor.require("quote.read")
    return needs_of(session, naming.find_id(session, t.quote, key))


def needs_of(session: Session, quote_id: int) -> list[NeedRow]:
    """The same of a quote by key."""
    quote = row_of(session, quote_id)
    reached, rules = directory.needs(session, quote_id), approval_policy.rules(session)
    asked = _asked(session, quote)
    wanted = sorted((rules[key] for key in reached), key=lambda rule: (rule.step, rule.code))
    open_steps = [rule.step for rule in wanted if reached[rule.id] < rule.quorum]
    return [_need(session, quote, rule, reached[rule.id], asked, min(open_steps, default=0)) for rule in wanted]


def _need(session: Session, quote: Any, rule: RuleRow, agreed: int, asked: dict[int, list[int]], step: int) -> NeedRow:
    people = asked.get(rule.id) or list(_people(session, quote, rule))
    if agreed >= rule.quorum:
        status = "agreed"
    elif asked.get(rule.id):
        status = "asked"
    else:
        status = "nobody" if len(people) < rule.quorum else "next" if rule.step == step else "later"
    value = None if rule.measure == "margin" else _value(session, quote.id, rule.id)
    bound = rule.highest if rule.measure == "margin" else rule.lowest
    return NeedRow(
        rule.step, rule.code, rule.title, rule.measure, value, bound, rule.currency or quote.currency, rule.role,
        rule.quorum, agreed, tuple(_logins(session, people)), status,
    )  # fmt: skip


def _people(session: Session, quote: Any, rule: RuleRow) -> tuple[int, ...]:
    found = directory.approvers(session, quote.territory_id, rule.role)
    return chosen(found, _own(session, quote), rule.quorum)


def _own(session: Session, quote: Any) -> frozenset[int]:
    """Whose offer it is: none of them agrees to it."""
    people = {quote.owner_id, quote.credited_id, quote.author_id, _asker(session, quote)}
    return frozenset(person for person in people if person)


def _asker(session: Session, quote: Any) -> int:
    """Who submitted the quote as it is; whoever is at it now, where nobody did yet."""
    found = session.execute(
        select(_approval.asked_by_id)
        .where(_approval.quote_id == quote.id, _approval.digest == quote.digest)
        .order_by(_approval.id)
        .limit(1)
    ).scalar()
    return int(found or session.actor.user_id)


def _asked(session: Session, quote: Any) -> dict[int, list[int]]:
    """By rule, who is asked to agree to the quote as it is and has not answered."""
    rows = session.execute(
        select(_approval.rule_id, _approval.approver_id).where(
            _approval.quote_id == quote.id, _approval.status == "pending", _approval.digest == quote.digest
        )
    )
    found: dict[int, list[int]] = {}
    for rule_id, person in rows:
        found.setdefault(rule_id, []).append(person)
    return found


def _logins(session: Session, people: Iterable[int]) -> list[str]:
    wanted = list(people)
    person = t.user.c
    rows = session.execute(select(person.id, person.login).where(person.id.in_(wanted))).all()
    known = {row.id: row.login for row in rows}
    return [known[key] for key in wanted if key in known]


def row_of(session: Session, quote_id: int, *, is_locked: bool = False) -> Any:
    """A quote's own row; locked, nobody else moves it on before this transaction ends."""
    statement = select(t.quote).where(_quote.id == quote_id)
    return session.execute(statement.with_for_update() if is_locked else statement).one()


def _dialect(session: Session) -> agreement_sql.Dialect:
    return agreement_sql.sqlite() if session.is_sqlite else agreement_sql.postgresql()


def _value(session: Session, quote_id: int, rule_id: int) -> int | None:
    """What an approval because of a rule holds up to, from the rows that the person sees."""
    said = text(
        f"SELECT {agreement_sql.value(_dialect(session))} FROM quote AS q CROSS JOIN approval_rule AS r"  # noqa: S608 - ours
        " WHERE q.id = :quote AND r.id = :rule"
    )
    found = session.execute(said, {"quote": quote_id, "rule": rule_id}).scalar()
    return None if found is None else int(found)


def _composition(session: Session, quote_id: int) -> str:
    """The goods and terms of a quote as one text."""
    said = text(f"SELECT {_dialect(session).composition} FROM quote AS q WHERE q.id = :quote")  # noqa: S608 - ours
    return str(session.execute(said, {"quote": quote_id}).scalar_one())


def submit(session: Session, key: str, *, reason: str | None = None) -> Submitted:
    """Ask those who must agree to a quote, and the areas that the policy names; with nobody to ask, it is approved.

    Raises:
        NotFound: there is no such quote, or it is not the person's to see.
        Conflict: it cannot be submitted from where it is, has no lines, its time is over, or nobody has the role that must
            agree.
    """
    session.actor.require("quote.edit")
    quote_id = naming.find_id(session, t.quote, key)
    quote = row_of(session, quote_id, is_locked=True)
    _require_fit(session, quote)
    if State(quote.status) in (State.REJECTED, State.RECALLED):
        _move(session, quote, State.DRAFT)
        quote = row_of(session, quote_id)
    _move(session, quote, State.SUBMITTED)
    needs = _ask_next(session, row_of(session, quote_id))
    sent, unsent = handoffs.send_on_submit(session, quote_id)
    status = row_of(session, quote_id).status
    session.record(
        "submit", "quote", quote.code, territory_id=quote.territory_id, reason=reason,
        before={"status": quote.status}, after={"status": status, "digest": quote.digest},
    )  # fmt: skip
    return Submitted(quote.code, status, needs, sent, unsent)


def _require_fit(session: Session, quote: Any) -> None:
    if not session.execute(select(t.quote_line.c.id).where(t.quote_line.c.quote_id == quote.id).limit(1)).first():
        raise Conflict(
            _("{quote} offers nothing yet.").format(quote=quote.code),
            _("Add a line with sfactl quote edit {quote} --add PRODUCT=QUANTITY.").format(quote=quote.code),
        )
    if quote.valid_until <= session.today:
        raise Conflict(
            _("{quote} was valid until {day}.").format(quote=quote.code, day=quote.valid_until),
            _("Give it a later day with sfactl quote edit {quote} --valid-until DATE.").format(quote=quote.code),
        )
    _require_digest(session, quote)


def _require_digest(session: Session, quote: Any) -> None:
    """Refuse a quote whose stored digest does not say what its rows say."""
    if quote_storing.digest_of(session, quote.id) != quote.digest:
        raise Conflict(
            _("What {quote} says is not what was stored last: somebody wrote past the program.").format(
                quote=quote.code
            ),
            _("Price it anew with sfactl quote price {quote}.").format(quote=quote.code),
        )


def _move(session: Session, quote: Any, to: State) -> None:
    """Bring a quote to another state, if nobody was faster."""
    quote_states.require(quote.code, State(quote.status), to)
    is_same = and_(_quote.id == quote.id, _quote.status == quote.status, _quote.digest == quote.digest)
    if not session.run(update(t.quote).where(is_same).values(status=to.value, updated_at=session.now)):
        raise naming.not_found(t.quote, quote.code)


def _ask_next(session: Session, quote: Any) -> list[NeedRow]:
    """Ask those of the lowest step that is not agreed to yet; when all are, the quote is approved."""
    needs = needs_of(session, quote.id)
    missing = [need for need in needs if need.status != "agreed"]
    if not missing:
        _move(session, quote, State.APPROVED)
        return needs
    for need in missing:
        if need.status == "nobody":
            raise Conflict(
                _("Nobody can agree to {quote}: the rule {rule} asks for {quorum} with the role {role}.").format(
                    quote=quote.code, rule=need.rule, quorum=need.quorum, role=need.role
                ),
                _("Give somebody the role in the territory or above it; nobody agrees to his own."),
            )
    rules = {rule.code: rule for rule in approval_policy.rules(session).values()}
    for need in missing:
        if need.status == "next":
            _ask(session, quote, rules[need.rule], _people(session, quote, rules[need.rule]))
    return needs_of(session, quote.id)


def _ask(session: Session, quote: Any, rule: RuleRow, people: Iterable[int]) -> None:
    due_at, asker = session.now + timedelta(hours=rule.hours), _asker(session, quote)
    for person in people:
        values = {
            "quote_id": quote.id, "rule_id": rule.id, "territory_id": quote.territory_id, "approver_id": person,
            "asked_by_id": asker, "asked_at": session.now, "due_at": due_at, "status": "pending", "digest": quote.digest,
        }  # fmt: skip
        found = session.sql.execute(insert(t.approval).values(values).returning(_approval.id)).scalar_one()
        agreement_letters.ask(session, quote.id, int(found), person, due_at)


def decide(
    session: Session, key: str, verdict: Verdict, *, comment: str | None = None, via: str = "command",
    digest: str | None = None,
) -> Submitted:  # fmt: skip
    """Say yes or no to a quote as it is, for all that this person is asked about it.

    Args:
        digest: of what the person saw; of the quote as it is when nothing is said.

    Raises:
        NotFound: there is no such quote, or it is not the person's to see.
        NotAllowed: it is his own.
        Conflict: he is not asked, or it is not what he was asked about or saw.
    """
    session.actor.require("approval.edit")
    quote_id = naming.find_id(session, t.quote, key)
    return decide_on(session, quote_id, digest, verdict, comment=comment, via=via)


def decide_on(
    session: Session, quote_id: int, digest: str | None, verdict: Verdict, *, comment: str | None, via: str
) -> Submitted:
    """The same of a quote by key.

    Args:
        digest: of what the person saw; of the quote as it is when nothing is said.
    """
    quote = row_of(session, quote_id, is_locked=True)
    _require_not_own(session, quote)
    pending = _pending(session, quote, digest or quote.digest)
    if digest is not None and digest != quote.digest:
        raise Conflict(
            _("{quote} was changed since you were asked.").format(quote=quote.code),
            _("Look at it with sfactl quote show {quote}.").format(quote=quote.code),
        )
    if not pending:
        raise _not_asked(quote)
    _require_digest(session, quote)
    before = directory.needs(session, quote_id) if verdict is Verdict.APPROVE else {}
    for row in pending:
        _write(session, quote, row, verdict, comment, via)
    _require_counted(session, quote, before, (row.rule_id for row in pending))
    needs = _go_on(session, quote, verdict)
    after = row_of(session, quote_id).status
    session.record(
        verdict, "quote", quote.code, territory_id=quote.territory_id, reason=comment,
        before={"status": quote.status}, after={"status": after, "digest": quote.digest, "via": via},
    )  # fmt: skip
    return Submitted(quote.code, after, needs)


def _require_not_own(session: Session, quote: Any) -> None:
    own = _own(session, quote) if quote.status == State.SUBMITTED else frozenset()
    if session.actor.user_id in own or session.actor.keyboard_id in own:
        raise NotAllowed(
            _("{quote} is your own offer: nobody agrees to his own, not in another's name either.").format(
                quote=quote.code
            ),
            _("sfactl quote submit {quote} --preview names those who may.").format(quote=quote.code),
        )


def _require_counted(session: Session, quote: Any, before: Mapping[int, int], rule_ids: Iterable[int]) -> None:
    """Refuse a yes that adds nobody: a rule that asks for two means two people, and a deputy of both is one."""
    after = directory.needs(session, quote.id)
    if any(rule in before and after.get(rule) == before[rule] for rule in rule_ids):
        raise Conflict(
            _("You agreed to {quote} already: one person counts once, also in the name of another.").format(
                quote=quote.code
            ),
            _("sfactl quote approvals {quote} tells who else is asked.").format(quote=quote.code),
        )


def _pending(session: Session, quote: Any, digest: str) -> list[Any]:
    """What this person is asked about the quote of that digest; the lowest step first."""
    return list(
        session.execute(
            select(_approval.id, _approval.rule_id)
            .where(
                _approval.quote_id == quote.id, _approval.approver_id == session.actor.user_id,
                _approval.status == "pending", _approval.digest == digest,
            )
            .order_by(_approval.id)
        )
    )  # fmt: skip


def _not_asked(quote: Any) -> Conflict:
    state = State(quote.status)
    if state is not State.SUBMITTED:
        return Conflict(
            _("{quote} is {state}: there is nothing to agree to.").format(
                quote=quote.code, state=quote_states.word(state)
            ),
            quote_states.hint_for(quote.code, state),
        )
    return Conflict(
        _("You are not asked to agree to {quote}, or said so already.").format(quote=quote.code),
        _("sfactl quote approvals {quote} tells who is.").format(quote=quote.code),
    )


def _write(session: Session, quote: Any, row: Any, verdict: Verdict, comment: str | None, via: str) -> None:
    values: dict[str, Any] = {
        "status": "approved" if verdict is Verdict.APPROVE else "rejected", "decided_at": session.now,
        "decided_by_id": session.actor.keyboard_id, "via": via, "comment": safe(comment, LONGEST_COMMENT) if comment else None,
    }  # fmt: skip
    if verdict is Verdict.APPROVE:
        values |= {"composition": _composition(session, quote.id), "value": _value(session, quote.id, row.rule_id)}
    is_pending = and_(_approval.id == row.id, _approval.status == "pending")
    if not session.run(update(t.approval).where(is_pending).values(values)):
        raise naming.not_found(t.quote, quote.code)


def _go_on(session: Session, quote: Any, verdict: Verdict) -> list[NeedRow]:
    if verdict is Verdict.REJECT:
        _void(session, quote.id)
        _move(session, quote, State.REJECTED)
        agreement_letters.tell_result(session, quote.id)
        return needs_of(session, quote.id)
    needs = needs_of(session, quote.id)
    rules = {rule.code: rule.id for rule in approval_policy.rules(session).values()}
    _void(session, quote.id, [rules[need.rule] for need in needs if need.status == "agreed"])
    open_steps = {need.step for need in needs if need.status in ("asked",)}
    if open_steps and min(open_steps) == min(need.step for need in needs if need.status != "agreed"):
        return needs
    needs = _ask_next(session, quote)
    if row_of(session, quote.id).status == State.APPROVED:
        agreement_letters.tell_result(session, quote.id)
    return needs


def _void(session: Session, quote_id: int, rule_ids: Sequence[int] | None = None) -> None:
    """Nobody needs to answer any more: because of these rules, or at all."""
    is_open = and_(_approval.quote_id == quote_id, _approval.status == "pending")
    if rule_ids is not None:
        is_open = and_(is_open, _approval.rule_id.in_(rule_ids))
    session.run(update(t.approval).where(is_open).values(status="void"))
    outbox.withdraw(session)


def recall(session: Session, key: str, *, reason: str | None = None) -> Submitted:
    """Take a quote back that was submitted or approved, also one that was changed since: nobody needs to answer any more.

    Raises:
        NotFound: there is no such quote, or it is not the person's to see.
        Conflict: it was not submitted, or it is done with.
    """
    session.actor.require("quote.edit")
    quote = row_of(session, naming.find_id(session, t.quote, key), is_locked=True)
    asked = _have_the_mail(session, quote) | handoffs.asked_people(session, quote.id)
    _move(session, quote, State.RECALLED)
    _void(session, quote.id)
    agreement_letters.tell_recalled(session, quote.id, sorted(asked))
    session.record(
        "recall", "quote", quote.code, territory_id=quote.territory_id, reason=reason,
        before={"status": quote.status}, after={"status": State.RECALLED.value},
    )  # fmt: skip
    return Submitted(quote.code, State.RECALLED.value, ())


def _have_the_mail(session: Session, quote: Any) -> set[int]:
    """Who is asked to agree to the quote as it is, but for those whose mail did not leave yet."""
    asked = {each for people in _asked(session, quote).values() for each in people}
    waiting = session.execute(
        select(_approval.approver_id)
        .join(t.reply_request, t.reply_request.c.approval_id == _approval.id)
        .join(t.message, t.message.c.id == t.reply_request.c.message_id)
        .where(_approval.quote_id == quote.id, _approval.status == "pending", t.message.c.status == "queued")
    ).scalars()
    return asked - set(waiting)


def open_for_change(session: Session, quote_id: int) -> State:
    """Let a quote be edited that is submitted or approved; `close_change` decides what remains. Returns what it was."""
    quote = row_of(session, quote_id)
    was = State(quote.status)
    if was in (State.SUBMITTED, State.APPROVED):
        _move(session, quote, State.STALE)
    return was


def close_change(
    session: Session, quote_id: int, was: State, *, is_worse: bool, open_forms: Sequence[str] = ()
) -> State:
    """After a change: what was agreed holds for what is no worse, and the quote is where it was; else it is stale.

    Args:
        open_forms: what other areas were asked and had not answered before; they are asked about the quote as it is now.
    """
    quote = row_of(session, quote_id)
    if was not in (State.SUBMITTED, State.APPROVED) or State(quote.status) is not State.STALE:
        return State(quote.status)
    _void(session, quote_id)
    if is_worse:
        return State.STALE
    _move(session, quote, State.SUBMITTED)
    _ask_next(session, row_of(session, quote_id))
    handoffs.send_again(session, quote_id, open_forms)
    return State(row_of(session, quote_id).status)


def escalate(session: Session) -> list[ApprovalRow]:
    """Ask those further up where nobody answered in time, and remind where nobody is further up. Returns what was late.

    It is for cron; what was asked stays open, so whoever answers first counts.
    """
    session.actor.require("approval.edit")
    rules = approval_policy.rules(session)
    is_late = and_(
        _approval.status == "pending", _approval.due_at <= session.now, _quote.status == State.SUBMITTED,
        _approval.digest == _quote.digest, _approval.escalated_at.is_(None),
    )  # fmt: skip
    late = session.execute(
        select(_approval.id, _approval.quote_id, _approval.rule_id, _approval.approver_id)
        .join(t.quote, _quote.id == _approval.quote_id)
        .where(is_late)
        .order_by(_approval.id)
    ).all()
    rows = _rows(session, _approval.id.in_([each.id for each in late]))
    for each in late:
        _escalate(session, each, rules[each.rule_id])
    if late:
        session.record("escalate", "approval", after={"count": len(late)})
    return rows


def _escalate(session: Session, late: Any, rule: RuleRow) -> None:
    quote = row_of(session, late.quote_id)
    before = session.execute(
        select(_approval.approver_id).where(_approval.quote_id == quote.id, _approval.rule_id == rule.id)
    ).scalars()
    own = _own(session, quote) | set(before)
    found = directory.approvers(session, quote.territory_id, rule.escalation or rule.role)
    people = chosen(found, frozenset(own), 1)
    due_at = session.now + timedelta(hours=rule.hours)
    values: dict[str, Any] = {"escalated_at": session.now} if people else {"due_at": due_at}
    session.run(update(t.approval).where(_approval.id == late.id).values(values))
    if people:
        _ask(session, quote, rule, people)
    else:
        agreement_letters.ask(session, quote.id, late.id, late.approver_id, due_at, again=True)


def instead_of(session: Session, quote_id: int, rule_id: int, leaver: int, wanted: int | None) -> int | None:
    """Who is asked in place of somebody who leaves: the one who is wanted, if he may agree to it; else whom the rule finds.

    None of those whose offer it is, and nobody who is asked or agreed already.
    """
    quote, rule = row_of(session, quote_id), approval_policy.rules(session)[rule_id]
    own_or_asked = _own(session, quote) | {leaver} | set(
        session.execute(
            select(_approval.approver_id).where(
                _approval.quote_id == quote_id, _approval.rule_id == rule_id, _approval.digest == quote.digest,
                _approval.status.in_(("pending", "approved")),
            )
        ).scalars()
    )  # fmt: skip
    found = directory.approvers(session, quote.territory_id, rule.role)
    above = directory.approvers(session, quote.territory_id, rule.escalation or rule.role)
    active = {person for person, _depth in [*found, *above]} - own_or_asked
    if wanted in active:
        return wanted
    return next(iter(chosen(found, frozenset(own_or_asked), 1) or chosen(above, frozenset(own_or_asked), 1)), None)


def find(
    session: Session, *, quote: str | None = None, mine: bool = False, everything: bool = False, limit: int = 0
) -> list[ApprovalRow]:
    """Who is asked, the first that is due first; with `everything` also what was decided.

    Args:
        mine: only what this person is asked.

    Raises:
        NotFound: there is no such quote.
    """
    session.actor.require("approval.read")
    wanted = []
    if quote is not None:
        wanted.append(_approval.quote_id == naming.find_id(session, t.quote, quote))
    if mine:
        wanted.append(_approval.approver_id == session.actor.user_id)
    if not everything:
        wanted.append(_is_open())
    return _rows(session, *wanted, limit=limit)


def _is_open() -> ColumnElement[bool]:
    """Whether somebody is still to answer: nobody is, once the quote is not what he was asked about."""
    return and_(_approval.status == "pending", ~outbox.is_settled(_approval.digest))


def _rows(session: Session, *wanted: Any, limit: int = 0) -> list[ApprovalRow]:
    approver, asker, keyboard = t.user.alias("approver"), t.user.alias("asker"), t.user.alias("keyboard")
    rule = t.approval_rule.c
    is_overdue = and_(_is_open(), _approval.due_at <= session.now)
    status = case((and_(_approval.status == "pending", ~_is_open()), "void"), else_=_approval.status)
    statement = (
        select(
            _quote.code, _quote.account_name, rule.step, rule.code, rule.title, approver.c.login, status,
            asker.c.login, _approval.asked_at, _approval.due_at, is_overdue, _approval.decided_at, keyboard.c.login,
            _approval.via, _approval.comment, _approval.digest,
        )
        .select_from(t.approval)
        .join(t.quote, _quote.id == _approval.quote_id)
        .join(t.approval_rule, rule.id == _approval.rule_id)
        .join(approver, approver.c.id == _approval.approver_id)
        .join(asker, asker.c.id == _approval.asked_by_id)
        .outerjoin(
            keyboard, and_(keyboard.c.id == _approval.decided_by_id, _approval.decided_by_id != _approval.approver_id)
        )
        .where(*wanted)
        .order_by(_approval.due_at, _approval.id)
        .limit(limit or None)
    )  # fmt: skip
    found: list[ApprovalRow] = []
    for *values, late, decided_at, by, via, comment, digest in session.execute(statement):
        found.append(ApprovalRow(*[*values, bool(late), decided_at, by, via, comment, digest]))
    return found


def count_mine(session: Session) -> int:
    """How much this person is asked and has not answered."""
    is_mine = and_(_approval.approver_id == session.actor.user_id, _approval.quote_id == _quote.id, _is_open())
    return int(session.execute(select(func.count()).select_from(t.approval, t.quote).where(is_mine)).scalar_one())


def who_agreed(session: Session, quote_id: int) -> list[str]:
    """Names of those whose agreement a quote has, for its document."""
    rows = session.execute(
        select(t.user.c.name)
        .join(t.approval, _approval.approver_id == t.user.c.id)
        .where(_approval.quote_id == quote_id, _approval.status == "approved")
        .distinct()
        .order_by(t.user.c.name)
    )
    return [str(name) for name in rows.scalars()]
