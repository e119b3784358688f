"""The keys of the screen in the last line: one widget for all of them, since they change with every screen and focus."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from sfactl.tui.cells import Cell, line


@dataclass(frozen=True, slots=True)
class _Shown:
    """A key, and what it does."""

    key: str
    sign: str
    text: str
    tooltip: str
    is_enabled: bool

    @property
    def width(self) -> int:
        return Cell(f"{self.sign} {self.text}").width


class KeyBar(Widget):
    """Each key that has a word beside it; a click presses it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--sign", "keys--text", "keys--idle"}

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[_Shown] = []

    def on_mount(self) -> None:
        """Follow what the keys do."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.is_attached:
            return
        found: dict[str, _Shown] = {}
        for _node, binding, is_enabled, tooltip in screen.active_bindings.values():
            if binding.show and binding.action not in found:
                sign = self.app.get_key_display(binding)
                found[binding.action] = _Shown(binding.key, sign, binding.description, tooltip, is_enabled)
        if list(found.values()) != self._keys:
            self._keys = list(found.values())
            self.refresh()

    def render(self) -> Content:
        """All keys in a line."""
        return Content(" ").join([self._drawn(each) for each in self._keys])

    def _drawn(self, each: _Shown) -> Content:
        sign = self.get_visual_style("keys--sign" if each.is_enabled else "keys--idle")
        text = self.get_visual_style("keys--text" if each.is_enabled else "keys--idle")
        return line(each.sign).stylize(sign).append(line(f" {each.text}").stylize(text))

    def _at(self, x: int) -> _Shown | None:
        for each in self._keys:
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
