"""Forms take what people of a locale type, say what is wrong in their own words, and lose nothing that was typed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from sfactl.core import quote_words
from sfactl.errors import Conflict, UsageFault
from sfactl.services import approvals, quote_making
from sfactl.services.quote_making import Wanted, WantedLine
from sfactl.tui.forms import Field, Kind, joined, spoken
from tests.cli import Run
from tests.commands.test_handoffs import KINDS, ruled
from tests.organisation import TODAY
from tests.tui.seeing import Person, person_at
from tests.tui.test_actions import STAGE, gate, go_to_card, one
from tests.workspace import TestWorkspace, system_change, system_rows

SALE = "SELECT close_on, amount_minor FROM opportunity WHERE code = 'OPP-1'"


async def open_sale(person: Person, *keys: str) -> str:
    """Open OPP-1, from the list of opportunities."""
    await person.press("slash")
    await person.types("OPP-1")
    return await person.press("enter", "enter", *keys)


async def retype(person: Person, text: str) -> str:
    """Type something in place of what stands in the field."""
    await person.press("end", "ctrl+u")
    return await person.types(text)


@contextmanager
def held(path: Path) -> Iterator[int]:
    """Another process writes to the file; gives its number."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE');"
        " print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        yield process.pid
        process.communicate()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock is not waited for long."""
    monkeypatch.setattr("sfactl.db.connect.BUSY_TIMEOUT_S", 0.1)


async def test_dates_and_amounts_are_typed_as_people_of_the_locale_write_them(workspace: TestWorkspace) -> None:
    day = TODAY + timedelta(days=7)

    async with person_at(workspace.door("sam"), 120, 40, opening="opportunities", locale="es_ES") as person:
        shown = await open_sale(person, "e")
        await person.press("tab")
        await retype(person, "31/12/2026")
        await person.press("tab")
        said = await retype(person, "48.000,50")
        await person.press("ctrl+s")
        first = one(workspace, SALE)
        await person.press("e", "tab")
        await retype(person, "+7d")
        await person.press("ctrl+s")
        second = one(workspace, SALE)

    assert "10/6/2026" in shown and "5000,00" in shown.replace("5.000,00", "5000,00")
    assert "--close-on 2026-12-31 --amount 48000.50" in said.replace("\n", " ")
    assert (str(first[0])[:10], first[1]) == ("2026-12-31", 4_800_050)
    assert (str(second[0])[:10], second[1]) == (day.isoformat(), 4_800_050)


async def test_what_cannot_be_read_is_refused_in_the_field_s_name_and_the_message_goes_with_the_next_key(
    sqlite_workspace: TestWorkspace,
) -> None:
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await open_sale(person, "e")
        await person.press("tab")
        await retype(person, "31/12/2026")
        refused = await person.press("ctrl+s")
        after = await person.types("x")
        await retype(person, "12/31/2026")
        await person.press("tab")
        await retype(person, "48.000,50")
        amount = await person.press("ctrl+s")

    assert "Closes: 31/12/2026 is no date." in refused and "Write it as 05/20/2026, today or +7d." in refused.replace(
        "5/20/2026", "05/20/2026"
    )
    assert "Press r" not in refused and "to try again" not in refused
    assert "is no date" not in after
    assert "Amount: 48.000,50 is no number." in amount and "1,200.5" in amount
    assert str(one(sqlite_workspace, SALE)[0])[:10] == "2026-06-10"


async def test_the_form_of_a_hand_off_takes_what_its_fields_ask_for(workspace: TestWorkspace) -> None:
    ruled(workspace, KINDS.replace('to = ["stock@x.example"]', 'to = ["mike"]'))
    line = WantedLine("P-1", quote_words.milli("3"))
    code = workspace.door("sam").write(quote_making.new, Wanted("OPP-1", [line]))
    workspace.door("sam").write(approvals.submit, code)
    asked = "SELECT key, value FROM handoff_line WHERE is_asked"

    async with person_at(workspace.door("mike"), 120, 40, opening="inbox") as person:
        form = await person.press("a")
        await person.types("soon")
        refused = await person.press("ctrl+s")
        before = system_rows(workspace, asked)
        await retype(person, "6/1/2026")
        await person.press("tab")
        await person.types("1,200.5")
        said = await person.press("tab", "enter", "down", "enter")
        done = await person.press("ctrl+s")

    assert "Deliverable on" in form and "5/20/2026, today or +7d" in form and "48,000.00" in form
    assert "Deliverable on: soon is no date." in refused and {value for _key, value in before} == {None}
    assert "--set deliverable_on=2026-06-01" in said
    assert "is answered: confirmed." in done
    values = dict(system_rows(workspace, asked))  # type: ignore[arg-type]
    assert values == {
        "deliverable_on": "2026-06-01", "pieces": "1200.5", "how_much": "All of it", "carrier": None,
    }  # fmt: skip


async def test_a_plan_that_finds_the_file_locked_stays_says_who_holds_it_and_the_same_key_tries_again(
    sqlite_workspace: TestWorkspace, soon: None
) -> None:
    path = sqlite_workspace.url.path
    assert path is not None

    async with person_at(sqlite_workspace.door("mike"), 120, 40, opening="accounts") as person:
        await person.press("slash")
        await person.types("adobe")
        await person.press("enter", "a")
        await person.types("nora")
        await person.press("tab")
        await person.types("closer")
        with held(path) as process:
            reassigned = await person.press("ctrl+s")
        moved = await person.press("ctrl+s")
        await person.press("8", "u")
        await person.types("too early")
        with held(path) as other:
            refused = await person.press("ctrl+s")
        undone = await person.press("ctrl+s")

    assert f"process {process}" in reassigned.replace("\n", " ") and "Press Ctrl+S to try again." in reassigned
    assert "Done: 2 rows" in moved
    assert "Take back" in refused and "too early" in refused and f"process {other}" in refused
    assert "Press Ctrl+S to try again." in refused
    assert "Take back" not in undone and "Done:" in undone
    assert one(sqlite_workspace, "SELECT reason FROM run WHERE kind = 'undo'") == ("too early",)


async def test_a_sheet_of_a_plan_that_was_left_is_tried_again_by_a_key_of_the_screen(
    sqlite_workspace: TestWorkspace, soon: None
) -> None:
    path = sqlite_workspace.url.path
    assert path is not None

    async with person_at(sqlite_workspace.door("mike"), 120, 40, opening="accounts") as person:
        await person.press("slash")
        await person.types("adobe")
        await person.press("enter", "a")
        await person.types("nora")
        await person.press("tab")
        await person.types("closer")
        await person.press("ctrl+s", "8", "u")
        await person.types("too early")
        with held(path):
            await person.press("ctrl+s")
            left = await person.press("escape", "escape")
        done = await person.press("r")

    assert "Take back" not in left and "Not done:" in left and "Press r to try again." in left
    assert "Done:" in done and "Not done:" not in done
    assert one(sqlite_workspace, "SELECT reason FROM run WHERE kind = 'undo'") == ("too early",)


async def test_a_card_that_finds_the_file_locked_moves_by_the_key_that_tries_again(
    sqlite_workspace: TestWorkspace, soon: None
) -> None:
    path = sqlite_workspace.url.path
    assert path is not None

    async with person_at(sqlite_workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        with held(path):
            refused = await person.press("greater_than_sign")
            other = await person.press("down")
            again = await person.press("up", "greater_than_sign")
        moved = await person.press("r")

    assert "Somebody else is writing" in refused and "Press r to try again." in refused
    assert "Not done:" not in other, "what was said of an attempt goes with the next key"
    assert "Not done:" in again and "OPP-1 is in negotiate now." in moved
    assert one(sqlite_workspace, STAGE)[0] == "negotiate"


async def test_an_agreement_that_finds_the_file_locked_keeps_its_comment(
    sqlite_workspace: TestWorkspace, soon: None
) -> None:
    path, line = sqlite_workspace.url.path, WantedLine("P-1", quote_words.milli("3"))
    assert path is not None
    ruled(sqlite_workspace)
    code = sqlite_workspace.door("sam").write(quote_making.new, Wanted("OPP-1", [line], header_bp=3000))
    sqlite_workspace.door("sam").write(approvals.submit, code)

    async with person_at(sqlite_workspace.door("mike"), 120, 40, opening="inbox") as person:
        await person.press("a")
        await person.types("fine")
        with held(path):
            refused = await person.press("ctrl+s")
        approved = await person.press("ctrl+s")

    assert "Not done:" in refused and "fine" in refused and "Press Ctrl+S to try again." in refused
    assert "is approved" in approved
    assert one(sqlite_workspace, "SELECT comment FROM approval WHERE status = 'approved'") == ("fine",)


@pytest.mark.usefixtures("today")
async def test_the_commands_that_a_gate_copies_do_all_that_it_does(
    workspace: TestWorkspace, tmp_path: Path, sfactl: Run
) -> None:
    gate(workspace, tmp_path)
    subject = "- they want it; by 'June'"

    async with person_at(workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        await person.press("greater_than_sign")
        await person.types("Agree on dates")
        await person.press("tab")
        await person.types(subject)
        await person.press("ctrl+y")
        copied = person.app.clipboard
        await person.press("escape", "escape")
        unchanged = kept(workspace)
        for command in copied.split(" && "):
            done = sfactl(*shlex.split(command)[1:], workspace=workspace, as_="sam")
            assert done.code == 0, done.err
        by_commands = kept(workspace)
        take_back(workspace)
        assert kept(workspace) == unchanged
        await person.press("r")
        await go_to_card(person, "OPP-1")
        await person.press("greater_than_sign")
        await person.types("Agree on dates")
        await person.press("tab")
        await person.types(subject)
        await person.press("ctrl+s")

    assert copied.startswith("sfactl opportunity edit OPP-1 --next-step 'Agree on dates'")
    assert copied.count(" && ") == 2 and "sfactl opportunity stage OPP-1 negotiate" in copied
    assert by_commands != unchanged and kept(workspace) == by_commands


def kept(workspace: TestWorkspace) -> list[list[tuple[object, ...]]]:
    """What of a sale a gate may change."""
    return [
        system_rows(workspace, "SELECT stage_id, next_step, amount_minor FROM opportunity ORDER BY id"),
        system_rows(
            workspace,
            "SELECT kind, subject, note, owner_id, account_id, opportunity_id, territory_id, planned_on, done_on"
            " FROM activity ORDER BY id",
        ),
        system_rows(workspace, "SELECT opportunity_id, stage_id, user_id FROM stage_change ORDER BY id"),
    ]


def take_back(workspace: TestWorkspace) -> None:
    """As it was before the commands."""
    system_change(workspace, "DELETE FROM activity WHERE subject LIKE '- they%'")
    system_change(workspace, "DELETE FROM stage_change WHERE id = (SELECT max(id) FROM stage_change)")
    system_change(
        workspace,
        "UPDATE opportunity SET next_step = NULL, stage_id = (SELECT id FROM stage WHERE code = 'propose')"
        " WHERE code = 'OPP-1'",
    )


async def test_a_text_that_is_too_long_is_told_by_the_name_of_its_field(
    sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    from textual.widgets import Input

    gate(sqlite_workspace, tmp_path)

    async with person_at(sqlite_workspace.door("sam"), 140, 45) as person:
        await go_to_card(person, "OPP-1")
        await person.press("greater_than_sign")
        await person.types("Agree")
        await person.press("tab")
        for field in list(person.app.screen.query(Input))[1:]:
            field.value = "x" * 201
        refused = await person.press("ctrl+s")

    assert "“Done today: call” has at most 200 characters; these are 201." in refused
    assert "note" not in refused.partition("Not done:")[2]
    assert one(sqlite_workspace, STAGE) == ("propose", None)


async def test_escape_asks_before_it_drops_what_was_typed_and_asks_nothing_where_nothing_was(
    sqlite_workspace: TestWorkspace,
) -> None:
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await open_sale(person, "l")
        untouched = await person.press("escape")
        await person.press("l")
        await person.types("Said hello")
        asked = await person.press("escape")
        more = await person.types("!")
        again = await person.press("escape")
        dropped = await person.press("escape")
        anew = await person.press("l")

    assert "Log an activity" not in untouched
    assert "Esc again drops what is typed" in asked and "Said hello" in asked
    assert "Said hello!" in more and "again drops" not in more and "again drops" in again
    assert "Log an activity" not in dropped
    assert "Log an activity" in anew and "Said hello" not in anew


async def test_what_was_typed_over_something_outdated_stands_in_the_form_that_is_opened_anew(
    sqlite_workspace: TestWorkspace,
) -> None:
    from sfactl.services import quote_editing

    line = WantedLine("P-1", quote_words.milli("3"))
    code = sqlite_workspace.door("sam").write(quote_making.new, Wanted("OPP-1", [line]))

    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="opportunities") as person:
        await open_sale(person, "o", "d")
        await person.types("5%")
        sqlite_workspace.door("sam").write(quote_editing.edit, code, quote_editing.Change(header_bp=100))
        refused = await person.press("ctrl+s")
        left = await person.press("escape", "r")
        anew = await person.press("d")
        done = await person.press("ctrl+s")

    assert "Not done:" in refused and "5%" in refused
    assert "What you typed is kept" in left
    assert "5%" in anew and "is priced anew" in done
    assert one(sqlite_workspace, "SELECT header_bp FROM quote ORDER BY id DESC LIMIT 1") == (500,)


async def test_the_title_says_who_one_is_and_where_at_every_width(sqlite_workspace: TestWorkspace) -> None:
    names = {
        200: "2 Opportunities", 120: " 2 Opp ", 90: " 2Opp ", 80: "[1 Pipeline] 2 3 4 5 6 7 8 ", 50: "[1 Pipeline] ", 35: "[1]",
    }  # fmt: skip
    titles = {}

    async with person_at(sqlite_workspace.door("mike"), 200, 24) as person:
        for width in names:
            await person.pilot.resize_terminal(width, 24)
            await person.settle()
            titles[width] = person.lines()[0]

    assert [width for width, name in names.items() if name not in titles[width]] == []
    assert [title for title in titles.values() if "mike ← ana · district_manager" not in title] == []
    assert ["Test · mike" in title for title in titles.values()] == [True, True, True, True, False, False]
    assert "09:30" in titles[200] and len(titles[35]) <= 35


def test_a_service_s_words_are_told_in_those_of_the_form() -> None:
    fields = (Field("step", "Next step", option="--next-step"), Field("close", "Closes", option="--close-on"))

    told = spoken(UsageFault("Nothing would change.", "Say --next-step or --close-on."), fields)
    unknown = spoken(UsageFault("A quantity is more than zero.", "Take the line out with --remove LINE."), fields)
    whole = spoken(Conflict("It is taken.", "`sfactl plan show X --all` shows it."), fields)

    assert told == ("Nothing would change.", "Say “Next step” or “Closes”.")
    assert unknown == ("A quantity is more than zero.", None)
    assert whole == ("It is taken.", "`sfactl plan show X --all` shows it.")


def test_commands_are_joined_so_that_a_shell_stops_at_the_first_that_fails() -> None:
    assert joined([["a", "b c"], ["d"]]) == "sfactl a 'b c' && sfactl d"
    assert joined([["a", "-o", "csv"]], "my file.csv") == "sfactl a -o csv > 'my file.csv'"
    assert joined([], "x") == ""


def test_a_field_is_shown_and_read_in_the_locale() -> None:
    share, day = Field("s", "Share", "5.5%", kind=Kind.SHARE), Field("d", "Day", "2026-12-31", kind=Kind.DAY)

    assert share.shown("es_ES") == "5,5%" and share.read("5,5 %", "es_ES", TODAY) == "5.5%"
    assert day.shown("de_DE") == "31.12.2026" and day.read("31.12.26", "de_DE", TODAY) == "2026-12-31"
    assert day.example("en_US", TODAY) == "5/20/2026, today or +7d"
    assert Field("x", "Text", "a").read("a b", "en_US", TODAY) == "a b"


def test_a_number_that_may_mean_another_is_refused_with_both() -> None:
    amount, kept = Field("a", "Amount", kind=Kind.NUMBER), Field("a", "Amount", "1.000", kind=Kind.NUMBER)

    with pytest.raises(UsageFault) as said:
        amount.read("1.000", "en_US", TODAY)

    assert said.value.message == "Amount: 1.000 may be read in two ways."
    assert said.value.hint == "Write 1, or 1,000."
    assert amount.read("1.000", "es_ES", TODAY) == "1000" and amount.read("1,000", "en_US", TODAY) == "1000"
    assert amount.read("0.125", "en_US", TODAY) == "0.125" and kept.read("1.000", "en_US", TODAY) == "1.000"
