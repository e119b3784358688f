"""Accounts given to others: what goes along, what is refused, and what it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import Result, Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

OWNERS = (
    "SELECT a.code, u.login, t.code FROM account a LEFT JOIN app_user u ON u.id = a.owner_id"
    " JOIN territory t ON t.id = a.territory_id ORDER BY a.code"
)
OPEN_ROWS = (
    "SELECT a.code, u.login, t.code FROM assignment h JOIN account a ON a.id = h.account_id"
    " LEFT JOIN app_user u ON u.id = h.user_id JOIN territory t ON t.id = h.territory_id"
    " WHERE h.role = 'owner' AND h.valid_to IS NULL ORDER BY a.code"
)
SALES = (
    "SELECT o.code, u.login, t.code FROM opportunity o LEFT JOIN app_user u ON u.id = o.credited_id"
    " JOIN territory t ON t.id = o.credited_territory_id ORDER BY o.code"
)
SHARES = (
    "SELECT o.code, u.login, s.share_bp FROM opportunity_split s JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN app_user u ON u.id = s.user_id WHERE s.kind = 'revenue' ORDER BY o.code, u.login"
)


def owners(workspace: TestWorkspace) -> dict[str, str | None]:
    found = system_rows(workspace, OWNERS)
    assert found == system_rows(workspace, OPEN_ROWS), "an account and its open assignment differ"
    return {row[0]: row[1] for row in found}  # type: ignore[misc]


def sellers(workspace: TestWorkspace) -> dict[str, str | None]:
    return {row[0]: row[1] for row in system_rows(workspace, SALES)}  # type: ignore[misc]


def history(sfactl: Run, workspace: TestWorkspace, account: str) -> list[tuple[str, str | None, str | None]]:
    rows = sfactl("assignment", "history", account, "-o", "json", workspace=workspace).rows
    return [(row["owner"], row["since"], row["until"]) for row in rows]


def applied(result: Result) -> str:
    assert result.code == 0, result.err
    return str(json.loads(result.out)["run"])


def test_accounts_of_one_person_go_to_another_with_what_hangs_on_them(workspace: TestWorkspace, sfactl: Run):
    result = sfactl("assignment", "move", "--from", "sam", "--to", "nora", "--yes", "-o", "json", workspace=workspace)

    run = applied(result)
    now = owners(workspace)
    assert {code for code, owner in now.items() if owner == "nora"} == {"A-SW1", "A-SW2", "A-NE2", "A-NW1"}
    assert sellers(workspace)["OPP-1"] == sellers(workspace)["OPP-2"] == "nora"
    assert sellers(workspace)["OPP-5"] == "sam", "a lost one stays whose it was"
    assert history(sfactl, workspace, "A-SW1") == [
        ("nora", "2026-05-20", None),
        ("sam", "2025-01-01", "2026-05-20"),
    ]
    told = sfactl("audit", "list", "--run", run, "-o", "json", workspace=workspace).rows
    assert [row["action"] for row in told] == ["apply"]
    assert sfactl("db", "check", workspace=workspace).code == 0
    assert sfactl("audit", "verify", workspace=workspace).code == 0


def test_a_plan_is_looked_at_first_and_does_exactly_that_once(workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    file = tmp_path / "move.plan"
    made = sfactl(
        "assignment", "move", "--territory", "WEST", "--from", "sam", "--to", "nora", "--plan", str(file),
        "--reason", "balance", "-o", "json", workspace=workspace,
    )  # fmt: skip
    before = owners(workspace)

    shown = sfactl("plan", "show", str(file), "--lines", "10", "-o", "json", workspace=workspace)
    first = sfactl("plan", "apply", str(file), "-o", "json", workspace=workspace)
    again = sfactl("plan", "apply", str(file), "-o", "json", workspace=workspace)

    assert made.code == 0
    assert before["A-SW1"] == "sam"
    plan = json.loads(shown.out)
    assert plan["changes"] == "2 account, 2 opportunity"
    people = {row["user"]: row for row in plan["people"]}
    assert (people["sam"]["accounts_before"], people["sam"]["accounts_after"]) == (3, 1)
    assert people["nora"]["revenue_after"] == "8000000.00"
    assert people["sam"]["pipeline_after"] == "0.00"
    work = {row["user"]: row for row in plan["work"]}
    assert work["nora"]["hours_after"] == "54", "three accounts of 12 x (0.5 + 1) hours"
    assert plan["changes_in_full"][0] == {
        "entity": "account", "key": "A-SW1", "before": "owner sam, territory SW", "after": "owner nora, territory SW",
        "cause": "manual", "since": None, "why": None,
    }  # fmt: skip
    assert owners(workspace)["A-SW1"] == "nora"
    assert json.loads(first.out)["status"] == "applied"
    assert json.loads(again.out)["status"] == "already"
    assert again.code == 0
    assert system_rows(workspace, "SELECT count(*) FROM run WHERE kind = 'plan'") == [(1,)]
    assert system_rows(workspace, "SELECT count(*) FROM plan_stage") == [(0,)]
    assert sfactl("plan", "runs", "-o", "json", workspace=workspace).rows[0]["reason"] == "balance"


def test_a_plan_whose_rows_changed_meanwhile_is_refused_and_they_are_listed(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
):
    file = tmp_path / "move.plan"
    sfactl("assignment", "move", "--from", "sam", "--to", "nora", "--plan", str(file), workspace=workspace)
    move = ("--where", "code = A-SW2", "--to", "eve", "--yes")
    assert sfactl("assignment", "move", *move, workspace=workspace).code == 0
    before = owners(workspace)

    result = sfactl("plan", "apply", str(file), "-o", "json", workspace=workspace)

    assert result.code == 5
    assert [(row["entity"], row["key"]) for row in result.rows] == [("account", "A-SW2"), ("opportunity", "OPP-2")]
    assert "eve" in result.rows[0]["reason"]
    assert "nothing was changed" in result.err
    assert owners(workspace) == before
    assert system_rows(workspace, "SELECT count(*) FROM plan_stage") == [(0,)]


def test_a_run_is_taken_back_but_for_rows_that_changed_since(workspace: TestWorkspace, sfactl: Run):
    before, sold = owners(workspace), sellers(workspace)
    move = ("assignment", "move", "--from", "sam", "--to", "nora", "--yes", "-o", "json")
    run = applied(sfactl(*move, workspace=workspace))
    sfactl("assignment", "move", "--where", "code = A-SW2", "--to", "eve", "--yes", workspace=workspace)

    undone = sfactl("plan", "undo", run, "--yes", "-o", "json", workspace=workspace)
    again = sfactl("plan", "undo", run, "--yes", workspace=workspace)

    assert undone.code == 0
    left = json.loads(undone.out)["left"]
    assert {(row["entity"], row["key"]) for row in left} == {("account", "A-SW2"), ("opportunity", "OPP-2")}
    assert owners(workspace) == {**before, "A-SW2": "eve"}
    assert sellers(workspace) == {**sold, "OPP-2": "eve"}
    assert again.code == 5
    assert "taken back already" in again.err
    statuses = {row["run"]: row["status"] for row in sfactl("plan", "runs", "-o", "json", workspace=workspace).rows}
    assert statuses[run] == "undone"
    assert sfactl("db", "check", workspace=workspace).code == 0


def test_undoing_an_undo_puts_the_run_in_force_again(workspace: TestWorkspace, sfactl: Run):
    move = ("assignment", "move", "--from", "sam", "--to", "nora", "--yes", "-o", "json")
    run = applied(sfactl(*move, workspace=workspace))
    moved = owners(workspace)
    undo = applied(sfactl("plan", "undo", run, "--yes", "-o", "json", workspace=workspace))
    assert owners(workspace)["A-SW1"] == "sam"

    assert sfactl("plan", "undo", undo, "--yes", workspace=workspace).code == 0

    assert owners(workspace) == moved


def test_an_undo_leaves_the_time_between_as_it_was(
    workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
):
    from sfactl.commands import state
    from tests.organisation import NOW

    run = applied(
        sfactl("assignment", "move", "--from", "sam", "--to", "nora", "--yes", "-o", "json", workspace=workspace)
    )
    monkeypatch.setattr(state, "_now", lambda: NOW.replace(month=7))

    assert sfactl("plan", "undo", run, "--yes", workspace=workspace).code == 0

    assert history(sfactl, workspace, "A-SW1") == [
        ("sam", "2026-07-20", None),
        ("nora", "2026-05-20", "2026-07-20"),
        ("sam", "2025-01-01", "2026-05-20"),
    ]


def test_a_file_says_to_whom_and_where_each_account_goes(workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    file = tmp_path / "moves.csv"
    file.write_text("account,new_owner,territory,effective\nA-SW1,nora,NW,2026-04-01\nA-SW2,,NW,\nA-NO1,eve,NE,\n")

    result = sfactl("assignment", "move", str(file), "--yes", workspace=workspace)

    assert result.code == 0, result.err
    rows = {row[0]: row[1:] for row in system_rows(workspace, OWNERS)}
    assert (rows["A-SW1"], rows["A-SW2"], rows["A-NO1"]) == (("nora", "NW"), ("sam", "NW"), ("eve", "NE"))
    assert history(sfactl, workspace, "A-SW1")[0] == ("nora", "2026-04-01", None)
    on_the_day = sfactl(
        "assignment", "list", "--as-of", "2026-04-15", "--owner", "nora", "-o", "json", workspace=workspace
    )
    assert {row["account"] for row in on_the_day.rows} == {"A-SW1", "A-NW1"}
    assert {row[0]: row[2] for row in system_rows(workspace, SALES)}["OPP-1"] == "NW"


def test_a_bad_file_is_refused_with_every_line_and_nothing_is_changed(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
):
    file = tmp_path / "moves.csv"
    file.write_text("account,new_owner\nA-SW1,nobody\nA-XX9,nora\nA-SW2,leo\nA-SW2,nora\n")
    before = owners(workspace)

    result = sfactl("assignment", "move", str(file), "--yes", "-o", "json", workspace=workspace)

    assert result.code == 2
    found = {(row["line"], row["column"]) for row in result.rows}
    assert {(2, "new_owner"), (3, "account"), (4, "new_owner")} <= found
    assert any(row["line"] == 5 for row in result.rows), "the account stands there twice"
    assert owners(workspace) == before


def test_a_file_comes_from_standard_input(
    sqlite_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
):
    import io
    import sys

    class Stdin(io.TextIOWrapper):
        pass

    monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(b"account;new_owner\nA-SW1;nora\n"), encoding="utf-8"))

    assert sfactl("assignment", "move", "-", "--yes", workspace=sqlite_workspace).code == 0

    assert owners(sqlite_workspace)["A-SW1"] == "nora"


def test_open_opportunities_stay_when_they_are_exempt(workspace: TestWorkspace, sfactl: Run):
    before = sellers(workspace)
    move = ("--from", "sam", "--to", "nora", "--holdover", "exempt", "--yes")

    assert sfactl("assignment", "move", *move, workspace=workspace).code == 0

    assert sellers(workspace) == before
    assert owners(workspace)["A-SW1"] == "nora"


def test_open_opportunities_stay_until_a_day_and_are_shared_meanwhile(
    workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
):
    from sfactl.commands import state
    from tests.organisation import NOW

    move = (
        "--where",
        "code = A-SW1",
        "--to",
        "nora",
        "--holdover",
        "eligible",
        "--until",
        "2026-06-30",
        "--share",
        "0.3334",
    )
    assert sfactl("assignment", "move", *move, "--yes", workspace=workspace).code == 0

    assert sellers(workspace)["OPP-1"] == "sam"
    assert system_rows(workspace, SHARES) == [("OPP-1", "nora", 3334), ("OPP-1", "sam", 6666)]
    held = sfactl("assignment", "holdover", "list", "-o", "json", workspace=workspace).rows
    assert [(row["opportunity"], row["seller"], row["goes_to"], row["until"]) for row in held] == [
        ("OPP-1", "sam", "nora", "2026-06-30")
    ]
    early = sfactl("assignment", "holdover", "expire", "--yes", workspace=workspace)
    assert (early.code, sellers(workspace)["OPP-1"]) == (0, "sam")

    monkeypatch.setattr(state, "_now", lambda: NOW.replace(month=6, day=30))
    expired = sfactl("assignment", "holdover", "expire", "--yes", "-o", "json", workspace=workspace)

    assert sellers(workspace)["OPP-1"] == "nora"
    assert system_rows(workspace, SHARES) == []
    assert sfactl("assignment", "holdover", "list", "-o", "json", workspace=workspace).rows == []
    assert sfactl("plan", "undo", applied(expired), "--yes", workspace=workspace).code == 0
    assert sellers(workspace)["OPP-1"] == "sam"
    assert system_rows(workspace, SHARES) == [("OPP-1", "nora", 3334), ("OPP-1", "sam", 6666)]
    assert len(sfactl("assignment", "holdover", "list", "-o", "json", workspace=workspace).rows) == 1


def test_a_move_from_a_day_in_the_past_keeps_what_was_booked_unless_credit_is_to_follow(
    workspace: TestWorkspace, sfactl: Run
):
    credited = (
        "SELECT o.code, u.login, c.amount_minor FROM credit c JOIN sales_order o ON o.id = c.order_id"
        " JOIN app_user u ON u.id = c.user_id ORDER BY o.code"
    )
    before = system_rows(workspace, credited)
    move = ("--from", "sam", "--territory", "SW", "--to", "nora", "--effective", "2026-02-01", "--yes", "-o", "json")

    run = applied(sfactl("assignment", "move", *move, workspace=workspace))
    assert system_rows(workspace, credited) == before
    assert sfactl("plan", "undo", run, "--yes", workspace=workspace).code == 0
    assert history(sfactl, workspace, "A-SW1")[0][:2] == ("sam", "2026-02-01"), "the past is again what it was"

    run = applied(sfactl("assignment", "move", *move, "--credit", workspace=workspace))
    after = {row[0]: row[1] for row in system_rows(workspace, credited)}
    assert (after["O-1"], after["O-2"], after["O-8"]) == ("sam", "nora", "sam"), "only what was booked since"
    assert sfactl("db", "check", workspace=workspace).code == 0
    assert sfactl("plan", "undo", run, "--yes", workspace=workspace).code == 0
    assert system_rows(workspace, credited) == before


def test_an_account_that_changed_hands_after_the_day_is_left_alone(workspace: TestWorkspace, sfactl: Run):
    sfactl("assignment", "move", "--where", "code = A-SW1", "--to", "eve", "--yes", workspace=workspace)

    move = ("--owner", "eve", "--from", "eve", "--to", "nora", "--effective", "2026-05-01", "--yes", "-o", "json")
    result = sfactl("assignment", "move", *move[2:], workspace=workspace)

    assert result.code == 0
    left = json.loads(result.out)["left"]
    assert [(row["key"], "2026-05-20" in row["reason"]) for row in left] == [("A-SW1", True)]
    assert owners(workspace)["A-SW1"] == "eve"
    assert owners(workspace)["A-NE1"] == "nora"


def test_a_plan_for_a_later_day_waits_for_it(workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch):
    from sfactl.commands import state
    from tests.organisation import NOW

    before = owners(workspace)
    move = ("--from", "sam", "--to", "nora", "--effective", "2026-07-01", "--yes", "-o", "json")
    scheduled = json.loads(sfactl("assignment", "move", *move, workspace=workspace).out)
    assert scheduled["status"] == "scheduled"
    assert owners(workspace) == before
    assert sfactl("plan", "due", "-o", "json", workspace=workspace).rows == []

    monkeypatch.setattr(state, "_now", lambda: NOW.replace(month=7, day=2))
    due = sfactl("plan", "due", "-o", "json", workspace=workspace)

    assert [(row["run"], row["status"]) for row in due.rows] == [(scheduled["run"], "applied")]
    assert owners(workspace)["A-SW1"] == "nora"
    assert history(sfactl, workspace, "A-SW1")[0][:2] == ("nora", "2026-07-01")
    assert system_rows(workspace, "SELECT count(*) FROM plan_stage") == [(0,)]
    assert sfactl("plan", "due", "-o", "json", workspace=workspace).rows == []


def test_a_waiting_plan_whose_rows_changed_waits_on_or_leaves_them_alone(
    workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
):
    from sfactl.commands import state
    from tests.organisation import NOW

    move = ("--from", "sam", "--to", "nora", "--effective", "2026-07-01", "--yes", "-o", "json")
    sfactl("assignment", "move", *move, workspace=workspace)
    sfactl("assignment", "move", "--where", "code = A-SW2", "--to", "eve", "--yes", workspace=workspace)
    monkeypatch.setattr(state, "_now", lambda: NOW.replace(month=7, day=1))

    waiting = sfactl("plan", "due", workspace=workspace)
    assert (waiting.code, owners(workspace)["A-SW1"]) == (5, "sam")
    assert "A-SW2" in waiting.err

    assert sfactl("plan", "due", "--skip-changed", workspace=workspace).code == 0
    assert (owners(workspace)["A-SW1"], owners(workspace)["A-SW2"]) == ("nora", "eve")


def test_a_waiting_plan_can_be_cancelled(workspace: TestWorkspace, sfactl: Run):
    move = ("--from", "sam", "--to", "nora", "--effective", "2026-07-01", "--yes", "-o", "json")
    run = applied(sfactl("assignment", "move", *move, workspace=workspace))

    assert sfactl("plan", "cancel", run[:20], "--reason", "no", workspace=workspace).code == 0

    assert sfactl("plan", "runs", "-o", "json", workspace=workspace).rows[0]["status"] == "cancelled"
    assert sfactl("plan", "cancel", run, workspace=workspace).code == 5
    assert system_rows(workspace, "SELECT count(*) FROM plan_stage") == [(0,)]


def test_planned_activities_of_the_owner_go_along_unless_they_are_to_stay(workspace: TestWorkspace, sfactl: Run):
    planned = "SELECT v.subject, u.login FROM activity v JOIN app_user u ON u.id = v.owner_id WHERE v.done_on IS NULL ORDER BY 1"
    sfactl(
        "assignment",
        "move",
        "--where",
        "code = A-NE1",
        "--to",
        "sam",
        "--keep-activities",
        "--yes",
        workspace=workspace,
    )
    assert ("Visit Elm", "eve") in system_rows(workspace, planned)
    sfactl("assignment", "move", "--where", "code = A-NE1", "--to", "eve", "--yes", workspace=workspace)

    sfactl("assignment", "move", "--where", "code = A-NE1", "--to", "nora", "--yes", workspace=workspace)

    assert ("Visit Elm", "nora") in system_rows(workspace, planned)
    assert ("Clean up", "nora") in system_rows(workspace, planned)


def test_families_go_together_when_asked(workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    file = tmp_path / "parents.csv"
    file.write_text("code,name,parent\nA-SW2,Basin Foods,A-SW1\nA-NE1,Elm Hospital,A-SW2\n")
    assert sfactl("import", "account", str(file), workspace=workspace).code == 0

    move = ("--where", "code = A-SW2", "--to", "nora", "--families", "--yes")
    assert sfactl("assignment", "move", *move, workspace=workspace).code == 0

    mine = {code for code, owner in owners(workspace).items() if owner == "nora"}
    assert mine == {"A-SW1", "A-SW2", "A-NE1", "A-NW1"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("--from", "sam"), 2),
        (("--to", "nora"), 2),
        (("--from", "sam", "--to", "leo"), 2),
        (("--from", "sam", "--to", "nobody"), 3),
        (("--from", "nobody", "--to", "nora"), 3),
        (("--territory", "XX", "--to", "nora"), 3),
        (("--from", "sam", "--to", "nora", "--holdover", "later"), 2),
        (("--from", "sam", "--to", "nora", "--holdover", "eligible"), 2),
        (("--from", "sam", "--to", "nora", "--until", "2026-07-01"), 2),
        (("--from", "sam", "--to", "nora", "--share", "1.5"), 2),
        (("--from", "sam", "--to", "nora", "--effective", "tomorrow"), 2),
        (("no-such-file.csv", "--from", "sam", "--to", "nora"), 2),
        (("no-such-file.csv",), 2),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], code: int
):
    before = owners(sqlite_workspace)

    result = sfactl("assignment", "move", *words, "--yes", workspace=sqlite_workspace)

    assert result.code == code, result.err
    assert "Traceback" not in result.err
    assert owners(sqlite_workspace) == before


def test_without_a_yes_and_nobody_to_ask_nothing_happens(sqlite_workspace: TestWorkspace, sfactl: Run):
    before = owners(sqlite_workspace)

    result = sfactl("assignment", "move", "--from", "sam", "--to", "nora", workspace=sqlite_workspace)

    assert result.code == 2
    assert "--yes" in result.err
    assert owners(sqlite_workspace) == before


def test_a_trial_shows_what_it_comes_to_and_changes_nothing(workspace: TestWorkspace, sfactl: Run):
    before = owners(workspace)

    result = sfactl(
        "assignment", "move", "--from", "sam", "--to", "nora", "--dry-run", "-o", "json", workspace=workspace
    )

    assert result.code == 0
    assert json.loads(result.out)["lines"] == 5
    assert owners(workspace) == before
    assert system_rows(workspace, "SELECT count(*) FROM run WHERE kind = 'plan'") == [(0,)]


@pytest.mark.parametrize("edit", ["owner", "header", "cut", "more", "none"])
def test_a_plan_that_was_edited_is_refused(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, edit: str):
    file = tmp_path / "move.plan"
    sfactl("assignment", "move", "--from", "sam", "--to", "nora", "--plan", str(file), workspace=sqlite_workspace)
    text = file.read_text()
    changed = {
        "owner": text.replace('"after":{"owner":"nora"', '"after":{"owner":"eve"', 1),
        "header": text.replace("2026-05-20", "2026-05-19", 1),
        "cut": "\n".join(text.splitlines()[:-1]) + "\n",
        "more": text + text.splitlines()[-1] + "\n",
        "none": "",
    }[edit]
    file.write_text(changed)
    before = owners(sqlite_workspace)

    result = sfactl("plan", "apply", str(file), workspace=sqlite_workspace)

    assert result.code == 2, result.err
    assert owners(sqlite_workspace) == before


def test_a_manager_moves_within_his_territories_and_not_out_of_them(workspace: TestWorkspace, sfactl: Run):
    inside = sfactl(
        "assignment", "move", "--where", "code = A-SW1", "--to", "nora", "--yes", workspace=workspace, as_="mike"
    )
    before = owners(workspace)
    outside = sfactl(
        "assignment",
        "move",
        "--where",
        "code = A-SW2",
        "--to-territory",
        "NE",
        "--yes",
        workspace=workspace,
        as_="mike",
    )
    hidden = sfactl(
        "assignment", "move", "--where", "code = A-NE1", "--to", "nora", "--yes", workspace=workspace, as_="mike"
    )
    seller = sfactl(
        "assignment", "move", "--where", "code = A-SW2", "--to", "nora", "--yes", workspace=workspace, as_="sam"
    )

    assert inside.code == 0, inside.err
    assert before["A-SW1"] == "nora"
    assert outside.code == 3
    assert hidden.code == 0, "he does not see it: there is nothing to move"
    assert seller.code == 4
    assert owners(workspace) == before


def test_of_two_applies_at_once_one_wins_and_the_other_is_told(workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    from concurrent.futures import ThreadPoolExecutor

    from sfactl.errors import SfaError
    from sfactl.services import plan_files, plans

    files = [tmp_path / f"{name}.plan" for name in ("nora", "eve")]
    for file in files:
        sfactl("assignment", "move", "--from", "sam", "--to", file.stem, "--plan", str(file), workspace=workspace)

    def apply(file: Path) -> str:
        try:
            with plan_files.opened(file) as plan:
                return plans.apply(workspace.door(), plan).status
        except SfaError as fault:
            return type(fault).__name__

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(apply, files))

    assert ended in (["Conflict", "applied"], ["Stale", "applied"])
    assert len({owner for code, owner in owners(workspace).items() if code in ("A-SW1", "A-SW2", "A-NE2")}) == 1


def test_a_run_tells_what_its_plan_came_to_and_names_each_row(workspace: TestWorkspace, sfactl: Run):
    moved = sfactl("assignment", "move", "--from", "sam", "--to", "nora", "--yes", "-o", "json", workspace=workspace)

    shown = json.loads(sfactl("plan", "show", applied(moved), "--lines", "3", "-o", "json", workspace=workspace).out)

    people = {each["user"]: (each["accounts_before"], each["accounts_after"]) for each in shown["people"]}
    assert people["sam"][1] == 0 and people["nora"][1] > people["nora"][0]
    assert [(each["entity"], each["key"]) for each in shown["changes_in_full"][:1]] == [("account", "A-NE2")]
    assert "owner: sam → nora" in shown["changes_in_full"][0]["changes"]
    assert "row_id" not in shown["changes_in_full"][0]


def test_a_plan_that_waits_tells_what_it_comes_to(workspace: TestWorkspace, sfactl: Run):
    words = ("assignment", "move", "--from", "sam", "--to", "nora", "--effective", "2026-08-01", "--yes")
    far = sfactl(*words, "-o", "json", workspace=workspace)

    shown = json.loads(sfactl("plan", "show", applied(far), "-o", "json", workspace=workspace).out)

    assert shown["status"] == "scheduled"
    assert {each["user"] for each in shown["people"]} >= {"sam", "nora"}


def test_quiet_commands_that_go_well_say_nothing(workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    plan = str(tmp_path / "p.plan")
    for words in (
        ("assignment", "holdover", "expire", "--yes"), ("plan", "due"),
        ("assignment", "move", "--from", "sam", "--to", "nora", "--plan", plan), ("plan", "apply", plan),
        ("assignment", "move", "--from", "sam", "--to", "nora", "--yes"),
    ):  # fmt: skip
        quiet = sfactl(*words, "-q", workspace=workspace)
        assert (quiet.code, quiet.out, quiet.err) == (0, "", ""), words
    asked = sfactl("assignment", "holdover", "expire", "--yes", "-q", "-o", "json", workspace=workspace)
    assert json.loads(asked.out)["lines"] == 0, "a form that was asked for is written"


def test_a_plan_that_somebody_else_applied_is_not_applied_again(workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    plan = str(tmp_path / "p.plan")
    sfactl("assignment", "move", "--where", "code = A-SW1", "--to", "nora", "--plan", plan, workspace=workspace)
    assert sfactl("plan", "apply", plan, workspace=workspace).code == 0

    again = sfactl("plan", "apply", plan, workspace=workspace, as_="dora")

    assert again.code == 5
    assert "was applied before, by somebody else" in again.err


OPEN_ACTIVITIES = (
    "SELECT v.subject, u.login FROM activity v JOIN app_user u ON u.id = v.owner_id WHERE v.done_on IS NULL ORDER BY 1"
)
MEMBERS = (
    "SELECT t.code, u.login, m.valid_to FROM territory_member m JOIN territory t ON t.id = m.territory_id"
    " JOIN app_user u ON u.id = m.user_id ORDER BY t.code, u.login, m.valid_from"
)


def test_a_leaver_hands_all_that_is_his_to_a_person_and_it_can_be_taken_back(workspace: TestWorkspace, sfactl: Run):
    before, members = owners(workspace), system_rows(workspace, MEMBERS)

    run = applied(
        sfactl("assignment", "move", "--leaver", "sam", "--to", "nora", "--yes", "-o", "json", workspace=workspace)
    )

    assert "sam" not in owners(workspace).values()
    assert owners(workspace)["A-SW1"] == "nora"
    assert {sellers(workspace)[code] for code in ("OPP-1", "OPP-2")} == {"nora"}
    ended = {(str(row[0]), str(row[1])): row[2] for row in system_rows(workspace, MEMBERS)}
    assert str(ended["SW", "sam"]) == "2026-05-20"
    teams = "SELECT u.login FROM team_member m JOIN app_user u ON u.id = m.user_id WHERE m.valid_to IS NULL"
    assert ("sam",) not in system_rows(workspace, teams)
    assert sfactl("db", "check", workspace=workspace).code == 0

    assert sfactl("plan", "undo", run, "--yes", workspace=workspace).code == 0
    assert owners(workspace) == before
    assert system_rows(workspace, MEMBERS) == members


def test_a_leaver_hands_over_to_his_manager_who_is_still_here(workspace: TestWorkspace, sfactl: Run):
    assert sfactl("assignment", "move", "--leaver", "sam", "--to-manager", "--yes", workspace=workspace).code == 0

    assert owners(workspace)["A-SW1"] == "dora"
    assert ("Visit Elm", "eve") in system_rows(workspace, OPEN_ACTIVITIES)


def test_what_a_leaver_sells_for_others_and_has_planned_goes_too(workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    file = tmp_path / "opportunity.csv"
    file.write_text(
        "code,name,account,seller,stage,amount,close_on\nOPP-7,For another,A-NE1,sam,qualify,10,2026-09-01\n"
    )
    assert sfactl("import", "opportunity", str(file), workspace=workspace).code == 0

    result = sfactl("assignment", "move", "--leaver", "sam", "--distribute", "--yes", "-o", "json", workspace=workspace)

    assert result.code == 0, result.err
    assert sellers(workspace)["OPP-7"] == "eve", "the account's owner"
    left = {row["key"] for row in json.loads(result.out).get("left", [])}
    assert left >= {"A-SW1", "A-SW2"}, "nobody else sells in SW or above it"
    assert owners(workspace)["A-NE2"] == "eve"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--leaver", "sam"), 2),
        (("--leaver", "sam", "--to", "sam"), 2),
        (("--leaver", "sam", "--to", "nora", "--to-manager"), 2),
        (("--leaver", "ana", "--to-manager"), 2),
        (("--leaver", "nobody", "--to", "nora"), 3),
        (("--leaver", "sam", "--from", "eve", "--to", "nora"), 2),
    ],
)
def test_a_leavers_hand_over_that_cannot_be_meant_is_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], code: int
):
    result = sfactl("assignment", "move", *words, "--yes", workspace=sqlite_workspace)

    assert result.code == code, result.err


def test_orders_without_a_seller_are_credited_to_the_owner_of_the_day(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
):
    """So what is booked after a move counts for the new owner, and what was booked before it for the old one."""
    move = ("--where", "code = A-SW1", "--to", "nora", "--to-territory", "NW", "--effective", "2026-03-01", "--yes")
    assert sfactl("assignment", "move", *move, workspace=workspace).code == 0
    file = tmp_path / "order.csv"
    file.write_text("code,account,booked_on,amount\nO-20,A-SW1,2026-02-28,10.00\nO-21,A-SW1,2026-03-01,20.00\n")

    assert sfactl("import", "order", str(file), workspace=workspace).code == 0

    credited = (
        "SELECT o.code, u.login, t.code, c.amount_minor FROM credit c JOIN sales_order o ON o.id = c.order_id"
        " JOIN app_user u ON u.id = c.user_id JOIN territory t ON t.id = c.territory_id"
        " WHERE o.code IN ('O-20', 'O-21') ORDER BY o.code"
    )
    assert system_rows(workspace, credited) == [("O-20", "sam", "SW", 1000), ("O-21", "nora", "NW", 2000)]


def test_a_day_to_come_in_a_file_is_refused_with_its_line(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    file = tmp_path / "moves.csv"
    file.write_text("account,new_owner,effective\nA-SW1,nora,2026-05-20\nA-SW2,nora,2026-07-01\n")
    before = owners(sqlite_workspace)

    result = sfactl("assignment", "move", str(file), "--yes", "-o", "json", workspace=sqlite_workspace)

    assert result.code == 2
    assert [(row["line"], row["column"]) for row in result.rows] == [(3, "effective")]
    assert owners(sqlite_workspace) == before


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "sam", "--to", "nora", "--effective", "9999-12-31"),
        ("--from", "sam", "--to", "nora", "--holdover", "eligible", "--until", "2026-05-20"),
        ("--from", "sam", "--to", "nora", "--plan", "/no/such/folder/x.plan"),
    ],
)
def test_days_and_folders_that_cannot_be_are_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...]
):
    result = sfactl("assignment", "move", *words, workspace=sqlite_workspace)

    assert result.code == 2
    assert "Traceback" not in result.err
