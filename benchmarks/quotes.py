"""What a quote of ten lines costs: computed from values, with its prices read, and as a whole command."""

from pathlib import Path
from statistics import median
from time import process_time

from benchmarks.plan import Plan
from sfactl.core.price_rules import Method, Rule, Step, Tier
from sfactl.core.pricing import Header, Line, Listed, price
from sfactl.models import tables as t
from sfactl.services import demo, naming, quote_making, quote_storing

LINES = 10
_TIERS = (Tier(1000, discount_bp=1000), Tier(10_000, discount_bp=2000), Tier(20_000, discount_bp=3000))


def run(plan: Plan) -> None:
    """Measure pricing beside plain arithmetic over the same lines."""
    rounds = plan.rounds or 200
    lines = [Line(n, f"P{n}", 19_000, Listed("standard", 1_000_000), "F", 500) for n in range(1, LINES + 1)]
    rules = [rule for n in range(1, LINES + 1) for rule in _rules(n)]
    floor = _median(rounds, lambda: sum(round(19 * 100 * 0.9 * 0.8 * 0.95 * 0.95, 2) for _ in range(LINES)))
    whole = _median(rounds, lambda: price(lines, rules, currency="USD", header=Header(500)))
    print(
        f"\n## Price of {LINES} lines\n\nplain arithmetic {floor * 1e6:.0f} µs, priced {whole * 1000:.2f} ms (goal ≤ 1 ms)"
    )
    print(f"with prices and rules read from a file: {_read(plan.folder, rounds) * 1000:.2f} ms (goal ≤ 5 ms)")


def _rules(n: int) -> list[Rule]:
    product = f"P{n}"
    return [
        Rule(n * 10, f"C{n}", "", Step.CONTRACT, Method.PRICE, product=product, value_e4=900_000),
        Rule(n * 10 + 1, f"S{n}", "", Step.SCHEDULE, Method.RANGE, product=product, tiers=_TIERS),
        Rule(n * 10 + 2, f"O{n}", "", Step.PROMOTION, Method.PERCENT, product=product, discount_bp=500),
        Rule(n * 10 + 3, f"F{n}", "", Step.FLOOR, Method.PERCENT, product=product, discount_bp=3000),
    ]


def _median(rounds: int, what: object) -> float:
    taken = []
    for _ in range(rounds):
        before = process_time()
        what()  # type: ignore[operator]
        taken.append(process_time() - before)
    return median(taken)


def _read(folder: Path, rounds: int) -> float:
    """A quote of the demo's products priced by what a file says, again and again in one snapshot."""
    from datetime import date

    place = folder / "quotes-demo"
    made = demo.create(place, today=date(2026, 5, 20), replace=True)
    door = made.door(date(2026, 5, 20))
    with door.read() as session:
        from sqlalchemy import select

        codes = session.execute(select(t.product.c.code).where(t.product.c.active).order_by(t.product.c.code)).scalars()
        products = list(codes)[:LINES]
        sale = session.execute(
            select(t.opportunity.c.code).where(t.opportunity.c.status == "open").limit(1)
        ).scalar_one()
    wanted = quote_making.Wanted(sale, [quote_making.WantedLine(code, 19_000) for code in products])
    code = door.write(quote_making.new, wanted)
    with door.read() as session:
        quote_id = naming.find_id(session, t.quote, code)
        return _median(rounds, lambda: quote_storing.price_of(session, quote_storing.stored(session, quote_id)))
