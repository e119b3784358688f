"""Textual without what only a terminal needs, so that tests of screens take a part of the time.

What a widget draws, and what a style sheet says, is as in the program: `seeing` draws the whole screen whenever a test looks
at it. A cursor does not blink: what a test sees must not depend on when it looks.
"""

import asyncio
from typing import Any

import textual.app
import textual.pilot
from textual._compositor import Compositor
from textual._context import active_app
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widgets import Input

from sfactl.tui.screens import listing, pipeline, territories
from sfactl.tui.widgets import filter_bar

_ROUNDS = 3
"""A key goes to the program, from there to the widget that has the keys, and what comes of it to the screen."""
_TICK_S = 0.001
_parse = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def install() -> None:
    """Let the tests of this process be quick."""
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = all_heard  # type: ignore[attr-defined]
    Input.cursor_blink._default = False  # type: ignore[attr-defined]
    Compositor.render_update = _undrawn  # type: ignore[method-assign]
    Stylesheet._parse_rules = _parsed_once  # type: ignore[method-assign]
    for module in (listing, filter_bar, pipeline, territories):
        module._PAUSE_S = _TICK_S  # type: ignore[misc]  # nobody presses keys faster than a test


async def all_heard(*_times: float) -> None:
    """Wait until every widget has dealt with what it was told.

    Textual's own wait sleeps until the processor idles: at least 40 ms a key, and a second where other tests run.
    """
    pilot: Pilot[Any] = Pilot(active_app.get())
    for _round in range(_ROUNDS):
        await asyncio.sleep(0)
        await pilot._wait_for_screen()
    while getattr(pilot.app, "is_typed_ahead", False):
        await asyncio.sleep(_TICK_S)


def _undrawn(compositor: Compositor, *_args: Any, **_options: Any) -> None:
    """Nothing for a terminal that is not there."""
    compositor._dirty_regions.clear()


def _parsed_once(sheet: Stylesheet, *args: Any, **options: Any) -> list[RuleSet]:
    """The rules of a style sheet, read once for all programs of this process that have the same colours."""
    key = (args, tuple(options.items()), tuple(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse(sheet, *args, **options)
    return _parsed[key]
