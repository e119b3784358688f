"""Keys as sentences name them, and the actions that settings may give other keys."""

import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Final

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

_NAMES: Final = {"escape": "Esc", "enter": "Enter", "ctrl": "Ctrl", "shift": "Shift", "alt": "Alt"}


def said(key: str) -> str:
    """A key as people call it: `ctrl+s` is Ctrl+S, `escape` is Esc."""
    *before, last = key.split("+")
    name = _NAMES.get(last, last.upper() if before and len(last) == 1 else last)
    return "+".join([*(_NAMES.get(each, each) for each in before), name])


def actions() -> list[Binding]:
    """Every action of every screen, in the order of their names; all screens are loaded for that."""
    for package in ("sfactl.tui.screens", "sfactl.tui.widgets"):
        for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
            import_module(module.name)
    own = [kind for kind in _kinds(DOMNode) if kind.__module__.startswith("sfactl.")]
    found = {each.id: each for kind in own for each in vars(kind).get("BINDINGS", ()) if isinstance(each, Binding)}
    return [found[name] for name in sorted(filter(None, found))]


def unknown(names: Iterable[str]) -> list[str]:
    """Those of the names that are no action of any screen."""
    known = {each.id for each in actions()}
    return [name for name in names if name not in known]


def _kinds(of: type[Any]) -> Iterator[type[Any]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def key_of(screen: Screen[Any], binding_id: str) -> str:
    """The key that does this on a screen, as the person's settings have it; nothing where none does."""
    for active in screen.active_bindings.values():
        if active.binding.id == binding_id:
            return said(active.binding.key)
    return ""
