"""What a person does in the screens changes the database, on both kinds, as the command of the same name would."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sfactl.config import policy
from sfactl.config.settings import Screens
from sfactl.errors import Unavailable
from sfactl.services import policies
from tests.commands.test_handoffs import ruled
from tests.organisation import TODAY
from tests.tui.seeing import Person, person_at, until
from tests.workspace import TestWorkspace, system_change, system_rows

GATE = 'requires = { fields = ["next_step"], activities = { call = 2 } }\n'


def gate(workspace: TestWorkspace, folder: Path) -> None:
    """Let negotiation ask for a next step and a call."""
    (folder / "policy").mkdir()
    text = (policy.DEFAULT_FOLDER / "process.toml").read_text(encoding="utf-8")
    (folder / "policy" / "process.toml").write_text(
        text.replace('category = "commit"\n', f'category = "commit"\n{GATE}'), encoding="utf-8"
    )
    workspace.door().write(policies.apply_and_check, policy.load(folder / "policy"))


def one(workspace: TestWorkspace, query: str) -> tuple[object, ...]:
    [row] = system_rows(workspace, query)
    return row


STAGE = "SELECT s.code, o.next_step FROM opportunity AS o JOIN stage AS s ON s.id = o.stage_id WHERE o.code = 'OPP-1'"


async def go_to_card(person: Person, code: str) -> None:
    """Put the board's cursor on a card, by keys."""
    from sfactl.tui.widgets.card_board import CardBoard

    board = person.app.screen.query_one(CardBoard)
    for _stage in range(6):
        for _card in range(10):
            if board.key == code:
                return
            await person.pilot.press("down")
        await person.pilot.press("right", "home")
    raise AssertionError(f"{code} is on no card")


async def test_a_card_goes_through_a_gate_that_is_met_on_the_way(workspace: TestWorkspace, tmp_path: Path) -> None:
    gate(workspace, tmp_path)

    async with person_at(workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        asked = await person.press("greater_than_sign")
        await person.types("Agree on dates")
        await person.press("tab")
        await person.types("They want it by June")
        said = await person.press("ctrl+s")

    assert "OPP-1 cannot enter" in asked and "It has no next step." in asked and "1 of 2 are done: call." in asked
    assert "sfactl opportunity stage OPP-1 negotiate" in asked
    assert "OPP-1 is in negotiate now." in said
    assert one(workspace, STAGE) == ("negotiate", "Agree on dates")
    call = one(workspace, "SELECT kind, subject FROM activity WHERE subject = 'They want it by June'")
    assert call == ("call", "They want it by June")


async def test_a_gate_that_is_not_met_keeps_the_card_and_what_was_typed(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    gate(workspace, tmp_path)

    async with person_at(workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        await person.press("greater_than_sign")
        await person.types("Agree on dates")
        refused = await person.press("ctrl+s")
        closed = await person.press("escape")

    assert "Not done:" in refused and "1 of 2 are done: call." in refused and "Agree on dates" in refused
    assert "cannot enter" not in closed
    assert one(workspace, STAGE) == ("propose", None)


async def test_a_card_is_drawn_over_with_the_mouse(workspace: TestWorkspace) -> None:
    from sfactl.tui.widgets.card_board import CardBoard

    async with person_at(workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        board = person.app.screen.query_one(CardBoard)
        x, y = board.place
        await person.pilot.mouse_down(board, offset=(board.left_of(x) + 5, y * 4 + 1))
        await person.pilot.hover(board, offset=(board.left_of(x + 1) + 5, 2))
        await person.pilot.mouse_up(board, offset=(board.left_of(x + 1) + 5, 2))
        await person.settle()

    assert one(workspace, STAGE)[0] == "negotiate"


async def test_an_account_is_found_called_and_given_to_somebody_else_and_that_is_undone(
    workspace: TestWorkspace,
) -> None:
    owner = "SELECT u.login FROM account AS a JOIN app_user AS u ON u.id = a.owner_id WHERE a.code = 'A-SW1'"

    async with person_at(workspace.door("mike"), 140, 40, opening="accounts") as person:
        await person.press("slash")
        found = await person.types("adobe")
        await person.press("enter", "l")
        await person.types("Said hello")
        logged = await person.press("ctrl+s")
        await person.press("a")
        await person.types("nora")
        await person.press("tab")
        await person.types("closer to them")
        moved = await person.press("ctrl+s")
        assert one(workspace, owner) == ("nora",)
        plans = await person.press("8", "u", "ctrl+s")

    assert "1 account ·" in found and "A-SW1" in found and "A-SW2" not in found
    assert "Kept: call" in logged
    assert "Done: 2 rows" in moved and "Done:" in plans
    assert one(workspace, owner) == ("sam",)
    assert one(workspace, "SELECT subject FROM activity WHERE subject = 'Said hello'") == ("Said hello",)


async def test_a_quote_is_made_changed_submitted_and_approved(workspace: TestWorkspace) -> None:
    quote = "SELECT status, header_bp FROM quote WHERE code NOT LIKE 'Q-_' ORDER BY id DESC LIMIT 1"

    async with person_at(workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await person.press("slash")
        await person.types("OPP-1")
        await person.press("enter", "enter", "n")
        await person.types("P-1=3")
        made = await person.press("ctrl+s")
        changed = await person.press("d")
        await person.types("30%")
        changed = await person.press("ctrl+s")
        asked = await person.press("s")
        submitted = await person.press("ctrl+s")
    status, discount = one(workspace, quote)

    async with person_at(workspace.door("mike"), 160, 45, opening="inbox") as person:
        waiting = person.sees()
        await person.press("a")
        await person.types("fine")
        approved = await person.press("ctrl+s")

    assert "is a draft now" in made and "Nobody needs to agree" in made
    assert "is priced anew" in changed and "Must agree" in changed
    assert "mike" in asked and "is submitted" in submitted
    assert (status, discount) == ("submitted", 3000)
    assert "agree?" in waiting and "1 approval" in waiting
    assert "is approved" in approved or "Your word on" in approved
    assert one(workspace, "SELECT via, comment FROM approval WHERE status = 'approved'") == ("screen", "fine")


async def test_an_activity_is_planned_and_done(workspace: TestWorkspace) -> None:
    day = (TODAY + timedelta(days=3)).isoformat()
    kept = "SELECT planned_on, done_on, note FROM activity WHERE subject = 'Look at it'"

    async with person_at(workspace.door("sam"), 120, 60, opening="opportunities") as person:
        await person.press("slash")
        await person.types("OPP-1")
        await person.press("enter", "enter", "p")
        await person.types("Look at it")
        await person.press("tab", "tab")
        await person.types(day)
        await person.press("ctrl+s", "escape", "6", "v", "v", "v")
        await person.press("slash")
        await person.types("Look at it")
        seen = await person.press("enter", "x")
        await person.types("saw it")
        done = await person.press("ctrl+s")

    planned, done_on, note = one(workspace, kept)
    assert "Done: call “Look at it”" in seen and "is done." in done
    assert (str(planned)[:10], note) == (day, "saw it") and done_on is not None


async def test_what_is_refused_is_told_and_the_form_keeps_what_was_typed(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("sam"), 120, 40, opening="accounts") as person:
        await person.press("slash")
        await person.types("adobe")
        await person.press("enter", "a")
        await person.types("nobody-here")
        await person.press("tab")
        await person.types("because")
        refused = await person.press("ctrl+s")
        still = await person.press("escape", "escape")

    assert "Not done:" in refused and "nobody-here" in refused and "because" in refused
    assert "Not done:" not in still and "A-SW1" in still


async def test_a_quote_that_somebody_else_changed_meanwhile_is_a_conflict_and_nothing_is_lost(
    workspace: TestWorkspace,
) -> None:
    from sfactl.services import quote_editing

    async with person_at(workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await person.press("slash")
        await person.types("OPP-1")
        await person.press("enter", "enter", "n")
        await person.types("P-1=3")
        await person.press("ctrl+s", "d")
        code = one(workspace, "SELECT code FROM quote ORDER BY id DESC LIMIT 1")[0]
        workspace.door("sam").write(quote_editing.edit, code, quote_editing.Change(header_bp=100))
        await person.types("5%")
        refused = await person.press("ctrl+s")

    assert "Not done:" in refused and "5%" in refused
    assert one(workspace, "SELECT header_bp FROM quote ORDER BY id DESC LIMIT 1") == (100,)


async def test_a_locked_file_is_told_with_who_holds_it_and_a_second_try_does_it(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setattr("sfactl.db.connect.BUSY_TIMEOUT_S", 0.2)
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="accounts") as person:
        await person.press("slash")
        await person.types("adobe")
        await person.press("enter", "l")
        await person.types("Said hello")
        holder = sqlite3.connect(str(sqlite_workspace.url.path), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused = await person.press("ctrl+s")
        holder.execute("ROLLBACK")
        holder.close()
        done = await person.press("ctrl+s")

    assert "Not done:" in refused and "Said hello" in refused
    assert "Kept: call" in done


async def test_a_list_is_written_to_a_file_in_the_forms_of_the_commands(
    sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    target = tmp_path / "accounts.json"

    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="accounts") as person:
        await person.press("E")
        await person.types(str(target))
        await person.press("tab", "down", "down", "down", "enter")
        await person.press("ctrl+s")
        again = await person.press("E")
        await person.types(str(target))
        again = await person.press("ctrl+s")

    rows = json.loads(target.read_text(encoding="utf-8"))
    assert {row["code"] for row in rows} == {"A-SW1", "A-SW2", "A-SW3", "A-NE2"}
    assert "Not done:" in again, "a file that is there is left alone"


async def test_a_filter_is_kept_under_a_name_and_found_again(sqlite_workspace: TestWorkspace, tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text("# mine\n", encoding="utf-8")

    async with person_at(
        sqlite_workspace.door("ana"),
        120,
        40,
        opening="accounts",
        settings_path=settings,
        likes=Screens(is_greeted=True),
    ) as person:
        await person.press("slash")
        await person.types("luck:sam")
        await person.press("enter", "S")
        await person.types("of luck")
        refused = await person.press("ctrl+s")
        await person.press("escape", "slash", "escape", "slash")
        await person.types("owner:sam")
        await person.press("enter", "S")
        await person.types("of sam")
        await person.press("ctrl+s", "slash", "escape")
        whole = person.sees()
        await person.pilot.press("ctrl+p", *"of sam".replace(" ", ""))
        await person.pilot.press("enter")
        await person.pilot.pause(1)
        narrowed = person.sees()

    assert settings.read_text(encoding="utf-8").startswith("# mine\n")
    assert '"of sam" = "owner:sam"' in settings.read_text(encoding="utf-8")
    assert "There is no filter luck" in refused
    assert "of luck" not in settings.read_text(encoding="utf-8")
    assert "7 accounts" in whole
    assert narrowed


async def test_keys_are_what_the_settings_say(sqlite_workspace: TestWorkspace) -> None:
    likes = Screens(theme="light", keys={"app.accounts": "f3"})
    async with person_at(sqlite_workspace.door("ana"), 120, 40, likes=likes) as person:
        seen = await person.press("f3")

        assert "[f3 Accounts]" in seen and person.app.theme == "sfactl-light"


async def test_who_comes_for_the_first_time_reads_how_to_begin_and_is_not_told_again(
    sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    settings = tmp_path / "config.toml"
    async with person_at(sqlite_workspace.door("ana"), 80, 24, settings_path=settings) as person:
        first = person.sees()
        after = await person.press("enter")

    assert "Welcome to sfactl" in first and "explains every key" in first
    assert "Welcome" not in after and "[1 Pipeline]" in after
    assert "is_greeted = true" in settings.read_text(encoding="utf-8")


async def test_a_manager_drills_from_territory_to_accounts_and_people_and_compares(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("dora"), 160, 40, opening="territories") as person:
        await person.press("end")
        place = person.line("▸")
        accounts = await person.press("o")
        people = await person.press("4", "u")
        await person.press("4", "m", "up", "m")
        compared = await person.press("c")

    assert "Southwest" in place
    assert "territory:SW" in accounts and "A-SW1" in accounts and "A-NE1" not in accounts
    assert "[5 Quotas]" in people and "Sam Person" in people and "Nora Person" not in people
    assert "Side by side" in compared and "SW" in compared and "NW" in compared and "Quota reached" in compared


async def test_funnel_forecast_and_changes_since_a_day_are_one_key_away(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("mike"), 140, 50) as person:
        await person.press("c")
        seen = await person.press("ctrl+s")

    assert "Funnel, 2026Q2" in seen and "Forecast" in seen and "Changes since 2026-05-13" in seen


SPLITS = (
    "INSERT INTO opportunity_split (opportunity_id, user_id, kind, share_bp) SELECT o.id, u.id, '{kind}', {share}"
    " FROM opportunity AS o, app_user AS u WHERE o.code = 'OPP-1' AND u.login = '{login}'"
)


async def test_the_opportunity_says_who_shares_its_credit(workspace: TestWorkspace) -> None:
    for login, kind, share in (("sam", "revenue", 6667), ("nora", "revenue", 3333), ("mike", "overlay", 1000)):
        system_change(workspace, SPLITS.format(login=login, kind=kind, share=share))

    async with person_at(workspace.door("sam"), 120, 60, opening="opportunities") as person:
        await person.press("slash")
        await person.types("OPP-1")
        await person.press("enter", "enter")
        rows = [person.line(name) for name in ("Sam Person  ", "Nora Person  ", "Mike Person  ")]

    assert ["66.67%" in rows[0], "33.33%" in rows[1], "overlay" in rows[2]] == [True] * 3
    assert ["3,333.50" in rows[0], "1,666.50" in rows[1], "500.00" in rows[2]] == [True] * 3


async def test_the_inbox_is_written_with_approvals_and_hand_offs(workspace: TestWorkspace, tmp_path: Path) -> None:
    from sfactl.core import quote_words
    from sfactl.services import approvals, handoffs, quote_making
    from sfactl.services.quote_making import Wanted, WantedLine

    ruled(workspace)
    line = WantedLine("P-1", quote_words.milli("3"))
    code = workspace.door("sam").write(quote_making.new, Wanted("OPP-1", [line], header_bp=3000))
    workspace.door("sam").write(approvals.submit, code)
    with workspace.door("mike").read() as session:
        sent = {row.code for row in handoffs.find(session)}
    target = tmp_path / "inbox.json"

    async with person_at(workspace.door("mike"), 120, 40, opening="inbox") as person:
        await person.press("v", "E")
        await person.types(str(target))
        await person.press("tab", "down", "down", "down", "enter", "ctrl+s")

    rows = json.loads(target.read_text(encoding="utf-8"))
    assert {row["asked"] for row in rows} == {"approval", *sent} and sent
    assert {(row["quote"], row["who"]) for row in rows if row["asked"] == "approval"} == {(code, "mike")}


async def test_a_plan_says_how_far_it_is_while_other_screens_are_used_and_a_failure_keeps_the_reason(
    workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sfactl.services import plan_doing

    real, may_go_on, tries = plan_doing.carry_out, threading.Event(), []

    def slow(door: Any, order: Any, *, progress: Any) -> Any:
        tries.append(order.reason)
        progress("reading the plan", 40_000, 100_000)
        may_go_on.wait(30)
        if len(tries) == 1:
            raise Unavailable("The server went away.")
        return real(door, order, progress=progress)

    async with person_at(workspace.door("mike"), 140, 40, opening="accounts") as person:
        await person.press("slash")
        await person.types("adobe")
        await person.press("enter", "a")
        await person.types("nora")
        await person.press("tab")
        await person.types("closer to them")
        await person.press("ctrl+s", "8")
        monkeypatch.setattr(plan_doing, "carry_out", slow)
        await person.press("u")
        await person.types("too early")
        await person.pilot.press("ctrl+s")
        await until(person, lambda _seen: bool(tries))
        sheet = await until(person, lambda seen: "go on with something else" in seen and "reading the plan" in seen)
        await person.pilot.press("escape", "3")
        elsewhere = await until(person, lambda seen: "[3 Accounts]" in seen)
        await person.pilot.press("8", "u")
        under_way = await until(person, lambda seen: "Wait for the plan" in seen and "reading the plan" in seen)
        may_go_on.set()
        await person.settle()
        failed = person.sees()
        again = await person.press("u")
        done = await person.press("ctrl+s")

    assert "Take back" in sheet and "too early" in sheet and "40,000 of 100,000" in sheet
    assert "[3 Accounts]" in elsewhere
    assert "reading the plan" in under_way and "40,000 of 100,000" in under_way and "Wait for the plan" in under_way
    assert "Not done:" in failed and "The server went away." in failed and "40,000 of" not in failed
    assert "too early" in again
    assert "Done:" in done and tries == ["too early", "too early"]
    assert one(workspace, "SELECT reason FROM run WHERE kind = 'undo'") == ("too early",)
