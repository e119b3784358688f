"""Where sfactl looks for files and where it keeps its own."""

from collections.abc import Mapping
from pathlib import Path


def config_path(flag: Path | None, environment: Mapping[str, str]) -> Path:
    """The settings file: `--config`, `SFACTL_CONFIG`, the XDG folder, `/etc/sfactl`; the XDG one when none is there."""
    if flag is not None:
        return flag
    if environment.get("SFACTL_CONFIG"):
        return Path(environment["SFACTL_CONFIG"])
    personal = _home_folder("XDG_CONFIG_HOME", ".config", environment) / "config.toml"
    shared = Path("/etc/sfactl/config.toml")
    return shared if shared.exists() and not personal.exists() else personal


def data_folder(environment: Mapping[str, str]) -> Path:
    """Where a database goes that nobody gave a place."""
    return _home_folder("XDG_DATA_HOME", ".local/share", environment)


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where what is at work leaves a mark, such as a lock."""
    return _home_folder("XDG_STATE_HOME", ".local/state", environment)


def _home_folder(variable: str, fallback: str, environment: Mapping[str, str]) -> Path:
    base = environment.get(variable) or f"{environment.get('HOME') or '.'}/{fallback}"
    return Path(base) / "sfactl"
