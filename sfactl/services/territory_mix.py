"""Which product families a territory sells, and how much of its revenue each is."""

from dataclasses import dataclass
from fractions import Fraction

from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.services import territory_report
from sfactl.services.territory_report import Question


@dataclass(frozen=True)
class MixRow:
    """A product family in a territory and a period."""

    territory: str
    period: str
    family: str | None
    orders: int
    "Orders that have a product of it."
    revenue: Money
    share: Fraction | None
    "Of the revenue of all families, in the same currency."
    prior_revenue: Money
    growth: Fraction | None
    currency: str


def mix(session: Session, question: Question) -> list[MixRow]:
    """The families of the question's territory by revenue, the largest first; a family that sold only before is in it too.

    Raises:
        NotFound: the territory does not exist, or is not the person's to see.
    """
    rows = [row for row in territory_report.report(session, question) if row.orders or row.prior_revenue.minor]
    total: dict[str, int] = {}
    for row in rows:
        total[row.currency] = total.get(row.currency, 0) + row.revenue.minor
    found = [
        MixRow(
            row.territory, row.period, row.family, row.orders, row.revenue,
            Fraction(row.revenue.minor, total[row.currency]) if total[row.currency] > 0 else None, row.prior_revenue,
            row.growth, row.currency,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row.currency, -row.revenue.minor, row.family or ""))


def of_territory(name: str, period: Period, *, only: bool = False) -> Question:
    """What is asked of one territory."""
    return Question((name,), (period,), by_family=True, only=only)
