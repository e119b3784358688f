"""Who has reached quota: people, teams, territories and managers of the small company."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli import Run
from tests.commands.test_quota_versions import apply_policy
from tests.db.company import system
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")


def rows_of(sfactl: Run, workspace: TestWorkspace, *words: str, as_: str = "ana") -> list[dict[str, Any]]:
    done = sfactl("quota", "attainment", *words, "-o", "json", workspace=workspace, as_=as_)
    assert done.code == 0, done.err
    return done.rows


def credits_of(rows: list[dict[str, Any]], key: str = "user") -> dict[str, str]:
    return {row[key]: row["credit"] for row in rows}


def test_a_territory_has_all_the_bookings_of_its_subtree_once(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = rows_of(sfactl, workspace, "-p", "2026Q1", "--by", "territory")

    assert credits_of(rows, "territory") == {
        "WORLD": "3499.99", "WEST": "3250.49", "EAST": "249.50", "SW": "1250.50", "NW": "1999.99", "NE": "249.50",
    }  # fmt: skip
    assert [(row["territory"], row["quota"], row["attainment"], row["rank"]) for row in rows if row["quota"]] == [
        ("SW", "1500.00", "0.8337", 1)
    ], "its own quota, not the sum of its people's"
    below = rows_of(sfactl, workspace, "-p", "2026Q1", "--by", "territory", "-t", "EAST")
    assert sorted(credits_of(below, "territory")) == ["EAST", "NE"]


def test_a_team_has_the_credit_of_its_members_while_they_are_there(workspace: TestWorkspace, sfactl: Run) -> None:
    words = ("-p", "2026Q1", "--by", "team")
    sfactl("quota", "set", "--team", "T-WEST", "-p", "2026Q1", "--amount", "2000", workspace=workspace)
    assert credits_of(rows_of(sfactl, workspace, *words), "team") == {"T-WEST": "1000.00", "T-EAST": "500.00"}

    with system(workspace) as run:
        run(
            "UPDATE team_member SET valid_to = '2026-02-01' WHERE user_id = (SELECT id FROM app_user WHERE login = 'sam')"
        )

    first = rows_of(sfactl, workspace, *words)[0]
    assert (first["team"], first["quota"], first["credit"], first["user"]) == ("T-WEST", "2000.00", "600.00", None)
    assert [row["team"] for row in rows_of(sfactl, workspace, *words, "--team", "T-EAST")] == ["T-EAST"]


def test_a_manager_has_his_own_credit_and_that_of_all_below(workspace: TestWorkspace, sfactl: Run) -> None:
    rows = rows_of(sfactl, workspace, "-p", "2026Q1", "--by", "manager")
    people = rows_of(sfactl, workspace, "-p", "2026Q1", "-u", "dora", "--people")

    assert credits_of(rows) == {"dora": "3499.99"}
    assert credits_of(people) == {"sam": "1000.00", "eve": "500.00", "nora": "1999.99"}


def test_parts_of_a_period_come_to_the_whole(workspace: TestWorkspace, sfactl: Run) -> None:
    for by in ("person", "territory", "team"):
        whole = {
            (row["user"], row["team"], row["territory"]): row
            for row in rows_of(sfactl, workspace, "-p", "2026Q1", "--by", by)
        }
        for unit in ("month", "week"):
            parts = rows_of(sfactl, workspace, "-p", "2026Q1", "--by", by, "--each", unit)
            for key in ("credit", "quota"):
                sums: dict[Any, Decimal] = {}
                for row in parts:
                    place = row["user"], row["team"], row["territory"]
                    sums[place] = sums.get(place, Decimal(0)) + Decimal(row[key] or 0)
                assert sums == {place: Decimal(row[key] or 0) for place, row in whole.items()}, (by, unit, key)

    months = [row for row in rows_of(sfactl, workspace, "-p", "2026Q1", "--by", "month") if row["user"] == "sam"]
    assert [(row["period"], row["quota"], row["credit"]) for row in months] == [
        ("2026-01", "333.34", "600.00"), ("2026-02", "333.33", "400.00"), ("2026-03", "333.33", "0.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "period", "found"),
    [
        ("units", "2026Q1", {"sam": "10", "eve": "37", "nora": "20"}), ("won_amount", "2026Q1", {"nora": "2500.00"}),
        ("won_count", "2026Q1", {"nora": "1"}), ("activities_done", "2026Q2", {"sam": "1"}),
    ],
)  # fmt: skip
def test_other_measures_count_what_they_name(
    workspace: TestWorkspace, sfactl: Run, measure: str, period: str, found: dict[str, str]
) -> None:
    rows = rows_of(sfactl, workspace, "-p", period, "--measure", measure)
    places = rows_of(sfactl, workspace, "-p", period, "--measure", measure, "--by", "territory")

    assert credits_of(rows) == found
    assert {row["currency"] for row in rows} == {"USD" if measure == "won_amount" else "XXX"}
    top = next(row for row in places if row["territory"] == "WORLD")
    assert Decimal(top["credit"]) == sum(map(Decimal, found.values()))


def test_units_are_reached_on_unrounded_values(workspace: TestWorkspace, sfactl: Run) -> None:
    """Eve booked 37.025 pieces."""
    for amount, reached in (("37", True), ("38", False)):
        sfactl(
            "quota", "set", "-u", "eve", "-p", "2026Q1", "--measure", "units", "--amount", amount, workspace=workspace
        )
        row = rows_of(sfactl, workspace, "-p", "2026Q1", "--measure", "units", "-u", "eve")[0]
        assert (row["quota"], row["credit"], row["reached"]) == (amount, "37", reached)


def test_a_product_family_has_its_lines(workspace: TestWorkspace, sfactl: Run) -> None:
    words = ("-p", "2026Q1", "--family", "Pumps")
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q1", "--family", "Pumps", "--amount", "800", workspace=workspace)

    rows = rows_of(sfactl, workspace, *words)

    assert credits_of(rows) == {"sam": "1000.00", "eve": "249.50", "nora": "1999.99"}
    assert [(row["user"], row["attainment"]) for row in rows if row["quota"]] == [("sam", "1.2500")]
    assert credits_of(rows_of(sfactl, workspace, *words, "--by", "territory"), "territory")["SW"] == "1000.00"


def test_shares_of_a_sale_come_to_all_of_it(workspace: TestWorkspace, sfactl: Run) -> None:
    with system(workspace) as run:
        for login, kind, share in (("nora", "revenue", 6666), ("sam", "revenue", 3334), ("eve", "overlay", 5000)):
            run(
                "INSERT INTO opportunity_split (opportunity_id, user_id, kind, share_bp)"
                f" SELECT o.id, u.id, '{kind}', {share} FROM opportunity AS o, app_user AS u"
                f" WHERE o.code = 'OPP-4' AND u.login = '{login}'"
            )

    rows = rows_of(sfactl, workspace, "-p", "2026Q1", "--measure", "won_amount", "--overlay")

    assert credits_of(rows) == {"nora": "1666.50", "sam": "833.50"}
    assert {row["user"]: row["overlay"] for row in rows} == {"nora": "0.00", "sam": "0.00"}


def test_overlay_stands_beside_and_in_no_sum(workspace: TestWorkspace, sfactl: Run) -> None:
    with system(workspace) as run:
        run(
            "INSERT INTO credit (order_id, user_id, territory_id, kind, share_bp, amount_minor, currency, credited_on)"
            " SELECT o.id, u.id, o.territory_id, 'overlay', 5000, 30000, 'USD', o.booked_on FROM sales_order AS o, app_user AS u"
            " WHERE o.code = 'O-1' AND u.login = 'nora'"
        )

    rows = rows_of(sfactl, workspace, "-p", "2026Q1", "--overlay")
    table = sfactl("quota", "attainment", "-p", "2026Q1", "--overlay", workspace=workspace)

    nora = next(row for row in rows if row["user"] == "nora")
    assert (nora["credit"], nora["overlay"]) == ("1999.99", "300.00")
    assert table.out.rstrip().endswith(
        "In all: booked 3,499.99 = credited 3,499.99 + without a seller 0.00; overlay, apart: 300.00"
    )
    assert sfactl("quota", "attainment", "--by", "territory", "--overlay", workspace=workspace).code == 2


def test_a_trend_compares_with_the_period_before(workspace: TestWorkspace, sfactl: Run) -> None:
    february = rows_of(sfactl, workspace, "-p", "2026-02", "--trend", "-u", "sam")[0]
    running = rows_of(sfactl, workspace, "-p", "2026Q2", "--trend", "-u", "sam")[0]

    assert (february["credit"], february["prior_credit"], february["trend"]) == ("400.00", "600.00", "-0.3333")
    assert (running["credit"], running["prior_credit"]) == ("700.00", "600.00"), "the first 50 days of January to March"


def test_pace_follows_the_days_of_the_policy_and_the_curve(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    """20 May is day 50 of 91, and the 36th of 65 weekdays; the curve asks for all of a year's half in its second quarter."""
    words = ("-p", "2026Q2", "-u", "sam")
    calendar = rows_of(sfactl, workspace, *words)[0]
    apply_policy(
        workspace,
        tmp_path,
        '[pace]\ndays = "business"\n[seasonality.late]\nweights = [0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0]\n',
    )
    business = rows_of(sfactl, workspace, *words)[0]
    set_ = ("quota", "set", "-u", "sam", "-p", "2026Q2", "--amount", "4000", "--seasonality", "late")
    assert sfactl(*set_, workspace=workspace).code == 0
    curved = rows_of(sfactl, workspace, *words)[0]

    assert (calendar["on_track"], calendar["needed_per_day"]) == ("2197.80", "80.49"), "4000 × 50/91, 3300/41"
    assert (business["on_track"], business["needed_per_day"]) == ("2215.38", "113.79"), "4000 × 36/65, 3300/29"
    assert (curved["on_track"], curved["gap"], curved["projected"]) == ("0.00", "700.00", None), (
        "all of it falls into June"
    )


def test_coverage_is_told_while_the_period_runs(workspace: TestWorkspace, sfactl: Run) -> None:
    for login, amount in (("nora", "100"), ("eve", "0.01")):
        sfactl("quota", "set", "-u", login, "-p", "2026Q2", "--amount", amount, workspace=workspace)
    rows = {row["user"]: row for row in rows_of(sfactl, workspace, "-p", "2026Q2")}

    assert (rows["sam"]["open_pipeline"], rows["sam"]["coverage"]) == ("5800.00", "1.7576"), "5800 / (4000 − 700)"
    assert (rows["sam"]["needed_coverage"], rows["sam"]["covered"]) == (None, None), "he won nothing in twelve months"
    assert (rows["nora"]["coverage"], rows["nora"]["needed_coverage"], rows["nora"]["covered"]) == (
        "0.0000",
        "1.0000",
        "short",
    )
    assert rows["eve"]["covered"] is None
    over = rows_of(sfactl, workspace, "-p", "2026Q1")
    assert {(row["open_pipeline"], row["covered"]) for row in over} == {(None, None)}
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q2", "--amount", "700", workspace=workspace)
    reached = rows_of(sfactl, workspace, "-p", "2026Q2", "-u", "sam")[0]
    assert (reached["reached"], reached["coverage"], reached["covered"]) == (True, None, "not needed")


def test_a_day_has_its_own_quotas_and_credit(workspace: TestWorkspace, sfactl: Run) -> None:
    words = ("-p", "2026Q1", "-u", "sam", "--as-of")
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q1", "--amount", "9999", workspace=workspace)

    assert rows_of(sfactl, workspace, *words, "2026-02-01")[0]["credit"] == "600.00"
    assert rows_of(sfactl, workspace, *words, "2026-05-19")[0]["quota"] == "1000.00"
    assert rows_of(sfactl, workspace, *words, "2026-05-20")[0]["quota"] == "9999.00"


def test_a_longer_quota_gives_its_part_of_the_period(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    apply_policy(workspace, tmp_path)
    set_ = ("quota", "set", "-u", "mike", "-p", "FY2027", "--amount", "100000", "--seasonality", "year-end")
    assert sfactl(*set_, "--active-from", "2027-03-01", workspace=workspace).code == 0

    rows = rows_of(sfactl, workspace, "-p", "FY2027", "--by", "quarter", "-u", "mike")

    assert [row["quota"] for row in rows] == ["6666.67", "20000.00", "20000.00", "40000.00"]
    assert rows_of(sfactl, workspace, "-p", "FY2027", "-u", "mike")[0]["quota"] == "86666.67"


def test_the_league_gives_equal_attainment_the_same_place(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("quota", "set", "-u", "nora", "-p", "2026Q1", "--amount", "1999.99", workspace=sqlite_workspace)

    rows = rows_of(sfactl, sqlite_workspace, "-p", "2026Q1")

    assert [(row["user"], row["rank"], row["reached"]) for row in rows] == [
        ("nora", 1, True), ("sam", 1, True), ("eve", 1, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("--by", "colour"), ("--by", "team", "--by", "territory"), ("--each", "month", "--by", "week"), ("--people",),
        ("--by", "team", "-u", "sam"), ("--by", "territory", "--team", "T-WEST"), ("--measure", "wins"),
        ("--window", "quota", "--by", "month"), ("--measure", "activities_done", "--family", "Pumps"), ("--each", "aeon"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...]
) -> None:
    refused = sfactl("quota", "attainment", "-p", "2026Q1", *words, workspace=sqlite_workspace)

    assert (refused.code, refused.out) == (2, "")


def test_an_account_manager_is_told_of_himself(workspace: TestWorkspace, sfactl: Run) -> None:
    assert credits_of(rows_of(sfactl, workspace, "-p", "2026Q1", as_="sam")) == {"sam": "1000.00"}
    places = rows_of(sfactl, workspace, "-p", "2026Q1", "--by", "territory", as_="sam")
    assert {row["territory"] for row in places} == {"SW"}


def test_the_proof_is_of_all_and_a_limit_of_the_rows(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    found = sfactl("quota", "attainment", "-p", "2026Q1", "-t", "SW", "--limit", "1", workspace=sqlite_workspace)

    assert len(found.out.splitlines()) == 4
    assert "In all: booked 3,499.99 = credited 3,499.99 + without a seller 0.00" in found.out


def test_whoever_asks_where_nobody_has_a_quota_is_told(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    found = sfactl("quota", "attainment", "-p", "2026Q1", "--by", "manager", workspace=sqlite_workspace)

    assert "None of them has a quota of revenue then; `sfactl quota set` gives one." in found.err


def test_a_quota_that_is_set_says_what_it_was(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    first = sfactl("quota", "set", "-u", "mike", "-p", "2026Q1", "--amount", "500", workspace=sqlite_workspace)
    second = sfactl("quota", "set", "-u", "mike", "-p", "2026Q1", "--amount", "700", workspace=sqlite_workspace)

    assert (first.code, first.err) == (0, "")
    assert second.err == "It was 500.00; `sfactl quota diff` shows both versions.\n"
