"""The figures of an account, one set for each currency: nothing is ever added across."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sfactl.core.money import Money
from sfactl.core.periods import FiscalCalendar, Unit
from sfactl.services.opportunities import OpportunityRow
from sfactl.services.orders import OrderRow


@dataclass(frozen=True)
class FiguresRow:
    """What an account comes to in one currency."""

    currency: str
    open_opportunities: int
    open_amount: Money
    won_count: int
    "Opportunities won in the fiscal year that is running; lost ones likewise."
    won_amount: Money
    lost_count: int
    lost_amount: Money
    orders_12_months: int
    "Orders of the twelve months that end today."
    revenue_12_months: Money

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted."""
        return not (self.open_opportunities or self.won_count or self.lost_count or self.orders_12_months)


@dataclass(frozen=True)
class YearRow:
    """The orders of a fiscal year in one currency."""

    year: str
    orders: int
    revenue: Money
    currency: str


def figures(
    currency: str, opportunities: Sequence[OpportunityRow], orders: Sequence[OrderRow], today: date,
    calendar: FiscalCalendar,
) -> list[FiguresRow]:  # fmt: skip
    """The figures of an account in its own currency, and then in others in which there are any."""
    others = {row.currency for row in opportunities} | {row.currency for row in orders}
    year = calendar.containing(today, Unit.YEAR)
    since = calendar.containing(today, Unit.DAY).year_before().end
    closed = [row for row in opportunities if row.closed_on and year.contains(row.closed_on)]
    recent = [row for row in orders if since <= row.booked_on <= today]

    def in_currency(unit: str) -> FiguresRow:
        is_open = _sum(unit, [row for row in opportunities if row.status == "open"])
        won = _sum(unit, [row for row in closed if row.status == "won"])
        lost = _sum(unit, [row for row in closed if row.status == "lost"])
        return FiguresRow(unit, *is_open, *won, *lost, *_sum(unit, recent))

    rest = [in_currency(unit) for unit in sorted(others - {currency})]
    return [in_currency(currency), *(row for row in rest if not row.is_empty)]


def _sum(currency: str, rows: Iterable[OpportunityRow | OrderRow]) -> tuple[int, Money]:
    amounts = [row.amount.minor for row in rows if row.currency == currency]
    return len(amounts), Money(sum(amounts), currency)


def by_year(orders: Iterable[OrderRow], calendar: FiscalCalendar) -> list[YearRow]:
    """The orders of each fiscal year that has any, the latest first, a row a currency."""
    found: dict[tuple[date, str], list[OrderRow]] = {}
    for row in orders:
        start = calendar.containing(row.booked_on, Unit.YEAR).start
        found.setdefault((start, row.currency), []).append(row)
    return [
        YearRow(calendar.containing(start, Unit.YEAR).label, *_sum(unit, found[start, unit]), unit)
        for start, unit in sorted(found, key=lambda key: (-key[0].toordinal(), key[1]))
    ]
