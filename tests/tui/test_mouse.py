"""The mouse does in sheets and lists what keys do; what is under the cursor can be copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfactl.core import quote_words
from sfactl.services import quote_making
from sfactl.services.quote_making import Wanted, WantedLine
from sfactl.tui.widgets.key_bar import KeyBar
from sfactl.tui.widgets.record_grid import RecordGrid
from tests.tui.seeing import Person, person_at
from tests.tui.test_actions import STAGE, gate, go_to_card, one
from tests.workspace import TestWorkspace, system_rows


async def click_row(person: Person, words: str) -> str:
    """Click the first row with these words, in the list of the screen that is looked at."""
    grid = person.app.screen.query_one(RecordGrid)
    lines = person.lines()[grid.region.y : grid.region.bottom]
    row = next(number for number, line in enumerate(lines) if words in line[: grid.region.right])
    await person.pilot.click(grid, offset=(5, row))
    await person.settle()
    return person.sees()


async def click_key(person: Person, words: str) -> str:
    """Click a key in the last line of the screen that is looked at."""
    bar = person.app.screen.query_one(KeyBar)
    line = person.lines()[bar.region.y]
    assert words in line, person.sees()
    await person.pilot.click(bar, offset=(line.index(words) - bar.region.x, 0))
    await person.settle()
    return person.sees()


async def test_a_form_is_filled_in_and_done_by_the_mouse(sqlite_workspace: TestWorkspace) -> None:
    from textual.widgets import Input

    async with person_at(sqlite_workspace.door("sam"), 140, 40, opening="accounts") as person:
        await click_row(person, "A-SW1")
        await click_key(person, "Log")
        fields = list(person.app.screen.query(Input))
        await person.pilot.click(fields[0])
        await person.types("Said hello")
        done = await click_key(person, "Do it")

    assert "Kept: call" in done
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM activity WHERE subject = 'Said hello'") == [(1,)]


async def test_a_stage_is_chosen_and_entered_by_the_mouse(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("sam"), 140, 40, opening="opportunities") as person:
        await click_row(person, "OPP-1")
        await click_key(person, "Move")
        await click_row(person, "Qualify")
        moved = await click_row(person, "Qualify")

    assert "OPP-1 is in qualify now." in moved
    assert one(sqlite_workspace, STAGE)[0] == "qualify"


async def test_a_line_of_a_quote_is_opened_by_two_clicks_and_a_sheet_is_left_by_one(
    sqlite_workspace: TestWorkspace,
) -> None:
    lines = [WantedLine("P-1", quote_words.milli("3")), WantedLine("P-2", quote_words.milli("5"))]
    code = sqlite_workspace.door("sam").write(quote_making.new, Wanted("OPP-1", lines))

    async with person_at(sqlite_workspace.door("sam"), 140, 40, opening="opportunities") as person:
        await click_row(person, "OPP-1")
        await click_row(person, "OPP-1")
        opened = await click_key(person, "Offer")
        await click_row(person, "P-2")
        line = await click_row(person, "P-2")
        await click_key(person, "Cancel")
        closed = await click_key(person, "Close")

    assert code in opened and f"Line 2 of {code}" in line and f"Line 2 of {code}" not in closed


async def test_a_card_that_is_drawn_over_to_a_stage_that_asks_for_something_opens_its_form(
    sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    from sfactl.tui.widgets.card_board import CardBoard

    gate(sqlite_workspace, tmp_path)

    async with person_at(sqlite_workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        board = person.app.screen.query_one(CardBoard)
        x, y = board.place
        await person.pilot.mouse_down(board, offset=(board.left_of(x) + 5, y * 4 + 1))
        await person.pilot.hover(board, offset=(board.left_of(x + 1) + 5, 2))
        await person.pilot.mouse_up(board, offset=(board.left_of(x + 1) + 5, 2))
        await person.settle()
        asked = person.sees()

    assert "OPP-1 cannot enter" in asked
    assert one(sqlite_workspace, STAGE)[0] == "propose"


@pytest.mark.parametrize(
    ("mode", "keys", "code", "value"),
    [
        ("pipeline", (), "OPP-2", "Basin Foods"),
        ("pipeline", ("v",), "OPP-2", "Basin Foods"),
        ("opportunities", (), "OPP-2", "Basin Foods"),
        ("accounts", ("down",), "A-SW1", "Adobe Tools"),
        ("territories", (), "WEST", "West"),
        ("quotas", (), "sam", "Sam Person"),
        ("activities", ("m", "v", "v", "v", "v"), "", "call"),
        ("accounts", ("down", "enter"), "", "Adobe Tools"),
    ],
)
async def test_a_row_and_its_code_are_copied_in_every_list(
    sqlite_workspace: TestWorkspace, mode: str, keys: tuple[str, ...], code: str, value: str
) -> None:
    async with person_at(sqlite_workspace.door("mike"), 140, 45, opening=mode) as person:
        await person.press(*keys)
        told = await person.press("Y")
        row = person.app.clipboard
        await person.press("K")
        called = person.app.clipboard

    assert value in row and "Copied:" in told
    if code:
        assert called == code and "\t" in row
