"""Stock that is held for somebody until a moment; no piece is ever held for two.

The database refuses what would promise a piece twice; what is free is looked up after the lock that it takes, so that
whoever comes second is told what is left.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select, text, true, update

from sfactl.core.availability import Part, now_and_later
from sfactl.core.codes import code_of
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import availability, naming, stock_policy
from sfactl.services.availability import Goods, Wish

LOCKS: Final = 7_031_966
"""The class of the locks of `db/stock_guard.py`."""
OVERDUE: Final = "overdue"
"""Held by its row, and past its moment: its pieces are free."""


@dataclass(frozen=True)
class Terms:
    """For what, when and how long."""

    quote: str | None = None
    "Code of a quote."
    by: date | None = None
    "The last day on which the pieces must be there; today when nothing is said."
    warehouse: str | None = None
    hours: int | None = None
    "As the policy says when nothing is said."
    is_partial: bool = False
    "Whether to hold what there is when it is not all."


@dataclass(frozen=True)
class ReservationRow:
    """Pieces that are, or were, held."""

    code: str
    status: str
    product: str
    product_name: str
    warehouse: str
    quantity: int
    needed_on: date
    quote: str | None
    user: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    reason: str | None
    age_days: int = 0
    "How long ago it was promised."


def reserve(session: Session, wishes: Sequence[Wish], terms: Terms) -> list[ReservationRow]:
    """Hold what is wanted: from few warehouses, as early as it is there.

    Raises:
        Conflict: there is not enough; it says how much there is, and when the rest comes.
        NotFound: there is no such product, warehouse or quote.
        UsageFault: it is to be held for too long, the day is over, a piece would be divided, or the quote has less of it.
    """
    session.actor.require("reservation.create")
    expires_at = session.now + timedelta(hours=_hours(session, terms.hours))
    _lock(session, sorted({naming.find_id(session, t.product, wish.product) for wish in wishes}))
    by = terms.by or session.today
    found = availability.promises(session, wishes, by=by, warehouse=terms.warehouse)
    availability.require_whole(found)
    quote = _offering(session, terms.quote, found) if terms.quote else None
    if not terms.is_partial:
        _require_enough(session, found)
    made = [
        _hold(session, goods, part, quote, expires_at)
        for goods, _wish, parts in found for part in parts if part.on is not None
    ]  # fmt: skip
    rows = _named(session, t.reservation.c.code.in_(made))
    for row in rows:
        session.record(
            "reserve", "product", row.product,
            after={"quantity": row.quantity, "warehouse": row.warehouse, "until": row.expires_at, "quote": row.quote},
        )  # fmt: skip
    return rows


def _offering(session: Session, key: str, found: Sequence[tuple[Goods, Wish, tuple[Part, ...]]]) -> str:
    """The code of a quote that has as much of each product as is to be held for it, with what is held already."""
    quote_id = naming.find_id(session, t.quote, key)
    code = str(session.execute(select(t.quote.c.code).where(t.quote.c.id == quote_id)).scalar_one())
    line, held = t.quote_line.c, t.reservation.c
    offered = _sums(session, line.product_id, line.quantity_milli, line.quote_id == quote_id)
    is_kept = or_(held.status == "consumed", and_(held.status == "held", held.expires_at > session.now))
    taken = _sums(session, held.product_id, held.quantity_milli, and_(held.quote_code == code, is_kept))
    for goods, wish, _parts in found:
        taken[goods.id] += wish.quantity_milli
        if taken[goods.id] > offered[goods.id]:
            raise _too_much(code, goods.code, offered[goods.id], taken[goods.id] - wish.quantity_milli)
    return code


def _sums(
    session: Session, product: ColumnElement[Any], amount: ColumnElement[Any], where: ColumnElement[bool]
) -> Counter[int]:
    """How much there is of each product in some rows."""
    rows = session.execute(select(product, func.sum(amount)).where(where).group_by(product))
    return Counter({key: int(total) for key, total in rows})


def _too_much(quote: str, product: str, offered: int, taken: int) -> UsageFault:
    if not offered:
        return UsageFault(
            _("{product} is not on {quote}.").format(product=product, quote=quote),
            _("Put it on the quote first, or hold it without --quote."),
        )
    return UsageFault(
        _("{quote} has {offered} of {product}, and {taken} are held for it already.").format(
            quote=quote, offered=quantity(offered), product=product, taken=quantity(taken)
        ),
        _("Hold no more for it than is left, or without --quote."),
    )


def _hours(session: Session, said: int | None) -> int:
    policy = stock_policy.current(session).reservation
    if said is not None and not 0 < said <= policy.most_hours:
        raise UsageFault(
            _("Stock is held for at most {most} hours.").format(most=policy.most_hours),
            _("Say fewer with --hours; it can be reserved again."),
        )
    return said or policy.hours


def _lock(session: Session, product_ids: Sequence[int]) -> None:
    """Let nobody else count these products before this transaction ends; a file is locked as it is."""
    if not session.is_sqlite:
        for key in product_ids:
            session.execute(text("SELECT pg_advisory_xact_lock(:kind, :key)"), {"kind": LOCKS, "key": key})


def _require_enough(session: Session, found: Sequence[tuple[Goods, Wish, tuple[Part, ...]]]) -> None:
    for goods, wish, parts in found:
        if all(part.on is not None for part in parts):
            continue
        if not goods.is_stocked:
            raise Conflict(
                _("{product} is not kept in stock.").format(product=goods.code),
                _("Leave it out: there is none to hold."),
            )
        later = availability.check(session, [Wish(goods.code, wish.quantity_milli)])
        here, comes, missing = now_and_later(
            [Part(row.quantity, row.warehouse, row.on) for row in later], session.today
        )
        on = max((row.on for row in later if row.on), default=None)
        raise Conflict(
            _("There is not enough of {product}: {here} now, {later} until {day}, {missing} unknown.").format(
                product=goods.code, here=quantity(here), later=quantity(comes), day=on or "–", missing=quantity(missing)
            ),
            _("Say --by with a later day, --partial to hold what there is, or another product: `sfactl stock check`."),
        )


def quantity(milli: int) -> str:
    """Thousandths as a number without zeros at its end."""
    whole, rest = divmod(milli, 1000)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


def _hold(session: Session, goods: Goods, part: Part, quote: str | None, expires_at: datetime) -> str:
    code = code_of("R", uuid4().bytes)
    warehouse = select(t.warehouse.c.id).where(t.warehouse.c.code == part.warehouse).scalar_subquery()
    session.sql.execute(
        insert(t.reservation).values(
            code=code, product_id=goods.id, warehouse_id=warehouse, quantity_milli=part.quantity_milli, needed_on=part.on,
            quote_code=quote, user_id=session.actor.user_id, territory_id=min(session.actor.territories, default=None),
            made_at=session.now, expires_at=expires_at, status="held",
        )
    )  # fmt: skip
    return code


def release(
    session: Session, codes: Sequence[str] = (), *, quote: str | None = None, reason: str | None = None
) -> list[ReservationRow]:
    """Let go of what is held: by code, or all that is held for a quote.

    Raises:
        NotFound: there is none of a code, or it is not this person's to let go of; or nothing is held for the quote.
        Conflict: one is over.
    """
    session.actor.require("reservation.edit")
    held = t.reservation.c
    if quote is not None:
        found = _named(session, and_(held.quote_code == quote, held.status == "held"))
        if not found:
            raise NotFound(
                _("Nothing is held for {quote}.").format(quote=quote), _("`sfactl stock list --reserved` shows it.")
            )
        codes = [row.code for row in found]
    keys = [naming.find_id(session, t.reservation, code) for code in dict.fromkeys(codes)]
    rows = [_end(session, key, "released", reason) for key in keys]
    return [row for row in rows if row]


def _end(session: Session, key: int, status: str, reason: str | None) -> ReservationRow | None:
    held = t.reservation.c
    [before] = _named(session, held.id == key)
    if before.status not in ("held", OVERDUE):
        raise Conflict(_("{code} is {status}.").format(code=before.code, status=before.status))
    is_held = and_(held.id == key, held.status == "held")
    values = {"status": status, "ended_at": session.now, "reason": reason}
    if not session.run(update(t.reservation).where(is_held).values(values)):
        raise naming.not_found(t.reservation, before.code)
    session.record(
        status, "reservation", before.code, reason=reason, before={"status": before.status}, after={"status": status}
    )  # fmt: skip
    return next(iter(_named(session, held.id == key)), None)


def consume(session: Session, quote: str, reason: str | None = None) -> int:
    """What is held for a quote is sold; it stays held until its warehouse is counted again. Returns how many rows."""
    held = t.reservation.c
    is_held = and_(held.quote_code == quote, held.status == "held", held.expires_at > session.now)
    return session.run(
        update(t.reservation).where(is_held).values(status="consumed", ended_at=session.now, reason=reason)
    )


def give_back(session: Session, quote: str, reason: str) -> int:
    """The sale of a quote is cancelled: what was held for it is free. Returns how many rows."""
    held = t.reservation.c
    is_sold = and_(held.quote_code == quote, held.status == "consumed")
    return session.run(
        update(t.reservation).where(is_sold).values(status="released", ended_at=session.now, reason=reason)
    )


def expire(session: Session) -> int:
    """Write down what is over, and return how many; its pieces are free as soon as its time is up."""
    session.actor.require("reservation.edit")
    held = t.reservation.c
    is_over = and_(held.status == "held", held.expires_at <= session.now)
    count = session.run(update(t.reservation).where(is_over).values(status="expired", ended_at=held.expires_at))
    if count:
        session.record("expire", "reservation", after={"count": count})
    return count


def find(
    session: Session,
    *,
    product: str | None = None,
    warehouse: str | None = None,
    quote: str | None = None,
    everything: bool = False,
    limit: int = 0,
) -> Iterator[ReservationRow]:
    """What is held, the first to end first; what is over only with `everything`.

    Raises:
        NotFound: there is no such product.
    """
    session.actor.require("reservation.read")
    held, wanted = t.reservation.c, []
    if product is not None:
        wanted.append(held.product_id == naming.find_id(session, t.product, product))
    if warehouse is not None:
        wanted.append(t.warehouse.c.code == warehouse)
    if quote is not None:
        wanted.append(held.quote_code == quote)
    if not everything:
        wanted.append(and_(held.status == "held", held.expires_at > session.now))
    yield from _named(session, and_(true(), *wanted), limit=limit)


def _named(session: Session, where: ColumnElement[bool], *, limit: int = 0) -> list[ReservationRow]:
    held = t.reservation.c
    status = case((and_(held.status == "held", held.expires_at <= session.now), OVERDUE), else_=held.status)
    statement = (
        select(
            held.code, status, t.product.c.code, t.product.c.name, t.warehouse.c.code, held.quantity_milli, held.needed_on,
            held.quote_code, t.user.c.login, held.made_at, held.expires_at, held.ended_at, held.reason,
        )
        .select_from(t.reservation)
        .join(t.product, t.product.c.id == held.product_id)
        .join(t.warehouse, t.warehouse.c.id == held.warehouse_id)
        .join(t.user, t.user.c.id == held.user_id)
        .where(where)
        .order_by(held.expires_at, held.id)
        .limit(limit or None)
    )  # fmt: skip
    return [ReservationRow(*[*row, (session.now - row.made_at).days]) for row in session.execute(statement)]
