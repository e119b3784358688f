"""The opportunities: some of the orders began as one, many more were lost, and some are still open."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sfactl.services.demo_world.bookings import FAVOURITES, SIZES, Order
from sfactl.services.demo_world.catalogue import MONITORING, SERVICE
from sfactl.services.demo_world.company import Company
from sfactl.services.demo_world.customers import Account
from sfactl.services.demo_world.goals import RISING
from sfactl.services.demo_world.timeline import CURRENCY, Row, date_text, day_between, money_text, working_day
from sfactl.services.demo_world.words import NEXT_STEPS, PLACES, PROJECTS

TOTAL, OPEN, WON = 3000, 430, 700
HISTORY_DAYS = 730
WORTH_A_PURSUIT = 3_000_00
CYCLES = {"Enterprise": (60, 200), "Mid-market": (30, 120), "Small": (10, 70)}
"""How many days a sale takes."""
HEAVIEST = 300
"""Accounts of this weight or more are pursued most often."""
OPEN_STAGES = ("negotiate", "propose", "discover", "qualify")
"""From the next to close to the last."""
OVERDUE_DAYS, AHEAD_DAYS = 20, 200


@dataclass
class Opportunity:
    """A possible sale; the amount is in cents."""

    account: Account
    seller: str
    name: str
    family: str
    stage: str
    amount: int
    created_on: date
    close_on: date
    closed_on: date | None
    probability: str = ""
    next_step: str = ""
    code: str = ""


def make_opportunities(
    rng: Random, company: Company, accounts: list[Account], orders: list[Order]
) -> list[Opportunity]:
    """All of them by the day they were found, numbered in that order."""
    today = company.timeline.today
    sold = _won(rng, today, orders)
    owned = [account for account in accounts if account.seat is not None]
    open_ones = [_open(rng, today, _draw(rng, owned, today)) for _ in range(OPEN)]
    lost = [_lost(rng, today, owned) for _ in range(TOTAL - OPEN - len(sold))]
    found = sorted([*sold, *open_ones, *lost], key=lambda one: (one.created_on, one.account.code, one.amount))
    for number, opportunity in enumerate(found, start=1):
        opportunity.code = f"OPP-{number:06}"
    return found


def _won(rng: Random, today: date, orders: list[Order]) -> list[Opportunity]:
    """The larger an order is, the more likely somebody pursued it."""
    first_day = today - timedelta(days=HISTORY_DAYS - 60)
    pursued = [
        order for order in orders if order.seller and order.amount >= WORTH_A_PURSUIT and order.booked_on >= first_day
    ]
    by_chance = sorted(pursued, key=lambda order: rng.randint(0, order.amount), reverse=True)
    return [
        _opportunity(rng, order.account, order.lines[0].product.family, "won", order.amount, order.booked_on, today)
        for order in by_chance[:WON]
    ]


def _lost(rng: Random, today: date, accounts: list[Account]) -> Opportunity:
    closed_on = working_day(rng, today - timedelta(days=HISTORY_DAYS - 60), today)
    account = _draw(rng, accounts, closed_on)
    if account.territory == RISING and rng.randrange(6) == 0:  # they lose less there
        account = _draw(rng, accounts, closed_on)
    amount = _wished_amount(rng, account)
    return _opportunity(rng, account, _family(rng, account), "lost", amount, closed_on, today)


def _open(rng: Random, today: date, account: Account) -> Opportunity:
    days = rng.randint(-OVERDUE_DAYS, AHEAD_DAYS)
    least, most = CYCLES[account.segment.name]
    created_on = today - timedelta(days=rng.randint(2, max(most - max(days, 0) // 2, least)))
    # The nearer the closing, the later the stage, give or take one.
    step = max(0, min(3, max(days, 0) * 4 // AHEAD_DAYS + rng.choice((-1, 0, 0, 1))))
    family = _family(rng, account)
    return Opportunity(
        account=account,
        seller=account.owner_on(today),
        name=_name(rng, family),
        family=family,
        stage=OPEN_STAGES[step],
        amount=_wished_amount(rng, account),
        created_on=created_on,
        close_on=today + timedelta(days=days),
        closed_on=None,
        probability=rng.choice(("0.40", "0.60", "0.90")) if rng.randrange(12) == 0 else "",
        next_step=rng.choice(NEXT_STEPS) if rng.randrange(4) else "",
    )


def _opportunity(
    rng: Random, account: Account, family: str, stage: str, amount: int, closed_on: date, today: date
) -> Opportunity:
    """A closed one."""
    earliest = today - timedelta(days=HISTORY_DAYS)
    created_on = closed_on - timedelta(days=rng.randint(*CYCLES[account.segment.name]))
    return Opportunity(
        account=account,
        seller=account.owner_on(closed_on),
        name=_name(rng, family),
        family=family,
        stage=stage,
        amount=amount,
        created_on=max(created_on, day_between(rng, earliest, earliest + timedelta(days=30))),
        close_on=closed_on,
        closed_on=closed_on,
    )


def _draw(rng: Random, accounts: list[Account], day: date) -> Account:
    """An account that orders often is also pursued more often."""
    while True:
        account = rng.choice(accounts)
        if account.since <= day and rng.randrange(HEAVIEST) < account.weight:
            return account


def _wished_amount(rng: Random, account: Account) -> int:
    """What a sale might bring, in hundreds of dollars: nobody knows better beforehand."""
    least, most = SIZES[account.segment.name]
    amount = least + (most - least) * rng.randint(1, 1000) * rng.randint(200, 1000) // 1_000_000
    return max(amount // 100_00, 5) * 100_00


def _family(rng: Random, account: Account) -> str:
    favourite = FAVOURITES[account.industry]
    return rng.choice((favourite, favourite, favourite, MONITORING, MONITORING, SERVICE))


def _name(rng: Random, family: str) -> str:
    return f"{rng.choice(PROJECTS[family])}, {rng.choice(PLACES)}"


def opportunity_rows(opportunities: list[Opportunity]) -> list[Row]:
    """The opportunities as files have them."""
    return [
        {
            "code": one.code,
            "name": one.name,
            "account": one.account.code,
            "seller": one.seller,
            "stage": one.stage,
            "amount": money_text(one.amount),
            "currency": CURRENCY,
            "close_on": date_text(one.close_on),
            "probability": one.probability,
            "created_on": date_text(one.created_on),
            "closed_on": date_text(one.closed_on),
            "next_step": one.next_step,
            "product_family": one.family,
        }
        for one in opportunities
    ]
