"""Opportunities are made where their account lies, for whoever owns it."""

from __future__ import annotations

import json

import pytest

from tests.cli import Run
from tests.workspace import TestWorkspace, system_change, system_rows

pytestmark = pytest.mark.usefixtures("today")

CREATE = ("opportunity", "create", "A-SW1", "Second site", "--close-on", "2026-08-31")


def test_it_is_in_the_first_stage_and_credited_to_the_owner_of_the_account(workspace: TestWorkspace, sfactl: Run):
    made = sfactl(*CREATE, "--amount", "1200.50", "--next-step", "Call", "-o", "json", workspace=workspace, as_="mike")

    row = json.loads(made.out)
    assert made.code == 0, made.err
    assert (row["account"], row["seller"], row["territory"], row["stage"]) == ("A-SW1", "sam", "SW", "qualify")
    assert (row["amount"], row["currency"], row["close_on"], row["next_step"]) == (
        "1200.50",
        "USD",
        "2026-08-31",
        "Call",
    )
    query = (
        "SELECT s.code FROM stage_change AS c JOIN stage AS s ON s.id = c.stage_id JOIN opportunity AS o"
        " ON o.id = c.opportunity_id WHERE o.name = 'Second site'"
    )
    assert system_rows(workspace, query) == [("qualify",)]
    assert system_rows(
        workspace, "SELECT count(*) FROM audit_event WHERE action = 'create' AND entity = 'opportunity'"
    ) == [(1,)]
    shown = sfactl("opportunity", "show", row["code"], workspace=workspace, as_="sam")
    assert shown.code == 0 and "Second site" in shown.out


def test_a_code_that_came_in_from_elsewhere_and_is_out_of_sight_is_not_used_twice(
    workspace: TestWorkspace, sfactl: Run
):
    [(last,)] = system_rows(workspace, "SELECT max(id) FROM opportunity")
    system_change(workspace, f"UPDATE opportunity SET code = 'OPP-{int(str(last)) + 1:06d}' WHERE code = 'OPP-3'")

    made = sfactl(*CREATE, "-o", "json", workspace=workspace, as_="sam")

    assert made.code == 0, made.err
    code = json.loads(made.out)["code"]
    assert code.startswith("OPP-") and len(code) == 14


REFUSED = {
    "no such account": (("A-NE1",), 3, "There is no account A-NE1"),
    "a day that is over": (("A-SW1", "--close-on", "2026-05-01"), 2, "is over"),
    "no name": (("A-SW1", "--name", " "), 2, "1 to 200 characters"),
    "less than nothing": (("A-SW1", "--amount=-5"), 2, "is no amount of USD"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_kept(name: str, sqlite_workspace: TestWorkspace, sfactl: Run):
    (account, *more), code, sentence = REFUSED[name]
    called = more.pop() if "--name" in more else "Second site"
    more = [] if "--name" in more else more
    day = [] if "--close-on" in more else ["--close-on", "2026-08-31"]

    done = sfactl("opportunity", "create", account, called, *day, *more, workspace=sqlite_workspace, as_="sam")

    assert (done.code, sentence in done.err) == (code, True), done.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM opportunity") == [(5,)]


def test_somebody_who_may_only_look_makes_none(sqlite_workspace: TestWorkspace, sfactl: Run):
    done = sfactl(*CREATE, workspace=sqlite_workspace, as_="nils")

    assert done.code == 4
