"""What stock can promise to each line of a quote, and how old the counts are that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sfactl.core.availability import Part, now_and_later
from sfactl.db.session import Session
from sfactl.services import availability, quotes, stock_policy
from sfactl.services.availability import Goods, Wish


@dataclass(frozen=True)
class LineStock:
    """A line of a quote beside what stock can promise to it; quantities in thousandths."""

    line: int
    product: str
    wanted: int
    now: int
    "What is held for the quote is there for it."
    later: int
    later_on: date | None
    "When the last of that is there."
    missing: int
    is_stocked: bool
    "Whether some warehouse keeps it; of what none keeps nothing is missing."
    counted_on: date | None
    "The oldest count behind the answer; None where a warehouse was never counted."
    age_days: int | None
    is_old: bool
    "Whether the policy wants it counted again before anything is promised."

    @property
    def is_short(self) -> bool:
        """Whether not all of it is there now."""
        return self.is_stocked and self.now < self.wanted


def of_quote(session: Session, key: str) -> list[LineStock]:
    """The lines of a quote in their order; two of one product are promised one after the other.

    Raises:
        NotFound: there is no such quote, or it is not the person's to see.
    """
    session.actor.require("stock.read")
    page, lines = quotes.one(session, key)
    wishes = [Wish(row.product, row.quantity) for row in lines]
    found = availability.promises(session, wishes, held_for=page.code)
    days = stock_policy.current(session).count.days
    return [
        _line(row.line, goods, wish, parts, session.today, days)
        for row, (goods, wish, parts) in zip(lines, found, strict=True)
    ]


def _line(line: int, goods: Goods, wish: Wish, parts: Sequence[Part], today: date, days: int) -> LineStock:
    now, later, missing = now_and_later(parts, today)
    last = max((part.on for part in parts if part.on is not None), default=None)
    counted_on = _oldest(goods, parts)
    age = (today - counted_on).days if counted_on else None
    return LineStock(
        line, goods.code, wish.quantity_milli, now, later, last if later else None, missing, goods.is_stocked, counted_on,
        age, goods.is_stocked and (age is None or age > days),
    )  # fmt: skip


def _oldest(goods: Goods, parts: Sequence[Part]) -> date | None:
    """The oldest count of the warehouses that the parts come from; where none has any, of all that keep it."""
    used = {part.warehouse for part in parts if part.warehouse}
    counts = [place.counted_on for place in goods.places if not used or place.warehouse in used]
    return None if None in counts else min((day for day in counts if day), default=None)
