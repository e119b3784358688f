"""The data of the demo: a folder of CSV files and the manifest that imports them."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sfactl import files
from sfactl.services.demo_world import (
    activities,
    bookings,
    catalogue,
    company,
    customers,
    goals,
    pipeline,
    skills,
    timeline,
)
from sfactl.services.demo_world.timeline import Row, stream

DEFAULT_SEED = 20260101
DIALECT = f"""currency = "{timeline.CURRENCY}"

[defaults]
encoding = "utf-8"
delimiter = ","
decimal = "."
null = []
"""
"""How the files are written; no word means nothing, since somebody's name is Null."""


def write_demo_data(folder: Path, *, today: date, seed: int = DEFAULT_SEED) -> None:
    """Write one file a noun, `order-line.csv` for order lines, and `manifest.toml`.

    The same day and seed give the same bytes. Everything is dated relative to `today`; the last two years and
    the quarter that is running have orders and quotas.
    """
    files.make_folder(folder)
    tables = demo_tables(today, seed)
    for noun, rows in tables.items():
        _write_csv(folder / f"{noun}.csv", rows)
    files.write_text(folder / "manifest.toml", _manifest(tables))


def demo_tables(today: date, seed: int = DEFAULT_SEED) -> dict[str, list[Row]]:
    """The rows of each noun, as text; nouns come after those they refer to."""
    times = timeline.timeline(today)
    firm = company.make_company(stream(seed, "company"), times)
    accounts = customers.make_accounts(stream(seed, "accounts"), firm)
    offer = catalogue.make_catalogue(today)
    targets = goals.make_goals(stream(seed, "goals"), firm)
    orders = bookings.make_orders(stream(seed, "orders"), firm, accounts, targets, offer)
    sales = pipeline.make_opportunities(stream(seed, "opportunities"), firm, accounts, orders)
    return {
        "territory": company.territory_rows(),
        "user": company.user_rows(firm),
        "team": company.team_rows(),
        "team-member": company.team_member_rows(firm),
        "member": company.member_rows(firm),
        "skill": skills.skill_rows(),
        "user-skill": skills.user_skill_rows(stream(seed, "user skills"), firm),
        "account": customers.account_rows(stream(seed, "account details"), firm, accounts),
        "account-need": skills.account_need_rows(stream(seed, "account needs"), accounts),
        "contact": customers.contact_rows(stream(seed, "contacts"), accounts),
        "product": catalogue.product_rows(stream(seed, "products")),
        "price": catalogue.price_rows(offer),
        "stock": catalogue.stock_rows(stream(seed, "stock"), today),
        "arrival": catalogue.arrival_rows(stream(seed, "arrivals"), today),
        "quota": goals.quota_rows(firm, targets),
        "opportunity": pipeline.opportunity_rows(sales),
        "activity": activities.activity_rows(stream(seed, "activities"), today, sales, orders),
        "order": bookings.order_rows(orders, today),
        "order-line": bookings.order_line_rows(orders),
    }


def _write_csv(path: Path, rows: list[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(path, text.getvalue())


def _manifest(tables: Mapping[str, list[Row]]) -> str:
    """Columns are called like the fields they fill."""
    sources = [
        f'\n[[source]]\nnoun = "{noun}"\nfile = "{noun}.csv"\n\n[source.fields]\n'
        + "".join(f'{column} = "{column}"\n' for column in rows[0])
        for noun, rows in tables.items()
    ]
    return DIALECT + "".join(sources)
