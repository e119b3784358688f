"""Writing a person's settings file: only the keys that change, so that comments stay."""

from pathlib import Path

from sfactl.config import toml_file
from sfactl.config.settings import ConfigFile
from sfactl.errors import Unavailable
from sfactl.i18n import _


def point_to(path: Path, profile: str, database: str) -> str | None:
    """Let a profile name a database; returns the one it named before, if that was another.

    Raises:
        UsageFault: the file is wrong as it is.
        Unavailable: it cannot be written.
    """
    import tomlkit

    text = toml_file.read_text(path) if path.exists() else ""
    before = toml_file.parse(text, ConfigFile, name=str(path)).profiles.get(profile)
    document = tomlkit.parse(text)
    profiles = document.setdefault("profiles", tomlkit.table(is_super_table=True))
    profiles.setdefault(profile, tomlkit.table())["database"] = database
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(tomlkit.dumps(document), encoding="utf-8")
        part.chmod(0o600)
        part.replace(path)
    except OSError as fault:
        raise Unavailable(_("{path} cannot be written: {reason}.").format(path=path, reason=fault.strerror)) from fault
    named = before.database if before else None
    return named if named != database else None
