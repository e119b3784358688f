"""The demo company's files: whole, consistent, plausible, and the same every time."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from sfactl.services.demo_data import write_demo_data
from sfactl.transfer.faults import Fault
from sfactl.transfer.manifest import load_manifest
from sfactl.transfer.nouns import NOUNS, Kind
from tests.services.demo_files import TODAY, Tables, read_file, read_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "made by the generator"
    write_demo_data(folder, today=TODAY)
    return folder


@pytest.fixture(scope="module")
def tables(folder: Path) -> Tables:
    return read_files(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_day_and_seed_give_the_same_bytes_in_another_process(folder, tmp_path):
    program = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from sfactl.services.demo_data import write_demo_data;"
        f"write_demo_data(Path(sys.argv[1]), today=date.fromisoformat('{TODAY}'))"
    )
    environment = {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, env=environment)

    assert contents(tmp_path) == contents(folder)


def test_another_seed_gives_another_company(folder, tmp_path):
    write_demo_data(tmp_path, today=TODAY, seed=7)

    assert (tmp_path / "account.csv").read_bytes() != (folder / "account.csv").read_bytes()


def test_the_manifest_names_every_file_once(folder, tables):
    assert sorted(f"{noun}.csv" for noun in tables) == sorted(path.name for path in folder.glob("*.csv"))


def test_an_import_reads_every_row_without_a_fault_or_a_warning(folder, tables):
    sources = load_manifest(folder / "manifest.toml").sources([folder], currency="EUR")

    for source in sources:
        rows = list(source.rows())
        assert [row for row in rows if isinstance(row, Fault)] == []
        assert source.warnings == []
        assert len(rows) == len(tables[source.noun.name])


def test_lines_end_with_a_line_feed_alone(folder):
    assert not [name for name, data in contents(folder).items() if b"\r" in data or not data.endswith(b"\n")]


def test_there_is_as_much_of_everything_as_a_demo_needs(tables):
    counts = {noun: len(rows) for noun, rows in tables.items()}

    assert counts["territory"] == 12
    assert counts["user"] == 40
    assert counts["account"] == 600
    assert counts["opportunity"] == 3000
    assert 850 <= counts["contact"] <= 950
    assert 3600 <= counts["activity"] <= 4400
    assert 4000 <= counts["order"] <= 5000
    assert 38 <= counts["product"] <= 45
    assert len({row["family"] for row in tables["product"]}) == 5
    assert len({row["warehouse"] for row in tables["stock"]}) == 3


def test_headers_are_field_keys_and_what_is_required_is_filled(tables):
    for name, rows in tables.items():
        noun = NOUNS[name]
        columns = set(rows[0])
        assert columns <= {field.key for field in noun.fields}, name
        for field in noun.fields:
            if field.required:
                assert all(row[field.key] for row in rows), (name, field.key)


def test_every_reference_resolves(tables):
    keys = {
        name: {row[key] for row in rows}
        for name, rows in tables.items()
        if (key := next((key for key in ("code", "login", "external_id") if key in rows[0]), None))
    }

    for name, rows in tables.items():
        for field in NOUNS[name].fields:
            if field.refers_to and field.key in rows[0]:
                missing = {row[field.key] for row in rows} - keys[field.refers_to] - {""}
                assert not missing, (name, field.key, missing)


def test_no_two_rows_have_the_same_key(tables):
    for name, rows in tables.items():
        fields = NOUNS[name].key_fields(rows[0].keys())
        keys = Counter(tuple(row.get(field, "") for field in fields) for row in rows)
        assert [key for key, count in keys.items() if count > 1] == [], name


def test_choices_and_dates_are_readable(tables):
    for name, rows in tables.items():
        for field in NOUNS[name].fields:
            cells = {row[field.key] for row in rows if row.get(field.key)}
            if field.kind is Kind.CHOICE:
                assert cells <= set(field.choices), (name, field.key)
            if field.kind is Kind.DATE:
                assert {date.fromisoformat(cell).isoformat() for cell in cells} == cells, (name, field.key)


def test_the_territories_are_a_tree_of_three_levels_with_a_southwest(tables):
    parents = {row["code"]: row["parent"] for row in tables["territory"]}
    leaves = {code for code in parents if code not in parents.values()}

    assert Counter(parents.values()) == {"": 1, "USA": 3, "WEST": 3, "CENT": 3, "EAST": 2}
    assert {row["territory"] for row in tables["account"]} == leaves
    assert {row["code"]: row["name"] for row in tables["territory"]}["SW"] == "Southwest"


def test_the_people_have_the_roles_that_the_policy_knows(tables):
    policy = Path(__file__).parents[2] / "sfactl/config/default_policy/roles.toml"
    known = tomllib.loads(policy.read_text(encoding="utf-8"))["roles"]
    roles = Counter(row["role"] for row in tables["user"])

    assert set(roles) <= set(known)
    assert roles["account_manager"] == 28
    assert roles["district_manager"] == 4
    assert roles["director"] == 1


def test_everybody_stands_after_his_manager(tables):
    seen = {""}
    for row in tables["user"]:
        assert row["manager"] in seen, row["login"]
        seen.add(row["login"])


def test_two_people_changed_territory_and_one_left(tables):
    stints = defaultdict(list)
    for row in tables["member"]:
        if row["role"] == "account_manager":
            stints[row["user"]].append((row["valid_from"], row["valid_to"]))
    inactive = {row["login"] for row in tables["user"] if row["active"] == "0"}
    current = {user: [end for _start, end in times].count("") for user, times in stints.items()}
    moved = [sorted(times) for times in stints.values() if len(times) > 1]

    assert len(inactive) == 1
    assert {user for user, count in current.items() if count == 0} == inactive
    assert len(moved) == 2
    assert all(first[1] == second[0] for first, second in moved)


def test_an_account_has_one_owner_who_is_there_and_works_in_its_territory_but_for_a_few(tables):
    active = {row["login"] for row in tables["user"] if row["active"] == "1"}
    here = {(row["territory"], row["user"]) for row in tables["member"] if not row["valid_to"]}
    owned = [row for row in tables["account"] if row["owner"]]

    assert {row["owner"] for row in owned} <= active
    assert 5 <= len(tables["account"]) - len(owned) <= 20
    assert 4 <= sum((row["territory"], row["owner"]) not in here for row in owned) <= 12
    assert all(row["owned_since"] <= TODAY.isoformat() for row in owned)


def test_an_order_is_credited_to_whoever_worked_in_its_territory_that_day(tables):
    stints = [row for row in tables["member"] if row["role"] == "account_manager"]
    elsewhere = [
        order
        for order in tables["order"]
        if order["seller"]
        and not any(
            stint["user"] == order["seller"]
            and stint["territory"] == order["territory"]
            and stint["valid_from"] <= order["booked_on"]
            and (not stint["valid_to"] or order["booked_on"] < stint["valid_to"])
            for stint in stints
        )
    ]

    assert len({order["account"] for order in elsewhere}) <= 12
    assert {order["seller"] for order in tables["order"]} >= {"rquist", "nhartley", "vpapadakis"}


def test_names_that_software_stumbles_over_are_among_the_accounts(tables):
    names = {row["name"] for row in tables["account"]}

    assert {"=SUM Industries", "[bold]Frost[/bold] Foods", "Clínica Ñandú", "冷鮮物流"} <= names
    assert all(name.isprintable() and name == name.strip() for name in names)
    assert len(names) == len(tables["account"])


def test_small_accounts_are_many_and_large_ones_few(tables):
    segments = Counter(row["segment"] for row in tables["account"])

    assert segments["Small"] > 2 * segments["Mid-market"] > 4 * segments["Enterprise"] > 0
    assert 20 <= sum(row["kind"] == "prospect" for row in tables["account"]) <= 40


def test_the_lines_come_to_the_order_exactly(tables):
    sums = defaultdict(Decimal)
    for line in tables["order-line"]:
        sums[line["order"]] += Decimal(line["amount"])

    assert {order["code"]: Decimal(order["amount"]) for order in tables["order"]} == sums
    for order in tables["order"]:
        assert Decimal(order["total"]) == sum(Decimal(order[key]) for key in ("amount", "tax", "freight"))


def test_a_line_is_its_quantity_at_its_price_less_discount_rounded_half_up(tables):
    for line in tables["order-line"]:
        quantity, price, discount = (Decimal(line[key]) for key in ("quantity", "unit_price", "discount"))
        exact = quantity * price * (1 - discount)
        assert Decimal(line["amount"]) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP), line
        assert quantity > 0


def test_a_line_has_the_standard_price_of_the_day(tables):
    prices = defaultdict(list)
    for row in tables["price"]:
        if row["price_book"] == "standard":
            prices[row["product"]].append((row["valid_from"], row["valid_to"] or "9999", row["unit_price"]))
    booked_on = {order["code"]: order["booked_on"] for order in tables["order"]}

    for line in tables["order-line"]:
        day = booked_on[line["order"]]
        valid = [price for start, end, price in prices[line["product"]] if start <= day < end]
        assert valid == [line["unit_price"]], line


def test_orders_fill_two_years_and_none_is_of_tomorrow(tables):
    days = [date.fromisoformat(order["booked_on"]) for order in tables["order"]]
    months = {(day.year, day.month) for day in days}

    assert max(days) <= TODAY
    assert min(days) < TODAY - timedelta(days=730)
    assert len(months) >= 25
    assert sorted(order["code"] for order in tables["order"]) == [order["code"] for order in tables["order"]]


def test_only_customers_and_partners_order(tables):
    kinds = {row["code"]: row["kind"] for row in tables["account"]}

    assert {kinds[order["account"]] for order in tables["order"]} == {"customer", "partner"}


def test_closed_opportunities_have_a_day_of_closing_and_open_ones_do_not(tables):
    today, long_ago = TODAY.isoformat(), (TODAY - timedelta(days=731)).isoformat()

    for row in tables["opportunity"]:
        assert bool(row["closed_on"]) == (row["stage"] in ("won", "lost"))
        assert long_ago <= row["created_on"] <= (row["closed_on"] or today) <= today, row


def test_open_opportunities_close_about_today_and_later(tables):
    ahead = [
        (date.fromisoformat(row["close_on"]) - TODAY).days for row in tables["opportunity"] if not row["closed_on"]
    ]

    assert 300 <= len(ahead) <= 600
    assert -30 <= min(ahead) < 0
    assert sum(days > 30 for days in ahead) > len(ahead) / 2


def test_about_three_of_ten_closed_opportunities_were_won(tables):
    stages = Counter(row["stage"] for row in tables["opportunity"])

    assert set(stages) == {"qualify", "discover", "propose", "negotiate", "won", "lost"}
    assert Decimal("0.25") <= Decimal(stages["won"]) / (stages["won"] + stages["lost"]) <= Decimal("0.30")


def test_a_won_opportunity_has_the_order_that_it_became(tables):
    booked = Counter((row["account"], row["seller"], row["booked_on"], row["amount"]) for row in tables["order"])
    won = Counter(
        (row["account"], row["seller"], row["closed_on"], row["amount"])
        for row in tables["opportunity"]
        if row["stage"] == "won"
    )

    assert won <= booked


def test_activities_are_done_by_today_and_planned_ones_belong_to_people_who_are_there(tables):
    active = {row["login"] for row in tables["user"] if row["active"] == "1"}
    today = TODAY.isoformat()
    planned = [row for row in tables["activity"] if not row["done_on"]]

    assert all(row["done_on"] <= today for row in tables["activity"])
    assert {row["owner"] for row in planned} <= active
    assert sum(row["planned_on"] > today for row in planned) > 200
    assert 0 < sum(row["planned_on"] < today for row in planned) < 150
    assert {row["kind"] for row in tables["activity"]} == {"call", "visit", "meeting", "email", "task"}


def test_an_activity_has_the_account_of_its_opportunity(tables):
    accounts = {row["code"]: row["account"] for row in tables["opportunity"]}

    for row in tables["activity"]:
        assert not row["opportunity"] or row["account"] == accounts[row["opportunity"]]


def test_prices_of_a_product_follow_each_other_without_gap_or_overlap(tables):
    histories = defaultdict(list)
    for row in tables["price"]:
        histories[row["product"], row["price_book"]].append((row["valid_from"], row["valid_to"]))

    for times in histories.values():
        assert [end for _start, end in times[:-1]] == [start for start, _end in times[1:]]
    assert max(map(len, histories.values())) == 3


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)])
def test_any_day_will_do(today, tmp_path):
    write_demo_data(tmp_path, today=today)

    days = [row["booked_on"] for row in read_file(tmp_path / "order.csv")]
    assert len(days) >= 4000
    assert max(days) <= today.isoformat()
