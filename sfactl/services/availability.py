"""What can be promised of which product: now, later, from which warehouse, and what may stand in for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, and_, cast, exists, func, or_, select

from sfactl.core import quantities
from sfactl.core.availability import Due, Part, Place, promise
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.types import Day
from sfactl.services import naming, stock_policy


@dataclass(frozen=True)
class Wish:
    """So much of a product, as a person names it; quantities in thousandths."""

    product: str
    quantity_milli: int


@dataclass(frozen=True)
class Goods:
    """A product, and where it lies."""

    id: int
    code: str
    name: str
    unit: str | None = None
    places: tuple[Place, ...] = ()
    is_stocked: bool = False
    "Some warehouse has it, had it, or gets it."

    @property
    def lack(self) -> str:
        """What is said of a part of it that nobody has."""
        return "missing" if self.is_stocked else "unstocked"


@dataclass(frozen=True)
class PartRow:
    """One part of the answer to a wish."""

    product: str
    product_name: str
    wanted: int
    quantity: int
    status: str
    "`now`, `later`, `missing` where nobody knows when, or `unstocked`: it is not kept in any warehouse."
    warehouse: str | None
    on: date | None
    "From which day."
    counted_on: date | None
    "When the warehouse was last counted: as old is the answer."
    age_days: int | None
    is_old: bool | None
    "Whether somebody should look before anything is promised."
    alternative: str | None
    "What may stand in, where the policy names it and there is enough of it now."


def check(
    session: Session,
    wishes: Sequence[Wish],
    *,
    by: date | None = None,
    warehouse: str | None = None,
    held_for: str | None = None,
) -> list[PartRow]:
    """Where and when each wish can be had, part by part, in the order of the wishes.

    Two wishes for one product are promised from what is left after the first.

    Args:
        held_for: code of a quote; what is held for it is there for it.

    Raises:
        NotFound: there is no such product or warehouse.
        UsageFault: the day is over, or a piece would be divided.
    """
    session.actor.require("stock.read")
    found = promises(session, wishes, by=by, warehouse=warehouse, held_for=held_for)
    require_whole(found)
    return [row for goods, wish, parts in found for row in _rows(session, goods, wish, parts)]


def require_whole(found: Sequence[tuple[Goods, Wish, tuple[Part, ...]]]) -> None:
    """Refuse a part of a piece."""
    for goods, wish, _parts in found:
        quantities.require_whole(goods.code, goods.unit, wish.quantity_milli)


def promises(
    session: Session,
    wishes: Sequence[Wish],
    *,
    by: date | None = None,
    warehouse: str | None = None,
    held_for: str | None = None,
) -> list[tuple[Goods, Wish, tuple[Part, ...]]]:
    """The parts of each wish; arguments and errors as of `check`."""
    if by is not None and by < session.today:
        raise UsageFault(_("{day} is over.").format(day=by.isoformat()), _("Name today or a later day."))
    if warehouse is not None:
        naming.find_id(session, t.warehouse, warehouse)
    keys = [naming.find_id(session, t.product, wish.product) for wish in wishes]
    goods, found = stocked(session, keys, warehouse=warehouse, held_for=held_for), []
    for key, wish in zip(keys, wishes, strict=True):
        parts = promise(wish.quantity_milli, goods[key].places, session.today, by)
        found.append((goods[key], wish, parts))
        goods[key] = replace(goods[key], places=tuple(_taken(goods[key].places, parts)))
    return found


def _taken(places: Iterable[Place], parts: Sequence[Part]) -> Iterator[Place]:
    for place in places:
        for part in parts:
            if part.warehouse == place.warehouse and part.on is not None:
                place = place.hold(part.on, part.quantity_milli)
        yield place


def _rows(session: Session, goods: Goods, wish: Wish, parts: Sequence[Part]) -> Iterator[PartRow]:
    policy = stock_policy.current(session)
    counted = {place.warehouse: place.counted_on for place in goods.places}
    short = sum(part.quantity_milli for part in parts if part.on != session.today)
    instead = _instead(session, stock_policy.alternatives(policy, goods.code), short) if short else None
    for part in parts:
        day = counted.get(part.warehouse or "")
        age = (session.today - day).days if day else None
        status = "now" if part.on == session.today else "later" if part.on else goods.lack
        yield PartRow(
            goods.code, goods.name, wish.quantity_milli, part.quantity_milli, status, part.warehouse, part.on, day, age,
            None if age is None else age > policy.count.days, instead if status != "now" else None,
        )  # fmt: skip


def _instead(session: Session, codes: Sequence[str], quantity_milli: int) -> str | None:
    """The first of the products of which there is enough now."""
    product = t.product.c
    known = session.execute(select(product.id, product.code).where(product.code.in_(codes), product.active)).all()
    goods = stocked(session, [row.id for row in known])
    for row in sorted(known, key=lambda row: codes.index(row.code)):
        parts = promise(quantity_milli, goods[row.id].places, session.today, session.today)
        if all(part.on is not None for part in parts):
            return str(row.code)
    return None


def stocked(
    session: Session, keys: Iterable[int], *, warehouse: str | None = None, held_for: str | None = None
) -> dict[int, Goods]:
    """Products with all that is there, expected and held for others than a quote, by key."""
    wanted = sorted(set(keys))
    product = t.product.c
    columns = (product.id, product.code, product.name, product.unit)
    rows = session.execute(select(*columns).where(session.among(product.id, wanted)))
    found = {row.id: Goods(*row) for row in rows}
    places: dict[tuple[int, str], Place] = {}
    for key, code, quantity, counted_on in _on_hand(session, wanted):
        places[key, code] = Place(code, quantity, counted_on)
    for name, dues in (("expected", _expected(session, wanted)), ("held", _held(session, wanted, held_for))):
        for key, code, on, quantity in dues:
            place = places.get((key, code), Place(code))
            before: tuple[Due, ...] = getattr(place, name)
            places[key, code] = replace(place, **{name: (*before, Due(on, quantity))})  # type: ignore[arg-type]
    for key in {key for key, _code in places}:
        found[key] = replace(found[key], is_stocked=True)
    for (key, code), place in sorted(places.items()):
        if warehouse is None or code == warehouse:
            found[key] = replace(found[key], places=(*found[key].places, place))
    return found


def _on_hand(session: Session, keys: Sequence[int]) -> Iterable[tuple[int, str, int, date | None]]:
    stock = t.stock.c
    statement = (
        select(stock.product_id, t.warehouse.c.code, stock.quantity_milli, stock.counted_on)
        .join(t.warehouse, t.warehouse.c.id == stock.warehouse_id)
        .where(session.among(stock.product_id, keys))
    )
    return [tuple(row) for row in session.execute(statement)]


def _expected(session: Session, keys: Sequence[int]) -> Iterable[tuple[int, str, date, int]]:
    arrival = t.arrival.c
    statement = (
        select(arrival.product_id, t.warehouse.c.code, arrival.expected_on, func.sum(arrival.quantity_milli))
        .join(t.warehouse, t.warehouse.c.id == arrival.warehouse_id)
        .where(session.among(arrival.product_id, keys), arrival.received_on.is_(None))
        .group_by(arrival.product_id, t.warehouse.c.code, arrival.expected_on)
        .order_by(arrival.expected_on)
    )
    return [(key, code, on, int(quantity)) for key, code, on, quantity in session.execute(statement)]


def _held(session: Session, keys: Sequence[int], but_for: str | None) -> Iterable[tuple[int, str, date, int]]:
    held = t.reservation.c
    statement = (
        select(held.product_id, t.warehouse.c.code, held.needed_on, func.sum(held.quantity_milli))
        .join(t.warehouse, t.warehouse.c.id == held.warehouse_id)
        .where(session.among(held.product_id, keys), counts(session))
        .group_by(held.product_id, t.warehouse.c.code, held.needed_on)
        .order_by(held.needed_on)
    )
    if but_for is not None:
        statement = statement.where(or_(held.quote_code.is_(None), held.quote_code != but_for))
    return [(key, code, on, int(quantity)) for key, code, on, quantity in session.execute(statement)]


def counts(session: Session) -> ColumnElement[bool]:
    """Whether a reservation holds its pieces: until it ends; of one that was sold, until its warehouse is counted after it.

    The database says the same when one is made (`db/stock_guard.py`, migration 0009).
    """
    held, stock = t.reservation.c, t.stock.alias("counted").c
    ended = func.substr(held.ended_at, 1, 10) if session.is_sqlite else cast(func.timezone("UTC", held.ended_at), Day())
    is_counted = exists().where(
        stock.product_id == held.product_id, stock.warehouse_id == held.warehouse_id, stock.counted_on > ended,
        stock.counted_on > held.needed_on,
    )  # fmt: skip
    return or_(and_(held.status == "held", held.expires_at > session.now), and_(held.status == "consumed", ~is_counted))
