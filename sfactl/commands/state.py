"""What a command works with: the settings, the door to the data, and how to show a result."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sfactl.core.days import parse_day
from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.i18n import LANGUAGES, NOBODYS, _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sfactl.config.settings import Settings
    from sfactl.core.actor import Actor
    from sfactl.core.periods import Period
    from sfactl.db.session import Door, Session
    from sfactl.db.url import DatabaseUrl
    from sfactl.render.columns import Column

_LONGEST_LINE = 10_000

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class AppState:
    """Built once for a command and never changed."""

    settings: "Settings"
    now: datetime
    fields: tuple[str, ...] = ()
    as_user: str | None = None
    is_quiet: bool = False
    no_color: bool = False
    command: str = "sfactl"
    """The words that named the command."""

    @property
    def today(self) -> date:
        """The person's date."""
        return self.now.astimezone(self.zone).date()

    @property
    def zone(self) -> "ZoneInfo":
        """The person's time zone.

        Raises:
            UsageFault: there is none of the name in the settings.
        """
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo(self.settings.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as fault:
            raise UsageFault(
                _("There is no time zone {name}.").format(name=self.settings.time_zone),
                _("For example: Europe/Madrid, America/Denver, UTC."),
            ) from fault

    @cached_property
    def door(self) -> "Door":
        """The way to the data, as the person at the keyboard or the one he acts for.

        Raises:
            UsageFault: no database is named anywhere.
        """
        from sfactl.db import url

        return self._door_to(url.parse(self.database), self.as_user)

    @property
    def database(self) -> str:
        """The URL of the database.

        Raises:
            UsageFault: none is named anywhere.
        """
        if not self.settings.database:
            raise UsageFault(
                _("No workspace is set up yet."),
                _("`sfactl init` makes one, `sfactl demo` shows one with data."),
            )
        return self.settings.database

    def said_again(self) -> list[str]:
        """The options of this command line that another program of ours needs to work on the same data as the same person.

        What the environment says reaches it by itself.
        """
        origins, words = self.settings.origins, ["--config", str(self.settings.path)]
        if origins.get("database") == "flag":
            words += ["--database", self.database]
        if not self.settings.path.exists():
            words = words[2:]
        return [*words, "--profile", self.settings.profile, *(["--as", self.as_user] if self.as_user else [])]

    def living_door(self) -> "Door":
        """The way to the data for something that stays open: its clock goes on."""
        from sfactl.db import url
        from sfactl.db.session import Door

        return Door(
            url.parse(self.database), as_user=self.as_user, zone=self.zone, clock=_now,
            on_emergency=_tell_of_emergency, stays_open=True,
        )  # fmt: skip

    def _door_to(self, where: "DatabaseUrl", as_user: str | None) -> "Door":
        from sfactl.db.session import Door

        return Door(where, as_user=as_user, now=self.now, today=self.today, on_emergency=_tell_of_emergency)

    def door_as(self, login: str, among: "Door") -> "Door":
        """The way to the same data as somebody for whom the person at the keyboard may act; opening it fails for all others."""
        return self._door_to(among.url, login)

    def require_terminal(self) -> None:
        """Refuse what only a person at a terminal can use, before anything is drawn.

        Raises:
            UsageFault: input or output is no terminal, or there is no workspace to show.
        """
        is_served = bool(os.environ.get("TEXTUAL_DRIVER"))  # the browser behind it is the terminal
        if not is_served and not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageFault(
                _("This needs a terminal."), _("`sfactl dashboard --once` prints an overview without one.")
            )
        _url = self.database

    def read(self) -> AbstractContextManager["Session"]:
        """A snapshot to read from."""
        return self.door.read()

    def reading(self, max_lag: int | None = None) -> AbstractContextManager["Session"]:
        """A snapshot for what only reads: of the replica, where there is one that is fresh enough, else of the database.

        Args:
            max_lag: seconds that the replica may be behind; as the settings say when nothing is said.
        """
        return self.reader(max_lag).read()

    def reader(self, max_lag: int | None = None) -> "Door":
        """The way to the data for what only reads; see `reading`."""
        from sfactl.db import replicas, url

        if not self.settings.read_url:
            return self.door
        where = url.parse(self.settings.read_url)
        most = self._seconds(self.settings.max_lag) if max_lag is None else max_lag
        reason = replicas.why_not(where, today=self.today, as_user=self.as_user, max_lag_s=most)
        if reason is None:
            return self._door_to(where, self.as_user)
        self.note(_("The replica is not read: {reason}.").format(reason=reason.rstrip(".")))
        return self.door

    def _seconds(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise UsageFault(
                _("{text} is no number of seconds.").format(text=text),
                _("For example: {example}").format(example="max_lag = 60"),
            )
        return int(text)

    def write(self, function: "Callable[Concatenate[Session, P], R]", *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function in one transaction."""
        return self.door.write(function, *args, **kwargs)

    def show(
        self,
        rows: Iterable[object],
        columns: "Sequence[Column]",
        *,
        title: str | None = None,
        footer: str | None = None,
    ) -> int:
        """Write a list to standard output in the chosen form, and return how many rows it had."""
        from sfactl.render.writers import write

        return write(rows, columns, self.output(), title=title, footer=footer)

    def output(self, *, fallback: str | None = None, is_report: bool = False) -> Any:
        """How and where results are written; in the form `fallback` where nobody asked for one.

        Raises:
            UsageFault: there is no such form, or only a report has it.
        """
        from sfactl.render.writers import Format, output_for

        try:
            is_said = self.settings.origins["output"] != "default"
            chosen = Format(self.settings.output if is_said or fallback is None else fallback)
        except ValueError:
            raise UsageFault(
                _("There is no output format {name}.").format(name=self.settings.output),
                _("Formats: {names}.").format(names=", ".join(Format)),
            ) from None
        if chosen is Format.PDF and not is_report:
            raise UsageFault(
                _("Only a report is written as PDF."),
                _("`sfactl report list` shows them; `sfactl report run` writes one."),
            )
        return output_for(
            sys.stdout,
            chosen,
            environment=os.environ,
            locale=self.settings.locale,
            color="never" if self.no_color else self.settings.color,
            fields=self.fields,
            zone=self.zone,
            subject=self.command,
        )

    def has_color(self, is_terminal: bool) -> bool:
        """Whether to use colour: the flag, `NO_COLOR`, the setting, then whether somebody is looking."""
        if self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return self.settings.color == "always" or (self.settings.color == "auto" and is_terminal)

    def period(self, session: "Session", text: str) -> "Period":
        """The period that a person wrote, in the workspace's fiscal calendar."""
        from sfactl import services
        from sfactl.core.periods import parse_period

        return parse_period(text, today=session.today, calendar=services.workspaces.current(session).calendar)

    def confirm(self, question: str) -> bool:
        """Ask before something large; without a terminal nobody can say yes.

        Raises:
            UsageFault: there is nobody to ask.
        """
        import typer

        self.require_somebody_to_ask()
        return typer.confirm(question, err=True)

    def require_somebody_to_ask(self) -> None:
        """Refuse where a question could not be answered.

        Raises:
            UsageFault: standard input is no terminal.
        """
        if not sys.stdin.isatty():
            raise UsageFault(_("This needs a yes, and there is nobody to ask."), _("Say it with --yes."))

    @property
    def tells(self) -> bool:
        """Whether somebody wants to be told what was done: not under `--quiet`, unless a form of output was asked for."""
        return not self.is_quiet or self.settings.origins["output"] != "default"

    def note(self, text: str) -> None:
        """Tell the person something that is not the result."""
        if not self.is_quiet:
            print("\n".join(safe(line, _LONGEST_LINE) for line in text.split("\n")), file=sys.stderr)

    def say(self, text: str) -> None:
        """Write text that is the result as it is; on a terminal, without what a terminal obeys."""
        if sys.stdout.isatty():
            text = "\n".join(safe(line, _LONGEST_LINE) for line in text.split("\n"))
        sys.stdout.write(text)


def _tell_of_emergency(actor: "Actor") -> None:
    roles = ", ".join(actor.emergency)
    print(
        _("Break-glass: you have taken {roles} for today; this command is in the trail.").format(roles=roles),
        file=sys.stderr,
    )


def state_of(flags: Mapping[str, Any], command: str = "sfactl") -> AppState:
    """The state that the common options and the environment ask for, for the command of these words."""
    from sfactl.config import settings

    language = flags.get("lang") or os.environ.get("SFACTL_LANG") or ""
    if language and language not in LANGUAGES:
        raise UsageFault(
            _("There is no language {name}.").format(name=language),
            _("Languages: {names}.").format(names=", ".join(LANGUAGES)),
        )
    path = Path(flags["config"]) if flags.get("config") else None
    loaded = settings.load(flags, os.environ, path=path)
    spoken = "en" if loaded.locale == NOBODYS else loaded.locale
    if language and loaded.origins["locale"] == "default" and not spoken.startswith(language):
        loaded = replace(loaded, locale=language)
    names = [name.strip() for name in str(flags.get("fields") or "").split(",")]
    return AppState(
        settings=loaded,
        now=_now(),
        fields=tuple(name for name in names if name),
        as_user=flags.get("as_user") or os.environ.get("SFACTL_AS") or None,
        is_quiet=bool(flags.get("quiet")),
        no_color=bool(flags.get("no_color")),
        command=command,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def as_of_date(text: str | None, state: AppState) -> date:
    """The day that `--as-of` names, or today.

    Raises:
        UsageFault: it is no date.
    """
    return state.today if text is None else parse_day(text, today=state.today)
