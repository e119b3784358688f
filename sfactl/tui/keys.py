"""Keys as sentences name them."""

from typing import Any, Final

from textual.screen import Screen

_NAMES: Final = {"escape": "Esc", "enter": "Enter", "ctrl": "Ctrl", "shift": "Shift", "alt": "Alt"}


def said(key: str) -> str:
    """A key as people call it: `ctrl+s` is Ctrl+S, `escape` is Esc."""
    *before, last = key.split("+")
    name = _NAMES.get(last, last.upper() if before and len(last) == 1 else last)
    return "+".join([*(_NAMES.get(each, each) for each in before), name])


def key_of(screen: Screen[Any], binding_id: str) -> str:
    """The key that does this on a screen, as the person's settings have it; nothing where none does."""
    for active in screen.active_bindings.values():
        if active.binding.id == binding_id:
            return said(active.binding.key)
    return ""
