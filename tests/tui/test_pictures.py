"""Every screen of the demo company in three sizes, dark and light, as files to look at.

Rewrite them with `SFACTL_GOLDEN=write pytest tests/tui/test_pictures.py`, and read the difference. `SFACTL_PICTURES=FOLDER`
keeps them as SVG, too, for the eye.
"""

import os
import shutil
from pathlib import Path

import pytest

from sfactl.db import url
from sfactl.db.session import Door
from tests.tui import pictures
from tests.tui.pictures import PLAIN, SIZES, THEMES, WALKS, Picture, Walk
from tests.tui.seeing import Person, person_at

GOLDEN = Path(__file__).parent.parent / "golden" / "tui"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's file."""
    path = pictures.make_company(tmp_path_factory.mktemp("demo") / "company").path
    assert path is not None
    return path


@pytest.mark.xdist_group("pictures")
@pytest.mark.parametrize("name", WALKS)
async def test_a_screen_looks_as_before(name: str, company: Path, tmp_path: Path) -> None:
    copy = tmp_path / "sales.db"
    shutil.copy(company, copy)

    walk, seen, dim = WALKS[name], {}, []
    async with pictures.at(url.parse(f"sqlite:///{copy}"), walk, tmp_path / "config.toml") as person:
        await person.press(*(() if walk.leave else walk.keys))
        for width, height in SIZES:
            await person.pilot.resize_terminal(width, height)
            for theme in THEMES:
                picture = await _in(person, walk, theme)
                dim += picture.dim()
                seen[f"{width}x{height} {theme}"] = picture
                _keep_for_the_eye(picture, f"{name}_{width}x{height}_{theme}")
        for theme, least in PLAIN.items():
            dim += (await _in(person, walk, theme)).dim(least)
        coloured = pictures.by_colour_alone(person)

    assert dim == [] and coloured == []
    for width, height in SIZES:
        dark, light = (seen[f"{width}x{height} {theme}"] for theme in THEMES)
        assert dark.text() == light.text()
        golden(f"{name}_{width}x{height}.txt", dark.text())
        golden(f"{name}_{width}x{height}.colours.txt", f"dark\n{dark.colours()}\nlight\n{light.colours()}")


async def _in(person: Person, walk: Walk, theme: str) -> Picture:
    """What stands there in other colours."""
    await person.press(*walk.leave)
    person.app.theme = theme
    await person.settle()
    await person.press(*(walk.keys if walk.leave else ()))
    return await _at_rest(person)


async def _at_rest(person: Person) -> Picture:
    """What stands there once it stands still: on a busy machine a layout may follow when all seemed done."""
    picture = Picture.of(person)
    for _look in range(10):
        await person.settle()
        before, picture = picture, Picture.of(person)
        if picture == before:
            break
    return picture


async def test_a_screen_of_five_lines_looks_as_before(door: Door) -> None:
    async with person_at(door, 20, 5) as person:
        golden("pipeline_20x5.txt", person.sees() + "\n")


def test_no_picture_is_kept_that_nobody_draws() -> None:
    drawn = {f"{name}_{width}x{height}" for name in WALKS for width, height in SIZES} | {"pipeline_20x5"}

    assert {path.name.split(".")[0] for path in GOLDEN.iterdir()} == drawn


def golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("SFACTL_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def _keep_for_the_eye(picture: Picture, name: str) -> None:
    folder = os.environ.get("SFACTL_PICTURES")
    if folder:
        Path(folder).mkdir(exist_ok=True)
        (Path(folder) / f"{name}.svg").write_text(picture.svg(name), encoding="utf-8")
