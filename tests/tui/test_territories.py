"""The territories: the tree with its figures, and one of them in detail."""

from pathlib import Path

import pytest

from sfactl.db.session import Door, Session
from sfactl.tui import territory_figures
from tests.tui import world
from tests.tui.seeing import Person, person_at


def codes_in_sight(person: Person) -> list[str]:
    tree = person.app.screen.query_one("#tree")
    return list(tree.keys_in_sight)  # type: ignore[attr-defined]


async def test_the_tree_shows_each_nodes_figures_of_this_quarter(door: Door) -> None:
    async with person_at(door, 120, 40) as person:
        await person.press("4")

        # of the year before: 8,000 of A-1, now 12,000; A-2 has 2,100 in each
        southwest = person.line("· Southwest")
        assert southwest.split()[2:6] == ["14,100", "+39.6%", "88.1%", "███████░"]
        assert "▄▅▅▆▇▇██" in southwest
        assert person.line("▾ Americas").split()[3:7] == ["18,600", "+27.4%", "186.0%", "████████+"]
        assert person.line("· Europe").split()[2:5] == ["0", "–", "–"]


async def test_a_wide_terminal_shows_accounts_people_and_last_quarter_too(door: Door) -> None:
    async with person_at(door, 200, 60) as person:
        await person.press("4")

        header = person.line("Territory")
        assert "Accounts  People  Last quarter  Growth" in header
        assert person.line("· Southwest").split("│")[0].split()[-4:] == ["2", "2", "13,100", "+44.0%"]


async def test_no_header_is_cut(door: Door) -> None:
    async with person_at(door) as person:
        await person.press("4")
        for width in (80, 100, 120, 160, 200):
            await person.pilot.resize_terminal(width, 40)
            await person.settle()

            assert "…" not in person.line("Territory")


async def test_p_goes_through_the_periods_and_comes_back(door: Door) -> None:
    async with person_at(door, 120, 40) as person:
        first = await person.press("4")
        last_quarter = await person.press("p")
        southwest_then = person.line("· Southwest")
        to_date = await person.press("p")
        southwest_to_date = person.line("· Southwest")
        twelve = await person.press("p")
        again = await person.press("p")

    assert "Last quarter · Jul 1, 2026 – Sep 30, 2026" in last_quarter and "13,100  +44.0%" in southwest_then
    assert "This year to date · Jan 1, 2026 – Nov 18, 2026" in to_date and "50,400  +46.5%" in southwest_to_date
    assert "Last 12 months · Nov 1, 2025 – Oct 31, 2026" in twelve
    assert again == first


async def test_branches_close_and_open_by_keys(door: Door) -> None:
    async with person_at(door) as person:
        await person.press("4")
        everything = codes_in_sight(person)
        await person.press("down", "down", "left")
        west_closed = codes_in_sight(person)
        closed_line = person.line("West")
        await person.press("left", "left")
        americas_closed = codes_in_sight(person)
        await person.press("asterisk")

        assert everything == ["AMER", "East", "West", "Northwest", "Southwest", "EMEA"]
        assert west_closed == ["AMER", "East", "West", "EMEA"]
        assert "▸" in closed_line and "▹ West" in closed_line
        assert americas_closed == ["AMER", "EMEA"]
        assert codes_in_sight(person) == everything


async def test_right_goes_into_an_open_branch_and_left_to_the_parent(door: Door) -> None:
    async with person_at(door) as person:
        await person.press("4", "down", "down", "right")
        assert "▸" in person.line("· Northwest")

        await person.press("left")
        assert "▸" in person.line("▾ West")

        await person.press("space")
        assert "▹ West" in person.sees()


async def test_the_detail_follows_the_cursor_with_months_and_people(door: Door) -> None:
    async with person_at(door, 120, 40) as person:
        await person.press("4", *["down"] * 4)

        assert "Southwest · manager bea · 2 accounts" in person.sees()
        assert "2026-11   14,100  +39.6%       2  ████████" in person.sees()
        assert "Bea Ortiz  manager          Southwest" in person.sees()
        assert "Carl Ng    account manager  Southwest" in person.sees()
        assert "Quota reached" in person.sees() and "16,000" in person.sees()


async def test_months_that_have_not_begun_are_not_shown(door: Door) -> None:
    async with person_at(door, 120, 40) as person:
        seen = await person.press("4")

    assert "2026-11 " in seen and "2026-12 " not in seen


async def test_d_hides_the_detail_and_shows_it_again(door: Door) -> None:
    async with person_at(door) as person:
        shown = await person.press("4")
        hidden = await person.press("d")
        again = await person.press("d")

    assert "Buying accounts" in shown
    assert "Buying accounts" not in hidden
    assert again == shown


async def test_where_there_is_no_room_for_both_d_shows_the_detail_in_place_of_the_tree(door: Door) -> None:
    async with person_at(door, 60, 12) as person:
        tree = await person.press("4")
        detail = await person.press("d")
        again = await person.press("d", "down")

    assert "▾ Americas" in tree and "Buying accounts" not in tree
    assert "Buying accounts" in detail and "▾ Americas" not in detail
    assert "▸   · East" in again


async def test_enter_lets_the_arrow_keys_scroll_the_detail_and_tab_goes_back(door: Door) -> None:
    async with person_at(door) as person:
        await person.press("4")
        top = await person.press("enter")
        scrolled = await person.press("end")
        await person.press("tab", "down")

        assert "People" not in "\n".join(top.splitlines()[:-1]) and "Carl Ng" in scrolled
        assert "▸   · East" in person.sees()


async def test_figures_of_a_closed_branch_are_not_asked_until_it_opens(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = territory_figures.figures

    def spy(session: Session, missing: list[tuple[str, str]]) -> object:
        asked.extend(code for code, _name in missing)
        return real(session, missing)

    monkeypatch.setattr(territory_figures, "figures", spy)
    monkeypatch.setattr("sfactl.tui.screens.territories._MANY", 2)
    async with person_at(door) as person:
        await person.press("4")
        assert set(asked) == {"AMER", "East", "West", "EMEA"}

        await person.press("down", "down", "right")
        assert {"Southwest", "Northwest"} <= set(asked)
        assert "14,100" in person.line("· Southwest")


async def test_an_account_manager_sees_only_his_part_of_the_tree(path: Path) -> None:  # case 4
    async with person_at(world.door_to(path, as_user="carl"), 200, 60) as person:
        await person.press("4")
        everything = "\n".join([person.sees(), *[await person.press("p") for _ in range(3)]])

        assert codes_in_sight(person) == ["Southwest"]
        assert "carl ← ana" in everything
        for foreign in ("Americas", "Northwest", "Dora", "Eve", "18,600", "2,200"):
            assert foreign not in everything


async def test_everything_is_read_again_when_asked(door: Door, path: Path) -> None:
    async with person_at(door, 120, 40) as person:
        await person.press("4")
        door.write(_book, 1_000_000)
        before = person.line("· Southwest")
        await person.press("r")

        assert before.split()[2] == "14,100"
        assert person.line("· Southwest").split()[2] == "24,100"


def _book(session: Session, minor: int) -> None:
    from sqlalchemy import update

    from sfactl.models import tables as t

    order = t.order.c
    newest = (order.booked_on >= world.TODAY.replace(month=10, day=1)) & (order.account_name == "Adobe Canyon Bikes")
    session.sql.execute(update(t.order).where(newest).values(amount_minor=order.amount_minor + minor))
