"""What somebody else changed while a form was open is told, and not overwritten or agreed to unseen."""

from __future__ import annotations

import asyncio
import shutil
import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from textual.events import Key

from sfactl.core import quote_words
from sfactl.db import watch
from sfactl.services import accounts, approvals, opportunity_editing, quote_editing, quote_making
from sfactl.services.opportunity_editing import Edit
from sfactl.services.quote_making import Wanted, WantedLine
from tests.organisation import TODAY
from tests.tui.seeing import held_back, person_at, until
from tests.tui.test_actions import one
from tests.tui.test_forms import open_sale, retype
from tests.workspace import TestWorkspace


async def test_nobody_agrees_to_an_offer_that_was_changed_behind_the_form(workspace: TestWorkspace) -> None:
    seller = workspace.door("sam")
    line = WantedLine("P-1", quote_words.milli("3"))
    quote = seller.write(quote_making.new, Wanted("OPP-1", [line], header_bp=3000))
    seller.write(approvals.submit, quote)

    def change() -> None:
        seller.write(approvals.recall, quote)
        seller.write(quote_editing.edit, quote, quote_editing.Change(header_bp=3100))
        seller.write(approvals.submit, quote)

    async with person_at(workspace.door("mike"), 160, 45, opening="inbox") as person:
        await person.press("a")
        await person.types("fine at thirty")
        await asyncio.to_thread(change)
        told = await person.press("ctrl+s")

    assert f"{quote} was changed since you were asked." in told and "fine at thirty" in told
    assert one(workspace, "SELECT count(*) FROM approval WHERE status = 'approved'") == (0,)


async def test_a_field_that_somebody_changed_meanwhile_is_not_overwritten_and_no_other_goes_back(
    workspace: TestWorkspace,
) -> None:
    later = TODAY + timedelta(days=99)
    async with person_at(workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await open_sale(person, "e")
        await person.press("tab", "tab")
        await retype(person, "777")
        await asyncio.to_thread(
            workspace.door("sam").write, opportunity_editing.edit, "OPP-1", Edit(amount=Decimal(888), close_on=later)
        )
        told = await person.press("ctrl+s")
        await person.press("escape", "e", "ctrl+s")

    assert "not any more as it was when you looked" in told
    row = one(workspace, "SELECT amount_minor, close_on FROM opportunity WHERE code = 'OPP-1'")
    assert (row[0], str(row[1])) == (77700, later.isoformat())


async def test_a_form_whose_answer_is_being_written_stays(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = held_back(monkeypatch, opportunity_editing, "edit")
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await open_sale(person, "e")
        await retype(person, "call again")
        await person.pilot.press("ctrl+s", "escape", "escape")
        await person.pilot.pause(0.3)
        waiting = person.sees()
        may_go_on.set()
        await person.settle()
        done = person.sees()

    assert "It is being written" in waiting and "call again" in waiting
    assert "OPP-1 is changed." in done


async def test_the_key_that_ends_the_program_asks_first_where_something_is_typed(
    sqlite_workspace: TestWorkspace,
) -> None:
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="accounts") as person:
        await person.press("l")
        await person.types("half a sent")
        asked = await person.press("ctrl+q")
        assert person.app.is_running and "half a sent" in asked and "again drops what is typed" in asked
        await person.pilot.press("ctrl+q")
        await person.pilot.pause(0.2)

        assert person.app._exit


def test_a_file_that_takes_the_place_of_another_is_noticed(sqlite_workspace: TestWorkspace, tmp_path: Path) -> None:
    path = sqlite_workspace.url.path
    assert path is not None
    other = tmp_path / "restored.db"
    shutil.copy(path, other)
    stop, beats = threading.Event(), []

    def listen() -> None:
        for beat in watch.changes(sqlite_workspace.url, stop):
            beats.append(type(beat).__name__)
            stop.set()

    thread = threading.Thread(target=listen)
    thread.start()
    stop.wait(1.0)
    other.replace(path)
    thread.join(10)
    stop.set()

    assert beats == ["Changed"]


async def test_a_key_for_a_row_waits_for_the_rows_and_what_is_typed_after_it_is_no_command(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = held_back(monkeypatch, accounts, "keys")
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="activities") as person:
        await person.pilot.press("3")
        await until(person, lambda text: "[3 Accounts]" in text)
        for key in ("l", "t", "a", "q"):
            person.app.post_message(Key(key, key))
        await person.pilot.pause(0.3)
        may_go_on.set()
        await person.settle()
        seen = person.sees()

    assert "Log an activity" in seen and "taq" in seen
