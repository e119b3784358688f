"""A command for cron or systemd to run: quoted as each of them reads it."""

import shlex
from collections.abc import Mapping, Sequence

from sfactl.core.schedules import Schedule
from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.i18n import _


def crontab(schedule: Schedule, words: Sequence[str], environment: Mapping[str, str], comment: str) -> str:
    """Two lines of a crontab: what it does, and when it does it.

    Raises:
        UsageFault: a word holds a line end, which no crontab can.
    """
    settings = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    line = " ".join([*settings, *map(shlex.quote, _sound(words))]).replace("%", "\\%")
    return f"# {safe(comment, 500)}\n{schedule.cron}  {line}\n"


def service(words: Sequence[str], environment: Mapping[str, str], comment: str) -> str:
    """A service of systemd that runs the command once; refuses as `crontab` does."""
    settings = "".join(f"Environment={_for_systemd(f'{name}={value}')}\n" for name, value in environment.items())
    program, *others = _sound(words)
    command = " ".join([_for_systemd(program, is_program=True), *map(_for_systemd, others)])
    return f"[Unit]\nDescription={_escaped(comment)}\n\n[Service]\nType=oneshot\n{settings}ExecStart={command}\n"


def timer(schedule: Schedule, comment: str) -> str:
    """The timer that starts the service of the same name."""
    days = "".join(f"OnCalendar={calendar}\n" for calendar in schedule.calendars)
    return f"[Unit]\nDescription={_escaped(comment)}\n\n[Timer]\n{days}Persistent=true\n\n[Install]\nWantedBy=timers.target\n"


def _sound(words: Sequence[str]) -> Sequence[str]:
    for word in words:
        if not word.isprintable():
            raise UsageFault(_("{word} cannot stand in a schedule.").format(word=ascii(word)))
    return words


def _escaped(text: str) -> str:
    return safe(text, 500).replace("%", "%%")


def _for_systemd(word: str, *, is_program: bool = False) -> str:
    """A word in quotes, with what systemd would replace in it doubled."""
    plain = word.replace("%", "%%")
    if not is_program:
        plain = plain.replace("$", "$$")
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
