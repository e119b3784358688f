"""The demo company's figures: what was sold against what was to be sold."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from sfactl.services.demo_data import write_demo_data
from tests.services.demo_files import TODAY, Tables, read_files

LAST_QUARTER, THIS_QUARTER = "2025-10-01", "2026-01-01"
ELAPSED = Decimal(76) / 90
"""Of the quarter from January to March, at the end of the seventeenth."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("demo")
    write_demo_data(folder, today=TODAY)
    return read_files(folder)


def quotas(tables: Tables, starts_on: str) -> dict[str, Decimal]:
    return {
        row["user"] or row["territory"]: Decimal(row["amount"])
        for row in tables["quota"]
        if row["starts_on"] == starts_on
    }


def attainments(tables: Tables, starts_on: str, *, of: str) -> dict[str, Decimal]:
    """By seller or territory: what was booked in the quarter, as a share of the quota."""
    year, month = int(starts_on[:4]), int(starts_on[5:7])
    ends_on = f"{year + (month == 10):04}-{(month + 2) % 12 + 1:02}-01"
    booked = defaultdict(Decimal)
    for order in tables["order"]:
        if starts_on <= order["booked_on"] < ends_on:
            booked[order[of]] += Decimal(order["amount"])
    return {key: booked[key] / quota for key, quota in quotas(tables, starts_on).items() if key in booked}


def test_everybody_who_sells_and_every_territory_has_a_quota_for_nine_quarters(tables):
    starts = sorted({row["starts_on"] for row in tables["quota"]})
    sellers = {row["owner"] for row in tables["account"]} - {""}

    assert starts[0] == "2024-01-01"
    assert starts[-2:] == [LAST_QUARTER, THIS_QUARTER]
    assert len(starts) == 9
    for start in starts:
        assert {row["code"] for row in tables["territory"]} <= set(quotas(tables, start))
    assert sellers <= set(quotas(tables, THIS_QUARTER))


def test_attainment_of_the_last_quarter_spreads_and_a_third_to_a_half_reached_it(tables):
    shares = attainments(tables, LAST_QUARTER, of="seller").values()

    assert len(shares) == 27
    assert Decimal("0.54") <= min(shares) <= Decimal("0.62")
    assert Decimal("1.30") <= max(shares) <= Decimal("1.42")
    assert len(shares) / 3 <= sum(share >= 1 for share in shares) <= len(shares) / 2


def test_the_running_quarter_is_as_far_as_its_days(tables):
    shares = sorted(attainments(tables, THIS_QUARTER, of="seller").values())
    median = shares[len(shares) // 2]

    assert ELAPSED * Decimal("0.85") <= median <= ELAPSED * Decimal("1.10")
    assert 0 < sum(share >= 1 for share in shares) < len(shares) / 3


def test_the_southwest_does_well_lately(tables):
    shares = attainments(tables, LAST_QUARTER, of="territory")

    assert shares["SW"] == max(shares.values())
    assert shares["SW"] > 1 > attainments(tables, "2024-04-01", of="territory")["SW"]


def test_business_grows_and_ends_each_year_high(tables):
    booked = defaultdict(Decimal)
    for order in tables["order"]:
        booked[order["booked_on"][:4], (int(order["booked_on"][5:7]) + 2) // 3] += Decimal(order["amount"])

    for quarter in (1, 2, 3, 4):
        assert booked["2025", quarter] > booked["2024", quarter]
    assert booked["2025", 4] > booked["2025", 1] * Decimal("1.15")
