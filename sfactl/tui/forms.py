"""What a form asks, and what is done with the answers: data, so that one screen serves all of them."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfactl.errors import SfaError, UsageFault
from sfactl.i18n import _
from sfactl.render import typed
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Door

Answers = Mapping[str, str]
"""By the keys of the fields: dates and numbers as commands take them, however they were typed."""
_OPTION: Final = re.compile(r"--[a-z][a-z-]*(?: [A-Z]+(?:=[A-Z]+)?)?")


class Kind(StrEnum):
    """What may be typed into a field."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Field:
    """One question."""

    key: str
    label: str
    value: str = ""
    "What stands there at first, as commands take it."
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    "What can be chosen, where it is not free: what is read, and what it means."
    kind: Kind = Kind.TEXT
    longest: int = 0
    "The most characters; 0 where the database decides."
    is_needed: bool = False
    "Whether nothing is done without it."
    option: str = ""
    "The option of the command that stands for it, which services name in what they say."

    @property
    def heading(self) -> str:
        """What stands above it."""
        return _("{field} (needed)").format(field=self.label) if self.is_needed else self.label

    def shown(self, locale: str) -> str:
        """What stands there at first, as people of the locale write it."""
        return self.value or self.choices[0][1] if self.choices else self.written(self.value, locale)

    def written(self, value: str, locale: str) -> str:
        """A value that commands take, as people of the locale write it."""
        if not value or self.kind is Kind.TEXT:
            return value
        if self.kind is Kind.DAY:
            return typed.shown_day(date.fromisoformat(value), locale)
        number = typed.shown_number(value.removesuffix("%"), locale)
        return f"{number}%" if self.kind is Kind.SHARE else number

    def example(self, locale: str, today: date) -> str:
        """What is shown as long as nothing is typed."""
        if self.kind is Kind.DAY:
            day = typed.shown_day(today, locale)
            return (
                _("{usual} · {day} · +7d").format(usual=self.hint, day=day)
                if self.hint
                else typed.example(locale, today)
            )
        if self.kind is Kind.NUMBER and not self.hint:
            return typed.shown_number("48000.00", locale)
        return self.hint or (f"{typed.shown_number('5.5', locale)}%" if self.kind is Kind.SHARE else "")

    def read(self, text: str, locale: str, today: date) -> str:
        """What was typed, as commands take it.

        Raises:
            UsageFault: it is of another kind, too long, or missing; the sentence names the field as the form does.
        """
        if self.longest and len(text) > self.longest:
            told = _("“{field}” has at most {count} characters; these are {typed}.")
            told = told.format(field=self.label, count=self.longest, typed=len(text))
            raise UsageFault(told, _("Say it in fewer words."))
        if self.is_needed and not text:
            raise UsageFault(_("“{field}” is needed.").format(field=self.label), _("Say it, then go on."))
        if not text or self.kind is Kind.TEXT:
            return text
        if text == self.written(self.value, locale):
            return self.value
        try:
            return self._read(text, locale, today)
        except UsageFault as fault:
            raise UsageFault(f"{self.label}: {fault.message}", fault.hint) from None

    def _read(self, text: str, locale: str, today: date) -> str:
        if self.kind is Kind.DAY:
            return typed.day(text, locale, today=today).isoformat()
        if self.kind is Kind.SHARE:
            return f"{typed.number(text.removesuffix('%').strip(), locale)}%"
        return _sure_number(text, locale)


def _sure_number(text: str, locale: str) -> str:
    other = typed.may_be_another(text, locale)
    if other is None:
        return typed.number(text, locale)
    one = typed.shown_number(f"{Decimal(typed.number(text, locale)).normalize():f}", locale)
    raise UsageFault(
        _("{text} may be read in two ways.").format(text=text),
        _("Write {one}, or {other}.").format(one=one, other=other),
    )


@dataclass(frozen=True, slots=True)
class Form:
    """Questions, and what is done with the answers in one transaction."""

    title: str
    fields: tuple[Field, ...]
    act: "Callable[[Door, Answers], Any]"
    "Does it, whole or not at all."
    command: Callable[[Answers], list[str]]
    "The words after `sfactl` that do the same."
    done: Callable[[Any], str]
    "What is told when it is done; nothing where that is seen."
    above: tuple[Section, ...] = ()
    "What one reads before answering."
    verb: str = ""
    "What the button says."
    before: Callable[[Answers], list[list[str]]] | None = None
    "Commands that come first, where one command does not do all of it."
    file: str = ""
    "The field that names the file into which the command's output goes."
    right: str = ""
    "The permission without which it would be filled in for nothing."

    def commands(self, answers: Answers) -> list[list[str]]:
        """All commands that together do the same."""
        last = self.command(answers)
        return [*(self.before(answers) if self.before else ()), *([last] if last else [])]

    def into(self, answers: Answers) -> str:
        """The file into which the command's output goes; empty where it goes nowhere."""
        name = answers[self.file] if self.file else ""
        return str(Path(name).expanduser()) if name else ""


def spoken(error: SfaError, fields: Sequence[Field]) -> tuple[str, str | None]:
    """What a service says, and the remedy, as a form tells it: options of commands are called as its fields are.

    A remedy that speaks of options which the form does not have is left out; one that names a whole command stays.
    """
    names = {field.option: f"“{field.label}”" for field in fields if field.option}
    message, hint = error.message, error.hint
    if hint and "sfactl " not in hint and not names.keys() >= _options(hint):
        hint = None
    return _named(message, names), _named(hint, names) if hint else None


def _options(text: str) -> set[str]:
    return {found[0].partition(" ")[0] for found in _OPTION.finditer(text)}


def _named(text: str, names: Mapping[str, str]) -> str:
    if "sfactl " in text:
        return text
    return _OPTION.sub(lambda found: names.get(found[0].partition(" ")[0], found[0]), text)


def joined(commands: Iterable[Sequence[str]], into: str = "") -> str:
    """Commands as one line of a shell, each only when the one before did its work.

    Args:
        into: the file that takes what the last one prints.
    """
    text = " && ".join(shlex.join(["sfactl", *words]) for words in commands)
    return f"{text} > {shlex.quote(into)}" if into and text else text
