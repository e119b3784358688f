"""What a form asks, by its kind: each value is kept as everybody reads it, and what is none is refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sfactl.core.days import parse_day
from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.i18n import _

LONGEST: Final = 1000
"""Characters of a value."""
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_SHOWN: Final = 60


class Kind(StrEnum):
    """What may be said to a question."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True)
class Question:
    """A question of a form."""

    key: str
    label: str
    kind: Kind = Kind.TEXT
    choices: Sequence[str] = ()

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"{self.key} ({self.label})"


def read(question: Question, text: str, *, today: date) -> str:
    """The value that somebody said, as it is kept: dates as 2026-12-31, a choice as the form writes it.

    Raises:
        UsageFault: it is empty, or not of the kind that is asked for.
    """
    said = safe(text, LONGEST).strip()
    if not said:
        raise UsageFault(_("Nothing is said for {field}.").format(field=question.name), _("Say it, or leave it out."))
    if question.kind is Kind.DATE:
        return _date(question, said, today)
    if question.kind is Kind.NUMBER:
        return _number(question, said)
    return _choice(question, said) if question.kind is Kind.CHOICE else said


def _date(question: Question, said: str, today: date) -> str:
    try:
        return parse_day(said, today=today).isoformat()
    except UsageFault:
        raise UsageFault(
            _("{field} asks for a date, and “{text}” is none.").format(field=question.name, text=said[:_SHOWN]),
            _("Write it as {example}.").format(example=today.isoformat()),
        ) from None


def _number(question: Question, said: str) -> str:
    if not _NUMBER.fullmatch(said):
        raise UsageFault(
            _("{field} asks for a number, and “{text}” is none.").format(field=question.name, text=said[:_SHOWN]),
            _("Write it with a point for decimals and nothing between the thousands: 1200.5"),
        )
    return said


def _choice(question: Question, said: str) -> str:
    for each in question.choices:
        if each.casefold() == said.casefold():
            return each
    raise UsageFault(
        _("{field} has no choice “{text}”.").format(field=question.name, text=said[:_SHOWN]),
        _("Choose one of these: {choices}.").format(choices=", ".join(question.choices)),
    )


def asked_as(question: Question, today: date) -> str:
    """What somebody is told who shall answer in his own words; nothing for plain text."""
    if question.kind is Kind.DATE:
        return _("a date: {example}").format(example=today.isoformat())
    if question.kind is Kind.NUMBER:
        return _("a number: {example}").format(example="1200.5")
    return _("one of: {choices}").format(choices=", ".join(question.choices)) if question.choices else ""
