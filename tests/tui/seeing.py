"""Using the screens as a person does: press keys, wait until all is there, read what stands there."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from sfactl.db.session import Door
from sfactl.tui.app import SalesApp
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.screens.main import MainScreen
from sfactl.tui.screens.opportunity import OpportunityScreen
from tests.tui import world

_KEYS = {
    " ": "space", ".": "full_stop", "-": "minus", "=": "equals_sign", ":": "colon", "%": "percent_sign", "_": "underscore",
    "/": "slash", "'": "apostrophe", "~": "tilde",
}  # fmt: skip
"""What keys are called that are no letters."""


class Person:
    """Somebody at the keyboard."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        self.app = pilot.app

    async def press(self, *keys: str) -> str:
        """Press keys one after the other, wait after each until nothing more comes, and read the screen."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()
        return self.sees()

    async def types(self, text: str) -> str:
        """Type a text, wait until nothing more comes, and read the screen."""
        await self.pilot.press(*(_KEYS.get(character, character) for character in text))
        await self.pilot.pause(0.2)
        await self.settle()
        return self.sees()

    async def settle(self) -> None:
        """Wait until no worker runs, no question is open, and the screen is drawn as it will stay."""
        before, deadline = None, time.monotonic() + 60
        while time.monotonic() < deadline and self.app._exception is None:
            seen = None if self._is_waiting() else self.sees()
            if seen is not None and seen == before:
                return
            before = seen
            await self.pilot.pause(0.01 if seen is None else None)
        raise self.app._exception or AssertionError("the screen never came to rest")

    def _is_waiting(self) -> bool:
        screen = self.app.screen
        is_open = isinstance(screen, BaseScreen) and bool(screen._pending)
        is_open = is_open or (isinstance(screen, MainScreen | OpportunityScreen) and not screen._latest)
        return is_open or any(not one.is_finished and one.group != "watch" for one in self.app.workers)

    def lines(self) -> list[str]:
        """What stands on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def sees(self) -> str:
        """The same, as one text."""
        return "\n".join(self.lines())

    def line(self, words: str) -> str:
        """The first line with these words."""
        found = [line for line in self.lines() if words in line]
        assert found, f"{words!r} is nowhere in:\n{self.sees()}"
        return found[0]


@asynccontextmanager
async def person_at(
    door: Door | Callable[[], Door], width: int = 80, height: int = 24, **options: Any
) -> AsyncIterator[Person]:
    """The screens in a terminal of this size, with everything read."""
    options = {"is_live": False, "clock": lambda: world.NOW, **options}
    app = SalesApp(door, locale="en", **options)
    async with app.run_test(size=(width, height), notifications=True) as pilot:
        person = Person(pilot)
        await person.settle()
        yield person
