"""What the demo company sells, for how much, and what lies in its warehouses."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from sfactl.core.money import round_half_up
from sfactl.services.demo_world import bundle
from sfactl.services.demo_world.timeline import CURRENCY, Row, date_text, day_between

MEDICAL, LABORATORY, FOOD = "Medical refrigeration", "Laboratory freezers", "Food cooling"
MONITORING, SERVICE = "Monitoring", "Service and parts"
WAREHOUSES = ("PHX", "CHI", "ATL")
PIECE, PARTS = 1000, 250
"""The step in which a quantity is sold, in thousandths of its unit."""


@dataclass(frozen=True)
class Product:
    """Something that is sold; the price is the first year's, in ten-thousandths of a dollar."""

    code: str
    name: str
    family: str
    subfamily: str
    unit: str
    price_e4: int
    most: int
    "How many units an order takes at most."
    step: int = PIECE
    is_stocked: bool = True


def _family(family: str, *lines: str) -> tuple[Product, ...]:
    """Products from lines of `code | name | subfamily | unit | price | most`."""
    products = []
    for line in lines:
        code, name, subfamily, unit, price, most = (cell.strip() for cell in line.split("|"))
        dollars, _, places = price.partition(".")
        products.append(
            Product(
                code, name, family, subfamily, unit, int(dollars + places.ljust(4, "0")), int(most),
                step=PARTS if unit in ("m", "m2", "kg") else PIECE,
                is_stocked=unit in ("each", "m", "m2", "kg"),
            )
        )  # fmt: skip
    return tuple(products)


PRODUCTS = (
    *_family(
        MEDICAL,
        "MR-110 | Vaccine refrigerator 110 l     | Vaccine  | each | 2480    | 12",
        "MR-220 | Vaccine refrigerator 220 l     | Vaccine  | each | 3650    | 12",
        "MR-440 | Vaccine refrigerator 440 l     | Vaccine  | each | 5980    | 12",
        "MR-700 | Vaccine refrigerator, 2 doors  | Vaccine  | each | 8450    | 10",
        "BB-240 | Blood bank refrigerator 240    | Blood    | each | 7900    | 8",
        "BB-500 | Blood bank refrigerator 500    | Blood    | each | 12600   | 6",
        "PF-90  | Plasma freezer −40 °C          | Blood    | each | 6750    | 8",
        "PH-60  | Pharmacy refrigerator 60 l     | Pharmacy | each | 1390    | 20",
    ),
    *_family(
        LABORATORY,
        "UF-100 | Ultra-low freezer −86 °C 100 l | Freezers | each | 9800    | 8",
        "UF-500 | Ultra-low freezer −86 °C 500 l | Freezers | each | 14900   | 8",
        "UF-800 | Ultra-low freezer −86 °C 800 l | Freezers | each | 18700   | 8",
        "LF-150 | Laboratory freezer 150 l       | Freezers | each | 2950    | 12",
        "LF-300 | Laboratory freezer 300 l       | Freezers | each | 4150    | 12",
        "CR-25  | Cryogenic dewar 25 l           | Cryo     | each | 1870    | 10",
        "CR-100 | Cryogenic tank 100 l           | Cryo     | each | 11300   | 4",
        "IN-50  | Cooled incubator 50 l          | Cryo     | each | 3420    | 8",
    ),
    *_family(
        FOOD,
        "BC-20  | Blast chiller 20 kg            | Chilling | each | 6400    | 6",
        "BC-60  | Blast chiller 60 kg            | Chilling | each | 13800   | 4",
        "DC-180 | Display case 1.8 m             | Cases    | each | 4900    | 16",
        "DC-250 | Display case 2.5 m             | Cases    | each | 6350    | 16",
        "RT-2   | Reach-in refrigerator, 2 doors | Cases    | each | 3260    | 10",
        "IM-80  | Ice maker 80 kg a day          | Chilling | each | 2150    | 8",
        "WP-80  | Cold-room panel 80 mm          | Rooms    | m2   | 124.75  | 400",
        "CU-5   | Condensing unit 5 kW           | Rooms    | each | 3980    | 6",
        "CU-15  | Condensing unit 15 kW          | Rooms    | each | 8990    | 6",
    ),
    *_family(
        MONITORING,
        "TS-10  | Temperature sensor, wired      | Sensors  | each | 84.5    | 120",
        "TS-20  | Temperature sensor, wireless   | Sensors  | each | 139     | 120",
        "TH-30  | Humidity sensor, wireless      | Sensors  | each | 168     | 80",
        "DO-5   | Door sensor                    | Sensors  | each | 59.9    | 100",
        "GW-100 | Gateway, 100 sensors           | Gateways | each | 690     | 12",
        "GW-400 | Gateway, 400 sensors           | Gateways | each | 1980    | 8",
        "AL-1   | Alarm dialler                  | Gateways | each | 420     | 10",
        "SW-S   | Monitoring software, one site  | Software | year | 1200    | 6",
        "SW-E   | Monitoring software, all sites | Software | year | 9600    | 3",
    ),
    *_family(
        SERVICE,
        "SV-BAS | Maintenance, basic             | Service  | year | 480     | 40",
        "SV-PLS | Maintenance, with spare unit   | Service  | year | 960     | 40",
        "CAL-3  | Calibration at 3 points        | Service  | set  | 185     | 60",
        "VAL-IQ | Qualification, on site         | Service  | visit | 2400   | 8",
        "INS-1  | Installation                   | Service  | day  | 880     | 12",
        "HS-12  | Refrigerant hose 12 mm         | Parts    | m    | 18.4    | 60",
        "RF-290 | Refrigerant R290               | Parts    | kg   | 41.3775 | 30",
        "FL-20  | Air filter                     | Parts    | each | 32.75   | 60",
        "BT-9   | Backup battery                 | Parts    | each | 96      | 30",
    ),
)
DISCONTINUED = ("MR-110", "AL-1")
INTRODUCED_LATER = ("UF-800", "SW-E")
STANDARD, HEALTH = "standard", "health"


@dataclass(frozen=True)
class Catalogue:
    """The price of each product, by the years in which prices changed."""

    years: tuple[int, int, int]
    prices: dict[tuple[str, int], int]
    "In ten-thousandths of a dollar, by product and first year; absent where it is not sold."

    def offered(self, day: date) -> list[tuple[Product, int]]:
        """What is sold on that day, with its price."""
        year = max((year for year in self.years if year <= day.year), default=self.years[0])
        return [(p, self.prices[p.code, year]) for p in PRODUCTS if (p.code, year) in self.prices]


def make_catalogue(today: date) -> Catalogue:
    """Prices that rose by 4 % a year ago and by 3 % this January."""
    years = (today.year - 3, today.year - 1, today.year)
    prices: dict[tuple[str, int], int] = {}
    for product in PRODUCTS:
        raised = product.price_e4 * 104 // 100
        history = (product.price_e4, raised, raised * 103 // 100)
        for year, price in zip(years, history, strict=True):
            is_early = product.code in INTRODUCED_LATER and year == years[0]
            is_late = product.code in DISCONTINUED and year == years[2]
            if not is_early and not is_late:
                prices[product.code, year] = _list_price(price)
    return Catalogue(years, prices)


def _list_price(price_e4: int) -> int:
    """Machines cost whole dollars; what is sold by the metre keeps its places."""
    return price_e4 // 10_000 * 10_000 if price_e4 > 1000 * 10_000 else price_e4


def product_rows(rng: Random) -> list[Row]:
    """The products with what they cost, and the bundle of some of them."""
    rows: list[Row] = [
        {
            "code": product.code,
            "name": product.name,
            "family": product.family,
            "subfamily": product.subfamily,
            "unit": product.unit,
            "active": "0" if product.code in DISCONTINUED else "1",
            "cost": price_text(product.price_e4 * rng.randint(48, 68) // 100),
            "currency": CURRENCY,
        }
        for product in PRODUCTS
    ]
    itself = {"code": bundle.CODE, "name": bundle.NAME, "family": bundle.FAMILY, "subfamily": "Bundles", "unit": "each"}
    return [*rows, itself | {"active": "1", "cost": price_text(bundle.COST_E4), "currency": CURRENCY}]


def price_rows(catalogue: Catalogue) -> list[Row]:
    """The standard prices of each year, and a price book for hospitals that is eight per cent lower."""
    ends = {year: date(later, 1, 1) for year, later in zip(catalogue.years, catalogue.years[1:], strict=False)}
    families = {product.code: product.family for product in PRODUCTS}
    rows: list[Row] = []
    for (code, year), price in catalogue.prices.items():
        row = {
            "product": code,
            "price_book": STANDARD,
            "currency": CURRENCY,
            "unit_price": price_text(price),
            "valid_from": date_text(date(year, 1, 1)),
            "valid_to": date_text(ends.get(year)),
        }
        rows.append(row)
        if families[code] == MEDICAL and year != catalogue.years[0]:
            rows.append(row | {"price_book": HEALTH, "unit_price": price_text(price * 92 // 100)})
    return [*rows, _price_of_bundle(catalogue.years[0])]


def _price_of_bundle(year: int) -> Row:
    return {
        "product": bundle.CODE,
        "price_book": STANDARD,
        "currency": CURRENCY,
        "unit_price": price_text(bundle.PRICE_E4),
        "valid_from": date_text(date(year, 1, 1)),
        "valid_to": date_text(None),
    }


def stock_rows(rng: Random, today: date) -> list[Row]:
    """Each thing that can lie on a shelf in each warehouse; some run low, a few ran out."""
    return [
        {
            "product": product.code,
            "warehouse": warehouse,
            "quantity": quantity_text(_quantity(rng, product)),
            "reorder_point": quantity_text(max(product.most // 4, 2) * PIECE),
            "bin": f"{rng.choice('ABCDEF')}-{rng.randint(1, 24):02}-{rng.randint(1, 5)}",
            "counted_on": date_text(day_between(rng, today - timedelta(days=60), today)),
        }
        for product in PRODUCTS
        if product.is_stocked and product.code not in DISCONTINUED
        for warehouse in WAREHOUSES
    ]


def arrival_rows(rng: Random, today: date) -> list[Row]:
    """What is on its way to the first warehouse; some of it is late."""
    return [
        {
            "product": product.code,
            "warehouse": WAREHOUSES[0],
            "reference": f"PO-{7000 + number}",
            "quantity": quantity_text(max(product.most // 2, 1) * PIECE),
            "expected_on": date_text(day_between(rng, today - timedelta(days=7), today + timedelta(days=60))),
        }
        for number, product in enumerate(PRODUCTS)
        if product.is_stocked and product.code not in DISCONTINUED and number % 4 == 0
    ]


def _quantity(rng: Random, product: Product) -> int:
    if rng.randrange(20) == 0:
        return 0
    return rng.randint(1, product.most * 2 * PIECE // product.step) * product.step


def line_amount(quantity_milli: int, price_e4: int, discount_bp: int) -> int:
    """What a line comes to, in cents, half a cent upwards."""
    return round_half_up(Fraction(quantity_milli * price_e4 * (10_000 - discount_bp), 10**9))


def price_text(price_e4: int) -> str:
    """A unit price as a file has it: 124.7500."""
    return f"{price_e4 // 10_000}.{price_e4 % 10_000:04}"


def quantity_text(quantity_milli: int) -> str:
    """A quantity as a file has it: 9.5."""
    whole, part = divmod(quantity_milli, 1000)
    return f"{whole}.{part:03}".rstrip("0") if part else str(whole)
