"""Draws the pictures of the screens in docs/pictures: a demo workspace is made, a person presses keys, the terminal is kept as SVG.

Run it with `python docs/pictures.py`. Days and figures are those of the demo of today.
"""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sfactl.cli import main
from sfactl.config import settings
from sfactl.db import url
from sfactl.db.session import Door
from sfactl.tui.app import SalesApp

FOLDER = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 130, 36
WALKS: dict[str, tuple[str, str, list[str]]] = {
    "pipeline": ("rvega", "pipeline", []),
    "opportunity": ("lbegay", "opportunities", ["enter"]),
    "accounts": ("rvega", "accounts", ["down"]),
    "log": ("lbegay", "accounts", ["l", *"Asked", "space", *"for", "space", *"samples"]),
    "territories": ("ehalvorsen", "territories", []),
    "quotas": ("rvega", "quotas", []),
    "inbox": ("rvega", "inbox", []),
    "help": ("rvega", "pipeline", ["question_mark"]),
}
"""Name of the picture: who is at the keyboard, with which screen he begins, and the keys he presses."""


async def draw(where: url.DatabaseUrl, name: str) -> None:
    """Press the keys of a walk, and keep what the terminal shows."""
    person, screen, keys = WALKS[name]
    door = Door(where, as_user=person, clock=lambda: datetime.now(UTC))
    app = SalesApp(door, locale="en", opening=screen, is_live=False)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause(4)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.3)
        await pilot.pause(3)
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="sfactl tui"), encoding="utf-8")


def run() -> None:
    """Draw them all."""
    with tempfile.TemporaryDirectory() as folder:
        main(["demo", f"{folder}/demo"])
        found = settings.load({}, {}, path=next(Path(folder).rglob("config.toml")))
        for name in WALKS:
            asyncio.run(draw(url.parse(found.database or ""), name))


if __name__ == "__main__":
    run()
