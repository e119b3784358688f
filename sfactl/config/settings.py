"""A person's settings: flag, then environment, then profile, then default; each remembers where it came from."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sfactl.config import paths, toml_file
from sfactl.config.secrets import has_secret
from sfactl.errors import UsageFault
from sfactl.i18n import NOBODYS, _

KEYS = ("database", "read_url", "max_lag", "output", "locale", "time_zone", "color", "solver_seconds")


class Profile(BaseModel):
    """A named set of settings in `config.toml`."""

    model_config = ConfigDict(extra="forbid")

    database: str | None = None
    "A URL: `sqlite:///FILE` or `postgresql+psycopg://HOST/NAME`; never with a password."
    read_url: str | None = None
    "A replica of the database, for what only reads: a URL like that of the database."
    max_lag: int | None = Field(default=None, ge=0, le=86_400)
    "Seconds that a replica may be behind."
    output: Literal["table", "json", "jsonl", "csv", "md", "html", "xlsx"] | None = None
    locale: str | None = None
    time_zone: str | None = None
    color: Literal["auto", "always", "never"] | None = None
    solver_seconds: int | None = Field(default=None, ge=1, le=3600)
    "So long a configuration may be searched for."

    @field_validator("database", "read_url")
    @classmethod
    def _without_password(cls, url: str | None) -> str | None:
        if url and has_secret(url):
            raise ValueError("a password does not belong here: use ~/.pgpass or PGPASSFILE")
        return url


class MailServer(BaseModel):
    """Where mail is handed over."""

    model_config = ConfigDict(extra="forbid")

    host: str | None = None
    port: int = Field(default=587, ge=1, le=65535)
    sender: str | None = None
    "From whom mail comes: an address, or a name and an address."
    user: str | None = None
    password_file: str | None = None
    "A file of mode 0600 that holds the password; SFACTL_MAIL_PASSWORD comes before it."
    security: Literal["starttls", "tls", "none"] | None = None
    "How the way to the server is protected; unsaid, by STARTTLS, but not at all to this very machine."
    ca_file: str | None = None
    "Who vouches for the server, where the system's authorities do not."
    timeout: int = Field(default=30, ge=1, le=300)
    "Seconds that the server may take for each answer."

    @property
    def is_here(self) -> bool:
        """Whether the server is on this machine, so that nobody listens on the way."""
        host = (self.host or "").lower()
        return host in ("localhost", "::1") or host.startswith("127.")

    @property
    def protection(self) -> Literal["starttls", "tls", "none"]:
        """How the way to the server is protected."""
        return self.security or ("none" if self.is_here else "starttls")

    @model_validator(mode="after")
    def _keeps_the_password(self) -> "MailServer":
        if self.user and self.protection == "none" and not self.is_here:
            raise ValueError('a password is never sent in clear: use security = "starttls" or "tls"')
        return self


class Screens(BaseModel):
    """How a person likes his screens."""

    model_config = ConfigDict(extra="forbid")

    is_greeted: bool = False
    "Whether the first screen was read that says how to begin."
    theme: Literal["dark", "light", "contrast", "colour-blind"] | None = None
    keys: dict[str, str] = Field(default_factory=dict)
    "The id of an action, as the help of the screens names it, to the key that does it; several are parted by commas."
    filters: dict[str, dict[str, str]] = Field(default_factory=dict)
    "Filters that were kept: by screen, each by its name."


class ConfigFile(BaseModel):
    """`config.toml` as a whole."""

    model_config = ConfigDict(extra="forbid")

    profile: str = "default"
    profiles: dict[str, Profile] = Field(default_factory=dict)
    mail: MailServer = Field(default_factory=MailServer)
    screens: Screens = Field(default_factory=Screens)


@dataclass(frozen=True)
class Settings:
    """The settings in force, and the origin of each."""

    path: Path
    profile: str
    database: str | None = None
    read_url: str | None = None
    max_lag: str = "60"
    output: str = "table"
    locale: str = "en"
    time_zone: str = "UTC"
    color: str = "auto"
    solver_seconds: str = "10"
    mail: MailServer = field(default_factory=MailServer)
    screens: Screens = field(default_factory=Screens)
    origins: Mapping[str, str] = field(default_factory=dict)
    "For each key: flag, the variable's name, the file, or default."


def load(flags: Mapping[str, str | None], environment: Mapping[str, str], *, path: Path | None = None) -> Settings:
    """The settings in force.

    Args:
        flags: what the command line said, by key (`profile` and those of `KEYS`); empty values count as unsaid.
        path: the file that `--config` names.

    Raises:
        UsageFault: the file is wrong, or open for others to write, or the profile is not in it, or the command line
            holds a password.
    """
    if has_secret(flags.get("database") or ""):
        raise UsageFault(
            _("A password on the command line can be read by everybody on this machine."),
            _("Put it in ~/.pgpass or the file that PGPASSFILE names, or the whole URL in SFACTL_DATABASE."),
        )
    file = paths.config_path(path, environment)
    config = _read(file, must_exist=path is not None)
    name = flags.get("profile") or environment.get("SFACTL_PROFILE") or config.profile
    if name != config.profile and name not in config.profiles:
        raise UsageFault(
            _("There is no profile {name} in {path}.").format(name=name, path=file),
            _("Profiles there: {names}.").format(names=", ".join(sorted(config.profiles)) or "–"),
        )
    profile = config.profiles.get(name, Profile())
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for key in KEYS:
        found = _first(key, flags, environment, profile, file)
        if found:
            values[key], origins[key] = found
        else:
            origins[key] = "default"
    values.setdefault("locale", _locale_of(environment))
    return Settings(path=file, profile=name, mail=config.mail, screens=config.screens, origins=origins, **values)


def _first(
    key: str, flags: Mapping[str, str | None], environment: Mapping[str, str], profile: Profile, file: Path
) -> tuple[str, str] | None:
    if flags.get(key):
        return str(flags[key]), "flag"
    variable = f"SFACTL_{key.upper()}"
    if environment.get(variable):
        return environment[variable], variable
    value = getattr(profile, key)
    return (str(value), str(file)) if value is not None else None


def _read(file: Path, *, must_exist: bool) -> ConfigFile:
    try:
        mode = file.stat().st_mode
    except OSError:
        if must_exist:
            raise UsageFault(_("There is no settings file {path}.").format(path=file)) from None
        return ConfigFile()
    if mode & stat.S_IWOTH:
        raise UsageFault(
            _("{path} can be written by everybody.").format(path=file),
            _("chmod o-w {path}").format(path=file),
        )
    return toml_file.load(file, ConfigFile)


def _locale_of(environment: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        word = environment.get(name, "").partition(".")[0]
        if word and word not in (NOBODYS, "POSIX"):
            return word
    return NOBODYS
