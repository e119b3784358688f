"""A bundle is put together at the customer's table: needs, options and why not, with the price at each change."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from sfactl.services import quote_editing
from sfactl.tui import bundle_orders
from sfactl.tui.screens.configure import ConfigureScreen
from sfactl.tui.widgets.record_grid import RecordGrid
from tests.commands.test_configure import PRODUCTS, apply
from tests.organisation import fill
from tests.tui.seeing import Person, person_at, until
from tests.workspace import TestWorkspace, system_rows

LINES = (
    "SELECT p.code, l.quantity_milli FROM quote_line AS l JOIN product AS p ON p.id = l.product_id"
    " JOIN quote AS q ON q.id = l.quote_id WHERE q.id = (SELECT max(id) FROM quote) ORDER BY l.line"
)
HEADER = "SELECT status, header_bp FROM quote ORDER BY id DESC LIMIT 1"


def sell_racks(workspace: TestWorkspace, folder: Path) -> None:
    fill(workspace.door(), folder, PRODUCTS)
    apply(workspace, folder)


async def configure(person: Person) -> str:
    """Go from the list of opportunities to the racks of OPP-1."""
    await person.press("slash")
    await person.types("OPP-1")
    seen = await person.press("enter", "enter", "c")
    return seen if isinstance(person.app.screen, ConfigureScreen) else await person.press("ctrl+s")


async def go_to(person: Person, words: str) -> None:
    """Put the cursor on the row with these words."""
    grid = person.app.screen.query_one(RecordGrid)
    rows = [index for index, row in enumerate(grid.rows) if any(words in cell.text for cell in row.cells)]
    assert rows, f"{words!r} is in no row:\n{person.sees()}"
    await person.press("home", *["down"] * rows[0])


async def needs(person: Person, attribute: str, amount: str) -> str:
    await go_to(person, attribute)
    await person.press("enter")
    for _digit in range(3):
        await person.press("backspace")
    await person.types(amount)
    return await person.press("enter")


async def test_needs_options_and_a_discount_change_price_and_who_must_agree_until_it_is_on_a_quote(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    sell_racks(workspace, tmp_path)

    async with person_at(workspace.door("sam"), 80, 24, opening="opportunities") as person:
        begun = await configure(person)
        needed = await needs(person, "tb", "6")
        await person.press("d")
        await person.types("40%")
        dearer = await person.press("enter")
        await person.press("y")
        copied = person.app.clipboard
        helped = [await person.press("question_mark")]
        await person.press("escape", "s")
        after = person.sees()
        helped.append(await person.press("question_mark"))
        await person.press("escape", "escape")
        helped.append(await person.press("question_mark"))

    assert "a new quote for OPP-1" in begun and "● Disk 2 TB" in begun and "Nobody needs to agree" in begun
    assert "≥ 6" in needed and "List price  $750.00" in needed and "The quote   $750.00" in needed
    assert "$450.00 · 750.00 less 40.0%" in dearer and "mike" in dearer
    assert copied.startswith("sfactl quote new OPP-1 --bundle RACK --need tb=6 --total-discount 40%")
    assert "RACK is on Q-" in after
    explained = ("One more of it.", "Add products.", "Keep a call, visit or e-mail.")
    for seen, words in zip(helped, explained, strict=True):
        assert "On this screen" in seen and words in seen
    assert system_rows(workspace, LINES) == [("RACK", 1000), ("D-2", 1000), ("D-2", 2000), ("PS-5", 1000)]
    assert system_rows(workspace, HEADER) == [("draft", 4000)]


async def test_an_option_that_is_ruled_out_says_why_and_what_cannot_be_had_together_is_told(
    sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    sell_racks(sqlite_workspace, tmp_path)

    async with person_at(sqlite_workspace.door("sam"), 140, 40, opening="opportunities") as person:
        await configure(person)
        await go_to(person, "Disk 8 TB")
        wanted = await person.press("w")
        power = person.line("Power 500")
        away = await person.press("x", "plus")
        freed = await person.press("f")
        await needs(person, "tb", "6")
        taken_out = await needs(person, "tb", "0")
        await go_to(person, "Disk 8 TB")
        too_much = await needs(person, "tb", "600")
        refused = await person.press("s")
        less = await person.press("minus")
        left = await person.press("escape", "escape")

    assert "≥ 6" not in taken_out and "A quantity is more" not in taken_out
    assert "● Disk 8 TB" in wanted and "some" in wanted
    assert "✗ Power 500" in power and "Power supplies: choose 1." in power
    assert "● Disk 8 TB" in away
    assert "○ Disk 8 TB" in freed
    assert "This cannot be had together" in too_much and "At most 48 tb are possible." in too_much
    assert "Nothing meets what is asked" in refused and "≥ 599" in less
    assert "OPP-1 ·" in left
    assert system_rows(
        sqlite_workspace,
        "SELECT count(*) FROM quote_line AS l JOIN product AS p ON p.id = l.product_id WHERE p.code = 'RACK'",
    ) == [(0,)]


async def test_a_bundle_on_a_quote_is_put_together_anew_in_its_place_and_a_conflict_loses_nothing(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    sell_racks(workspace, tmp_path)

    async with person_at(workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await configure(person)
        await person.press("s")
        code = str(system_rows(workspace, "SELECT code FROM quote ORDER BY id DESC LIMIT 1")[0][0])
        again = await person.press("c")
        await go_to(person, "Disk 2 TB")
        await person.press("plus")
        workspace.door("sam").write(quote_editing.edit, code, quote_editing.Change(header_bp=100))
        refused = await person.press("s")
        await person.press("escape", "escape", "r", "c")
        await go_to(person, "Disk 2 TB")
        done = await person.press("plus", "s")

    assert f"→ {code}" in again
    assert "Not done:" in refused and "was changed by sam" in refused and "→" in refused
    assert f"RACK is on {code} now" in done
    assert system_rows(workspace, LINES) == [("RACK", 1000), ("D-2", 1000), ("D-2", 1000), ("PS-5", 1000)]


async def test_a_price_that_comes_too_late_is_not_shown(
    sqlite_workspace: TestWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell_racks(sqlite_workspace, tmp_path)
    real, may_answer, asked = bundle_orders.priced, threading.Event(), []

    def slow_at_first(door: Any, order: Any, found: Any) -> Any:
        asked.append(order.discount)
        priced = real(door, order, found)
        if len(asked) == 2:
            may_answer.wait(30)
        return priced

    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        monkeypatch.setattr(bundle_orders, "priced", slow_at_first)
        await configure(person)
        await person.press("d")
        await person.types("10%")
        await person.pilot.press("enter")
        await until(person, lambda _seen: len(asked) == 2)
        await person.pilot.press("d")
        busy = "\n".join(person.lines())
        await person.pilot.press("backspace", "backspace", "backspace", "2", "0", "percent_sign", "enter")
        await until(person, lambda _seen: len(asked) == 3)
        may_answer.set()
        seen = await person.press("down")

    assert asked == ["", "10%", "20%"]
    assert "…" in busy, "the screen is used while a price is worked out"
    assert "less 20.0%" in seen
