"""Looking into a territory: what it sells, its accounts, its people, and several side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import Run
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")


def test_the_mix_tells_each_familys_share_and_growth_and_adds_up(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("territory", "mix", "Southwest", "-p", "2026Q1", "-o", "json", workspace=workspace).rows

    keys = ("family", "orders", "revenue", "share", "prior_revenue", "growth")
    assert [[row[key] for key in keys] for row in rows] == [
        ["Pumps", 2, "1000.00", "0.7997", "500.00", "1.0000"], ["Valves", 1, "250.50", "0.2003", "0.00", None],
    ]  # fmt: skip


def test_a_family_that_sold_only_before_is_in_the_mix(workspace: TestWorkspace, sfactl: Run) -> None:
    (row,) = sfactl("territory", "mix", "SW", "-p", "2026-02-01..2026-02-02", "-o", "json", workspace=workspace).rows

    assert (row["family"], row["orders"], row["share"], row["growth"]) == ("Pumps", 0, None, "-1.0000")


def test_the_top_accounts_are_those_that_brought_most_with_their_share_of_all(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    words = ("territory", "accounts", "West", "-p", "2026Q1", "-o", "json")
    rows = sfactl(*words, "--top", "2", workspace=workspace).rows
    alone = sfactl(*words, "--only", workspace=workspace).rows

    keys = ("account", "owner", "orders", "revenue", "share", "prior_revenue", "growth", "last_order_on")
    assert [[row[key] for key in keys] for row in rows] == [
        ["A-NW1", "nora", 1, "1999.99", "0.6153", "0.00", None, "2026-03-20"],
        ["A-SW1", "sam", 1, "600.00", "0.1846", "500.00", "0.2000", "2026-01-15"],
    ]  # fmt: skip
    assert alone == []


def test_accounts_at_risk_are_named_with_the_reason(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    orders = "L-1,A-SW2,sam,2025-03-01,900\nL-2,A-SW3,eve,2025-03-02,312\n"
    (tmp_path / "o.csv").write_text(f"code,account,seller,booked_on,amount\n{orders}", encoding="utf-8")
    done = "X-1,call,Talk,A-SW2,sam,2026-05-01\nX-2,call,Talk,A-SW3,eve,2026-05-02\n"
    (tmp_path / "a.csv").write_text(f"external_id,kind,subject,account,owner,done_on\n{done}", encoding="utf-8")
    assert sfactl("import", "order", str(tmp_path / "o.csv"), workspace=workspace).code == 0
    assert sfactl("import", "activity", str(tmp_path / "a.csv"), workspace=workspace).code == 0
    words = ("territory", "accounts", "SW", "--at-risk", "-p", "2026Q1", "-o", "json")

    def told(*more: str, territory: str = "SW") -> dict[str, tuple[str, str | None]]:
        rows = sfactl(*["territory", "accounts", territory, *words[3:]], *more, workspace=workspace).rows
        return {row["account"]: (row["why"], row["growth"]) for row in rows}

    assert told() == {"A-SW2": ("falling", "-0.5556")}
    assert told("--drop", "19") == {"A-SW2": ("falling", "-0.5556"), "A-SW3": ("falling", "-0.1971")}
    assert told("--days", "10") == {
        "A-SW2": ("idle, falling", "-0.5556"), "A-SW3": ("idle", "-0.1971"),
    }  # fmt: skip
    assert list(told("--days", "10", "--limit", "1")) == ["A-SW2"]
    assert told(territory="NW") == {}, "nobody ever did anything for it, but it ordered"
    assert told("--days", "40", territory="NW") == {"A-NW1": ("idle", None)}


def test_people_are_told_with_their_load_and_what_they_reached(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("territory", "people", "West", "-p", "2026Q1", "-o", "json", workspace=workspace).rows
    open_ = sfactl("territory", "people", "SW", "-p", "2026Q2", "-o", "json", workspace=workspace).rows

    keys = ("territory", "user", "role", "accounts", "load", "quota", "credit", "attainment")
    assert [[row[key] for key in keys] for row in rows] == [
        ["WEST", "mike", "manager", 0, "0.0000", None, "0.00", None],
        ["NW", "nora", "account_manager", 1, "0.0113", "2000.00", "1999.99", "1.0000"],
        ["SW", "sam", "account_manager", 3, "0.0338", "1000.00", "1000.00", "1.0000"],
    ]  # fmt: skip
    assert [(row["user"], row["open_pipeline"], row["quota"]) for row in open_] == [("sam", "5800.00", "4000.00")]


def test_territories_stand_side_by_side_and_are_rows_for_programs(workspace: TestWorkspace, sfactl: Run) -> None:
    words = ("territory", "compare", "SW", "NW", "NE", "-p", "2026Q1")
    shown = sfactl(*words, workspace=workspace).out
    rows = sfactl(*words, "-o", "json", workspace=workspace).rows
    reported = sfactl("territory", "report", *words[2:], "-o", "json", workspace=workspace).rows

    assert rows == reported
    heading = next(line for line in shown.splitlines() if "Territory" in line)
    assert heading.split() == ["Territory", "SW", "NW", "NE"]
    revenue = next(line for line in shown.splitlines() if line.strip().startswith("Revenue"))
    assert revenue.split() == ["Revenue", "1,250.50", "1,999.99", "249.50"]


@pytest.mark.parametrize("command", ["mix", "accounts", "people", "compare"])
def test_a_territory_out_of_sight_is_not_found(sqlite_workspace: TestWorkspace, sfactl: Run, command: str) -> None:
    result = sfactl("territory", command, "NE", workspace=sqlite_workspace, as_="sam")

    assert (result.code, result.out) == (3, "")
    assert "There is no territory NE." in result.err
