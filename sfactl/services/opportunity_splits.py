"""Who is credited with an opportunity when it is won: shares by person, of revenue and on top of it."""

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select

from sfactl.core.money import Money, round_half_up, split
from sfactl.db.session import Session
from sfactl.models import tables as t

_WHOLE = 10_000


@dataclass(frozen=True)
class SplitRow:
    """A person's share."""

    login: str
    name: str
    kind: str
    "revenue, of which the shares of a sale are the whole, or overlay, which comes on top."
    share: Fraction
    amount: Money
    "What it is of the amount as it is expected now."
    currency: str


def of_code(session: Session, code: str) -> list[SplitRow]:
    """The shares in the opportunity of a code, revenue first, the largest first; none where one person has all of it."""
    shared, sale, person = t.opportunity_split.c, t.opportunity.c, t.user.c
    rows = session.execute(
        select(person.login, person.name, shared.kind, shared.share_bp, sale.amount_minor, sale.currency)
        .select_from(t.opportunity_split)
        .join(t.opportunity, sale.id == shared.opportunity_id)
        .join(t.user, person.id == shared.user_id)
        .where(sale.code == code)
        .order_by(shared.kind.desc(), shared.share_bp.desc(), person.login)
    ).all()
    weights = [row.share_bp for row in rows if row.kind == "revenue"]
    revenue = iter(split(rows[0].amount_minor, weights) if any(weights) else weights)
    return [
        SplitRow(
            row.login, row.name, row.kind, Fraction(row.share_bp, _WHOLE),
            Money(next(revenue) if row.kind == "revenue" else _on_top(row.amount_minor, row.share_bp), row.currency),
            row.currency,
        )
        for row in rows
    ]  # fmt: skip


def _on_top(minor: int, share_bp: int) -> int:
    return round_half_up(Fraction(minor * share_bp, _WHOLE))
