"""Lists and what hangs on their rows: groups, the sales behind a figure, an account worked on, stock in the inbox."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path

import pytest

from sfactl.services import approvals, opportunities, opportunity_groups, quote_making, reservations
from sfactl.services.availability import Wish
from sfactl.services.quote_making import Wanted, WantedLine
from sfactl.services.reservations import Terms
from sfactl.tui.opportunity_groups import Grouped
from sfactl.tui.widgets.paged_grid import PagedGrid
from sfactl.tui.widgets.record_grid import RecordGrid
from tests.cli import Run
from tests.commands.test_handoffs import ruled
from tests.commands.test_stock import stocked
from tests.organisation import TODAY
from tests.tui.seeing import person_at
from tests.workspace import TestWorkspace, system_change, system_rows


def offered(workspace: TestWorkspace, *lines: tuple[str, int]) -> str:
    """A quote that somebody must agree to."""
    ruled(workspace)
    wanted = Wanted("OPP-1", [WantedLine(code, milli) for code, milli in lines], header_bp=3000)
    code = workspace.door("sam").write(quote_making.new, wanted)
    workspace.door("sam").write(approvals.submit, code)
    return code


async def test_whoever_agrees_sees_how_old_and_how_short_the_stock_of_each_line_is(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    stocked(workspace, tmp_path)
    system_change(
        workspace,
        "UPDATE stock SET counted_on = '2026-04-01' WHERE product_id = (SELECT id FROM product WHERE code = 'P-2')",
    )
    offered(workspace, ("P-1", 30_000), ("P-2", 1_000))

    async with person_at(workspace.door("mike"), 200, 70, opening="inbox") as person:
        first, pumps, valves = (person.line(words) for words in ("Stock  ", "1  P-1 ", "2  P-2 "))
        seen = person.sees()

    assert "! short on 1 line, old count behind 1 line" in first
    assert "30   16  19 d" in pumps and "! 10 later, all by Jun 1, 2026, ! 4" in pumps
    assert "! 49 d, old" in valves and "enough" in valves
    assert "Price steps" in seen


async def test_what_is_held_for_an_offer_is_there_for_it(workspace: TestWorkspace, tmp_path: Path) -> None:
    stocked(workspace, tmp_path)
    code = offered(workspace, ("P-1", 16_000))
    workspace.door("sam").write(reservations.reserve, [Wish("P-1", 16_000)], Terms(code))

    async with person_at(workspace.door("mike"), 140, 60, opening="inbox") as person:
        seen = person.line("Stock  ")

    assert "enough for every line, counted lately" in seen


async def test_groups_of_a_list_have_headings_with_count_and_sums_and_are_folded(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("dora"), 140, 40, opening="opportunities") as person:
        await person.press("slash")
        await person.types("status:all")
        grouped = await person.press("enter", "g")
        first = person.line("▸")
        headings = [line.strip() for line in person.lines() if "▾" in line]
        folded = await person.press("space")
        at = person.line("▸")
        all_folded = await person.press("asterisk")
        opened = await person.press("asterisk", "home", "enter")
        by_seller = await person.press("g")

    assert "grouped by stage" in grouped and "5 opportunities" in grouped
    assert "OPP-2" in first, "the cursor is on a row, not on a heading"
    assert (
        headings[0].startswith("▾ qualify Qualify · 1 opportunity · 800 USD · weighted ")
        or "▾ Qualify · 1 opportunity · 800 USD · weighted" in headings[0]
    )
    assert len(headings) == 5
    assert "OPP-2" not in folded and "▹" in at and "5 opportunities" in folded
    assert "OPP-" not in "".join(line for line in all_folded.splitlines() if "▹" in line) and all_folded.count("▹") == 5
    assert "OPP-1" in opened
    assert "▾ sam Sam Person · 3 opportunities" in by_seller


@pytest.mark.parametrize("by", ["stage", "seller", "territory"])
def test_groups_are_what_the_rows_below_them_come_to(workspace: TestWorkspace, by: str) -> None:
    with workspace.door("sam").read() as session:
        wanted = opportunities.Filter()
        groups, rows = opportunity_groups.find(session, wanted, by), list(opportunities.find(session, wanted))
        order = list(opportunities.keys(session, wanted, (by,)))
        found = opportunities.of_keys(session, order)

    names = [getattr(found[key], by) or "" for key in order]
    assert [group.code for group in groups for _ in range(group.count)] == names
    for group in groups:
        own = [row for row in rows if (getattr(row, by) or "") == group.code]
        assert group.amounts[0].minor == sum(row.amount.minor for row in own)


def test_headings_stand_where_their_groups_begin() -> None:
    groups = [opportunity_groups.GroupRow(code, code, count, (), ()) for code, count in (("a", 2), ("b", 1), ("c", 3))]
    grouped = Grouped([11, 12, 21, 31, 32, 33], groups)

    assert list(grouped.shown(())) == [-1, 11, 12, -2, 21, -3, 31, 32, 33]
    assert list(grouped.shown({"a", "c"})) == [-1, -2, 21, -3]
    assert [grouped.group_of(place, {"a"}) for place in range(6)] == [0, 1, 1, 2, 2, 2]
    assert [grouped.place_of(index, {"a"}) for index in range(3)] == [0, 1, 3]
    assert Grouped().group_of(0, ()) is None


async def test_an_account_in_full_is_called_given_away_and_sold_to(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("mike"), 140, 70, opening="accounts") as person:
        await person.press("slash")
        await person.types("adobe")
        await person.press("enter", "enter", "l")
        await person.types("Said hello")
        logged = await person.press("ctrl+s")
        planned = await person.press("p")
        opened = await person.press("escape", "o")
        await person.press("escape", "n")
        await person.types("Second site")
        await person.press("tab")
        await person.types((TODAY + timedelta(days=60)).isoformat())
        made = await person.press("ctrl+s")
        which = await person.press("escape", "o")
        history = await person.press("escape", "h")
        await person.press("escape", "a")
        await person.types("nora")
        await person.press("tab")
        await person.types("closer to them")
        given = await person.press("ctrl+s")
        helped = await person.press("question_mark")

    assert "Kept: call" in logged and "Said hello" in logged
    assert "Plan an activity: A-SW1" in planned and "OPP-1 · Pumps for Adobe" in opened
    assert "is open now." in made and "Second site" in made and "Qualify" in made
    assert "Open opportunities of A-SW1" in which and "What happened with A-SW1" in history
    assert "closer to them" in given and "mike" in given
    assert "Give the account to somebody else, with a reason." in helped
    [row] = system_rows(
        workspace,
        "SELECT u.login, o.status, s.code FROM opportunity AS o JOIN app_user AS u ON u.id = o.credited_id"
        " JOIN stage AS s ON s.id = o.stage_id WHERE o.name = 'Second site'",
    )
    assert row[1:] == ("open", "qualify")


EMPTY = {"opportunities": "enter greater_than_sign l space asterisk", "accounts": "enter space h l a", "quotas": "enter",
         "activities": "x l p enter", "inbox": "a x w enter"}  # fmt: skip


@pytest.mark.parametrize("mode", EMPTY)
async def test_a_key_that_needs_a_row_says_so_where_there_is_none(mode: str, sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("ana"), 120, 40, opening=mode) as person:
        if mode in ("opportunities", "accounts", "quotas", "activities"):
            await person.press("slash")
            await person.types("nothing-is-called-so")
            await person.press("enter")
        for key in EMPTY[mode].split():
            person.app.clear_notifications()
            seen = await person.press(key)
            assert "No row is under the cursor" in seen or "There are no groups" in seen, key


@pytest.mark.parametrize(("words", "title"), [
    ("pumps for", "OPP-1 · Pumps for Adobe"), ("nora", "nora · Nora Person"), ("northw", "Northwest (NW)"),
    ("adobe", "A-SW1 · Adobe Tools"), ("Q-1", "Q-1"),
])  # fmt: skip
async def test_the_palette_opens_the_sheet_of_what_it_finds(
    words: str, title: str, sqlite_workspace: TestWorkspace
) -> None:
    async with person_at(sqlite_workspace.door("dora"), 120, 50) as person:
        await person.pilot.press("ctrl+p", *words)
        await person.pilot.pause(0.5)
        await person.pilot.press("enter")
        await person.pilot.pause(0.2)
        await person.settle()
        seen = person.sees()

    assert title in seen, seen


async def test_the_palette_finds_only_what_is_in_scope(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("sam"), 120, 50) as person:
        await person.pilot.press("ctrl+p", *"north")
        await person.pilot.pause(0.5)
        seen = person.sees()

    assert "(NW)" not in seen and "(NE)" not in seen


SALES = (
    # by, keys to go there, the row, what stands above its sales
    ("person", (), "Sam Person", "1 sale, $700.00 in all"),
    ("team", ("b",), "West", ""),
    ("territory", ("b", "b"), "Northeast", "1 sale, $700.00 in all"),
    ("manager", ("b", "b", "b"), "Dora Person", "1 sale, $700.00 in all"),
)


@pytest.mark.parametrize(("by", "keys", "row", "title"), SALES)
async def test_the_sales_behind_a_figure_add_up_to_it(
    workspace: TestWorkspace, by: str, keys: tuple[str, ...], row: str, title: str
) -> None:
    async with person_at(workspace.door("dora"), 160, 60, opening="quotas") as person:
        await person.press(*keys, "home")
        for _step in range(8):
            if row in person.line("▸"):
                break
            await person.press("down")
        credit = person.line("▸")
        seen = await person.press("enter")

    assert row in credit, by
    assert title in seen and " in all" in seen
    assert "Credit" in seen


async def test_the_headline_of_a_narrowed_league_is_that_of_its_rows(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("dora"), 140, 40, opening="quotas") as person:
        whole = person.lines()[2]
        await person.press("slash")
        await person.types("user:sam")
        one = (await person.press("enter")).splitlines()[2]

    assert "In all: booked" in whole
    assert "In all" not in one and "listed: credit 700 USD" in one


def test_a_grid_knows_its_headings_from_the_beginning() -> None:
    grid = PagedGrid((), empty="")

    assert grid.count == 0 and grid.cursor_key is None


@pytest.mark.parametrize(
    ("opening", "keys", "words", "key"),
    [
        ("quotas", ("p",), "sa", "user"), ("quotas", (), "user:sam", "user"), ("accounts", (), "owner:sam lab", "code"),
        ("opportunities", (), "territory:West status:all", "code"), ("activities", ("m", "v", "v"), "visit", "number"),
        ("activities", (), "elm", "number"),
    ],
)  # fmt: skip
async def test_the_command_behind_a_narrowed_list_prints_what_is_listed(
    workspace: TestWorkspace, sfactl: Run, today: None, opening: str, keys: tuple[str, ...], words: str, key: str
) -> None:
    async with person_at(workspace.door("dora"), 120, 40, opening=opening) as person:
        await person.press(*keys, "slash")
        await person.types(words)
        await person.press("enter", "y")
        command = person.app.clipboard
        grid = person.app.screen.query_one(RecordGrid)
        listed = [grid.row_at(index).key.partition("/")[0] for index in range(grid.count)]

    said = sfactl(*shlex.split(command)[1:], "-o", "json", workspace=workspace)

    assert said.code == 0, said.err
    assert sorted(str(row[key]) for row in said.rows) == sorted(listed), command
