"""Names that somebody planted: every screen shows them, and nothing of them acts (cases 83 and 57 of the catalogue)."""

import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.text import Text

from sfactl.core.text import safe
from sfactl.tui import territory_figures
from sfactl.tui.cells import Cell
from sfactl.tui.screens.opportunity import OpportunityScreen
from tests.hostile import HOSTILE, random_texts
from tests.soak import times
from tests.tui import world
from tests.tui.seeing import Person, person_at

STORED = [text for name, text in HOSTILE.items() if name != "lone surrogate"]
"""A database keeps no lone surrogate."""

SCROLLBAR = ("@mouse.down", "@mouse.up")
"""What Textual itself lets one grab."""


@pytest.fixture(scope="module")
def hostile_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "world.db"
    world.build(path).write(world.add_hostile, STORED)
    return path


def assert_inert(person: Person) -> None:
    """Nothing on the screen is a control character, and nothing can be clicked that a name brought along."""
    for strip in person.app.screen._compositor.render_strips():
        for segment in strip:
            assert not [c for c in segment.text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
            meta = segment.style.meta if segment.style else {}
            assert not [key for key in meta if key.startswith("@") and key not in SCROLLBAR], segment
            assert not (segment.style and segment.style.link), segment


async def every_page(person: Person, grid: str) -> AsyncIterator[str]:
    rows = len(person.app.screen.query_one(grid).rows)  # type: ignore[attr-defined]
    seen = 0
    while seen < rows:
        yield person.sees()
        seen += 50
        await person.press("pagedown")
    yield person.sees()


async def test_the_pipeline_shows_hostile_names_as_they_are_and_lives_on(hostile_path: Path) -> None:
    async with person_at(world.door_to(hostile_path), 200, 60) as person:
        pages = [person.sees()]
        assert_inert(person)
        await person.press("v")
        async for page in every_page(person, "#opportunities"):
            pages.append(page)
            assert_inert(person)
        for column in range(4, 200, 28):
            await person.pilot.click("#opportunities", offset=(column, 12))
            await person.settle()
            await person.press("escape")

        assert person.app.is_running and person.app.theme == "sfactl-dark"
        everything = "\n".join(pages)
        for name in ("action markup", "unclosed tag", "open tag", "html", "formula", "sql"):
            assert HOSTILE[name] in everything
        assert safe(HOSTILE["osc 52 clipboard"]) in everything
        assert person.app.clipboard == ""


async def test_a_hostile_stage_name_is_only_a_name(hostile_path: Path) -> None:
    async with person_at(world.door_to(hostile_path), 200, 40) as person:
        await person.press("v")
        await person.press("right", "right")
        await person.pilot.click(offset=(110, 2))
        await person.settle()

        assert "▸ [@click=app.quit]Acme[/]" in person.sees()
        assert "[@click=app.quit]Acme[/] · closing any time" in person.sees()
        assert person.app.is_running


async def test_the_facts_of_hostile_opportunities_are_inert(hostile_path: Path) -> None:
    async with person_at(world.door_to(hostile_path), 100, 40) as person:
        facts = OpportunityScreen(person.app._desk, f"{STORED[0]}0")  # type: ignore[attr-defined]
        person.app.push_screen(facts)
        await person.settle()
        for number in range(0, len(STORED), 4):
            facts._code = f"{STORED[number]}{number}"
            facts.reload()
            await person.settle()
            assert_inert(person)
            assert "Probability" in person.sees()
            assert "There is no" not in person.sees()


async def test_the_tree_and_the_detail_show_hostile_names_as_they_are(
    hostile_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(territory_figures, "figures", lambda _session, _missing: iter([[]]))  # numbers are no names
    async with person_at(world.door_to(hostile_path), 160, 90) as person:
        await person.press("4", "asterisk")
        tree = person.sees()
        assert_inert(person)
        for key in ("home", "down", "pagedown", "end", "up", "up", "up"):
            await person.press(key)
            assert_inert(person)

        assert HOSTILE["action markup"] in tree and HOSTILE["unclosed tag"] in tree
        assert person.app.is_running


async def test_an_error_that_names_something_hostile_is_only_a_sentence(hostile_path: Path) -> None:
    async with person_at(world.door_to(hostile_path)) as person:
        for text in ("[@click=app.quit]x[/]", "[/x]", "\x1b[2Jx"):
            person.app.push_screen(OpportunityScreen(person.app._desk, text))  # type: ignore[attr-defined]
            await person.settle()

            assert f"There is no opportunity {safe(text)}." in person.sees()
            assert_inert(person)


async def test_a_name_that_nobody_can_type_is_not_copied(hostile_path: Path) -> None:
    async with person_at(world.door_to(hostile_path)) as person:
        person.app.push_screen(OpportunityScreen(person.app._desk, "x\x1b]52;c;cm0=\x07"))  # type: ignore[attr-defined]
        await person.settle()
        said = await person.press("y")

        assert person.app.clipboard == ""
        assert "nobody can type" in " ".join(said.split())


async def test_a_copied_name_is_one_word_of_the_shell(hostile_path: Path) -> None:
    async with person_at(world.door_to(hostile_path)) as person:
        person.app.push_screen(OpportunityScreen(person.app._desk, "x; rm -rf '$HOME'"))  # type: ignore[attr-defined]
        await person.settle()
        await person.press("y")

        assert person.app.clipboard == """sfactl opportunity show 'x; rm -rf '"'"'$HOME'"'"''"""


def test_a_cell_is_harmless_whatever_it_is_made_of() -> None:
    for text in [*HOSTILE.values(), *random_texts(times(100_000))]:
        cell = Cell(text)

        assert cell.text == safe(text, 400)
        assert cell.content().plain == cell.text, "no markup is read out of it"
        for width in (1, 7, 30):
            assert Text(cell.fitted(width)).cell_len == width
