"""The keys of the screen in the last line: one widget for all of them, since they change with every screen and focus."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from sfactl.tui.cells import Cell, line

_LAST: Final = ("screen.copy-command", "app.help", "app.palette", "app.quit")
"""Keys that hold everywhere stand behind those of the screen, in this order."""
_GIVE_WAY: Final = ("app.quit", "app.palette", "screen.copy-command")
"""Which are left out first where there is no room; then those of the screen, from the last on: help tells them all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A key, and what it does."""

    id: str
    key: str
    sign: str
    text: str
    tooltip: str
    is_enabled: bool

    @property
    def width(self) -> int:
        """The cells that both take."""
        return Cell(f"{self.sign} {self.text}").width


class KeyBar(Widget):
    """Each key that has a word beside it; a click presses it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--sign", "keys--text", "keys--idle"}

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Shown] = []

    def on_mount(self) -> None:
        """Follow what the keys do."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.is_attached:
            return
        found: dict[str, Shown] = {}
        for _node, binding, is_enabled, tooltip in screen.active_bindings.values():
            if binding.show and binding.action not in found:
                sign = self.app.get_key_display(binding)
                name = "app.help" if binding.action == "app.help" else binding.id or ""
                found[binding.action] = Shown(name, binding.key, sign, binding.description, tooltip, is_enabled)
        keys = sorted(found.values(), key=_place)
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    @property
    def _in_sight(self) -> Sequence[Shown]:
        return in_sight(self._keys, self.size.width)

    def render(self) -> Content:
        """The keys in a line."""
        return Content(" ").join([self._drawn(each) for each in self._in_sight])

    def _drawn(self, each: Shown) -> Content:
        sign = self.get_visual_style("keys--sign" if each.is_enabled else "keys--idle")
        text = self.get_visual_style("keys--text" if each.is_enabled else "keys--idle")
        return line(each.sign).stylize(sign).append(line(f" {each.text}").stylize(text))

    def _at(self, x: int) -> Shown | None:
        for each in self._in_sight:
            if x < each.width:
                return each if x >= 0 else None
            x -= each.width + 1
        return None

    def on_click(self, event: events.Click) -> None:
        """Press the key."""
        found = self._at(event.x)
        if found is not None and found.is_enabled:
            self.app.simulate_key(found.key)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what the key does."""
        found = self._at(event.x)
        self.tooltip = found.tooltip or None if found else None


def in_sight(keys: Sequence[Shown], width: int) -> Sequence[Shown]:
    """As many as there is room for, the most important ones."""
    found = list(keys)
    while sum(each.width + 1 for each in found) - 1 > width and (spare := _spare(found)):
        found.remove(spare)
    return found


def _place(each: Shown) -> int:
    """Ways out first, then what the screen is for, then what holds everywhere."""
    if each.id in _LAST:
        return 2 + _LAST.index(each.id)
    return 0 if each.key == "escape" else 1


def _spare(keys: Sequence[Shown]) -> Shown | None:
    """What gives way next; ways out and help never do."""
    known = {each.id: each for each in keys}
    own = [each for each in keys if _place(each) == 1]
    return next((known[name] for name in _GIVE_WAY if name in known), own[-1] if own else None)
