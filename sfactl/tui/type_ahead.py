"""Keys one by one: what is pressed while a screen or a form is on its way is meant for it.

Over a slow line keys come in bursts, and people type ahead. Without this, letters that were meant for a form that is being
opened would be commands of the list below it. For the same reason a key for a row waits until the list has rows: else it would
be refused, and the words typed after it would be commands.
"""

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import Any, Final

from textual.app import App
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump
from textual.widgets import Input

_PATIENCE_S: Final = 5.0
"""So long a part of the screen is waited for that does not answer, and the rows of a list."""
_LOOK_S: Final = 0.02
_MOST: Final = 64
"""So many letters at once: then what they came to is drawn."""
_AT_ONCE: Final = frozenset({"q", "question_mark", "escape", "slash", "ctrl+c", "ctrl+p", "ctrl+q", *"12345678"})
"""Keys that need no row."""


class TypeAhead:
    """What was typed and is not told yet."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._waiting: deque[Key | Paste] = deque()
        self._told: list[Key | Paste] = []
        "What is on its way to its widget."
        self._task: asyncio.Task[None] | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether keys were pressed that are not told yet, or the last one is not dealt with."""
        return self._task is not None

    def keeps(self, event: Event) -> bool:
        """Whether an event is kept until what was typed before it is dealt with; it then comes again."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            return False
        if any(event is each for each in self._told):
            return False
        self._waiting.append(event)
        if self._task is None:
            self._task = asyncio.create_task(self._tell())
        return True

    async def _tell(self) -> None:
        try:
            while self._waiting and self._app.is_running:
                await self._until_it_can_be_dealt_with(self._waiting[0])
                self._told = self._next()
                for event in self._told:
                    self._app.post_message(event)
                await self._dealt_with()
        finally:
            self._told, self._task = [], None

    def _next(self) -> list[Key | Paste]:
        """What is told next: one key, or the letters that follow each other in one field: they open nothing."""
        found = [self._waiting.popleft()]
        while isinstance(self._app.focused, Input) and _is_letter(found[-1]) and self._waiting and len(found) < _MOST:
            if not _is_letter(self._waiting[0]):
                break
            found.append(self._waiting.popleft())
        return found

    async def _until_it_can_be_dealt_with(self, event: Key | Paste) -> None:
        """Wait for the first rows of a list, if the key may be about one."""
        screen, deadline = _screen(self._app), time.monotonic() + _PATIENCE_S
        if isinstance(event, Paste) or event.key in _AT_ONCE:
            return
        while _is_empty_yet(screen) and screen is _screen(self._app) and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)

    async def _dealt_with(self) -> None:
        """Wait until the key is with its widget, what it does is done, and whatever that opened takes keys."""
        app = self._app
        for _round in range(2):  # the action that a key has, and the focus that the action moves
            await _answer(app)
            await _answer(app.focused)
            await _answer(_screen(app))
        await _answer(app)


def _is_letter(event: Key | Paste) -> bool:
    """Whether it only puts something into a field."""
    return isinstance(event, Key) and event.is_printable


def _is_empty_yet(screen: object) -> bool:
    """Whether a screen waits for the first rows of its list."""
    return bool(getattr(screen, "awaits_rows", False))


def _screen(app: App[Any]) -> MessagePump | None:
    return app.screen if app.screen_stack else None


async def _answer(pump: MessagePump | None) -> None:
    """Wait until a part of the screen has done all that was asked of it before."""
    answered = asyncio.Event()
    if pump is not None and pump.is_running and pump.call_later(answered.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(answered.wait(), _PATIENCE_S)
