"""Changes of a quote: its lines, its discounts, prices set by hand, its terms; each change prices it anew."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select, update

from sfactl.core import quote_changes
from sfactl.core.quantities import require_whole
from sfactl.core.quote_changes import Difference
from sfactl.core.quote_states import OPEN, State, require, require_editable
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import approvals, handoffs, naming, quote_bundles, quote_making, quote_storing
from sfactl.services.quote_differences import said
from sfactl.services.quote_making import WantedLine

_quote, _line = t.quote.c, t.quote_line.c


@dataclass(frozen=True)
class Change:
    """What is to become of a quote; what is not said stays."""

    add: Sequence[WantedLine] = ()
    remove: Sequence[int] = ()
    quantities: Mapping[int, int] = field(default_factory=dict)
    "Line to thousandths."
    discounts: Mapping[int, int] = field(default_factory=dict)
    "Line to what the seller takes off, in basis points."
    prices: Mapping[int, int] = field(default_factory=dict)
    "Line to a price set by hand, in ten-thousandths."
    by_rule: Sequence[int] = ()
    "Lines whose price is the rules' again."
    reason: str | None = None
    header_bp: int | None = None
    header_minor: int | None = None
    valid_until: date | None = None
    payment_days: int | None = None
    terms: str | None = None
    name: str | None = None
    version: int | None = None
    "The version that the person saw."
    reprices: bool = False
    "Take the prices, rates and rules of today."


@dataclass(frozen=True)
class Before:
    """What somebody else changed just before."""

    login: str
    version: int
    differences: Sequence[Difference]


@dataclass(frozen=True)
class Edited:
    """What a change made of a quote."""

    code: str
    state: State
    was: State
    differences: Sequence[Difference]
    before: Before | None
    "The change before this one, where it was somebody else's."


def edit(session: Session, key: str, change: Change) -> Edited:
    """Change a quote and price it anew, whole or not at all.

    Raises:
        Conflict: somebody changed it since the person looked, which is told; or it is not changed any more.
        UsageFault: a price has no reason, a discount is more than there is, or a piece would be divided.
    """
    session.actor.require("quote.edit")
    quote_making.require_name(change.name)
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    was = State(kept.quote.status)
    require_editable(kept.quote.code, was)
    before = _changed_before(session, kept)
    if change.version is not None and change.version != kept.quote.version:
        raise _stale(session, kept, change.version)
    _require_lines(kept, change)
    open_forms = handoffs.open_forms(session, quote_id)
    approvals.open_for_change(session, quote_id)
    _change_lines(session, quote_id, kept, change)
    quote_bundles.judge(session, quote_id)
    _change_header(session, quote_id, kept, change)
    old = quote_storing.content_of(kept)
    state = quote_storing.reprice(session, quote_id)
    new = quote_storing.content_of(quote_storing.stored(session, quote_id))
    if was in (State.SUBMITTED, State.APPROVED):
        is_worse = quote_changes.is_worse(old, new)
        state = approvals.close_change(session, quote_id, was, is_worse=is_worse, open_forms=open_forms)
    found = quote_changes.differences(old, new)
    if found or change.prices or state is not was:
        session.record(
            "edit", "quote", kept.quote.code, territory_id=kept.quote.territory_id, reason=change.reason,
            before={"status": was, **old}, after={"status": state, **new},
        )  # fmt: skip
    return Edited(kept.quote.code, state, was, found, before)


def _changed_before(session: Session, kept: quote_storing.Stored) -> Before | None:
    """The last change, where somebody else made it."""
    if kept.quote.changed_by_id in (None, session.actor.user_id) or kept.quote.version < 2:
        return None
    return _since(session, kept, kept.quote.version - 1)


def _since(session: Session, kept: quote_storing.Stored, version: int) -> Before | None:
    """What was changed since a version, and by whom last."""
    column = t.quote_version.c
    rows = session.execute(
        select(column.version, column.content, t.user.c.login)
        .join(t.user, t.user.c.id == column.user_id)
        .where(column.quote_id == kept.quote.id, column.version >= version)
        .order_by(column.version)
    ).all()
    if len(rows) < 2:
        return None
    found = quote_changes.differences(json.loads(rows[0].content), json.loads(rows[-1].content))
    return Before(rows[-1].login, rows[-1].version, found)


def _stale(session: Session, kept: quote_storing.Stored, seen: int) -> Conflict:
    """The refusal of somebody who comes second, with what the first one did."""
    since = _since(session, kept, seen)
    told = "; ".join(said(each) for each in since.differences[:8]) if since else ""
    return Conflict(
        _("{quote} was changed by {person} since version {seen}: {changes}.").format(
            quote=kept.quote.code, person=since.login if since else _("somebody"), seen=seen, changes=told or "–"
        ),
        _("Look at it again with sfactl quote show {quote}; it is at version {version} now.").format(
            quote=kept.quote.code, version=kept.quote.version
        ),
    )


def _require_lines(kept: quote_storing.Stored, change: Change) -> None:
    there = {line.line for line in kept.lines}
    named = {*change.remove, *change.quantities, *change.discounts, *change.prices, *change.by_rule}
    for number in sorted(named - there):
        raise NotFound(
            _("{quote} has no line {line}.").format(quote=kept.quote.code, line=number),
            _("`sfactl quote show {quote}` shows its lines.").format(quote=kept.quote.code),
        )
    for line in kept.lines:
        require_whole(line.product, line.unit, change.quantities.get(line.line, 0))
    if change.prices and not (change.reason or "").strip():
        raise UsageFault(_("A price that is set by hand needs a reason."), _("Say it with --reason TEXT."))
    left = there - set(change.remove)
    orphans = [line for line in kept.lines if line.parent_line in change.remove and line.line in left]
    if orphans:
        raise UsageFault(
            _("Line {line} belongs to line {parent}.").format(line=orphans[0].line, parent=orphans[0].parent_line),
            _("Take both out, or neither."),
        )
    if not left and not change.add:
        raise UsageFault(
            _("Nothing would be left of {quote}.").format(quote=kept.quote.code),
            _("Decline it instead: sfactl quote decline {quote}").format(quote=kept.quote.code),
        )


def _change_lines(session: Session, quote_id: int, kept: quote_storing.Stored, change: Change) -> None:
    here = _line.quote_id == quote_id
    if change.remove:
        session.sql.execute(
            delete(t.price_step).where(t.price_step.c.quote_id == quote_id, t.price_step.c.line.in_(change.remove))
        )
        session.sql.execute(delete(t.quote_line).where(here, _line.line.in_(change.remove)))
    for number, values in _line_values(session, change).items():
        session.sql.execute(update(t.quote_line).where(here, _line.line == number).values(values))
    if change.add:
        last = session.execute(select(func.max(_line.line)).where(here)).scalar() or 0
        most = max((line.line for line in kept.lines), default=0)
        quote_making.add_lines(session, quote_id, change.add, after=max(last, most))


def _line_values(session: Session, change: Change) -> dict[int, dict[str, Any]]:
    """What changes of each line."""
    found: dict[int, dict[str, Any]] = {}
    for number, milli in change.quantities.items():
        found.setdefault(number, {})["quantity_milli"] = milli
    for number, share in change.discounts.items():
        found.setdefault(number, {})["discount_bp"] = share
    for number, price_e4 in change.prices.items():
        found.setdefault(number, {}).update({
            "manual_e4": price_e4, "manual_reason": change.reason, "manual_by_id": session.actor.user_id,
            "manual_at": session.now, "manual_base_e4": None,
        })  # fmt: skip
    empty = dict.fromkeys(("manual_e4", "manual_reason", "manual_by_id", "manual_at", "manual_base_e4"))
    for number in change.by_rule:
        found.setdefault(number, {}).update(empty)
    return found


def _change_header(session: Session, quote_id: int, kept: quote_storing.Stored, change: Change) -> None:
    quote = kept.quote
    values: dict[str, Any] = {
        name: value
        for name, value in (
            ("valid_until", change.valid_until), ("payment_days", change.payment_days), ("name", change.name),
        )
        if value is not None
    }  # fmt: skip
    if change.terms is not None:
        values["terms"] = change.terms.strip() or None
    if change.header_bp is not None:
        values |= {"header_bp": change.header_bp, "header_minor": 0, "net_minor": quote.lines_minor}
    if change.header_minor is not None:  # the sums agree at every moment, also before it is priced
        values |= {
            "header_bp": None, "header_minor": change.header_minor, "net_minor": 0, "lines_minor": change.header_minor,
        }  # fmt: skip
    if change.reprices:
        values["priced_on"] = session.today
    until = values.get("valid_until", quote.valid_until)
    if until <= values.get("priced_on", quote.priced_on):
        raise UsageFault(_("The offer would be over before it begins."), _("Name a later day with --valid-until."))
    if values:
        session.sql.execute(update(t.quote).where(_quote.id == quote_id).values(values))


def choose(session: Session, key: str) -> tuple[str, str]:
    """Let a quote decide its opportunity's amount; returns both codes."""
    session.actor.require("quote.edit")
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    if State(kept.quote.status) not in OPEN:
        require(kept.quote.code, State(kept.quote.status), State.SUBMITTED)
    sale = quote_storing.require_open(session, kept.quote.opportunity_id)
    quote_making.make_primary(session, quote_id, sale.id)
    quote_storing.drive_opportunity(session, quote_id)
    session.record(
        "choose", "quote", kept.quote.code, territory_id=kept.quote.territory_id,
        before={"amount_minor": sale.amount_minor, "currency": sale.currency},
        after={"opportunity": sale.code, "amount_minor": kept.quote.net_minor, "currency": kept.quote.currency},
    )  # fmt: skip
    return kept.quote.code, str(sale.code)


def decline(session: Session, key: str, *, reason: str) -> str:
    """The customer does not want it, or it is taken back; returns its code.

    Raises:
        Conflict: it is done with already.
    """
    session.actor.require("quote.edit")
    quote_id = naming.find_id(session, t.quote, key)
    kept = quote_storing.stored(session, quote_id)
    require(kept.quote.code, State(kept.quote.status), State.DECLINED)
    _close(session, quote_id, State.DECLINED, reason)
    session.record(
        "decline", "quote", kept.quote.code, territory_id=kept.quote.territory_id, reason=reason,
        before={"status": kept.quote.status}, after={"status": State.DECLINED},
    )  # fmt: skip
    return str(kept.quote.code)


def _close(session: Session, quote_id: int, state: State, reason: str) -> None:
    session.sql.execute(
        update(t.quote)
        .where(_quote.id == quote_id)
        .values(
            status=state, closed_on=session.today, closing_reason=reason, primary_of_id=None,
            updated_at=session.now, version=_quote.version + 1,
        )
    )  # fmt: skip


def expire(session: Session) -> list[str]:
    """End all offers in reach whose time is over; returns their codes.

    One that decided its opportunity's amount leaves the amount as it is.
    """
    session.actor.require("quote.edit")
    due = (_quote.valid_until <= session.today, _quote.status.in_(sorted(OPEN)))
    rows = session.execute(select(_quote.id, _quote.code, _quote.status).where(*due).order_by(_quote.id)).all()
    if rows:
        reason = _("Its time was over.")
        session.sql.execute(
            update(t.quote)
            .where(_quote.id.in_([row.id for row in rows]), *due)
            .values(
                status=State.EXPIRED, closed_on=session.today, closing_reason=reason, primary_of_id=None,
                updated_at=session.now, version=_quote.version + 1,
            )
        )  # fmt: skip
    for row in rows:
        session.record("expire", "quote", row.code, before={"status": row.status}, after={"status": State.EXPIRED})
    return [row.code for row in rows]
