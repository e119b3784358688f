"""The manifest of examples/adventureworks, on the data it is for."""

import itertools
import os
from collections import defaultdict
from pathlib import Path

import pytest

from sfactl.transfer.faults import Fault
from sfactl.transfer.manifest import load_manifest

FOLDER = os.environ.get("SFACTL_ADVENTUREWORKS", "")
MANIFEST = Path(__file__).parents[2] / "examples" / "adventureworks" / "manifest.toml"
pytestmark = [
    pytest.mark.adventureworks,
    pytest.mark.skipif(not FOLDER, reason="SFACTL_ADVENTUREWORKS names no folder"),
]
Rows = dict[str, list[dict[str, str | int | None]]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """The rows of every noun, as fields by name."""
    found: Rows = defaultdict(list)
    for source in load_manifest(MANIFEST).sources([Path(FOLDER)], currency="EUR"):
        for item in source.rows():
            assert not isinstance(item, Fault), item
            found[source.noun.name].append(dict(zip(source.mapped, item.values, strict=True)))
        assert source.warnings == []
    return found


def by(rows: Rows, noun: str, key: str) -> dict[str | int | None, dict[str, str | int | None]]:
    return {row[key]: row for row in rows[noun]}


def test_there_are_as_many_rows_as_the_company_has(rows: Rows) -> None:
    assert {noun: len(each) for noun, each in rows.items()} == {
        "territory": 3 + 10,
        "user": 18,
        "member": 17 + 3,
        "account": 701 + 18_484,
        "contact": 753,
        "product": 504,
        "price": 395,
        "stock": 1_069,
        "promotion": 243,
        "exchange-rate": 12_435,
        "quota": 163,
        "order": 31_465,
        "order-line": 121_253,
    }


def test_every_reference_between_files_finds_its_row(rows: Rows) -> None:
    known = {noun: {row.get("external_id") for row in each} for noun, each in rows.items()}

    for noun, key, other in [
        ("territory", "parent", "territory"),
        ("user", "manager", "user"),
        ("member", "territory", "territory"),
        ("member", "user", "user"),
        ("account", "territory", "territory"),
        ("account", "owner", "user"),
        ("contact", "account", "account"),
        ("price", "product", "product"),
        ("stock", "product", "product"),
        ("quota", "user", "user"),
        ("order", "account", "account"),
        ("order", "seller", "user"),
        ("order", "territory", "territory"),
        ("order-line", "order", "order"),
        ("order-line", "product", "product"),
    ]:
        named = {row.get(key) for row in rows[noun]} - {None}
        assert named, (noun, key)
        assert named <= known[other], (noun, key)


def test_codes_are_given_once(rows: Rows) -> None:
    for noun, key in (
        ("territory", "code"),
        ("account", "code"),
        ("product", "code"),
        ("order", "code"),
        ("user", "login"),
    ):
        assert len(by(rows, noun, key)) == len(rows[noun])


def test_the_sales_organisation(rows: Rows) -> None:
    users = by(rows, "user", "external_id")

    assert (users["276"]["name"], users["276"]["login"], users["276"]["role"]) == (
        "Linda Mitchell",
        "linda3",
        "account_manager",
    )
    assert users["276"]["manager"] == "274"
    assert users["274"]["manager"] == "273"
    assert users["273"]["manager"] is None
    assert [user["role"] for user in rows["user"]].count("district_manager") == 3


def test_members_and_their_managers(rows: Rows) -> None:
    members = {(row["territory"], row["user"]): row for row in rows["member"]}

    assert members["2", "275"]["valid_to"] == "2012-11-30"  # the file says up to and including the 29th
    assert members["4", "276"]["valid_to"] is None
    assert members["group:Europe", "287"]["valid_from"] == "2012-04-16"


def test_a_store_and_an_online_customer(rows: Rows) -> None:
    accounts = by(rows, "account", "external_id")

    store, person = accounts["store:292"], accounts["customer:11000"]
    assert (store["name"], store["owner"], store["territory"], store["city"]) == (
        "Next-Door Bike Store",
        "279",
        "5",
        "Memphis",
    )
    assert (store["country"], store["annual_revenue"], store["currency"]) == ("United States", 80_000_000, "USD")
    assert (person["name"], person["segment"], person.get("owner")) == ("Jon Yang", "Online", None)


def test_quota_windows_end_where_the_next_begins(rows: Rows) -> None:
    windows = sorted((row["starts_on"], row["ends_on"]) for row in rows["quota"] if row["user"] == "276")

    assert all(end == start for (_first, end), (start, _last) in itertools.pairwise(windows))
    assert windows[-1] == ("2014-03-01", "2014-06-01")


def test_orders_belong_to_the_store_and_add_up(rows: Rows) -> None:
    order = by(rows, "order", "external_id")["43659"]

    assert (order["account"], order["channel"], order["status"]) == ("store:1046", "reseller", "shipped")
    assert (order["amount"], order["tax"], order["freight"], order["total"]) == (2_056_562, 197_151, 61_610, 2_315_323)
    revenue = sum(int(row["amount"] or 0) for row in rows["order"])
    assert abs(revenue - 10_984_638_140) <= len(rows["order"]) // 2  # half a cent an order
