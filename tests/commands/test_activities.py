"""Activities kept by hand, and what people keep of an opportunity."""

from __future__ import annotations

import json

import pytest

from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")


def test_a_call_is_kept_for_an_opportunity_and_its_account(workspace: TestWorkspace, sfactl: Run):
    done = sfactl(
        "activity", "log", "call", "Asked for 200 seats", "--opportunity", "OPP-1", "--note", "by Friday", "-o", "json",
        workspace=workspace, as_="sam",
    )  # fmt: skip

    [row] = json.loads(done.out)
    assert done.code == 0
    assert (row["kind"], row["account"], row["opportunity"], row["owner"]) == ("call", "A-SW1", "OPP-1", "sam")
    assert row["done_on"] and row["planned_on"] is None
    query = f"SELECT subject, note, version FROM activity WHERE id = {row['number']}"
    assert system_rows(workspace, query) == [("Asked for 200 seats", "by Friday", 1)]
    assert ("log", "sam") in system_rows(
        workspace, "SELECT e.action, u.login FROM audit_event AS e JOIN app_user AS u ON u.id = e.user_id"
    )


def test_a_planned_visit_is_done_once(workspace: TestWorkspace, sfactl: Run):
    planned = sfactl(
        "activity", "log", "visit", "Look", "--account", "A-SW1", "--plan", "2026-06-01", "-o", "json",
        workspace=workspace, as_="sam",
    )  # fmt: skip
    number = str(json.loads(planned.out)[0]["number"])

    first = sfactl("activity", "done", number, "--on", "2026-05-19", "-o", "json", workspace=workspace, as_="sam")
    second = sfactl("activity", "done", number, workspace=workspace, as_="sam")

    assert json.loads(first.out)[0]["done_on"] == "2026-05-19"
    assert second.code == 5
    assert f"Activity {number} was done on 2026-05-19." in second.err


REFUSED = {
    "no subject": (("call", " ", "--account", "A-SW1"), 2, "An activity needs a subject."),
    "no kind": (("fax", "Hello", "--account", "A-SW1"), 2, "KIND is one of call, visit"),
    "about nothing": (("call", "Hello"), 2, "Say whom it is about"),
    "about two": (("call", "Hello", "--account", "A-SW1", "--opportunity", "OPP-1"), 2, "Say whom it is about"),
    "too long": (("call", "x" * 201, "--account", "A-SW1"), 2, "longer than 200"),
    "done and planned": (("call", "x", "--account", "A-SW1", "--on", "2026-05-01", "--plan", "2026-06-01"), 2, "not both"),
    "to come": (("call", "Hello", "--account", "A-SW1", "--on", "2999-01-01"), 2, "is still to come"),
    "somebody else's account": (("call", "Hello", "--account", "A-NW1"), 3, "There is no account A-NW1"),
}  # fmt: skip


def test_what_cannot_be_kept_is_refused_and_nothing_is_written(workspace: TestWorkspace, sfactl: Run):
    before = system_rows(workspace, "SELECT count(*) FROM activity")

    for name, (words, code, sentence) in REFUSED.items():
        done = sfactl("activity", "log", *words, workspace=workspace, as_="sam")
        assert (done.code, sentence in done.err) == (code, True), (name, done.err)

    assert system_rows(workspace, "SELECT count(*) FROM activity") == before


def test_an_activity_of_somebody_elses_territory_does_not_exist(workspace: TestWorkspace, sfactl: Run):
    [(number,)] = system_rows(
        workspace,
        "SELECT min(a.id) FROM activity AS a JOIN territory AS t ON t.id = a.territory_id WHERE t.code = 'SW'",
    )

    done = sfactl("activity", "done", str(number), workspace=workspace, as_="nora")
    absent = sfactl("activity", "done", "987654", workspace=workspace, as_="nora")

    assert done.code == absent.code == 3
    assert done.err.replace(str(number), "N") == absent.err.replace("987654", "N")


def test_activities_are_searched_by_subject_and_account(workspace: TestWorkspace, sfactl: Run):
    sfactl("activity", "log", "call", "About Zebra stripes", "--account", "A-SW1", workspace=workspace, as_="sam")

    by_subject = sfactl("activity", "list", "--search", "zebra", "-o", "json", workspace=workspace, as_="sam")
    by_account = sfactl("activity", "list", "--search", "ADOBE", "-o", "json", workspace=workspace, as_="sam")

    assert [row["subject"] for row in json.loads(by_subject.out)] == ["About Zebra stripes"]
    assert {row["account"] for row in json.loads(by_account.out)} == {"A-SW1"}


def test_next_step_close_date_and_amount_are_edited_with_a_trail(workspace: TestWorkspace, sfactl: Run):
    done = sfactl(
        "opportunity", "edit", "OPP-1", "--next-step", "Send the offer", "--close-on", "2026-07-15", "--amount", "1234.50",
        "--reason", "they said so", "-o", "json", workspace=workspace, as_="sam",
    )  # fmt: skip

    row = json.loads(done.out)
    assert (row["next_step"], row["close_on"], row["amount"]) == ("Send the offer", "2026-07-15", "1234.50")
    trail = sfactl("audit", "list", "-o", "json", workspace=workspace).out
    assert "they said so" in trail


EDITS = {
    "nothing": ((), 2, "Nothing of OPP-1 would change."),
    "below zero": (("--amount=-1",), 2, "is no amount"),
    "too fine": (("--amount", "1.005"), 2, "no more decimals"),
    "too long": (("--next-step", "x" * 201), 2, "at most 200"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_makes_no_sense_is_refused(name: str, sqlite_workspace: TestWorkspace, sfactl: Run):
    words, code, sentence = EDITS[name]

    done = sfactl("opportunity", "edit", "OPP-1", *words, workspace=sqlite_workspace, as_="sam")

    assert (done.code, sentence in done.err) == (code, True), done.err


def test_somebody_elses_opportunity_is_not_edited(workspace: TestWorkspace, sfactl: Run):
    done = sfactl("opportunity", "edit", "OPP-1", "--next-step", "mine", workspace=workspace, as_="nora")

    assert (done.code, "There is no opportunity OPP-1" in done.err) == (3, True)
