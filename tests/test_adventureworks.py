"""Real sales data in, and the three questions answered as plain SQL answers them."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from sfactl.config import policy
from sfactl.core.balancing import goal_of
from sfactl.core.periods import FiscalCalendar, Period, parse_period
from sfactl.db import url
from sfactl.db.session import Door
from sfactl.models import tables as t
from sfactl.models.registry import metadata
from sfactl.services import (
    access_logins,
    attainment,
    balancing,
    databases,
    imports,
    territories,
    territory_mix,
    territory_moves,
    territory_report,
    territory_tree,
    users,
    workspace_making,
)
from sfactl.services.balancing_request import Request
from sfactl.transfer.manifest import load_manifest
from tests import planned
from tests.cli import Run
from tests.workspace import TestWorkspace, role_of, system_rows

pytestmark = [pytest.mark.adventureworks, pytest.mark.xdist_group("adventureworks")]
HALF_A_CENT = Decimal("0.005")
MANIFEST = Path(__file__).parents[1] / "examples" / "adventureworks" / "manifest.toml"
TERRITORIES = 10
SELLERS = 17
STORES = 701
ORDERS = 31_465
LINES = 121_253
ODD_ORDERS = 23


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the data; without it these tests are skipped by name."""
    folder = os.environ.get("SFACTL_ADVENTUREWORKS")
    if not folder:
        pytest.skip("SFACTL_ADVENTUREWORKS names no folder")
    return Path(folder)


@dataclass(frozen=True)
class Imported:
    """The data in a workspace, and what their import said."""

    workspace: TestWorkspace
    report: imports.Report

    @property
    def door(self) -> Door:
        """The administrator's way to the data."""
        return Door(self.workspace.url)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def imported(
    request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory, worker: str
) -> Iterator[Imported]:
    """The data, brought in once a worker and database."""
    plan = workspace_making.Plan("AdventureWorks", "USD", "ana", None)
    now = datetime.now(UTC)
    if request.param == "sqlite":
        where = url.parse(f"sqlite:///{tmp_path_factory.mktemp('aw')}/aw.db")
        workspace_making.create(where, plan, policy.default(), now=now)
        found = TestWorkspace(where, where, worker)
        yield Imported(found, imports.run(Door(where), load_manifest(MANIFEST), [data]))
        return
    server = request.getfixturevalue("postgres_server")
    name = f"aw_{worker}"
    server.create_database(name)
    where = url.parse(server.url(name))
    admin = role_of(worker, "ana")
    workspace_making.create(
        where, workspace_making.Plan("AdventureWorks", "USD", "ana", admin), policy.default(), now=now
    )
    access_logins.sync(where)
    found = TestWorkspace(where.for_login(admin), where, worker)
    report = imports.run(Door(found.url), load_manifest(MANIFEST), [data])
    Door(found.url).write(users.map_identity, "276", role_of(worker, "linda3"), kind="postgresql")
    access_logins.sync(where)
    yield Imported(found, report)
    server.drop_database(name)


def _expected(data: Path, name: str) -> list[dict[str, str]]:
    with (data / "expected" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _period(text: str) -> Period:
    return parse_period(text, today=datetime.now(UTC).date(), calendar=FiscalCalendar())


def test_everything_goes_in_and_orders_that_do_not_add_up_are_named(imported: Imported) -> None:
    counts: dict[str, int] = {}
    for source in imported.report.sources:
        counts[source.noun] = counts.get(source.noun, 0) + source.added

    assert imported.report.fault_count == 0
    assert counts["territory"] == TERRITORIES + 3
    assert counts["user"] == SELLERS + 1
    assert counts["account"] == STORES + 18_484
    assert (counts["order"], counts["order-line"]) == (ORDERS, LINES)
    odd = next(warning for warning in imported.report.warnings if "do not add up" in warning)
    assert odd.startswith(f"{ODD_ORDERS} orders")
    assert len(odd.split(":")[1].split(",")) == ODD_ORDERS


def test_importing_again_changes_nothing(imported: Imported, data: Path) -> None:
    again = imports.run(imported.door, load_manifest(MANIFEST), [data])

    assert again.fault_count == 0
    assert again.changes == 0
    assert again.run is None


@pytest.mark.parametrize(
    ("file", "label", "by_window"),
    [
        ("attainment_calendar_quarter_2013", "quarter", False),
        ("attainment_quota_window_2013", "quarter_of_quota_date", True),
    ],
)
def test_attainment_equals_the_expected_answers(
    imported: Imported, data: Path, file: str, label: str, by_window: bool
) -> None:
    expected = _expected(data, file)
    found = {}
    with imported.door.read() as session:
        for quarter in {row[label] for row in expected}:
            question = attainment.Question(_period(quarter), by_window=by_window)
            for row in attainment.attainment(session, question).rows:
                found[quarter, row.name] = row

    assert len(expected) >= 60
    for row in expected:
        ours = found[row[label], row["salesperson"]]
        assert ours.quota is not None
        assert ours.quota.decimal == Decimal(row["quota_usd"])
        assert ours.reached is (row["status"] == "reached")
        assert ours.orders == int(row["orders"])
        rounding = HALF_A_CENT * int(row["orders"])
        assert abs(ours.credit.decimal - Decimal(row["sales_subtotal_usd"])) <= rounding


def test_who_reached_quota_is_the_same_in_both_readings(imported: Imported, data: Path) -> None:
    for row in _expected(data, "quota_reached_2013"):
        question = attainment.Question(
            _period(row["quarter"]), by_window=row["rule"] != "calendar_quarter", reached=True
        )
        with imported.door.read() as session:
            reached = {found.name for found in attainment.attainment(session, question).rows}
        names = {" ".join(word.split()[1:]) for word in row["who_reached"].split(";") if word.strip()}
        assert reached == names, row


QUARTERS = (
    "2011Q2",
    "2011Q3",
    "2011Q4",
    *(f"{year}Q{n}" for year in (2012, 2013) for n in range(1, 5)),
    "2014Q1",
    "2014Q2",
)


def test_people_territories_and_the_proof_agree_in_every_quarter(imported: Imported) -> None:
    for quarter in map(_period, QUARTERS):
        with imported.door.read() as session:
            people = attainment.attainment(session, attainment.Question(quarter))
            places = attainment.attainment(session, attainment.Question(quarter, by="territory"))
            months = attainment.attainment(session, attainment.Question(quarter, by="territory", each="month"))
            report = territory_report.report(session, territory_report.Question((), (quarter,)))
            tops = {row.code for row in territories.tree(session) if row.depth == 0}

        assert people.proof is not None
        assert people.proof == places.proof
        assert people.proof.holds
        assert sum(row.credit.minor for row in people.rows) == people.proof.credited.minor
        assert sum(row.credit.minor for row in places.rows if row.territory in tops) == people.proof.booked.minor
        told = {row.territory: row.credit for row in places.rows}
        assert told == {row.territory: row.revenue for row in report if row.revenue.minor}
        for row in places.rows:
            parts = [part.credit.minor for part in months.rows if part.territory == row.territory]
            assert sum(parts) == row.credit.minor


@pytest.mark.parametrize(("file", "label"), [
    ("southwest_monthly_2013", "month"), ("southwest_quarterly_2013", "quarter"), ("southwest_year_2013", "year"),
])  # fmt: skip
def test_southwest_does_as_expected(imported: Imported, data: Path, file: str, label: str) -> None:
    expected = _expected(data, file)
    periods = tuple(_period(text) for text in sorted({row[label] for row in expected}))
    rows = []
    with imported.door.read() as session:
        for by_channel in (False, True):
            question = territory_report.Question(("Southwest",), periods, by_channel)
            rows += territory_report.report(session, question)
    found = {(row.period, row.channel or "all"): row for row in rows}

    for row in expected:
        ours = found[_period(row[label]).label, row["channel"]]
        orders = int(row["orders"])
        assert ours.orders == orders
        assert ours.accounts == int(row["distinct_customers"])
        assert abs(ours.revenue.decimal - Decimal(row["revenue_subtotal_usd"])) <= HALF_A_CENT * orders
        assert abs(ours.total_due.decimal - Decimal(row["total_due_usd"])) <= HALF_A_CENT * orders
        if row["growth_pct"]:
            assert ours.growth is not None
            assert abs(
                Decimal(ours.growth.numerator) / ours.growth.denominator * 100 - Decimal(row["growth_pct"])
            ) < Decimal("0.02")


def test_an_account_manager_sees_the_southwest_and_what_is_his_own_alone(imported: Imported, sfactl: Run) -> None:
    workspace = imported.workspace

    orders = sfactl("order", "list", "-o", "json", workspace=workspace, as_="linda3").rows
    accounts = sfactl("account", "list", "-o", "json", workspace=workspace, as_="linda3").rows
    hers = {row["code"] for row in accounts if row["owner"] == "linda3"}

    assert {row["territory"] for row in accounts if row["owner"] != "linda3"} == {"Southwest"}
    assert all(row["territory"] == "Southwest" or row["seller"] == "linda3" or row["account"] in hers for row in orders)
    assert any(row["territory"] is None for row in orders), "her own sales elsewhere are hers to see"
    exported = sfactl("export", "order", "-o", "jsonl", workspace=workspace, as_="linda3")
    assert exported.out.count("\n") == len(orders)
    attainment = sfactl("quota", "attainment", "-p", "2013Q4", "-o", "json", workspace=workspace, as_="linda3").rows
    assert [row["user"] for row in attainment] == ["linda3"]
    territories = sfactl("territory", "list", "-o", "json", workspace=workspace, as_="linda3").rows
    assert [row["code"] for row in territories] == ["Southwest"]


def test_a_forbidden_account_and_an_absent_one_read_the_same(imported: Imported, sfactl: Run) -> None:
    forbidden = sfactl("account", "show", "AW00000001", workspace=imported.workspace, as_="linda3")
    absent = sfactl("account", "show", "AW99999999", workspace=imported.workspace, as_="linda3")

    assert forbidden.code == absent.code == 3
    assert forbidden.out == absent.out == ""
    assert forbidden.err.replace("AW00000001", "X") == absent.err.replace("AW99999999", "X")


def test_a_stores_page_holds_its_orders_and_their_years(imported: Imported, data: Path, sfactl: Run) -> None:
    with (data / "Customer.csv").open(encoding="utf-8") as file:
        stores = {row["CustomerID"]: row["StoreID"] for row in csv.DictReader(file) if row["StoreID"]}
    booked: dict[str, dict[str, tuple[str, str, Decimal]]] = {}
    with gzip.open(data / "SalesOrderHeader.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            amount = Decimal(row["SubTotal"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
            days = (row["OrderDate"][:10], row["ShipDate"][:10], amount)
            booked.setdefault(stores.get(row["CustomerID"], ""), {})[row["SalesOrderNumber"]] = days
    chosen = sorted(key for key in booked if key)[::60]

    shown = sfactl("account", "show", *(f"store:{key}" for key in chosen), "-o", "json", workspace=imported.workspace)

    assert shown.code == 0
    for key, page in zip(chosen, json.loads(shown.out), strict=True):
        assert {
            row["code"]: (row["booked_on"], row["completed_on"], Decimal(row["amount"])) for row in page["orders"]
        } == booked[key]
        years: dict[str, Decimal] = {}
        for day, _shipped, amount in booked[key].values():
            years[f"FY{day[:4]}"] = years.get(f"FY{day[:4]}", Decimal(0)) + amount
        assert {row["year"]: Decimal(row["revenue"]) for row in page["orders_per_year"]} == years
        assert page["last_order_on"] == max(day for day, _shipped, _amount in booked[key].values())
        assert page["contacts"]


def test_a_merge_leaves_every_quarter_of_2013_as_it_was(imported: Imported, tmp_path: Path) -> None:
    quarters = tuple(_period(f"2013Q{number}") for number in range(1, 5))
    day = date(2014, 12, 31)
    named = ("Southwest", "Southeast", "Northeast")

    def figures() -> list[object]:
        with imported.door.read() as session:
            reports = territory_report.report(session, territory_report.Question((), quarters, as_of=day))
            few = territory_report.report(session, territory_report.Question(named, quarters, as_of=day))
            reached = [attainment.attainment(session, attainment.Question(each, as_of=day)) for each in quarters]
        return [*reports, *few, *reached]

    before = figures()
    run = planned.carry_out(
        imported.door, territory_moves.merge, territory_moves.Merge(("Southeast",), "Southwest"), tmp_path,
        on=imported.door.today,
    )  # fmt: skip
    try:
        assert run.rows >= 100
        assert figures() == before
        assert databases.check(imported.door) == []
    finally:
        planned.undo(imported.door, run.run, tmp_path, on=imported.door.today)
    assert figures() == before


def test_the_territories_of_every_quarter_agree_with_the_orders_and_with_each_other(imported: Imported) -> None:
    quarters = [_period(f"{year}Q{number}") for year in (2011, 2012, 2013, 2014) for number in (1, 2, 3, 4)]
    booked: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for place, day, account, minor in system_rows(
        imported.workspace,
        "SELECT t.code, o.booked_on, o.account_id, o.amount_minor FROM sales_order AS o"
        " JOIN territory AS t ON t.id = o.credited_territory_id",
    ):
        on = date.fromisoformat(str(day))
        quarter = next(each.label for each in quarters if each.contains(on))
        booked.setdefault((str(place), quarter), []).append((int(str(account)), int(str(minor))))

    with imported.door.read() as session:
        rows = territory_report.report(session, territory_report.Question((), tuple(quarters)))
        tree = territory_tree.nodes(session, session.today)
        mixed = [territory_mix.mix(session, territory_mix.of_territory("Southwest", each)) for each in quarters]
    below = {node.code: {each.code for each in tree if each.id in territory_tree.below(tree, node.id)} for node in tree}

    assert len(rows) == len(quarters) * (TERRITORIES + 3)
    for row in rows:
        orders = [order for code in below[row.territory] for order in booked.get((code, row.period), [])]
        assert (row.orders, row.revenue.minor) == (len(orders), sum(minor for _account, minor in orders))
        assert row.accounts == len({account for account, _minor in orders})
    southwest = {row.period: row for row in rows if row.territory == "Southwest"}
    for families, quarter in zip(mixed, quarters, strict=True):
        off = abs(sum(row.revenue.minor for row in families) - southwest[quarter.label].revenue.minor)
        assert off <= southwest[quarter.label].orders, "each line is rounded by itself"
        assert sum(row.share or 0 for row in families) in (0, 1)


KEPT_APART = {
    "audit_event",
    "audit_detail",
    "audit_head",
    "run",
    "run_change",
    "idempotency_key",
    "assignment",
    "plan_stage",
    "opportunity_change",
}
"""History, the trail, and how commands are done once."""


def _everything(workspace: TestWorkspace) -> dict[str, list[tuple[object, ...]]]:
    """All rows, but for what changes with every change: versions, and when."""
    found = {}
    for name, table in metadata.tables.items():
        if name not in KEPT_APART:
            columns = [f'"{column.name}"' for column in table.c if column.name not in ("version", "updated_at")]
            found[name] = sorted(system_rows(workspace, f"SELECT {', '.join(columns)} FROM {name}"), key=repr)
    return found


def _quarters(door: Door) -> dict[tuple[str, str], tuple[int, int]]:
    """Credit in cents and number of orders of each seller in each quarter."""
    found = {}
    for quarter in ("2012Q4", "2013Q1", "2013Q2", "2013Q3", "2013Q4", "2014Q1", "2014Q2"):
        with door.read() as session:
            attained = attainment.attainment(session, attainment.Question(_period(quarter)))
            assert attained.proof is not None
            assert attained.proof.holds
            found |= {(quarter, row.user): (row.credit.minor, row.orders) for row in attained.rows}
    return found


def _sold_to_his_own_stores(data: Path, seller: str, since: str) -> dict[str, tuple[int, int]]:
    """What plain Python makes of the files: by quarter, what a seller sold since a day to stores that are his."""
    with (data / "Store.csv").open(encoding="utf-8") as file:
        his = {row["BusinessEntityID"] for row in csv.DictReader(file) if row["SalesPersonID"] == seller}
    with (data / "Customer.csv").open(encoding="utf-8") as file:
        customers = {row["CustomerID"] for row in csv.DictReader(file) if row["StoreID"] in his}
    sums: dict[str, tuple[int, int]] = {}
    with gzip.open(data / "SalesOrderHeader.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = row["OrderDate"][:10]
            if row["SalesPersonID"] == seller and row["CustomerID"] in customers and day >= since:
                quarter = f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"
                cents = int((Decimal(row["SubTotal"]) * 100).quantize(Decimal(1), ROUND_HALF_UP))
                amount, count = sums.get(quarter, (0, 0))
                sums[quarter] = (amount + cents, count + 1)
    return sums


def test_all_stores_of_a_seller_go_to_another_from_a_day_and_come_back(
    imported: Imported, data: Path, sfactl: Run
) -> None:
    """What was booked before the day stays to the cent; what was booked since goes along when it is asked for."""
    workspace, day = imported.workspace, "2013-07-01"
    before, everything = _quarters(imported.door), _everything(workspace)
    move = ("assignment", "move", "--from", "276", "--to", "275", "--effective", day, "--yes", "-o", "json")

    kept = sfactl(*move, workspace=workspace)
    assert kept.code == 0, kept.err
    assert _quarters(imported.door) == before, "a move alone moves no credit"
    assert sfactl("plan", "undo", json.loads(kept.out)["run"], "--yes", workspace=workspace).code == 0

    moved = sfactl(*move, "--credit", workspace=workspace)
    assert moved.code == 0, moved.err
    after, taken = _quarters(imported.door), _sold_to_his_own_stores(data, "276", day)
    expected = dict(before)
    for quarter, (cents, count) in taken.items():
        for login, sign in (("linda3", -1), ("michael9", 1)):
            credit, orders = before.get((quarter, login), (0, 0))
            expected[quarter, login] = (credit + sign * cents, orders + sign * count)
    assert set(taken) == {"2013Q3", "2013Q4", "2014Q1", "2014Q2"}
    assert {key: value for key, value in after.items() if value != (0, 0)} == {
        key: value for key, value in expected.items() if value != (0, 0)
    }
    assert sfactl("db", "check", workspace=workspace).code == 0

    assert sfactl("plan", "undo", json.loads(moved.out)["run"], "--yes", workspace=workspace).code == 0
    assert _quarters(imported.door) == before
    assert _everything(workspace) == everything


@pytest.mark.parametrize(("is_across", "moved", "spread"), [(False, 75, 54), (True, 91, 16)])
def test_the_stores_are_shared_out_and_none_goes_where_it_may_not(
    imported: Imported, is_across: bool, moved: int, spread: int
) -> None:
    if not imported.workspace.is_sqlite:
        pytest.skip("what is decided does not depend on the database")
    goals = [goal_of("balance=accounts"), goal_of("disruption=accounts")]
    day = datetime.now(UTC).date()
    with imported.door.read() as session:
        request = Request(where="segment = Reseller", is_across=is_across)
        basis = balancing.prepare(session, request, goals, day)
        nodes = territory_tree.nodes(session, day)
        member = t.territory_member.c
        places: dict[str, set[int]] = {}
        for login, place in session.execute(
            select(t.user.c.login, member.territory_id)
            .join(t.territory_member, member.user_id == t.user.c.id)
            .where(member.role == "account_manager", member.valid_to.is_(None))
        ):
            places.setdefault(login, set()).update(territory_tree.below(nodes, place))

    decision = balancing.decide(basis, goals)
    told, people = balancing.summary("all", decision), balancing.people(decision)
    revenue = {name: [getattr(row, name).minor for row in people] for name in ("revenue_before", "revenue_after")}

    assert (told.people, told.accounts, told.moved) == (13, 663, moved)
    assert decision.answer.is_proven
    assert max(row.accounts_before for row in people) == 80
    assert max(row.accounts_after for row in people) - min(row.accounts_after for row in people) == spread
    assert sum(revenue["revenue_after"]) == sum(revenue["revenue_before"])
    assert max(revenue["revenue_after"]) < max(revenue["revenue_before"])
    assert min(revenue["revenue_after"]) > min(revenue["revenue_before"])
    if not is_across:
        assert {
            move.account
            for move in decision.answer.moves
            if basis.held[move.account].now.place not in places[move.after]
        } == set()
