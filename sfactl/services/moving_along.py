"""What goes along when an account goes to somebody else: open opportunities, planned activities, booked credit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import and_, select

from sfactl.core.holdovers import shared, taken_over
from sfactl.core.plans import Line
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import plan_credits
from sfactl.services.plan_names import Names
from sfactl.services.plan_splits import key_of, share_of

_opportunity, _split = t.opportunity.c, t.opportunity_split.c


class Holdover(StrEnum):
    """What becomes of the open opportunities of an account that goes to somebody else."""

    NOW = "now"
    "They go along."
    EXEMPT = "exempt"
    "They stay with their seller."
    ELIGIBLE = "eligible"
    "They stay until a day, and go then."


@dataclass(frozen=True)
class Along:
    """What goes along with accounts."""

    holdover: Holdover = Holdover.NOW
    until: date | None = None
    "For `eligible`: the first day on which an opportunity no longer stays."
    to_share_bp: int = 0
    "For `eligible`: how much of a sale that is won meanwhile counts for the new owner."
    has_activities: bool = True
    recredits: bool = False
    "Whether orders that were booked since the day of the move are credited to the new owner."


class Move(NamedTuple):
    """An account that goes to another owner, or lies elsewhere from now on."""

    account_id: int
    code: str
    was_owner: int | None
    to_owner: int | None
    was_place: int
    to_place: int
    since: date | None
    "From which day; the plan's own when it is not said."
    cause: str
    rule: str | None = None

    def line(self, names: Names) -> Line:
        """The account's own line."""
        after: dict[str, Any] = {"owner": names.login(self.to_owner), "territory": names.code(self.to_place)}
        if self.rule is not None:
            after["rule"] = self.rule
        before = {"owner": names.login(self.was_owner), "territory": names.code(self.was_place)}
        return Line("account", self.code, before, after, self.cause, self.since)


def lines(session: Session, moves: Sequence[Move], along: Along, effective: date, names: Names) -> Iterator[Line]:
    """The lines of some accounts and of what goes along with them."""
    yield from (move.line(names) for move in moves)
    yield from others(session, moves, along, effective, names)


def others(session: Session, moves: Sequence[Move], along: Along, effective: date, names: Names) -> Iterator[Line]:
    """What goes along with some accounts, without the accounts themselves."""
    by_account = {move.account_id: move for move in moves}
    if along.holdover is not Holdover.EXEMPT:
        yield from _sales(session, by_account, along, effective, names)
    if along.has_activities:
        yield from _activities(session, by_account, names)
    if along.recredits:
        yield from _credits(session, by_account, effective, names)


@dataclass(frozen=True)
class _Sale:
    """An open opportunity of an account that moves, with the shares that people have in it."""

    code: str
    seller: int | None
    place: int
    move: Move
    shares: Mapping[int, int]
    "Person to revenue share in basis points; empty where the seller has all."


def _sales(session: Session, moves: Mapping[int, Move], along: Along, effective: date, names: Names) -> Iterator[Line]:
    for sale in _open_sales(session, moves):
        goes = sale.move.was_owner != sale.move.to_owner
        if along.holdover is Holdover.ELIGIBLE and goes and sale.seller == sale.move.was_owner:
            yield from _held_over(sale, along, effective, names)
        else:
            yield from _gone_along(sale, names)


def _open_sales(session: Session, moves: Mapping[int, Move]) -> list[_Sale]:
    rows = session.execute(
        select(_opportunity.id, _opportunity.code, _opportunity.account_id, _opportunity.credited_id, _opportunity.credited_territory_id)
        .where(session.among(_opportunity.account_id, moves), _opportunity.status == "open")
        .order_by(_opportunity.code)
    ).all()  # fmt: skip
    shares = shares_of(session, [row.id for row in rows]) if rows else {}
    return [
        _Sale(code, seller, place, moves[account_id], shares.get(key, {}))
        for key, code, account_id, seller, place in rows
    ]


def shares_of(session: Session, keys: Sequence[int]) -> dict[int, dict[int, int]]:
    """The revenue shares of each of the opportunities, by person, in basis points."""
    found: dict[int, dict[int, int]] = {}
    rows = session.execute(
        select(_split.opportunity_id, _split.user_id, _split.share_bp)
        .where(_split.opportunity_id.in_(keys), _split.kind == "revenue")
        .order_by(_split.id)
    )
    for key, user_id, share_bp in rows:
        found.setdefault(key, {})[user_id] = share_bp
    return found


def _gone_along(sale: _Sale, names: Names) -> Iterator[Line]:
    """The seller's part goes to the new owner, and the figure to the new territory, where they were the account's."""
    move = sale.move
    seller = move.to_owner if sale.seller == move.was_owner else sale.seller
    place = move.to_place if sale.place == move.was_place else sale.place
    if (seller, place) != (sale.seller, sale.place):
        yield sale_line(sale.code, (sale.seller, sale.place), (seller, place), move.cause, names, move.since)
    if move.was_owner is not None and move.was_owner != move.to_owner and move.was_owner in sale.shares:
        after = taken_over(sale.shares, move.was_owner, move.to_owner)
        yield from share_lines(sale.code, sale.shares, after, move.cause, names)


def sale_line(
    code: str,
    was: tuple[int | None, int],
    to: tuple[int | None, int],
    cause: str,
    names: Names,
    since: date | None = None,
) -> Line:
    """An opportunity that is credited to another seller or territory.

    Args:
        was: the seller and the territory.
    """
    before = {"seller": names.login(was[0]), "territory": names.code(was[1])}
    after = {"seller": names.login(to[0]), "territory": names.code(to[1])}
    return Line("opportunity", code, before, after, cause, since)


def share_lines(
    code: str, before: Mapping[int, int], after: Mapping[int, int], cause: str, names: Names
) -> Iterator[Line]:
    """The shares of an opportunity that change; those that grow come last, so that no sum is ever above the whole."""
    changed = [person for person in {**before, **after} if before.get(person) != after.get(person)]
    for person in sorted(changed, key=lambda each: after.get(each, 0) > before.get(each, 0)):
        key = key_of(code, names.logins[person])
        yield Line("split", key, share_of(before.get(person)), share_of(after.get(person)), cause)


def _held_over(sale: _Sale, along: Along, effective: date, names: Names) -> Iterator[Line]:
    move = sale.move
    began = move.since or effective
    if along.until is None:
        raise AssertionError("a holdover ends on a day")
    yield Line(
        "holdover", sale.code, None,
        {
            "held_by": names.login(sale.seller), "to": names.login(move.to_owner), "territory": names.code(move.to_place),
            "until": along.until.isoformat(), "share": f"{along.to_share_bp / 10000:.4f}", "began": began.isoformat(),
        },
        move.cause, move.since,
    )  # fmt: skip
    if along.to_share_bp and sale.seller is not None and move.to_owner is not None:
        held = sale.shares or {sale.seller: 10000}
        after = shared(held, sale.seller, move.to_owner, along.to_share_bp)
        yield from share_lines(sale.code, sale.shares, after, move.cause, names)


def _activities(session: Session, moves: Mapping[int, Move], names: Names) -> Iterator[Line]:
    """What the owner until now had planned at the account."""
    activity = t.activity.c
    rows = session.execute(
        select(activity.id, activity.account_id, activity.owner_id)
        .where(session.among(activity.account_id, moves), activity.done_on.is_(None))
        .order_by(activity.id)
    )
    for number, account_id, owner in rows:
        move = moves[account_id]
        if owner == move.was_owner and move.to_owner not in (None, owner):
            yield activity_line(number, owner, move.to_owner, move.cause, names, move.since)


def activity_line(number: int, was: int, to: int | None, cause: str, names: Names, since: date | None = None) -> Line:
    """A planned activity that goes to somebody else."""
    return Line("activity", f"#{number}", {"owner": names.login(was)}, {"owner": names.login(to)}, cause, since)


def _credits(session: Session, moves: Mapping[int, Move], effective: date, names: Names) -> Iterator[Line]:
    """Orders booked since the move that are credited, whole, to the owner until now."""
    order = t.order.c
    first = min((move.since or effective for move in moves.values()), default=effective)
    rows = session.execute(
        select(order.code, order.account_id, order.booked_on, order.credited_id, order.credited_territory_id)
        .join(t.credit, and_(plan_credits.whole_credit(), t.credit.c.user_id == order.credited_id))
        .where(session.among(order.account_id, moves), order.booked_on >= first)
        .order_by(order.code)
    )
    for code, account_id, booked_on, seller, place in rows:
        move = moves[account_id]
        if booked_on < (move.since or effective) or seller != move.was_owner or move.to_owner is None:
            continue
        to_place = move.to_place if place == move.was_place else place
        before = {"seller": names.login(seller), "territory": names.code(place)}
        after = {"seller": names.login(move.to_owner), "territory": names.code(to_place)}
        if before != after:
            yield Line("credit", code, before, after, move.cause, move.since)
