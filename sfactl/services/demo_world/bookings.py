"""The orders: what each seller brought in, divided among his customers."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from sfactl.core.money import round_half_up
from sfactl.services.demo_world.catalogue import (
    FOOD,
    LABORATORY,
    MEDICAL,
    Catalogue,
    Product,
    line_amount,
    price_text,
    quantity_text,
)
from sfactl.services.demo_world.company import Company
from sfactl.services.demo_world.customers import Account
from sfactl.services.demo_world.goals import Goal
from sfactl.services.demo_world.timeline import CURRENCY, Row, date_text, money_text, working_day

SIZES = {
    "Enterprise": (14_000_00, 240_000_00),
    "Mid-market": (2_600_00, 60_000_00),
    "Small": (300_00, 15_000_00),
}
"""The smallest and the largest order of a segment, in cents; most are small."""
DISCOUNTS = {
    "Enterprise": (0, 500, 750, 1000, 1250, 1500),
    "Mid-market": (0, 0, 250, 500, 1000),
    "Small": (0, 0, 0, 0, 250, 500),
}
FAVOURITES = {
    "Hospital": MEDICAL, "Pharmacy": MEDICAL, "Laboratory": LABORATORY, "University": LABORATORY,
    "Food processing": FOOD, "Grocery": FOOD, "Restaurants": FOOD,
}  # fmt: skip
UNTAXED_INDUSTRIES = ("Hospital", "University")
TAX_BP = {"OR": 0, "WA": 880, "CA": 860, "AZ": 720, "NM": 760, "NV": 820, "TX": 825, "NY": 850, "IL": 890}
USUAL_TAX_BP = 650
LARGEST_SHARE = 35
"""An order is at most so many hundredths of what its seller brought in that quarter."""
LEFT_OVER = 80
"""Booking ends when less than one 80th of the quota is missing."""


@dataclass(frozen=True)
class Line:
    """A product on an order."""

    product: Product
    quantity_milli: int
    price_e4: int
    discount_bp: int
    amount: int


@dataclass
class Order:
    """A booking, in cents."""

    account: Account
    seller: str
    booked_on: date
    lines: list[Line]
    channel: str
    purchase_order: str
    code: str = ""
    amount: int = field(init=False)

    def __post_init__(self) -> None:
        self.amount = sum(line.amount for line in self.lines)


def make_orders(
    rng: Random, company: Company, accounts: list[Account], goals: list[Goal], catalogue: Catalogue
) -> list[Order]:
    """All orders by date, numbered in that order."""
    orders = [
        order for goal in goals for order in _orders_of(rng, company, _book(company, accounts, goal), goal, catalogue)
    ]
    orders += _orders_of_nobody(rng, company, accounts, catalogue)
    orders.sort(key=lambda order: (order.booked_on, order.account.code, order.amount))
    for number, order in enumerate(orders, start=1):
        order.code = f"ORD-{number:06}"
    return orders


def _book(company: Company, accounts: list[Account], goal: Goal) -> list[Account]:
    """The accounts that the goal's person looked after in its quarter."""
    period = company.timeline.quarters[goal.quarter]
    return [
        account
        for account in accounts
        if account.kind != "prospect" and account.since < period.start and account.owner_on(period.start) == goal.user
    ]


def _orders_of(rng: Random, company: Company, book: list[Account], goal: Goal, catalogue: Catalogue) -> list[Order]:
    """Orders that come to what the goal says, within one hundredth of the quota."""
    start, end = company.timeline.quarters[goal.quarter].start, company.timeline.booked_until(goal.quarter)
    weights = [account.weight for account in book]
    orders: list[Order] = []
    missing = goal.booked
    while missing > goal.quota // LEFT_OVER:
        account = rng.choices(book, weights)[0]
        size = min(_size(rng, account), max(goal.booked * LARGEST_SHARE // 100, goal.quota // 20), missing)
        day = working_day(rng, start, end)
        order = _make_order(rng, account, goal.user, day, size, catalogue)
        if order.lines:
            orders.append(order)
            missing -= order.amount
    return orders


def _orders_of_nobody(rng: Random, company: Company, accounts: list[Account], catalogue: Catalogue) -> list[Order]:
    """Now and then an account that nobody looks after orders on the web."""
    timeline = company.timeline
    return [
        _make_order(rng, account, "", working_day(rng, period.start, timeline.booked_until(quarter)), size, catalogue)
        for account in accounts
        if account.seat is None
        for quarter, period in enumerate(timeline.quarters)
        if (size := _size(rng, account) // 2) > 100_00 and rng.randrange(2)
    ]


def _size(rng: Random, account: Account) -> int:
    least, most = SIZES[account.segment.name]
    return least + (most - least) * rng.randint(1, 1000) * rng.randint(1, 1000) // 1_000_000


def _make_order(rng: Random, account: Account, seller: str, day: date, size: int, catalogue: Catalogue) -> Order:
    discount = rng.choice(DISCOUNTS[account.segment.name])
    lines = _fill(rng, catalogue.offered(day), FAVOURITES[account.industry], size, discount)
    number = rng.randint(10_000, 99_999)
    reference = rng.choice(("", f"PO-{number}", f"PO-{number}", f"{day.year}/{number}", f"45000{number}"))
    return Order(account, seller, day, lines, _channel(rng, account, seller, size), reference)


def _channel(rng: Random, account: Account, seller: str, size: int) -> str:
    if account.kind == "partner":
        return "distributor"
    if not seller:
        return "web"
    if size > 15_000_00:
        return "field"
    return rng.choice(("field", "field", "phone", "web"))


def _fill(rng: Random, offered: list[tuple[Product, int]], favourite: str, size: int, discount_bp: int) -> list[Line]:
    """One to five products that come to `size` at most, and to nearly that."""
    lines: list[Line] = []
    count = rng.randint(1, 5)
    for position in range(count):
        part = size if position == count - 1 else size * rng.randint(40, 75) // 100
        line = _pick(rng, offered, favourite, part, discount_bp)
        if line is not None:
            lines.append(line)
            size -= line.amount
            offered = [(product, price) for product, price in offered if product is not line.product]
    return lines


def _pick(rng: Random, offered: list[tuple[Product, int]], favourite: str, part: int, discount_bp: int) -> Line | None:
    """A product of which a sensible number comes to `part` at most; none where nothing is that cheap."""
    part_e4 = part * 100 * 10_000 // (10_000 - discount_bp)
    fitting = [(product, price) for product, price in offered if price <= part_e4 <= price * product.most]
    if not fitting:
        return None
    weights = [4 if product.family == favourite else 1 for product, _price in fitting]
    product, price = rng.choices(fitting, weights)[0]
    quantity = part_e4 * 1000 // price // product.step * product.step
    amount = line_amount(quantity, price, discount_bp)
    if amount > part:
        return None  # the half cent that rounding adds, in one case of thousands
    return Line(product, quantity, price, discount_bp, amount)


def order_rows(orders: list[Order], today: date) -> list[Row]:
    """The heads of the orders."""
    return [
        {
            "code": order.code,
            "account": order.account.code,
            "seller": order.seller,
            "territory": order.account.territory,
            "booked_on": date_text(order.booked_on),
            "completed_on": date_text(day if (day := _delivered_on(order)) <= today else None),
            "channel": order.channel,
            "status": _status(order, today),
            "amount": money_text(order.amount),
            "tax": money_text(tax := _tax(order)),
            "freight": money_text(freight := _freight(order)),
            "total": money_text(order.amount + tax + freight),
            "currency": CURRENCY,
            "purchase_order": order.purchase_order,
        }
        for order in orders
    ]


def order_line_rows(orders: list[Order]) -> list[Row]:
    """The lines of the orders; they come to the heads' amounts exactly."""
    return [
        {
            "order": order.code,
            "line": str(number),
            "product": line.product.code,
            "quantity": quantity_text(line.quantity_milli),
            "unit_price": price_text(line.price_e4),
            "discount": f"0.{line.discount_bp:04}",
            "amount": money_text(line.amount),
            "currency": CURRENCY,
        }
        for order in orders
        for number, line in enumerate(order.lines, start=1)
    ]


def _status(order: Order, today: date) -> str:
    if today - order.booked_on < timedelta(days=9):
        return "booked"
    return "shipped" if today < _delivered_on(order) else "delivered"


def _delivered_on(order: Order) -> date:
    """Two to five weeks after the booking, as its number has it: so that nothing else of the company shifts."""
    return order.booked_on + timedelta(days=14 + int(order.code[-3:]) % 22)


def _tax(order: Order) -> int:
    if order.account.industry in UNTAXED_INDUSTRIES:
        return 0
    rate = TAX_BP.get(order.account.city[1], USUAL_TAX_BP)
    return round_half_up(Fraction(order.amount * rate, 10_000))


def _freight(order: Order) -> int:
    goods = sum(line.amount for line in order.lines if line.product.is_stocked)
    return 0 if goods == 0 or order.amount > 25_000_00 else 25_00 + goods // 100
