"""Writing a person's settings file: only the keys that change, so that comments stay."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sfactl import files
from sfactl.config import toml_file
from sfactl.config.settings import ConfigFile


def point_to(path: Path, profile: str, database: str) -> str | None:
    """Let a profile name a database; returns the one it named before, if that was another.

    Raises:
        UsageFault: the file is wrong as it is.
        Conflict: it is a link.
        Unavailable: it cannot be written.
    """
    import tomlkit

    text = toml_file.read_text(path) if path.exists() else ""
    before = toml_file.parse(text, ConfigFile, name=str(path)).profiles.get(profile)
    document = tomlkit.parse(text)
    profiles = document.setdefault("profiles", tomlkit.table(is_super_table=True))
    profiles.setdefault(profile, tomlkit.table())["database"] = database
    files.make_folder(path.parent, may_be_link=True)
    files.write_text(path, tomlkit.dumps(document), replace=True)
    named = before.database if before else None
    return named if named != database else None


def greeted(path: Path) -> None:
    """Keep that somebody read how to begin; errors as of `keep_filter`."""

    def say(screens: Any) -> None:
        screens["is_greeted"] = True

    _change_screens(path, say)


def keep_filter(path: Path, screen: str, name: str, text: str) -> None:
    """Keep a filter of a screen under a name, in place of the one of that name; an empty text drops it.

    Raises:
        UsageFault: the file is wrong as it is.
        Conflict: it is a link.
        Unavailable: it cannot be written.
    """

    def keep(screens: Any) -> None:
        import tomlkit

        filters = screens.setdefault("filters", tomlkit.table(is_super_table=True))
        own = filters.setdefault(screen, tomlkit.table())
        if text:
            own[name] = text
        else:
            own.pop(name, None)

    _change_screens(path, keep)


def _change_screens(path: Path, change: Callable[[Any], None]) -> None:
    import tomlkit

    found = toml_file.read_text(path) if path.exists() else ""
    toml_file.parse(found, ConfigFile, name=str(path))
    document = tomlkit.parse(found)
    change(document.setdefault("screens", tomlkit.table()))
    files.make_folder(path.parent, may_be_link=True)
    files.write_text(path, tomlkit.dumps(document), replace=True)
