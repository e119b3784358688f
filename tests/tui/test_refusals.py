"""What cannot be done is said before it is typed for nothing, and what was typed or chosen is not lost by the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input

from sfactl.config.settings import Screens
from sfactl.core import quote_words
from sfactl.core.replies import Verdict
from sfactl.errors import UsageFault
from sfactl.services import (
    approvals,
    moves,
    moving_along,
    opportunity_editing,
    opportunity_stages,
    plan_doing,
    quote_editing,
    quote_making,
)
from sfactl.services.narrowing import AccountFilter
from sfactl.services.plan_making import Order
from sfactl.services.quote_making import Wanted, WantedLine
from sfactl.tui import filter_text, finding
from sfactl.tui.screens.form import FormScreen
from sfactl.tui.widgets.paged_grid import PagedGrid
from sfactl.tui.widgets.record_grid import RecordGrid
from tests.commands.test_handoffs import FORMS, ruled
from tests.organisation import TODAY
from tests.tui.seeing import Person, held_back, person_at, until
from tests.tui.test_actions import STAGE, gate, go_to_card, one
from tests.tui.test_configure import configure, needs, sell_racks
from tests.tui.test_forms import open_sale
from tests.workspace import TestWorkspace, system_change

MAKE_INVENTORY = (
    "UPDATE role_grant SET role_id = (SELECT id FROM role WHERE code = 'inventory')"
    " WHERE user_id = (SELECT id FROM app_user WHERE login = 'aldo')"
)


async def narrow(person: Person, text: str) -> str:
    await person.press("slash")
    return await person.types(text)


async def test_a_card_that_somebody_moved_meanwhile_stays_where_it_is_now(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        await asyncio.to_thread(workspace.door("sam").write, opportunity_stages.enter, "OPP-1", "qualify")
        told = await person.press("greater_than_sign")

    assert "OPP-1 is in qualify now, no more in propose." in told
    assert one(workspace, STAGE) == ("qualify", None)


async def test_a_gate_notices_that_somebody_moved_the_card_while_it_was_filled_in(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    gate(workspace, tmp_path)
    async with person_at(workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        await person.press("greater_than_sign")
        await person.types("Agree on dates")
        await person.press("tab")
        await person.types("They want it by June")
        await asyncio.to_thread(workspace.door("sam").write, opportunity_stages.enter, "OPP-1", "qualify")
        told = await person.press("ctrl+s")

    assert "OPP-1 is in qualify now" in told and "Agree on dates" in told
    assert one(workspace, STAGE) == ("qualify", None)
    assert one(workspace, "SELECT count(*) FROM activity WHERE subject = 'They want it by June'") == (0,)


async def test_stages_that_are_passed_over_are_told_with_what_they_ask_for(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    gate(workspace, tmp_path)
    async with person_at(workspace.door("sam"), 140, 45, opening="opportunities") as person:
        await narrow(person, "OPP-1")
        await person.press("enter", "greater_than_sign")
        won = next(n for n, row in enumerate(person.app.screen.query_one(RecordGrid).rows) if row.key == "won")
        asked = await person.press("home", *["down"] * won, "enter")
        before = one(workspace, STAGE)
        await person.press("ctrl+s")

    assert "OPP-1 would go to won at once" in asked and "cannot be opened again" in asked and "Passed over" in asked
    assert "negotiate" in asked and "It has no next step." in asked
    assert (before, one(workspace, STAGE)) == (("propose", None), ("won", None))


async def test_forms_that_a_role_may_not_use_do_not_open(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("aldo"), 120, 40, opening="accounts") as person:
        for key in ("l", "a"):
            told = await person.press(key)
            assert "Your role does not allow this" in told
            assert not isinstance(person.app.screen, FormScreen)
        away = await person.press("down")

    assert "does not allow" not in away


async def test_who_may_not_see_agreements_is_told_nothing_of_them(workspace: TestWorkspace) -> None:
    ruled(workspace, FORMS.replace("stock@x.example", "aldo"))
    system_change(workspace, MAKE_INVENTORY)
    line = WantedLine("P-1", quote_words.milli("3"))
    quote = workspace.door("sam").write(quote_making.new, Wanted("OPP-1", [line], header_bp=3000))
    workspace.door("sam").write(approvals.submit, quote)
    seen = {}
    for login in ("mike", "aldo"):
        async with person_at(workspace.door(login), 160, 45, opening="inbox") as person:
            seen[login], row = person.sees(), person.line(f"{quote}  ")
            assert "210 USD" in row and (login != "mike" or ("sam" in row and "30.0%" in row)), row

    assert "Must agree" in seen["mike"] and "Must agree" not in seen["aldo"]
    assert "Lines" in seen["aldo"]


async def test_what_was_chosen_of_a_bundle_is_dropped_by_the_second_key_alone(
    sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    sell_racks(sqlite_workspace, tmp_path)
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await configure(person)
        await needs(person, "tb", "4")
        asked = await person.press("escape")
        still = type(person.app.screen).__name__
        await person.press("escape")
        left = type(person.app.screen).__name__

    assert "What you chose is on no quote yet" in asked and "Esc again drops it" in asked
    assert (still, left) == ("ConfigureScreen", "OpportunityScreen")


async def test_all_lines_of_what_is_pasted_are_taken(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="accounts") as person:
        await person.press("l")
        person.app.post_message(Paste("asked for\n  200 seats \n\nby Friday"))
        await person.settle()
        field = person.app.screen.query(Input).first()
        typed = field.value

    assert typed == "asked for 200 seats by Friday"


async def test_nothing_can_be_typed_that_would_be_lost_while_the_form_is_written(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = held_back(monkeypatch, opportunity_editing, "edit")
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await open_sale(person, "e")
        await person.types("call")
        await person.pilot.press("ctrl+s")
        await person.pilot.pause(0.2)
        for key in ("x", "backspace", "ctrl+k"):
            await person.pilot.press(key)
        await person.pilot.pause(0.2)
        waiting, field = person.sees(), person.app.screen.query(Input).first()
        held = field.value
        may_go_on.set()
        await person.settle()

    assert held.endswith("call") and "nothing more can be typed until that is done" in waiting
    assert one(sqlite_workspace, "SELECT next_step FROM opportunity WHERE code = 'OPP-1'") == (held,)


@pytest.mark.parametrize(
    ("typed", "told"),
    [("foo:bar", "There is no filter foo."), ("stage:nonsense", "There is no stage nonsense")],
)
async def test_a_filter_that_is_not_understood_lists_nothing_until_it_is(
    sqlite_workspace: TestWorkspace, typed: str, told: str
) -> None:
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        before = person.app.screen.query_one(PagedGrid).count
        seen = await narrow(person, typed)
        await person.press("down")
        copied = await person.press("y")
        await person.press("E")
        nothing, export = person.app.screen.query_one(PagedGrid).count, type(person.app.screen).__name__
        await person.press("slash", "escape")
        after = person.app.screen.query_one(PagedGrid).count

    assert told in seen and "The filter is not understood." in seen
    assert "Copied" not in copied and export == "OpportunitiesScreen"
    assert (nothing, after) == (0, before) and before > 1


async def test_an_apostrophe_is_a_letter_and_an_open_quotation_mark_ends_with_the_text(
    sqlite_workspace: TestWorkspace,
) -> None:
    async with person_at(sqlite_workspace.door("ana"), 120, 40, opening="accounts") as person:
        other = await narrow(person, "chen's")
        await person.press("escape")
        named = await narrow(person, 'territory:"South')

    assert "0 accounts" in other and "Not done" not in other
    assert "Not done" not in named or "South" in named


async def test_a_filter_that_is_cleared_leaves_the_cursor_on_what_was_found(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("ana"), 120, 40, opening="accounts") as person:
        first = person.app.screen.query_one(PagedGrid).cursor_key
        await narrow(person, "Fjord")
        found = person.app.screen.query_one(PagedGrid).cursor_key
        await person.press("escape")
        grid = person.app.screen.query_one(PagedGrid)
        after, count = grid.cursor_key, grid.count

    assert after == found == "A-NE2" != first and count > 1


async def test_keys_of_plans_say_why_they_do_nothing(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("ana"), 120, 40, opening="plans") as person:
        assert "No row is under the cursor" in await person.press("u")
        assert "No row is under the cursor" in await person.press("x")

    request = moves.Request(AccountFilter(where="code = A-SW1"), "nora", None, False, moving_along.Along())
    door = workspace.door("ana")
    plan_doing.carry_out(door, Order("assignment move", moves.lines, request, TODAY, "a reason"))
    async with person_at(workspace.door("ana"), 120, 40, opening="plans") as person:
        not_waiting = await person.press("x")
        await person.press("u", "ctrl+s")
        await until(person, lambda text: "Take back" not in text)
        await person.press("down")
        again = await person.press("u")

    assert "Only what waits" in not_waiting
    assert "is taken back already" in again


async def test_keys_of_the_settings_stand_in_the_first_footer_and_names_of_no_action_are_told(
    sqlite_workspace: TestWorkspace,
) -> None:
    likes = Screens(keys={"app.quit": "Q", "pipeline.nonsense": "z"})
    async with person_at(sqlite_workspace.door("sam"), 120, 40, likes=likes) as person:
        told = await until(person, lambda text: "pipeline.nonsense" in text)
        footer = person.lines()[-1]

    assert "Q Quit" in footer and "there is no action" in told


async def test_the_palette_offers_open_opportunities_first(sqlite_workspace: TestWorkspace) -> None:
    with sqlite_workspace.door("ana").read() as session:
        found = [code for _kind, code, _name, _rest in finding._opportunities(session, "OPP-")]

    assert found == ["OPP-1", "OPP-2", "OPP-3", "OPP-4", "OPP-5"] or set(found[:3]) == {"OPP-1", "OPP-2", "OPP-3"}


async def test_a_sale_is_closed_only_after_a_question(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("eve"), 140, 45) as person:
        await go_to_card(person, "OPP-3")
        await person.press("greater_than_sign")
        asked = await person.press("enter")
        before = one(workspace, "SELECT status FROM opportunity WHERE code = 'OPP-3'")
        await person.types("They signed")
        told = await person.press("ctrl+s")

    assert "OPP-3 would go to won" in asked and "close it" in asked and "cannot be opened again" in asked
    assert before == ("open",) and "OPP-3 is in won now." in told
    assert one(workspace, "SELECT status FROM opportunity WHERE code = 'OPP-3'") == ("won",)


async def test_the_inbox_keeps_every_round_of_questions_with_its_answer(workspace: TestWorkspace) -> None:
    ruled(workspace)
    seller, manager = workspace.door("sam"), workspace.door("mike")
    quote = seller.write(quote_making.new, Wanted("OPP-1", [WantedLine("P-1", quote_words.milli("3"))], header_bp=3000))
    seller.write(approvals.submit, quote)
    manager.write(approvals.decide, quote, Verdict.REJECT, comment="too low")
    seller.write(quote_editing.edit, quote, quote_editing.Change(header_bp=2900))
    seller.write(approvals.submit, quote)
    async with person_at(manager, 160, 45, opening="inbox") as person:
        form = await person.press("a")
        await person.press("escape", "v", "v")
        grid = person.app.screen.query_one(RecordGrid)
        answers = [grid.row_at(index).cells[0].text for index in range(grid.count)]
        await person.press("home", *["down"] * answers.index("rejected"))
        rejected = person.sees()
        again = await person.press("a")

    assert "It is answered already: rejected." in again
    assert "Why you are asked" in form and "ten" in form
    assert answers.count("agree?") == answers.count("rejected") == 1
    assert "Answered" in rejected and "too low" in rejected


async def test_the_way_shows_only_stages_that_it_was_in(workspace: TestWorkspace) -> None:
    workspace.door("sam").write(opportunity_stages.enter, "OPP-2", "won")
    async with person_at(workspace.door("sam"), 140, 45, opening="opportunities") as person:
        await narrow(person, "OPP-2 status:all")
        seen = await person.press("enter", "enter")

    assert "● Qualify ─ ○ Discover ─ ○ Propose ─ ○ Negotiate ─ ▶ Won" in seen


def test_what_stands_in_quotation_marks_and_behind_a_single_letter_is_no_key() -> None:
    names = ("territory", "owner")

    assert filter_text.parse(r"C:\Temp", names).words == r"C:\Temp"
    assert filter_text.parse('"owner:x" territory:"New York" o\'neil', names) == filter_text.FilterText(
        "owner:x o'neil", {"territory": "New York"}
    )
    for text in ("foo:bar", "owner:a owner:b"):
        with pytest.raises(UsageFault):
            filter_text.parse(text, names)


async def test_keys_that_are_none_or_taken_from_others_are_told_and_tabs_show_their_own(
    sqlite_workspace: TestWorkspace,
) -> None:
    likes = Screens(keys={"app.accounts": "f3", "app.theme": "strg+q", "pipeline.move-on": "l"})
    async with person_at(sqlite_workspace.door("sam"), 160, 45, likes=likes) as person:
        told = await until(person, lambda text: "strg+q" in text and "pipeline.log" in text)
        there = await person.press("f3")

    assert "f3 Accounts" in told and "[f3 Accounts]" in there
