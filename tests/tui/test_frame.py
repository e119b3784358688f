"""What all screens do alike: modes, help, colours, the copied command, errors, and never waiting."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from textual.binding import Binding
from textual.events import Resize
from textual.geometry import Size

from sfactl.db.session import Door, Session
from sfactl.errors import UsageFault
from sfactl.models import tables as t
from sfactl.tui import pipeline_board
from sfactl.tui.app import SalesApp
from sfactl.tui.screens.account import AccountScreen
from sfactl.tui.screens.accounts import AccountsScreen
from sfactl.tui.screens.activities import ActivitiesScreen
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.screens.configure import ConfigureScreen
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.screens.form import FormScreen
from sfactl.tui.screens.help import HelpScreen
from sfactl.tui.screens.inbox import InboxScreen
from sfactl.tui.screens.listing import ListScreen, PagedScreen
from sfactl.tui.screens.opportunities import OpportunitiesScreen
from sfactl.tui.screens.opportunity import OpportunityScreen
from sfactl.tui.screens.pipeline import PipelineScreen
from sfactl.tui.screens.plans import PlansScreen
from sfactl.tui.screens.quotas import QuotasScreen
from sfactl.tui.screens.quote import QuoteScreen
from sfactl.tui.screens.stages import StagesScreen
from sfactl.tui.screens.territories import TerritoriesScreen
from sfactl.tui.themes import NAMES, THEMES
from sfactl.tui.widgets.card_board import CardBoard
from sfactl.tui.widgets.filter_bar import FilterBar
from sfactl.tui.widgets.record_grid import RecordGrid
from sfactl.tui.widgets.tree_grid import TreeGrid
from tests.cli import Run
from tests.soak import times
from tests.tui import world
from tests.tui.seeing import person_at
from tests.workspace import TestWorkspace

OURS = (
    SalesApp, BaseScreen, PipelineScreen, TerritoriesScreen, OpportunityScreen, HelpScreen, Dialog, RecordGrid, TreeGrid,
    CardBoard, FilterBar, FormScreen, StagesScreen, ListScreen, PagedScreen, AccountsScreen, ActivitiesScreen, InboxScreen,
    OpportunitiesScreen, PlansScreen, QuotasScreen, QuoteScreen, ConfigureScreen, AccountScreen,
)  # fmt: skip


def all_bindings() -> Iterator[Binding]:
    for owner in OURS:
        for binding in owner.__dict__.get("BINDINGS", []):
            assert isinstance(binding, Binding)
            yield binding


def test_every_key_has_an_id_of_its_own_and_is_explained() -> None:
    bindings = list(all_bindings())

    assert len({binding.id for binding in bindings}) == len(bindings) > 20
    for binding in bindings:
        assert binding.id and binding.tooltip.endswith("."), binding
        assert binding.description, binding


async def test_numbers_switch_between_the_screens_and_each_keeps_its_place(door: Door) -> None:
    async with person_at(door) as person:
        pipeline = await person.press("right")
        territories = await person.press("4", "down")
        assert await person.press("1") == pipeline
        assert await person.press("4") == territories

    assert "[1 Pipeline] 2Opp 3Acc 4Ter 5Quo 6Act 7Inb 8Pla" in pipeline
    assert " 1Pip 2Opp 3Acc[4 Territories] 5Quo" in territories


async def test_keys_that_come_in_a_burst_are_told_one_by_one(door: Door) -> None:
    async with person_at(door) as person:
        narrowed = await person.bursts("3", "slash", *"cascade")
        form = await person.bursts("enter", "l", *"arc", "tab")

    assert person.app.current_mode == "accounts"
    assert "1 account" in narrowed and "Cascade Rentals" in narrowed
    assert "Log an activity: A-3" in form
    assert "activity log call arc --account A-3" in form


async def test_a_click_on_a_name_in_the_title_goes_there(door: Door) -> None:
    async with person_at(door) as person:
        await person.pilot.click(offset=(person.lines()[0].index("4Ter"), 0))
        await person.settle()

        assert "[4 Territories]" in person.sees()


async def test_the_title_says_whose_data_they_are_and_when_they_were_read(door: Door) -> None:
    async with person_at(door) as person:
        assert person.lines()[0].endswith("Mesa Trading · ana · admin")
    async with person_at(door, 140) as person:
        assert "Mesa Trading · ana · admin · 09:30" in person.lines()[0]


async def test_the_footer_names_the_keys_and_fits_in_80_columns(door: Door) -> None:
    async with person_at(door) as person:
        assert person.lines()[-1] == "←→ Stage ⏎ Facts v Cards > Move on l Log f Closing y Copy ? Help ^p Find q Quit"
        await person.press("4")
        assert person.lines()[-1].endswith("q Quit")


async def test_help_explains_every_key_of_the_screen_and_every_sign(door: Door) -> None:
    async with person_at(door, 100, 90) as person:
        await person.press("4")
        seen = await person.press("question_mark")
        after = await person.press("escape")

    shown_here = [SalesApp, BaseScreen, TerritoriesScreen, RecordGrid, TreeGrid]
    for owner in shown_here:
        for binding in owner.__dict__["BINDINGS"]:
            if binding.id != "screen.export":  # there is no list to be written
                assert binding.tooltip[:50] in seen
    assert "Signs" in seen and "not defined; that is not zero" in seen
    assert "Signs" not in after


async def test_t_goes_through_dark_light_and_high_contrast(door: Door) -> None:
    async with person_at(door) as person:
        seen = [person.app.theme]
        for _ in THEMES:
            said = await person.press("t")
            seen.append(person.app.theme)
            assert f"Theme: {NAMES[person.app.theme]}" in said

    assert seen == ["sfactl-dark", "sfactl-light", "sfactl-contrast", "sfactl-safe", "sfactl-dark"]


async def test_without_colour_there_are_only_shades_of_grey_and_the_words_are_the_same(door: Door) -> None:
    async with person_at(door) as person:
        with_colour = await person.press("right")
    async with person_at(door, no_color=True) as person:
        without = await person.press("right")
        strips = [strip.apply_filter(person.app.get_line_filters()[-1], None) for strip in _strips(person.app)]
        colours = {
            colour.triplet
            for strip in strips for segment in strip if segment.style
            for colour in (segment.style.color, segment.style.bgcolor) if colour and colour.triplet
        }  # fmt: skip

    assert without == with_colour
    assert colours and all(len(set(colour)) == 1 for colour in colours)


def _strips(app: Any) -> Any:
    return app.screen._compositor.render_strips()


async def test_q_ends_the_program(door: Door) -> None:
    async with person_at(door) as person:
        await person.pilot.press("q")
        await person.pilot.pause()

        assert not person.app.is_running or person.app._exit


async def test_the_palette_finds_what_keys_do(door: Door) -> None:
    async with person_at(door) as person:
        await person.pilot.press("ctrl+p", *"territ")
        await person.pilot.pause(0.5)
        assert "The tree of territories with figures." in person.sees()

        await person.pilot.press("enter")
        await person.pilot.pause(0.2)
        await person.settle()
        assert "[4 Territories]" in person.sees()


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["y"], "sfactl pipeline show"),
        (["f", "y"], "sfactl pipeline show --closing this-quarter"),
        (["enter", "y"], "sfactl opportunity show OPP-000002"),
        (["4", "y"], "sfactl territory report AMER --period this-quarter"),
        (["4", "end", "up", "p", "p", "p", "y"], "sfactl territory report Southwest --period last-12-months"),
    ],
)
async def test_y_copies_the_command_that_prints_the_same(
    door: Door, path: Path, keys: list[str], command: str, sfactl: Run
) -> None:
    async with person_at(door) as person:
        said = await person.press(*keys)
        copied = person.app.clipboard

    assert copied == command
    assert "Copied: sfactl" in said
    assert sfactl(*command.split()[1:], "--database", f"sqlite:///{path}").code == 0


async def test_the_copied_command_acts_for_the_same_person(path: Path) -> None:
    async with person_at(world.door_to(path, as_user="carl")) as person:
        await person.press("y")

        assert person.app.clipboard == "sfactl pipeline show --as carl"


async def test_a_lost_database_is_told_with_its_remedy_and_r_tries_again(door: Door, path: Path) -> None:
    away = path.with_suffix(".away")
    async with person_at(door, 90, 24) as person:
        before = person.sees()
        path.rename(away)
        lost = await person.press("r")
        moved = await person.press("right")
        away.rename(path)
        found = await person.press("r")
        await person.press("left")

        assert "Not done: There is no database" in lost and "Press r to try again." in lost
        assert "OPP-000002" in lost, "what was read stays"
        assert "Not done:" in moved
        assert "Not done:" not in found and "OPP-000003" in found
        assert person.sees() == before


async def test_a_database_that_is_lost_from_the_start_is_told_too(tmp_path: Path) -> None:
    async with person_at(world.door_to(tmp_path / "none.db")) as person:
        seen = person.sees()
        other = await person.press("4")

    assert "There is no database" in seen and "`sfactl init` makes one." in seen
    assert "There is no database" in other


async def test_a_missing_right_is_told_with_its_remedy(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("nils")) as person:
        seen = person.sees()

    assert "Your role does not allow this: read on opportunity." in seen
    assert "`sfactl access matrix` shows which role may" in seen


async def test_no_transaction_is_open_while_nothing_is_read(door: Door, path: Path) -> None:  # case 57
    with door.read() as session:
        session.execute(select(t.account.c.id)).first()
        assert not _can_be_locked(path), "a transaction that reads is seen"

    async with person_at(door) as person:
        await person.press("right", "4", "down", "1", "enter")
        assert _can_be_locked(path)
        await person.press("escape")
        assert _can_be_locked(path)


def _can_be_locked(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as raw:
        try:
            raw.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        raw.execute("ROLLBACK")
        return True


async def test_keys_answer_while_a_slow_database_is_asked(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    real, may_answer = pipeline_board.ask, threading.Event()

    def slow(session: Session, *wanted: Any) -> pipeline_board.Board:
        may_answer.wait(60)
        return real(session, *wanted)

    async with person_at(door) as person:
        monkeypatch.setattr(pipeline_board, "ask", slow)
        await person.pilot.press("r", "down", "question_mark")
        help_screen = person.sees()
        await person.pilot.press("escape")
        await person.pilot.pause(0.3)
        busy = person.lines()
        may_answer.set()
        await person.settle()

        assert "Everywhere" in help_screen
        assert "Reading …" in busy[0] and "▸ OPP-000001" in "\n".join(busy)
        assert "Reading …" not in person.lines()[0]


async def test_an_answer_that_comes_too_late_is_not_shown(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    real, may_answer, ended = pipeline_board.ask, threading.Event(), []

    def slow_for_discover(session: Session, wanted: pipeline_board.Wanted, locale: str) -> pipeline_board.Board:
        if wanted.stage == "discover":
            may_answer.wait(60)
        board = real(session, wanted, locale)
        ended.append(board.chosen)
        return board

    async with person_at(door) as person:
        monkeypatch.setattr(pipeline_board, "ask", slow_for_discover)
        await person.pilot.press("right")
        await person.pilot.pause(0.3)
        await person.press("right")
        assert "OPP-000005" in person.sees()

        may_answer.set()
        while len(ended) < 2:
            await person.pilot.pause(0.05)
        await person.settle()
        assert ended == ["propose", "discover"]
        assert "OPP-000005" in person.sees() and "▸ Propose" in person.sees()


@pytest.mark.parametrize(("width", "height"), [(20, 5), (1, 1), (200, 60)])
async def test_any_size_of_terminal_is_enough(door: Door, width: int, height: int) -> None:
    async with person_at(door, width, height) as person:
        await person.pilot.press("right", "down", "enter", "escape", "4", "down", "p", "d", "d", "question_mark")
        await person.settle()
        lines = person.lines()

        assert person.app.is_running
        assert len(lines) == height and all(len(line) <= width for line in lines)


async def test_20_columns_and_5_lines_show_stage_and_row(door: Door) -> None:
    async with person_at(door, 20, 5) as person:
        assert "▸ Qualify" in person.sees() and "▸ OPP-000002" in person.sees()


async def test_200_changes_of_size_while_data_come_in_do_no_harm(door: Door) -> None:  # case 69
    async with person_at(door) as person:
        for number in range(200):
            if number % 20 == 0:
                await person.pilot.press("14r"[number // 20 % 3])
            size = Size(20 + number * 7 % 180, 5 + number * 3 % 55)
            person.app.post_message(Resize(size, size))
            await asyncio.sleep(0)
        await person.pilot.resize_terminal(80, 24)
        seen = await person.press("1", "r")

        assert "▸ Qualify" in seen and "OPP-000002" in seen


def test_the_first_picture_waits_for_nothing_that_talks_to_databases() -> None:
    heavy = "sorted({name.partition('.')[0] for name in sys.modules} & {'sqlalchemy', 'sqlmodel', 'psycopg', 'babel'})"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, sfactl.tui.app; print({heavy})"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"


async def test_a_door_that_is_made_late_is_a_door(path: Path) -> None:
    async with person_at(lambda: world.door_to(path)) as person:
        assert "OPP-000002" in person.sees()


async def test_a_door_that_cannot_be_made_is_told(path: Path) -> None:
    def no_door() -> Door:
        raise UsageFault("No workspace is set up yet.", "`sfactl init` makes one.")

    async with person_at(no_door) as person:
        assert "No workspace is set up yet." in person.sees()


KEYS = [
    *"12345678frtyd p*vmwgshcb/", "left", "right", "up", "down", "enter", "escape", "tab", "shift+tab", "question_mark", "home", "end",
    "pageup", "pagedown", "shift+left", "shift+right", "space", "asterisk", "ctrl+c", "backspace", "x",
]  # fmt: skip


async def test_any_keys_in_any_order_do_no_harm(door: Door) -> None:  # case 103
    source = random.Random(7)
    async with person_at(door) as person:
        for number in range(max(times(10_000), 200)):
            person.app.simulate_key(source.choice(KEYS))
            await asyncio.sleep(0.001)
            if number % 50 == 0:
                await person.settle()
        await person.press("escape", "escape", "escape")

        assert person.app.is_running and person.app._exception is None


async def test_both_databases_give_the_same_screens_to_each_role(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("sam"), 120, 40) as person:
        pipeline = person.sees()
        territories = await person.press("4")

    assert "Not done:" not in pipeline + territories
    assert "· sam" in pipeline or "sam ← ana" in pipeline
    assert "Southwest" in territories and "Northwest" not in territories
