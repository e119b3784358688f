"""Credit by whose it is and when it came: for each measure one statement over all rows, in two levels.

Inside, rows are summed by person and day, in the order of an index; outside, days are summed to the parts of a period. Of a
period in one part, rows are summed at once. No function stands on a column, and the bounds of the parts are parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, literal, or_, select, true

from sfactl.core.holdovers import WHOLE
from sfactl.core.measures import NO_CURRENCY, Measure
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.types import Words
from sfactl.services import rollups


class Whose(StrEnum):
    """To whom credit is counted."""

    PERSON = "person"
    TEAM = "team"
    "Of those who are its members on the day."
    TERRITORY = "territory"
    "Whose figure a sale is: all of it, once."
    PLACE = "place"
    "Of quotas alone: those of people, by the territory in which they lie."


class Sum(NamedTuple):
    """An amount in minor units, or a number of things, exactly; and from how many sales it comes."""

    amount: Fraction
    sales: int

    def plus(self, other: "Sum") -> "Sum":
        """Both together."""
        return Sum(self.amount + other.amount, self.sales + other.sales)


NOTHING: Final = Sum(Fraction(0), 0)
Key = tuple[int, int, str]
"""Whose, which part of the period, and the currency."""
Sums = Mapping[Key, Sum]


@dataclass(frozen=True)
class Source:
    """Where the credit of a measure comes from."""

    rows: FromClause
    whose: ColumnElement[Any]
    day: ColumnElement[Any]
    currency: ColumnElement[Any]
    amount: ColumnElement[Any]
    sales: ColumnElement[Any]
    condition: ColumnElement[bool]
    scale: int = 1
    "What amounts are divided by in the end."
    kind: str = "revenue"


_order, _credit, _won, _line = t.order.c, t.credit.c, t.opportunity.c, t.order_line.c
_split, _activity = t.opportunity_split.c, t.activity.c
_COUNTED: Final = literal(NO_CURRENCY, Words)
_MILLI: Final = 1000


def source(measure: Measure, whose: Whose, family: str | None = None, *, kind: str = "revenue") -> Source:
    """Where the credit of a measure comes from.

    Args:
        family: of one product family alone.
        kind: revenue, or overlay, which stands beside and is a person's alone.

    Raises:
        UsageFault: activities are not of a product family.
    """
    if measure is Measure.ACTIVITIES_DONE:
        return _activities(whose, family)
    if measure in (Measure.WON_AMOUNT, Measure.WON_COUNT):
        return _wins(measure, whose, family, kind)
    if measure is Measure.UNITS or family is not None:
        return _lines(measure, whose, family, kind)
    if whose is Whose.TERRITORY:
        return Source(
            t.order, _order.credited_territory_id, _order.booked_on, _order.currency, func.sum(_order.amount_minor),
            func.count(), true(),
        )  # fmt: skip
    return Source(
        t.credit, _credit.user_id, _credit.credited_on, _credit.currency, func.sum(_credit.amount_minor), func.count(),
        _credit.kind == kind, kind=kind,
    )  # fmt: skip


def _activities(whose: Whose, family: str | None) -> Source:
    if family is not None:
        raise UsageFault(_("Activities are of no product family."), _("Leave --family out."))
    who = _activity.territory_id if whose is Whose.TERRITORY else _activity.owner_id
    return Source(t.activity, who, _activity.done_on, _COUNTED, func.count(), func.count(), who.is_not(None))


def _wins(measure: Measure, whose: Whose, family: str | None, kind: str) -> Source:
    """Opportunities that were won; shared where people share them, else their seller's, or of their territory."""
    condition = _won.status == "won"
    if family is not None:
        condition = and_(condition, _won.product_family == family)
    is_amount = measure is Measure.WON_AMOUNT
    if whose is Whose.TERRITORY or not is_amount:
        who = _won.credited_territory_id if whose is Whose.TERRITORY else _won.credited_id
        amount = func.sum(_won.amount_minor) if is_amount else func.count()
        currency = _won.currency if is_amount else _COUNTED
        return Source(
            t.opportunity, who, _won.closed_on, currency, amount, func.count(), and_(condition, who.is_not(None))
        )
    shared = and_(_split.opportunity_id == _won.id, _split.kind == kind)
    rows = t.opportunity.join(t.opportunity_split, shared, isouter=kind == "revenue")
    sharer = func.coalesce(_split.user_id, _won.credited_id)
    amount = func.sum(_won.amount_minor * func.coalesce(_split.share_bp, WHOLE))
    condition = and_(condition, or_(_split.user_id.is_not(None), _won.credited_id.is_not(None)))
    return Source(rows, sharer, _won.closed_on, _won.currency, amount, func.count(), condition, WHOLE)


def _lines(measure: Measure, whose: Whose, family: str | None, kind: str) -> Source:
    """Lines of orders: their pieces, or the amounts of one product family."""
    rows: FromClause = t.order.join(t.order_line, _line.order_id == _order.id)
    condition: ColumnElement[bool] = true()
    if family is not None:
        rows = rows.join(t.product, t.product.c.id == _line.product_id)
        condition = t.product.c.family == family
    is_counted = measure is Measure.UNITS
    of_line = _line.quantity_milli if is_counted else _line.amount_minor
    currency, unit = (_COUNTED, _MILLI) if is_counted else (_order.currency, 1)
    orders = func.count(_order.id.distinct())
    if whose is Whose.TERRITORY:
        place = _order.credited_territory_id
        return Source(rows, place, _order.booked_on, currency, func.sum(of_line), orders, condition, unit)
    rows = rows.join(t.credit, and_(_credit.order_id == _order.id, _credit.kind == kind))
    shared = func.sum(of_line * _credit.share_bp)
    return Source(rows, _credit.user_id, _order.booked_on, currency, shared, orders, condition, unit * WHOLE)


def sums(session: Session, found: Source, whose: Whose, borders: Sequence[date]) -> dict[Key, Sum]:
    """Credit by whose it is, part and currency.

    Args:
        borders: the first day of each part, and the day after the last.
    """
    by_day = len(borders) > 2 or whose is Whose.TEAM
    is_stored = found.rows is t.credit and whose is Whose.PERSON
    make = _stored if is_stored else _summed
    statement = _in_parts(make(session, found, borders, by_day=by_day), whose, borders)
    return {
        (key, part, currency): Sum(Fraction(int(amount), found.scale), int(sales))
        for key, part, currency, amount, sales in session.execute(statement)
    }


def _stored(session: Session, found: Source, borders: Sequence[date], *, by_day: bool) -> Any:
    """People's credit, by month where months that are over are stored."""
    credited = rollups.credited(session, found.kind, borders[0], borders[-1], borders, by_day=by_day).c
    return select(
        credited.user_id.label("whose"), credited.day, credited.currency, credited.amount_minor.label("amount"),
        credited.bookings.label("sales"),
    ).subquery("inner")  # fmt: skip


def _summed(_session: Session, found: Source, borders: Sequence[date], *, by_day: bool) -> Any:
    """The rows by whose they are and, where that is needed, by day."""
    day = (found.day,) if by_day else ()
    unit = () if found.currency is _COUNTED else (found.currency,)
    return (
        select(
            found.whose.label("whose"), *(each.label("day") for each in day), found.currency.label("currency"),
            found.amount.label("amount"), found.sales.label("sales"),
        )
        .select_from(found.rows)
        .where(found.condition, found.day >= borders[0], found.day < borders[-1])
        .group_by(found.whose, *day, *unit)
        .subquery("inner")
    )  # fmt: skip


def _in_parts(daily: Any, whose: Whose, borders: Sequence[date]) -> Select[Any]:
    inner = borders[1:-1]
    part = (
        case(*((daily.c.day < border, n) for n, border in enumerate(inner)), else_=len(inner)) if inner else literal(0)
    )
    who, rows = daily.c.whose, daily
    if whose is Whose.TEAM:
        member = t.team_member.c
        day = daily.c.day
        holds = and_(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))
        rows = daily.join(t.team_member, and_(member.user_id == daily.c.whose, holds))
        who = member.team_id
    grouped = [who, daily.c.currency] if not inner else [who, part, daily.c.currency]
    return (
        select(who, part, daily.c.currency, func.sum(daily.c.amount), func.sum(daily.c.sales))
        .select_from(rows)
        .group_by(*grouped)
    )
