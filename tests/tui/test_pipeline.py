"""The pipeline: stages, the list of one, the facts of one opportunity."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from sfactl.db.session import Door, Session
from sfactl.models import tables as t
from sfactl.tui import pipeline_strip
from sfactl.tui.screens.opportunity import OpportunityScreen
from sfactl.tui.screens.pipeline import PipelineScreen
from sfactl.tui.widgets.card_board import CardBoard
from tests.tui import world
from tests.tui.seeing import person_at


async def test_each_stage_says_its_count_its_sum_and_its_weighted_sum(door: Door) -> None:
    async with person_at(door) as person:
        names, sums, weighted = person.lines()[2:5]

    assert re.findall(r"(\w+) +(\d+) [┃│]", names) == [
        ("Qualify", "2"), ("Discover", "2"), ("Propose", "3"), ("Negotiate", "0"),
    ]  # fmt: skip
    assert re.findall(r"USD +([\d,]+)", sums) == ["20,000", "75,000", "299,999", "0"]
    assert re.findall(r"weighted +([\d,]+)", weighted) == ["2,000", "18,750", "150,000", "0"]


async def test_millions_stand_whole_in_80_columns(door: Door) -> None:
    door.write(_make_dearer, 99)

    async with person_at(door) as person:
        names, sums, weighted = person.lines()[2:5]

    assert re.findall(r"(\w+) +(\d+) ?[┃│]", names) == [
        ("Qualify", "2"), ("Discover", "2"), ("Propose", "3"), ("Negotiate", "0"),
    ]  # fmt: skip
    assert re.findall(r"USD +([\d,]+)", sums) == ["1,980,000", "7,425,000", "29,699,901", "0"]
    assert "14,849,951" in weighted


async def test_numbers_too_long_for_all_stages_are_whole_and_the_chosen_stage_is_in_sight(door: Door) -> None:
    door.write(_make_dearer, 1_000_000)

    async with person_at(door, 60) as person:
        assert "20,000,000,000" in person.sees()
        await person.press("right", "right")
        assert "▸ Propose" in person.sees() and "299,999,000,000" in person.sees()


async def test_arrow_keys_choose_the_stage_whose_opportunities_are_listed(door: Door) -> None:
    async with person_at(door) as person:
        first = person.sees()
        second = await person.press("right")
        last = await person.press("right", "right", "right", "right")
        back = await person.press("left", "left", "left", "left")

    assert "OPP-000002" in first and "OPP-000003" not in first and "▸ Qualify" in first
    assert "OPP-000003" in second and "OPP-000002" not in second and "▸ Discover" in second
    assert "▸ Negotiate" in last and "Nothing in this stage closes in this time." in last
    assert back == first


async def test_a_held_arrow_key_ends_at_the_stage_where_it_was_let_go(door: Door) -> None:
    async with person_at(door) as person:
        await person.pilot.press("right", "right", "right", "left")
        await person.settle()

        assert "▸ Propose" in person.sees()
        assert "OPP-000005" in person.sees()


async def test_a_row_says_who_what_how_much_when_and_how_old(door: Door) -> None:
    async with person_at(door) as person:
        await person.press("right")

        assert person.line("OPP-000003").split() == [
            "OPP-000003", "Cascade", "Rentals", "dora", "45,000.00", "Dec", "13,", "2026", "60", "d",
        ]  # fmt: skip


async def test_a_close_date_that_has_passed_is_marked_without_colour(door: Door) -> None:
    async with person_at(door, no_color=True) as person:
        await person.press("right")

        assert "! Nov 6, 2026" in person.line("OPP-000004")
        assert "!" not in person.line("OPP-000003")


async def test_f_counts_what_closes_any_time_this_quarter_or_next_quarter(door: Door) -> None:
    async with person_at(door) as person:
        any_time = person.sees()
        this_quarter = await person.press("f")
        next_quarter = await person.press("f")
        again = await person.press("f")

    assert "7 open in all · 394,999 USD" in any_time and "closing any time" in any_time
    assert "5 open in all · 283,000 USD" in this_quarter and "this quarter (2026Q4)" in this_quarter
    assert "2 open in all · 111,999 USD" in next_quarter and "next quarter (2027Q1)" in next_quarter
    assert "OPP-000001" in next_quarter and "OPP-000002" not in next_quarter
    assert again.replace("▸", " ") == any_time.replace("▸", " ")


async def test_enter_shows_the_facts_of_the_row_under_the_cursor_and_escape_goes_back(door: Door) -> None:
    async with person_at(door, 90, 60) as person:
        before = await person.press("right")
        facts = await person.press("enter")
        after = await person.press("escape")

    assert "OPP-000004 · Fleet 4" in facts
    assert "$30,000.00" in facts and "Call the buyer" in facts
    assert "! Nov 6, 2026, which has passed" in facts
    assert "Discover  Jul 21, 2026  carl" in facts
    assert after == before


async def test_the_cursor_stays_on_its_row_when_everything_is_read_again(door: Door) -> None:
    async with person_at(door) as person:
        await person.press("right", "right", "down", "down")
        before = person.line("▸ OPP")
        door.write(_add_opportunity, "OPP-000099")
        after = await person.press("r")

        assert "OPP-000099" in after
        assert person.line("▸ OPP") == before


async def test_an_opportunity_that_is_gone_meanwhile_is_not_found(door: Door) -> None:
    async with person_at(door) as person:
        person.app.push_screen(OpportunityScreen(person.app._desk, "OPP-000777"))  # type: ignore[attr-defined]
        await person.settle()

        assert "There is no opportunity OPP-000777." in person.sees()


async def test_a_click_chooses_a_stage_and_two_clicks_show_the_facts_of_a_row(door: Door) -> None:
    async with person_at(door) as person:
        await person.pilot.click(offset=(30, 3))
        await person.settle()
        assert "▸ Discover" in person.sees()

        await person.pilot.click("#opportunities", offset=(10, 2))
        await person.settle()
        assert "▸ OPP-000003" in person.sees()

        await person.pilot.click("#opportunities", offset=(10, 2))
        await person.settle()
        assert "OPP-000003 · Fleet 3" in person.sees()


async def test_sums_of_two_currencies_stand_side_by_side_and_are_never_added(door: Door) -> None:
    door.write(_add_opportunity, "OPP-000098", currency="EUR")

    async with person_at(door, 120, 30) as person:
        await person.press("v", "right", "right")

        assert "8 open in all · 394,999 USD · 77 EUR" in person.sees()
        assert "EUR" in person.line("OPP-000098")
        assert "USD" in person.line("OPP-000005")


async def test_an_account_manager_sees_only_what_is_his(path: Path) -> None:  # case 4
    async with person_at(world.door_to(path, as_user="carl"), 200, 60) as person:
        seen = [person.sees(), *[await person.press("right") for _ in range(3)]]

    everything = "\n".join(seen)
    assert "Adobe Canyon Bikes" in everything and "5 open in all" in everything
    for foreign in ("Cascade", "Harbor", "dora", "eve", "Northwest", "OPP-000003", "OPP-000005", "150,000"):
        assert foreign not in everything


async def test_the_list_says_when_it_is_cut(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfactl.tui.pipeline_board.MOST_ROWS", 2)
    monkeypatch.setattr("sfactl.tui.screens.pipeline.MOST_ROWS", 2)

    async with person_at(door, 90) as person:
        await person.press("right", "right")

        assert "Propose · the first 2 of 3" in person.sees()
        assert isinstance(person.app.screen, PipelineScreen)


async def test_the_strip_says_what_the_quarter_promises_and_has_one_line_where_there_is_little_room(door: Door) -> None:
    async with person_at(door) as person:
        narrow = person.sees()
    async with person_at(door, 120, 40) as person:
        wide = person.sees()

    assert "2026Q4 " in narrow and "of 10,000 USD" in narrow and "Funnel" not in narrow
    assert "Funnel 2026Q4 Qualify 2  Discover 2  Propose 3  Negotiate 0" in wide


async def test_cards_beyond_the_first_are_reached_by_going_on(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfactl.tui.pipeline_board.MOST_CARDS", 2)
    for number in range(3):
        door.write(_add_opportunity, f"OPP-00009{number}")

    async with person_at(door, 120, 45) as person:
        begun = await person.press("right", "right")
        board = person.app.screen.query_one(CardBoard)
        seen = [board.key]
        for _step in range(7):
            await person.press("down")
            seen.append(board.key)

    assert "4 more: ↓ goes on" in begun
    assert len(set(seen)) == 6 and seen[-1] == seen[-2], "each card is reached, and the last is the end"
    assert {"OPP-000090", "OPP-000091", "OPP-000092"} < set(seen)


def _add_opportunity(session: Session, code: str, currency: str = "USD") -> None:
    account = session.execute(select(t.account).where(t.account.c.code == "A-1")).one()
    stage = session.execute(select(t.stage.c.id).where(t.stage.c.code == "propose")).scalar_one()
    session.sql.execute(
        insert(t.opportunity).values(
            code=code, name=code, name_key=code, account_id=account.id, account_name=account.name,
            territory_id=account.territory_id, owner_id=account.owner_id, credited_territory_id=account.territory_id,
            credited_id=account.owner_id, stage_id=stage, status="open", amount_minor=7700, currency=currency,
            close_on=world.TODAY + timedelta(31), opened_on=world.TODAY, created_at=world.NOW, updated_at=world.NOW,
            version=1,
        )
    )  # fmt: skip


def _make_dearer(session: Session, times: int) -> None:
    session.sql.execute(update(t.opportunity).values(amount_minor=t.opportunity.c.amount_minor * times))


# case 11
async def test_what_was_taken_away_while_the_screen_is_open_is_gone_at_the_next_look(path: Path, door: Door) -> None:
    async with person_at(world.door_to(path, as_user="carl"), 200, 60) as person:
        before = await person.press("v")
        await person.press("enter")
        await person.press("escape")
        door.write(_take_everything_away, "carl")
        opened = await person.press("enter")
        after = await person.press("escape", "r")

    assert "OPP-" in before
    assert "There is no opportunity" in opened
    assert "OPP-" not in after


def _take_everything_away(session: Session, login: str) -> None:
    person = select(t.user.c.id).where(t.user.c.login == login).scalar_subquery()
    session.execute(
        update(t.territory_member).where(t.territory_member.c.user_id == person).values(valid_to=world.TODAY)
    )
    other = select(t.user.c.id).where(t.user.c.login == "dora").scalar_subquery()
    for column in (t.opportunity.c.owner_id, t.opportunity.c.credited_id):
        session.execute(update(t.opportunity).where(column == person).values({column: other}))


async def test_what_others_change_while_the_forecast_is_worked_out_is_asked_for_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, asked, real = threading.Event(), [], pipeline_strip.ask

    def slowly(session: Session) -> pipeline_strip.Strip:
        asked.append(session)
        may_go_on.wait(30)
        return real(session)

    async with person_at(door, 120, 40) as person:
        monkeypatch.setattr(pipeline_strip, "ask", slowly)
        for _change in range(5):
            await person.pilot.press("r")
            await person.pilot.pause(0.15)
        assert len(asked) == 1
        may_go_on.set()
        await person.settle()

    assert len(asked) == 2
