"""Quotas changed by plans: loaded from files, adjusted, divided, taken along, and taken back."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli import Result, Run
from tests.commands.test_quota_versions import apply_policy
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

IN_FORCE = (
    "SELECT u.login, t.code, q.measure, q.amount_minor FROM quota AS q LEFT JOIN app_user AS u ON u.id = q.user_id"
    " JOIN territory AS t ON t.id = q.territory_id WHERE q.replaced_by IS NULL AND q.starts_on = '2026-07-01' ORDER BY 1, 2, 3"
)
ADJUSTED = (
    "SELECT u.login, a.amount_minor, CAST(a.counts_from AS TEXT), CAST(a.ends_on AS TEXT), a.reason"
    " FROM quota_adjustment AS a JOIN app_user AS u ON u.id = a.user_id WHERE a.replaced_by IS NULL ORDER BY a.amount_minor"
)


def run_of(done: Result) -> str:
    assert done.code == 0, done.err
    return str(json.loads(done.out)["run"])


def quota_of(sfactl: Run, workspace: TestWorkspace, user: str, period: str) -> str | None:
    rows = sfactl("quota", "attainment", "-p", period, "-u", user, "-o", "json", workspace=workspace).rows
    return rows[0]["quota"] if rows else None


def test_a_file_is_loaded_as_a_plan_and_taken_back(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(
        "user,team,territory,measure,period,amount\nsam,,,,2026Q3,5000\n,,SW,,2026Q3,9000.50\nnora,,,units,2026Q3,12\n"
        "sam,,,,2026Q2,4000\n,T-WEST,,,2026-07,10\n"
    )
    plan = str(tmp_path / "q.plan")
    import_ = ("quota", "import", str(tmp_path / "q.csv"))

    planned = sfactl(*import_, "--plan", plan, workspace=workspace)
    assert planned.code == 0, planned.err
    assert system_rows(workspace, IN_FORCE) == []
    run = run_of(sfactl("plan", "apply", plan, "-o", "json", workspace=workspace))

    loaded = [
        ("nora", "NW", "units", 12), ("sam", "SW", "revenue", 500000), (None, "SW", "revenue", 900050),
        (None, "WEST", "revenue", 1000),
    ]  # fmt: skip
    assert sorted(system_rows(workspace, IN_FORCE), key=repr) == sorted(loaded, key=repr)
    again = sfactl(*import_, "--yes", workspace=workspace)
    assert "nothing to change" in again.err
    assert sfactl("plan", "undo", run, "--yes", workspace=workspace).code == 0
    assert system_rows(workspace, IN_FORCE) == []
    assert [row[0] for row in system_rows(workspace, "SELECT kind FROM quota_load ORDER BY id")] == [
        "import",
        "import",
        "undo",
    ]
    assert sfactl("db", "check", workspace=workspace).code == 0


def test_what_was_changed_since_is_not_taken_back(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("user,period,amount\nsam,2026Q2,5000\nnora,2026Q3,7\n")
    done = sfactl("quota", "import", str(tmp_path / "q.csv"), "--yes", "-o", "json", workspace=workspace)
    sfactl("quota", "set", "-u", "nora", "-p", "2026Q3", "--amount", "8", workspace=workspace)

    undone = sfactl("plan", "undo", run_of(done), "--yes", workspace=workspace)

    assert undone.code == 0
    assert quota_of(sfactl, workspace, "sam", "2026Q2") == "4000.00"
    assert quota_of(sfactl, workspace, "nora", "2026Q3") == "8.00"


def test_a_plan_that_no_longer_fits_is_refused_whole(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("user,period,amount\nsam,2026Q2,5000\nnora,2026Q3,7\n")
    plan = str(tmp_path / "q.plan")
    sfactl("quota", "import", str(tmp_path / "q.csv"), "--plan", plan, workspace=workspace)
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q2", "--amount", "1", workspace=workspace)

    stale = sfactl("plan", "apply", plan, "-o", "json", workspace=workspace)

    assert stale.code == 5
    assert [row["key"] for row in stale.rows] == ["sam revenue 2026-04-01"]
    assert system_rows(workspace, IN_FORCE) == []


def test_every_fault_of_a_file_is_told_with_its_place(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    (tmp_path / "q.csv").write_text(
        "user,team,period,starts_on,ends_on,amount,measure,ramp,active_from,active_until\n"
        "nobody,,2026Q3,,,5,,,,\nsam,,2026Q5,,,5,,,,\nsam,,,,,5,,,,\nsam,,2026Q3,2026-07-01,,5,,,,\nsam,T-WEST,2026Q3,,,5,,,,\n"
        "sam,,2026Q3,,,-5,,,,\nsam,,2026Q3,,,1.5,units,,,\nsam,,2026Q4,,,5,,new,,\nsam,,2026Q4,,,5,won_count,,2026-12-01,2026-11-01\n"
        "nora,,2026Q3,,,5,,,,\nnora,,,2026-07-01,2026-10-01,6,,,,\n"
    )

    bad = sfactl("quota", "import", str(tmp_path / "q.csv"), "--yes", "-o", "json", workspace=sqlite_workspace)

    assert bad.code == 2
    assert [(row["line"], row["column"]) for row in bad.rows] == [
        (2, "user"), (3, "period"), (4, "period"), (5, "period"), (6, "team"), (7, "amount"), (8, "amount"), (9, "ramp"),
        (10, "active_until"), (12, "period"),
    ]  # fmt: skip
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM quota_load") == [(1,)]


def test_no_adjustment_takes_more_off_than_there_is(workspace: TestWorkspace, sfactl: Run) -> None:
    adjust = ("quota", "adjust", "-u", "sam", "--yes", "--reason", "leave")
    for words in (("--period", "2026Q2", "--amount=-4000.01"), ("--on", "2026-05-01", "--amount=-5000.01")):
        refused = sfactl(*adjust, *words, workspace=workspace)
        assert refused.code == 2 and "more than can come off" in refused.err, words

    assert system_rows(workspace, "SELECT count(*) FROM quota_adjustment") == [(0,)]
    assert sfactl(*adjust, "--period", "2026Q2", "--amount=-4000", workspace=workspace).code == 0
    assert quota_of(sfactl, workspace, "sam", "2026Q2") == "0.00"


def test_an_adjustment_counts_from_its_day_and_is_taken_back(workspace: TestWorkspace, sfactl: Run) -> None:
    adjust = ("quota", "adjust", "-u", "sam", "--yes", "-o", "json", "--reason", "leave")

    on_a_day = sfactl(*adjust, "--on", "2026-05-01", "--amount=-500.50", workspace=workspace)
    spread = sfactl(*adjust, "--period", "FY2026", "--amount", "1200", workspace=workspace)

    assert quota_of(sfactl, workspace, "sam", "2026Q2") == "3799.50", "4000 − 500.50 + a quarter of 1200"
    assert quota_of(sfactl, workspace, "sam", "2026") == "5699.50"
    assert sfactl("plan", "undo", run_of(on_a_day), "--yes", workspace=workspace).code == 0
    assert quota_of(sfactl, workspace, "sam", "2026Q2") == "4300.00"
    assert run_of(spread)
    assert sfactl(*adjust, "--amount", "1", workspace=workspace).code == 2, "neither a day nor a period"
    assert sfactl(*adjust, "--on", "2026-05-01", "--amount", "0", workspace=workspace).code == 2


def test_a_quota_is_divided_to_the_last_cent(workspace: TestWorkspace, sfactl: Run) -> None:
    """West: NW booked 1999.99 and SW 1250.50 in 2026Q1; in 2027Q1 nothing is expected to close."""
    allocate = ("quota", "allocate", "-t", "WEST", "-p", "2027Q1", "--yes", "-o", "json")
    weights = ("--even", "0.2", "--history", "0.5", "--pipeline", "0.3")

    done = sfactl(*allocate, "--amount", "100000.01", *weights, workspace=workspace)

    rolled = sfactl("quota", "rollup", "-t", "WEST", "-p", "2027Q1", "-o", "json", workspace=workspace).rows
    by_code = {row["territory"]: row for row in rolled}
    past = Decimal("1999.99") / (Decimal("1999.99") + Decimal("1250.50"))
    expected = Decimal("100000.01") * (Decimal("0.25") + Decimal("0.5") * past)
    assert abs(Decimal(by_code["NW"]["quota"]) - expected) < Decimal("0.01")
    assert Decimal(by_code["NW"]["quota"]) + Decimal(by_code["SW"]["quota"]) == Decimal("100000.01")
    assert (by_code["WEST"]["quota"], by_code["WEST"]["children"]) == ("100000.01", "100000.01")
    assert by_code["WEST"]["over_assignment"] == "0.0000"
    people = sfactl(*allocate[:-2], "--to", "people", "-t", "SW", "--yes", workspace=workspace)
    assert people.code == 0, people.err
    assert quota_of(sfactl, workspace, "sam", "2027Q1") == by_code["SW"]["quota"]
    assert sfactl("plan", "undo", run_of(done), "--yes", workspace=workspace).code == 0
    assert quota_of(sfactl, workspace, "sam", "2027Q1") == by_code["SW"]["quota"], "people keep what they were given"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--even", "0.5", "--history", "0.4"), 2), (("--even", "1.5", "--history=-0.5"), 2), ((), 2),
        (("--amount", "5", "-t", "NOWHERE"), 3), (("--amount", "5", "-t", "SW"), 2), (("--amount", "x"), 2),
    ],
)  # fmt: skip
def test_a_division_that_makes_no_sense_is_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], code: int
) -> None:
    done = sfactl("quota", "allocate", "-t", "WEST", "-p", "2027Q1", "--yes", *words, workspace=sqlite_workspace)

    assert done.code == code, done.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM quota_load") == [(1,)]


def test_the_quota_goes_along_with_the_accounts(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    """120,000 a year, moved whole on 1 July: 60,000 go along, spread over the months that are left."""
    sfactl("quota", "set", "-u", "eve", "-p", "FY2027", "--amount", "120000", workspace=workspace)
    plan = str(tmp_path / "move.plan")
    move = ("assignment", "move", "--from", "eve", "--to", "nora", "--effective", "2027-07-01", "--quota")

    planned = sfactl(*move, "--plan", plan, "-o", "json", workspace=workspace)
    assert planned.code == 0, planned.err
    shown = json.loads(planned.out)["work"]
    assert [(row["user"], row["quota_before"], row["quota_after"]) for row in shown] == [
        ("eve", "120000.00", "60000.00"), ("nora", "0.00", "60000.00"),
    ]  # fmt: skip
    assert sfactl("plan", "apply", plan, workspace=workspace).code == 0
    assert system_rows(workspace, ADJUSTED) == [], "the day is still to come"


def test_a_move_of_today_takes_the_quota_at_once_and_gives_it_back(workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("quota", "set", "-u", "eve", "-p", "2026-04-01..2027-01-01", "--amount", "90000", workspace=workspace)
    moved = sfactl(
        "assignment", "move", "--from", "eve", "--to", "nora", "--effective", "2026-05-01", "--quota", "--yes", "-o", "json",
        workspace=workspace,
    )  # fmt: skip

    assert system_rows(workspace, ADJUSTED) == [  # (500 + 90,000) × 8 of 12 months
        ("eve", -6_033_333, "2026-05-01", "2027-01-01", "accounts go to nora"),
        ("nora", 6_033_333, "2026-05-01", "2027-01-01", "accounts come from eve"),
    ]
    assert sfactl("plan", "undo", run_of(moved), "--yes", workspace=workspace).code == 0
    assert system_rows(workspace, ADJUSTED) == []
    assert sfactl("db", "check", workspace=workspace).code == 0


def test_versions_are_listed_and_compared(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    apply_policy(workspace, tmp_path)
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q2", "--amount", "5000", "--reason", "grown", workspace=workspace)
    sfactl("quota", "set", "-u", "nora", "-p", "2026Q2", "--amount", "10", "--ramp", "new", workspace=workspace)

    def rows(*words: str, as_: str = "ana") -> list[dict[str, Any]]:
        return sfactl("quota", *words, "-o", "json", workspace=workspace, as_=as_).rows

    assert [(row["load"], row["kind"], row["added"], row["ended"], row["reason"]) for row in rows("loads")] == [
        (3, "set", 1, 0, None), (2, "set", 1, 1, "grown"), (1, "import", 5, 0, None),
    ]  # fmt: skip
    found = [(row["change"], row["user"], row["before"], row["after"], row["difference"]) for row in rows("diff", "1")]
    assert found == [("added", "nora", None, "10.00", "10.00"), ("changed", "sam", "4000.00", "5000.00", "1000.00")]
    assert rows("diff", "2", "1")[0]["difference"] == "-1000.00"
    assert rows("diff", "2026-05-19", "2026-05-20") == rows("diff", "1", "3")
    sums = [(row["territory"], row["added"], row["changed"], row["difference"]) for row in rows("diff", "1", "--sums")]
    assert sums == [("NW", 1, 0, "10.00"), ("SW", 0, 1, "1000.00")]
    assert sfactl("quota", "diff", "9", workspace=workspace).code == 3
    assert sfactl("quota", "diff", "soon", workspace=workspace).code == 2


def test_an_account_manager_sees_the_versions_of_his_own_quota(workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q2", "--amount", "5000", "--reason", "secret", workspace=workspace)

    his = sfactl("quota", "loads", "-o", "json", workspace=workspace, as_="sam").rows
    refused = sfactl("quota", "adjust", "-u", "sam", "--on", "2026-05-20", "--amount=-1", "--reason", "x", "--yes",
                     workspace=workspace, as_="sam")  # fmt: skip

    assert [(row["load"], row["added"], row["reason"]) for row in his] == [(2, 1, None), (1, 2, None)]
    assert refused.code == 4
    differing = sfactl("quota", "diff", "1", "-o", "json", workspace=workspace, as_="sam").rows
    assert [(row["user"], row["after"]) for row in differing] == [("sam", "5000.00")]


def test_a_leavers_quota_goes_with_his_accounts(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    """1,000 and 4,000 begin in 2026; on 20 May seven whole months are left of twelve."""
    move = ("assignment", "move", "--leaver", "sam", "--to", "nora", "--quota", "--yes", "-o", "json")

    run = run_of(sfactl(*move, workspace=sqlite_workspace))

    assert [row[:2] for row in system_rows(sqlite_workspace, ADJUSTED)] == [("sam", -291_667), ("nora", 291_667)]
    assert quota_of(sfactl, sqlite_workspace, "nora", "FY2026") == "4916.67"
    kinds = system_rows(sqlite_workspace, "SELECT kind, run_key FROM quota_load ORDER BY id")
    assert kinds[1:] == [("move", run)]


def test_a_file_that_is_not_there_is_one_sentence(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    found = sfactl("quota", "import", "/nowhere/quotas.csv", "--yes", workspace=sqlite_workspace)

    assert (found.code, found.out) == (2, "")
    assert found.err == "sfactl: quotas.csv cannot be read: No such file or directory.\n"
