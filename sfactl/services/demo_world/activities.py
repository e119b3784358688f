"""What the sellers did and plan to do: before, during and after the purchase order."""

from datetime import date, timedelta
from random import Random

from sfactl.services.demo_world.bookings import Order
from sfactl.services.demo_world.pipeline import Opportunity
from sfactl.services.demo_world.timeline import Row, date_text, working_day

BEFORE = (
    ("call", "First call about {project}"), ("visit", "Site visit: {project}"), ("meeting", "Needs for {project}"),
    ("meeting", "Offer presented: {project}"), ("email", "Questions about {project} answered"),
    ("task", "Prepare the offer for {project}"),
)  # fmt: skip
DURING = (
    ("email", "Order {order} confirmed"), ("call", "Delivery date of {order} agreed"),
    ("task", "Access for the installation of {order}"),
)  # fmt: skip
AFTER = (
    ("visit", "Acceptance of {order} on site"), ("call", "Is all well with {order}?"),
    ("meeting", "Training of staff after {order}"), ("email", "Maintenance offer after {order}"),
)  # fmt: skip
NOTES = (
    "", "", "", "They compare us with one other supplier.", "Wants a reference in the same trade.",
    "Budget is for next year only.", "Asked for delivery before 7 a.m.", "Decides together with the head office.",
)  # fmt: skip
CLOSED_TOLD, ORDERS_TOLD = 750, 640
"""How many closed opportunities and how many orders have a history."""
RECENT = timedelta(days=400)
_DAY = timedelta(days=1)


def activity_rows(rng: Random, today: date, opportunities: list[Opportunity], orders: list[Order]) -> list[Row]:
    """Done and planned activities by date, numbered in that order."""
    closed = [one for one in opportunities if one.closed_on and one.closed_on > today - RECENT]
    recent = [order for order in orders if order.seller and order.booked_on > today - RECENT]
    rows: list[Row] = []
    for one in rng.sample(closed, CLOSED_TOLD):
        rows += _history(rng, one, one.closed_on or today, rng.randint(1, 3))
    for one in opportunities:
        if one.closed_on is None:
            rows += _history(rng, one, today, rng.randint(0, 3))
            rows.append(_next_activity(rng, one, today))
    for order in rng.sample(recent, ORDERS_TOLD):
        rows += _delivery(rng, order, today)
    rows.sort(key=lambda row: (row["planned_on"], row["owner"], row["subject"], row["account"]))
    return [{"external_id": f"ACT-{number:06}"} | row for number, row in enumerate(rows, start=1)]


def _history(rng: Random, one: Opportunity, end: date, count: int) -> list[Row]:
    """What was done for an opportunity until it closed."""
    return [_done(rng, one, working_day(rng, one.created_on, max(end, one.created_on + _DAY))) for _ in range(count)]


def _done(rng: Random, one: Opportunity, day: date) -> Row:
    kind, subject = rng.choice(BEFORE)
    row = _row(kind, subject.format(project=one.name), one.account.code, one.seller, day, day)
    return row | {"opportunity": one.code, "note": rng.choice(NOTES)}


def _next_activity(rng: Random, one: Opportunity, today: date) -> Row:
    """What is planned next; a few should have been done already."""
    kind, subject = rng.choice(BEFORE)
    day = working_day(rng, today - timedelta(days=6), today + timedelta(days=45))
    return _row(kind, subject.format(project=one.name), one.account.code, one.seller, day, None) | {
        "opportunity": one.code
    }


def _delivery(rng: Random, order: Order, today: date) -> list[Row]:
    """What follows an order, up to three months after it; the seller of the day does it."""
    during = working_day(rng, order.booked_on, order.booked_on + timedelta(days=14))
    after = working_day(rng, during + _DAY, during + timedelta(days=80))
    rows = []
    for day, (kind, subject) in ((during, rng.choice(DURING)), (after, rng.choice(AFTER))):
        is_done = day <= today
        owner = order.account.owner_on(day if is_done else today)
        row = _row(kind, subject.format(order=order.code), order.account.code, owner, day, day if is_done else None)
        rows.append(row | {"note": rng.choice(NOTES) if is_done else ""})
    return rows


def _row(kind: str, subject: str, account: str, owner: str, planned_on: date, done_on: date | None) -> Row:
    return {
        "kind": kind,
        "subject": subject,
        "account": account,
        "opportunity": "",
        "owner": owner,
        "planned_on": date_text(planned_on),
        "done_on": date_text(done_on),
        "note": "",
    }
