"""Keys as sentences name them, and the actions that settings may give other keys."""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character
from textual.screen import Screen

_NAMES: Final = {"escape": "Esc", "enter": "Enter", "ctrl": "Ctrl", "shift": "Shift", "alt": "Alt"}


_EVERYWHERE: Final = {"app", "screen", "listing"}
_HELD: Final = {"ctrl", "shift", "alt", "super", "meta", "hyper"}


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


def impossible(keys: Iterable[str]) -> list[str]:
    """Those of the keys, several of which may be parted by commas, that no terminal can send."""
    named = {each.value for each in Keys} | set(KEY_NAME_REPLACEMENTS.values())

    def is_key(key: str) -> bool:
        *held, last = key.split("+")
        return len(key) == 1 or (set(held) <= _HELD and (last in named or key_to_character(last) is not None))

    return [key for text in keys for key in map(str.strip, text.split(",")) if not is_key(key)]


def without_key(own: Mapping[str, str]) -> list[str]:
    """Actions whose key the settings gave to another one of the same screen, or to one that holds everywhere.

    Args:
        own: keys by the names of the actions that have others than at first.
    """
    taken = [(name.partition(".")[0], key.strip()) for name, keys in own.items() for key in keys.split(",")]
    found = []
    for each in actions():
        name, left = each.id or "", set(each.key.split(","))
        for group, key in taken if name not in own else ():
            if {group, name.partition(".")[0]} & _EVERYWHERE or group == name.partition(".")[0]:
                left.discard(key)
        found += [] if left else [name]
    return found


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
