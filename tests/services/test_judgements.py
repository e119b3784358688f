"""What owners and managers say stands beside what the data say, and changes none of them."""

from __future__ import annotations

import json

import pytest

from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

FORECAST = ("pipeline", "forecast", "--period", "2026Q2", "-o", "json")


def judge(sfactl: Run, workspace: TestWorkspace, as_: str, *words: str) -> None:
    result = sfactl("pipeline", "judge", *words, "-o", "json", workspace=workspace, as_=as_)
    assert result.code == 0, result.err


def test_both_words_stand_beside_the_data_which_stay_as_they_are(workspace: TestWorkspace, sfactl: Run) -> None:
    before = system_rows(workspace, "SELECT amount_minor, close_on, stage_id, version FROM opportunity ORDER BY id")
    judge(sfactl, workspace, "sam", "OPP-1", "--category", "commit", "--amount", "4500", "--note", "they signed")
    judge(sfactl, workspace, "mike", "OPP-1", "--category", "commit", "--amount", "3000")
    judge(sfactl, workspace, "dora", "OPP-3", "--close-on", "2026-07-01")

    (row,) = sfactl(*FORECAST, workspace=workspace).rows
    (southwest,) = sfactl(*FORECAST, "--territory", "SW", workspace=workspace).rows
    sellers = sfactl(*FORECAST, "--by", "seller", workspace=workspace).rows
    said = sfactl("pipeline", "judgements", "-o", "json", workspace=workspace).rows
    page = json.loads(sfactl("opportunity", "show", "OPP-1", "-o", "json", workspace=workspace).out)
    assert [(each["by"], each["amount"]) for each in page["judgements"]] == [("mike", "3000.00"), ("sam", "4500.00")]

    keys = ("commit_forecast", "owner_forecast", "manager_forecast")
    assert [row[key] for key in keys] == ["9000.00", "13500.00", "3000.00"]
    assert [southwest[key] for key in keys] == ["0.00", "4500.00", "3000.00"]
    assert {row["seller"]: row["manager_forecast"] for row in sellers} == {
        "eve": "0.00",
        "nora": "0.00",
        "sam": "3000.00",
    }
    assert [(each["opportunity"], each["level"], each["by"], each["amount"], each["note"]) for each in said] == [
        ("OPP-3", "manager", "dora", None, None), ("OPP-1", "manager", "mike", "3000.00", None),
        ("OPP-1", "owner", "sam", "4500.00", "they signed"),
    ]  # fmt: skip
    assert (
        system_rows(workspace, "SELECT amount_minor, close_on, stage_id, version FROM opportunity ORDER BY id")
        == before
    )
    events = system_rows(workspace, "SELECT d.key FROM audit_event AS e JOIN audit_detail AS d USING (seq) WHERE e.action = 'judge' ORDER BY seq")  # fmt: skip
    assert [key for (key,) in events] == ["OPP-1", "OPP-1", "OPP-3"]


def test_the_newest_word_counts_and_a_manager_who_says_nothing_leaves_the_owners(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    judge(sfactl, workspace, "sam", "OPP-1", "--category", "commit")
    judge(sfactl, workspace, "sam", "OPP-1", "--category", "commit", "--amount", "4800")

    (row,) = sfactl(*FORECAST, "--seller", "sam", workspace=workspace).rows
    assert (row["owner_forecast"], row["manager_forecast"]) == ("4800.00", "4800.00")


def test_a_period_is_judged_by_the_seller_and_by_his_manager(workspace: TestWorkspace, sfactl: Run) -> None:
    judge(sfactl, workspace, "sam", "--seller", "sam", "--period", "2026Q2", "--amount", "5000")
    judge(sfactl, workspace, "mike", "--seller", "sam", "--period", "2026Q2", "--amount", "4000")
    judge(sfactl, workspace, "mike", "--territory", "West", "--period", "2026Q2", "--amount", "6000.50")

    (sam,) = sfactl(*FORECAST, "--seller", "sam", workspace=workspace).rows
    territories = sfactl(*FORECAST, "--by", "territory", workspace=workspace).rows
    (another,) = sfactl(
        "pipeline", "forecast", "--period", "2026Q3", "--seller", "sam", "-o", "json", workspace=workspace
    ).rows
    shown = sfactl("pipeline", "forecast", "--period", "2026Q2", "--by", "territory", workspace=workspace).out

    assert (sam["owner_says"], sam["manager_says"]) == ("5000.00", "4000.00")
    assert {row["territory"]: row["manager_says"] for row in territories if row["manager_says"]} == {"WEST": "6000.50"}
    assert another["owner_says"] is None
    assert "Manager says" in shown and "6,000.50" in shown


@pytest.mark.parametrize(("login", "words", "code", "said"), [
    ("eve", ("OPP-1", "--category", "commit"), 3, "There is no opportunity OPP-1."),
    ("sam", ("--territory", "SW", "--period", "2026Q2", "--amount", "1"), 4, "You may judge your own sales"),
    ("sam", ("--seller", "nora", "--period", "2026Q2", "--amount", "1"), 4, "You may judge your own sales"),
    ("mike", ("--territory", "EAST", "--period", "2026Q2", "--amount", "1"), 3, "There is no territory EAST."),
    ("aldo", ("OPP-1", "--category", "commit"), 4, "judgement"),
    ("mike", ("OPP-4", "--category", "commit"), 5, "OPP-4 is closed."),
    ("mike", ("OPP-1",), 2, "This says nothing."),
    ("mike", ("OPP-1", "--amount", "1.001"), 2, "is no amount of USD"),
    ("mike", ("OPP-1", "--amount", "-1"), 2, "is no amount of USD"),
    ("mike", ("OPP-1", "--amount", "1", "--territory", "SW"), 2, "not of both"),
    ("mike", ("--territory", "SW", "--amount", "1"), 2, "says which, and how much"),
    ("mike", (), 2, "of one opportunity, territory or seller"),
])  # fmt: skip
def test_what_cannot_be_judged_is_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, login: str, words: tuple[str, ...], code: int, said: str
) -> None:
    result = sfactl("pipeline", "judge", *words, workspace=sqlite_workspace, as_=login)

    assert (result.code, said in result.err) == (code, True), result.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM judgement") == [(0,)]


def test_a_seller_sees_what_is_said_of_his_sales_and_no_others(workspace: TestWorkspace, sfactl: Run) -> None:
    judge(sfactl, workspace, "mike", "OPP-1", "--category", "commit")
    judge(sfactl, workspace, "dora", "OPP-3", "--category", "omitted")

    def seen(login: str) -> list[str]:
        rows = sfactl("pipeline", "judgements", "-o", "json", workspace=workspace, as_=login).rows
        return [row["opportunity"] for row in rows]

    assert (seen("sam"), seen("eve"), seen("nora"), seen("mike")) == (["OPP-1"], ["OPP-3"], [], ["OPP-1"])
