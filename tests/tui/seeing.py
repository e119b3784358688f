"""Using the screens as a person does: press keys, wait until all is there, read what stands there."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest
from textual._context import visible_screen_stack
from textual.events import Key
from textual.pilot import Pilot
from textual.timer import Timer

from sfactl.db.session import Door
from sfactl.tui.app import SalesApp
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.screens.main import MainScreen
from sfactl.tui.screens.opportunity import OpportunityScreen
from tests.tui import quick_screens, world

quick_screens.install()
SOON_S = 20
"""Two seconds are promised; a machine on which other tests run may take longer, and no test measures it."""
_SOON_S = 0.5
"""What waits for less is waited for; notes on the screen go by themselves, much later."""
_LOOK_S = 0.01
"""So long the program works by itself before somebody looks whether it is done."""
_CALM = 3
"""So often nothing is to be done before the screen is at rest."""
_TICK_S = 0.002
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
            self.app.post_message(Key(key, None))
            await self.settle()
        return self.sees()

    async def bursts(self, *keys: str) -> str:
        """Press keys all at once, as a slow line brings them, wait until nothing more comes, and read the screen."""
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else None))
        await self.settle()
        return self.sees()

    async def types(self, text: str) -> str:
        """Type a text, wait until nothing more comes, and read the screen."""
        for character in text:
            self.app.post_message(Key(_KEYS.get(character, character), character))
        await self.settle()
        return self.sees()

    async def settle(self) -> None:
        """Wait until no worker runs, no question is open, and the screen will stay as it is."""
        calm, is_calm, deadline = 0, False, time.monotonic() + 60
        while calm < _CALM and time.monotonic() < deadline and self.app._exception is None:
            if not self._is_waiting():
                await quick_screens.all_heard()
                is_calm = not self._is_changing()
                self.app.screen._on_timer_update()
            if self._is_waiting():
                calm = 0
                await asyncio.sleep(_LOOK_S)
            else:
                calm = calm + 1 if is_calm else 0
                await asyncio.sleep(_TICK_S)
        if calm < _CALM:
            raise self.app._exception or AssertionError("the screen never came to rest")
        visible_screen_stack.set(self.app._background_screens)  # what is drawn from here shows those below, too

    def _is_changing(self) -> bool:
        """Whether something has to be laid out or drawn."""
        screen = self.app.screen
        return bool(
            screen._layout_required or screen._repaint_required or screen._scroll_required or screen._recompose_required
            or screen._dirty_widgets or screen._callbacks
        )  # fmt: skip

    def _is_waiting(self) -> bool:
        if isinstance(self.app, SalesApp) and self.app.is_typed_ahead:
            return True
        screen, animator = self.app.screen, self.app.animator
        if animator._animations or animator._scheduled:
            return True
        if any(_is_soon(timer) for node in screen.walk_children(with_self=True) for timer in node._timers):
            return True
        is_open = isinstance(screen, BaseScreen) and bool(screen._pending)
        is_open = is_open or (isinstance(screen, MainScreen | OpportunityScreen) and not screen._latest)
        return is_open or any(not one.is_finished and one.group != "watch" for one in self.app.workers)

    def lines(self) -> list[str]:
        """What stands on the screen."""
        visible_screen_stack.set(self.app._background_screens)
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


async def until(person: Person, holds: Callable[[str], bool]) -> str:
    """Wait, without pressing anything, until something stands on the screen."""
    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        if holds(person.sees()):
            return person.sees()
        await person.pilot.pause(0.1)
    raise AssertionError(f"it never appeared:\n{person.sees()}")


def held_back(monkeypatch: pytest.MonkeyPatch, service: ModuleType, name: str) -> threading.Event:
    """Let a function of a service wait until the event that is given back is set."""
    may_go_on, real = threading.Event(), getattr(service, name)

    def slowly(*args: Any, **options: Any) -> Any:
        may_go_on.wait(30)
        return real(*args, **options)

    monkeypatch.setattr(service, name, slowly)
    return may_go_on


def _is_soon(timer: Timer) -> bool:
    """Whether it strikes once, and soon."""
    return timer._repeat == 0 and timer._interval < _SOON_S and timer._task is not None and not timer._task.done()


@asynccontextmanager
async def person_at(
    door: Door | Callable[[], Door], width: int = 80, height: int = 24, **options: Any
) -> AsyncIterator[Person]:
    """The screens in a terminal of this size, with everything read."""
    options = {"is_live": False, "clock": lambda: world.NOW, "locale": "en", **options}
    app = SalesApp(door, **options)
    async with app.run_test(size=(width, height), notifications=True) as pilot:
        person = Person(pilot)
        await person.settle()
        yield person
