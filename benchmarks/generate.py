"""A company of any size, the same from the same seed. Runs in a process of its own: `python -m benchmarks.generate …`."""

import csv
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SEED = 20260131
REGIONS, BELOW, SELLERS = 5, 8, 1000
CITIES = ("Phoenix", "Tucson", "Mesa", "Bogotá", "León", "Sevilla", "Portland", "Boise", "Reno", "Austin")
SEGMENTS, INDUSTRIES = ("Small", "Medium", "Large"), ("Food", "Tools", "Labs", "Health", "Transport")
FIRST, LAST = ("Adobe", "Basin", "Canyon", "Delta", "Ember", "Fjord"), ("Foods", "Tools", "Labs", "Shipping", "Mills")
QUARTERS = 12
FIRST_DAY = date(2023, 1, 1)


def territory_of(seller: int) -> str:
    """Sellers are spread over the regions, and in each over its territories."""
    return f"T{seller % REGIONS}{seller // REGIONS % BELOW}"


def organisation(folder: Path) -> None:
    """Write the territories, people and members."""
    regions = [f"R{region}" for region in range(REGIONS)]
    places = [("WORLD", "World", "")] + [(code, f"Region {code}", "WORLD") for code in regions]
    places += [(f"T{r}{n}", f"Territory {r}{n}", f"R{r}") for r in range(REGIONS) for n in range(BELOW)]
    _write(folder / "territory.csv", ("code", "name", "parent"), places)
    managers = [(f"dm{region}", f"Manager {region}", "district_manager") for region in range(REGIONS)]
    sellers = [(f"s{number:04}", f"Seller {number:04}", "account_manager") for number in range(SELLERS)]
    _write(folder / "user.csv", ("login", "name", "role"), managers + sellers)
    members = [(f"R{region}", f"dm{region}", "manager", "2020-01-01") for region in range(REGIONS)]
    members += [(territory_of(n), f"s{n:04}", "account_manager", "2020-01-01") for n in range(SELLERS)]
    _write(folder / "member.csv", ("territory", "user", "role", "valid_from"), members)


def accounts(path: Path, count: int) -> None:
    """Write a file of accounts, each with its seller."""
    names = (
        "code", "external_id", "name", "territory", "owner", "segment", "industry", "kind", "city", "country",
        "postal_code", "phone", "employees", "annual_revenue", "currency",
    )  # fmt: skip
    _write(path, names, (_account(random.Random(f"{SEED}.{number}"), number) for number in range(count)))


def moves(path: Path, count: int) -> None:
    """Write a file that gives each account to another seller of its territory."""
    rows = ((f"A{number:07}", f"s{_new_owner(number):04}") for number in range(count))
    _write(path, ("account", "new_owner"), rows)


def _new_owner(number: int) -> int:
    return (_seller(random.Random(f"{SEED}.{number}")) + REGIONS * BELOW) % SELLERS


def _seller(chance: random.Random) -> int:
    return chance.randrange(SELLERS)


def _account(chance: random.Random, number: int) -> tuple[object, ...]:
    seller = _seller(chance)
    return (
        f"A{number:07}", f"EXT-{10_000_000 + number}", f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}",
        territory_of(seller), f"s{seller:04}", chance.choice(SEGMENTS), chance.choice(INDUSTRIES),
        "customer" if number % 3 else "prospect", chance.choice(CITIES), "US", f"{chance.randrange(100_000):05}",
        f"+1 602 555 {chance.randrange(10_000):04}", chance.randrange(1, 5000),
        f"{chance.randrange(100_000_000)}.{number % 100:02}", "USD",
    )  # fmt: skip


def sales(path: Path, _count: int) -> None:
    """Put open opportunities and planned visits into a database that has the accounts."""
    with sqlite3.connect(path) as raw:
        for statement in SALES:
            raw.execute(statement)
        raw.execute("ANALYZE")


def orders(path: Path, count: int) -> None:
    """Put orders with their credit, and a quota a person and quarter, into a database that has the accounts.

    Straight into the tables, since only the reading is measured with them.
    """
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("PRAGMA cache_size = -262144")
        people = dict(raw.execute("SELECT id, login FROM app_user WHERE login LIKE 's%'"))
        places = dict(raw.execute("SELECT code, id FROM territory"))
        lies_in = {key: places[territory_of(int(login[1:]))] for key, login in people.items()}
        held = raw.execute("SELECT id, name, owner_id FROM account ORDER BY id").fetchall()
        with _bare(raw, "sales_order", "credit"):
            raw.executemany(_ORDER, _orders(count, held, lies_in))
            raw.execute(_CREDIT)
        raw.execute(_LOAD)
        raw.executemany(_QUOTA, _quotas(lies_in))
        raw.execute("ANALYZE")


@contextmanager
def _bare(raw: sqlite3.Connection, *tables: str) -> Iterator[None]:
    """Tables without their indexes and triggers, which are made again afterwards: many times as quick for many rows."""
    marks = ", ".join("?" * len(tables))
    made = raw.execute(
        f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({marks}) AND type IN ('index', 'trigger')"
        " AND sql IS NOT NULL",
        tables,
    ).fetchall()
    for kind, name, _sql in made:
        raw.execute(f'DROP {kind} "{name}"')
    yield
    for _kind, _name, sql in made:
        raw.execute(sql)


_NOW = "2026-01-01T00:00:00.000000Z"
SALES = (
    "INSERT INTO opportunity (created_at, updated_at, version, code, name, name_key, account_id, account_name,"
    " territory_id, owner_id, credited_territory_id, credited_id, stage_id, status, amount_minor, currency, close_on,"
    f" opened_on) SELECT '{_NOW}', '{_NOW}', 1, 'S' || a.code, a.name, a.name_key, a.id, a.name, a.territory_id,"
    " a.owner_id, a.territory_id, a.owner_id, s.id, 'open', 1000000, a.currency, '2026-12-31', '2026-01-01'"
    " FROM account AS a, (SELECT min(id) AS id FROM stage WHERE status = 'open') AS s WHERE a.code LIKE '%0'"
    " ORDER BY a.id",
    "INSERT INTO activity (created_at, updated_at, version, kind, subject, account_id, account_name, territory_id,"
    f" owner_id, planned_on) SELECT '{_NOW}', '{_NOW}', 1, 'visit', a.name, a.id, a.name, a.territory_id, a.owner_id,"
    " '2026-12-31' FROM account AS a WHERE a.code LIKE '%0' ORDER BY a.id",
)
"""An open opportunity and a planned visit on every tenth account, in words that both engines understand."""
_ORDER = (
    "INSERT INTO sales_order (id, created_at, updated_at, version, code, account_id, account_name, territory_id,"
    " owner_id, credited_territory_id, credited_id, booked_on, channel, amount_minor, tax_minor, freight_minor,"
    f" total_minor, currency) VALUES (?, '{_NOW}', '{_NOW}', 1, ?, ?, ?, ?, ?, ?, ?, ?, 'direct', ?, 0, 0, ?, 'USD')"
)
_CREDIT = (
    "INSERT INTO credit (order_id, user_id, territory_id, kind, share_bp, amount_minor, currency, credited_on)"
    " SELECT id, credited_id, credited_territory_id, 'revenue', 10000, amount_minor, currency, booked_on"
    " FROM sales_order ORDER BY id"
)
_QUOTA = (
    "INSERT INTO quota (created_at, updated_at, version, user_id, territory_id, measure, starts_on, ends_on,"
    f" amount_minor, currency, load_id, loaded_on) VALUES ('{_NOW}', '{_NOW}', 1, ?, ?, 'revenue', ?, ?, ?, 'USD', 1,"
    " '2000-01-01')"
)
_LOAD = (
    "INSERT INTO quota_load (id, loaded_at, loaded_on, user_id, kind)"
    f" SELECT 1, '{_NOW}', '2000-01-01', min(id), 'import' FROM app_user"
)


def _orders(count: int, held: list[Any], lies_in: dict[int, int]) -> Iterator[tuple[object, ...]]:
    chance = random.Random(SEED)
    days = (quarter_start(QUARTERS) - FIRST_DAY).days
    for key in range(1, count + 1):
        account, name, seller = held[chance.randrange(len(held))]
        place, amount = lies_in[seller], chance.randrange(100, 5_000_000)
        day = (FIRST_DAY + timedelta(chance.randrange(days))).isoformat()
        yield key, f"O{key:08}", account, name, place, seller, place, seller, day, amount, amount


def _quotas(lies_in: dict[int, int]) -> Iterator[tuple[object, ...]]:
    chance = random.Random(SEED)
    for quarter in range(QUARTERS):
        window = quarter_start(quarter).isoformat(), quarter_start(quarter + 1).isoformat()
        for seller, place in lies_in.items():
            yield seller, place, *window, chance.randrange(100_000_000, 900_000_000)


def quarter_start(number: int) -> date:
    """The first day of a quarter, counted from the first one with orders."""
    return date(FIRST_DAY.year + number // 4, number % 4 * 3 + 1, 1)


def _write(path: Path, names: tuple[str, ...], rows: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


if __name__ == "__main__":
    made, place = sys.argv[1], Path(sys.argv[2])
    if made == "organisation":
        organisation(place)
    else:
        {"accounts": accounts, "moves": moves, "sales": sales, "orders": orders}[made](place, int(sys.argv[3]))
