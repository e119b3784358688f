"""Lists through the command line: each person sees what is his, in every form."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests import organisation
from tests.cli import Run
from tests.render.test_html import read
from tests.workbooks import opened, rows_of, run_for_bytes
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

ACCOUNTS = {
    "ana": {"A-SW1", "A-SW2", "A-SW3", "A-NW1", "A-NE1", "A-NE2", "A-NO1"},
    "olga": {"A-SW1", "A-SW2", "A-SW3", "A-NW1", "A-NE1", "A-NE2", "A-NO1"},
    "aldo": {"A-SW1", "A-SW2", "A-SW3", "A-NW1", "A-NE1", "A-NE2", "A-NO1"},
    "cron": {"A-SW1", "A-SW2", "A-SW3", "A-NW1", "A-NE1", "A-NE2", "A-NO1"},
    "dora": {"A-SW1", "A-SW2", "A-SW3", "A-NW1", "A-NE1", "A-NE2"},
    "mike": {"A-SW1", "A-SW2", "A-SW3", "A-NW1"},
    "sam": {"A-SW1", "A-SW2", "A-SW3", "A-NE2"},
    "nora": {"A-NW1"},
    "eve": {"A-NE1", "A-NE2", "A-SW3"},
}
"""What each person sees: his territories (and below), and what he owns elsewhere."""

ORDERS = {
    "ana": {"O-1", "O-2", "O-3", "O-4", "O-5", "O-6", "O-7", "O-8"},
    "dora": {"O-1", "O-2", "O-3", "O-4", "O-5", "O-6", "O-8"},
    "mike": {"O-1", "O-2", "O-3", "O-5", "O-8"},
    "sam": {"O-1", "O-2", "O-3", "O-6", "O-8"},
    "nora": {"O-5"},
    "eve": {"O-3", "O-4", "O-6"},
}


@pytest.mark.parametrize("login", ACCOUNTS)
def test_account_list_shows_what_is_in_scope(workspace: TestWorkspace, sfactl: Run, login: str) -> None:
    rows = sfactl("account", "list", "-o", "json", workspace=workspace, as_=login).rows

    assert {row["code"] for row in rows} == ACCOUNTS[login]


@pytest.mark.parametrize("login", ORDERS)
def test_orders_are_seen_by_territory_and_by_those_credited(workspace: TestWorkspace, sfactl: Run, login: str) -> None:
    rows = sfactl("order", "list", "-o", "json", workspace=workspace, as_=login).rows
    exported = sfactl("export", "order", workspace=workspace, as_=login)

    assert {row["code"] for row in rows} == ORDERS[login]
    assert {row["code"] for row in csv.DictReader(io.StringIO(exported.out))} == ORDERS[login]


def test_somebody_without_a_role_is_told_whom_to_ask(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("account", "list", workspace=workspace, as_="nils")

    assert result.code == 4
    assert result.out == ""
    assert "administrator" in result.err


def test_sums_count_only_what_is_seen(workspace: TestWorkspace, sfactl: Run) -> None:
    command = ("territory", "report", "--period", "2026Q1", "-o", "json")

    everything = {row["territory"]: row for row in sfactl(*command, workspace=workspace).rows}
    west = {row["territory"]: row for row in sfactl(*command, workspace=workspace, as_="mike").rows}

    assert everything["WORLD"]["revenue"] == "3499.99"
    assert everything["WORLD"]["accounts"] == 5
    assert set(west) == {"WEST", "NW", "SW"}
    assert west["WEST"]["revenue"] == "3250.49"


def test_a_territory_report_has_the_keys_that_scripts_rely_on(workspace: TestWorkspace, sfactl: Run) -> None:
    row = sfactl("territory", "report", "Southwest", "-p", "2026Q1", "-o", "json", workspace=workspace).rows[0]

    assert row["orders"] == 3
    assert row["revenue"] == "1250.50"
    assert row["average_order"] == "416.83"
    assert row["prior_revenue"] == "500.00"
    assert row["growth"] == "1.5010"
    assert row["quota"] == "1500.00"
    assert row["attainment"] == "0.8337"
    assert row["currency"] == "USD"
    assert {"territory", "period", "won", "lost", "win_rate", "open_pipeline", "weighted"} <= set(row)


def test_a_running_year_is_compared_with_the_same_days_of_the_last(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    rows = "L-1,A-NW1,nora,2025-05-20,10\nL-2,A-NW1,nora,2025-05-21,1000\n"
    path.write_text(f"code,account,seller,booked_on,amount\n{rows}", encoding="utf-8")
    assert sfactl("import", "order", str(path), workspace=workspace).code == 0

    row = sfactl("territory", "report", "NW", "-p", "2026", "-o", "json", workspace=workspace).rows[0]

    assert row["prior_revenue"] == "10.00"


def test_a_report_by_month_covers_every_month(workspace: TestWorkspace, sfactl: Run) -> None:
    command = ("territory", "report", "SW", "-p", "2026Q1", "--by", "month", "-o", "json")

    rows = sfactl(*command, workspace=workspace).rows

    assert [(row["period"], row["revenue"]) for row in rows] == [
        ("2026-01", "600.00"), ("2026-02", "400.00"), ("2026-03", "250.50"),
    ]  # fmt: skip


def test_a_report_by_channel_and_by_family_adds_up(workspace: TestWorkspace, sfactl: Run) -> None:
    command = ("territory", "report", "SW", "-p", "2026Q1", "-o", "json")

    channels = sfactl(*command, "--by-channel", workspace=workspace).rows
    families = sfactl(*command, "--by-family", workspace=workspace).rows

    assert {(row["channel"], row["revenue"]) for row in channels} == {("direct", "1000.00"), ("web", "250.50")}
    assert {(row["family"], row["revenue"]) for row in families} == {("Pumps", "1000.00"), ("Valves", "250.50")}


def test_assignments_have_the_keys_that_scripts_rely_on(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("assignment", "list", "--owner", "nora", "-o", "json", workspace=workspace).rows

    assert rows == [
        {
            "account": "A-NW1", "account_name": "Drizzle Coffee", "owner": "nora", "owner_name": "Nora Person",
            "territory": "NW", "role": "owner", "since": "2025-01-01", "cause": "import", "until": None,
        }
    ]  # fmt: skip


def test_filters_narrow_by_subtree_segment_and_words(workspace: TestWorkspace, sfactl: Run) -> None:
    def codes(*words: str) -> set[str]:
        return {row["code"] for row in sfactl("account", "list", *words, "-o", "json", workspace=workspace).rows}

    assert codes("--territory", "West") == {"A-SW1", "A-SW2", "A-SW3", "A-NW1"}
    assert codes("--territory", "WEST", "--only") == set()
    assert codes("--segment", "large") == {"A-SW1", "A-NW1", "A-NE1"}
    assert codes("--search", "ADOBE") == {"A-SW1"}
    assert codes("--search", "100%") == set()
    assert codes("--territory", "SW", "--limit", "1") == {"A-SW1"}


def test_opportunities_are_found_by_their_accounts_name(workspace: TestWorkspace, sfactl: Run):
    found = sfactl("opportunity", "list", "--search", "adobe TOOLS", "-o", "json", workspace=workspace, as_="sam")
    own = sfactl("opportunity", "list", "--search", "pumps for", "-o", "json", workspace=workspace, as_="sam")

    assert "OPP-1" in {row["code"] for row in found.rows}
    assert {row["account"] for row in found.rows} == {"A-SW1"}
    assert [row["code"] for row in own.rows] == ["OPP-1"]


def test_an_earlier_day_is_answered_as_things_stood(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("assignment", "list", "--as-of", "2024-12-31", "-o", "json", workspace=workspace).rows

    assert rows == []


@pytest.mark.parametrize(
    "noun", ["account", "assignment", "order", "opportunity", "territory", "user", "quota", "contact"]
)
def test_every_form_tells_the_same_rows(
    sqlite_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch, noun: str
) -> None:
    def out(form: str) -> str:
        return sfactl(noun, "list", "-o", form, workspace=sqlite_workspace).out

    as_json = json.loads(out("json"))
    as_lines = [json.loads(line) for line in out("jsonl").splitlines()]
    as_csv = list(csv.DictReader(io.StringIO(out("csv"))))

    assert as_json == as_lines
    assert [list(row) for row in as_json] == [list(row) for row in as_csv]
    assert len(out("md").splitlines()) == len(as_json) + 2
    assert len(as_json) > 0
    _result, book = run_for_bytes(sfactl, monkeypatch, noun, "list", "-o", "xlsx", workspace=sqlite_workspace)
    _header, *as_sheet = rows_of(opened(book))
    page = read(out("html"))
    width = len(as_json[0])
    cells = [page.texts["td"][start : start + width] for start in range(0, len(page.texts["td"]), width)]
    assert len(as_sheet) == len(cells) == len(as_json)
    for row, sheet_row, page_row in zip(as_json, as_sheet, cells, strict=True):
        for value, sheet_value, page_value in zip(row.values(), sheet_row, page_row, strict=True):
            assert (value is None) == (sheet_value is None) == (page_value == "–")
            if isinstance(sheet_value, str):
                assert value == sheet_value == page_value
            elif isinstance(sheet_value, int | float) and not isinstance(sheet_value, bool):
                assert float(value) == sheet_value


def test_an_empty_list_is_no_error(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("account", "list", "--search", "nothing like it", "-o", "json", workspace=sqlite_workspace)

    assert (result.code, result.out.strip()) == (0, "[]")


@pytest.mark.parametrize(
    ("words", "hidden", "absent"),
    [
        (("account", "show"), "A-NE1", "A-XX1"),
        (("order", "show"), "O-4", "O-99"),
        (("opportunity", "show"), "OPP-3", "OPP-99"),
        (("territory", "show"), "NE", "XX"),
        (("team", "show"), "T-EAST", "T-NONE"),
        (("account", "list", "--territory"), "NE", "XX"),
        (("territory", "report"), "NE", "XX"),
    ],
)
def test_hidden_and_absent_read_the_same(
    workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], hidden: str, absent: str
) -> None:
    one = sfactl(*words, hidden, workspace=workspace, as_="mike")
    other = sfactl(*words, absent, workspace=workspace, as_="mike")

    assert one.code == other.code == 3
    assert one.out == other.out == ""
    assert one.err.replace(hidden, "?") == other.err.replace(absent, "?")
    assert sfactl(*words, hidden, workspace=workspace).code == 0


def test_pipeline_counts_open_opportunities_by_stage(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("pipeline", "show", "-o", "json", workspace=workspace).rows

    assert [(row["stage"], row["count"], row["amount"], row["weighted"]) for row in rows] == [
        ("qualify", 1, "800.00", "80.00"), ("discover", 0, "0.00", "0.00"),
        ("propose", 1, "5000.00", "2500.00"), ("negotiate", 1, "9000.00", "6750.00"),
    ]  # fmt: skip


def test_a_cost_is_exported_only_to_those_who_may_see_it(workspace: TestWorkspace, sfactl: Run) -> None:
    seen = sfactl("export", "product", "-o", "json", workspace=workspace).rows
    hidden = sfactl("export", "product", "-o", "json", workspace=workspace, as_="sam").rows

    assert {row["cost"] for row in seen} == {"40", "2.5"}
    assert {row["cost"] for row in hidden} == {None}


def test_stock_that_runs_low(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("stock", "list", "--low", "-o", "json", workspace=workspace).rows

    assert [(row["product"], row["quantity"]) for row in rows] == [("P-2", "2.5")]


def test_a_product_has_the_price_of_the_day(workspace: TestWorkspace, sfactl: Run) -> None:
    def price(*words: str) -> str:
        rows = sfactl("product", "list", "-s", "valve", "-o", "json", *words, workspace=workspace).rows
        return str(rows[0]["list_price"])

    assert price() == "8.00"
    assert price("--as-of", "2025-12-31") == "7.255"


def test_showing_an_account_tells_people_and_owners(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("account", "show", "Adobe Tools", "-o", "json", workspace=workspace)
    found = json.loads(result.out)

    assert found["code"] == "A-SW1"
    assert found["annual_revenue"] == "1000000.00"
    assert found["open_opportunities"] == 1
    assert [contact["name"] for contact in found["contacts"]] == ["Carla Core"]
    assert [owner["owner"] for owner in found["owners"]] == ["sam"]
    assert organisation.TODAY.isoformat() > found["last_order_on"] == "2026-01-15"


@pytest.mark.parametrize(
    ("name", "form", "begins"),
    [
        ("a.csv", None, b"code,name,"), ("a.txt", None, b"code,name,"), ("a", None, b"code,name,"),
        ("a.xlsx", None, b"PK"), ("a.HTML", None, b"<!DOCTYPE"), ("a.jsonl", None, b"{"), ("a.table", None, b"code,name,"),
        ("a.xlsx", "csv", b"code,name,"), ("a.csv", "json", b"["),
    ],
)  # fmt: skip
def test_an_export_has_the_form_of_its_files_name_unless_one_is_said(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, name: str, form: str | None, begins: bytes
) -> None:
    said = ("-o", form) if form else ()

    result = sfactl("export", "account", "--to", str(tmp_path / name), *said, workspace=sqlite_workspace)

    assert (result.code, result.out) == (0, "")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_refused_export_writes_nothing(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("export", "user", workspace=workspace, as_="sam")

    assert (result.code, result.out) == (4, "")


# case 24
def test_cost_and_margin_are_columns_only_for_those_who_may_see_them(workspace: TestWorkspace, sfactl: Run) -> None:
    seen = sfactl("product", "list", "-o", "json", workspace=workspace, as_="dora").rows
    hidden = sfactl("product", "list", "-o", "json", workspace=workspace, as_="sam").rows
    asked = [
        sfactl("product", *words, "--fields", field, workspace=workspace, as_="sam")
        for words in (("list",), ("show", "P-1")) for field in ("cost", "margin")
    ]  # fmt: skip

    assert [(row["cost"], row["margin"]) for row in seen] == [("40.00", "0.6000"), ("2.50", "0.6875")]
    assert all("cost" not in row and "margin" not in row for row in hidden)
    assert [result.code for result in asked] == [2] * 4
    assert all("There is no column" in result.err for result in asked)
