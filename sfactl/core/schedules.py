"""When something is done again and again: as cron says it, checked as cron reads it, and as systemd says the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sfactl.errors import UsageFault
from sfactl.i18n import _

WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS_OF_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NICKNAMES: Final = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One of the five fields of a schedule."""

    name: str
    least: int
    most: int
    names: Mapping[str, int]


_FIELDS: Final = (
    Field("minute", 0, 59, {}),
    Field("hour", 0, 23, {}),
    Field("day of month", 1, 31, {}),
    Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    Field("day of week", 0, 7, {name: number for number, name in enumerate(WEEKDAYS)}),
)


@dataclass(frozen=True)
class Schedule:
    """Which values each field may have; None is any."""

    cron: str
    "As a line of a crontab begins."
    values: tuple[tuple[int, ...] | None, ...]

    @property
    def calendars(self) -> list[str]:
        """The same for `OnCalendar` of systemd: two, where cron takes either of day of month and day of week."""
        minutes, hours, days, months, weekdays = self.values
        time = f"{_listed(hours)}:{_listed(minutes)}:00"
        by_date = f"*-{_listed(months)}-{_listed(days)} {time}"
        if weekdays is None:
            return [by_date]
        names = ",".join(WEEKDAYS[day].title() for day in weekdays)
        by_weekday = f"{names} *-{_listed(months)}-* {time}"
        return [by_weekday] if days is None else [by_date, by_weekday]


def _listed(values: Sequence[int] | None) -> str:
    return "*" if values is None else ",".join(f"{value:02}" for value in values)


def parse(text: str) -> Schedule:
    """The schedule that five fields, or a word such as @daily, say.

    Raises:
        UsageFault: cron would not take it, or there is no such day.
    """
    words = _NICKNAMES.get(text.strip().lower(), text).split()
    if len(words) != len(_FIELDS):
        raise UsageFault(
            _("“{text}” is no schedule: cron takes five fields.").format(text=text),
            _("Minute, hour, day of month, month, day of week: '0 6 * * 1' is every Monday at six."),
        )
    values = tuple(_values(word, field) for word, field in zip(words, _FIELDS, strict=True))
    weekdays = None if values[4] is None else tuple(sorted({day % 7 for day in values[4]}))
    found = Schedule(" ".join(words), (*values[:4], weekdays))
    _require_a_day(found)
    return found


def daily(time: str) -> Schedule:
    """Every day at a time such as 06:00."""
    hour, minute = _time(time)
    return parse(f"{minute} {hour} * * *")


def weekly(day: str, time: str) -> Schedule:
    """Every week, on a day such as mon."""
    hour, minute = _time(time)
    if day.lower()[:3] not in WEEKDAYS:
        raise UsageFault(
            _("{day} is no day of the week.").format(day=day),
            _("Choose from: {names}.").format(names=", ".join(WEEKDAYS)),
        )
    return parse(f"{minute} {hour} * * {WEEKDAYS.index(day.lower()[:3])}")


def monthly(day: str, time: str) -> Schedule:
    """Every month, on a day of it that every month has."""
    hour, minute = _time(time)
    if not (day.isascii() and day.isdigit() and 1 <= int(day) <= 28):
        raise UsageFault(_("{day} is no day that every month has.").format(day=day), _("Choose from 1 to 28."))
    return parse(f"{minute} {hour} {int(day)} * *")


def _time(text: str) -> tuple[int, int]:
    found = re.fullmatch("([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if found is None:
        raise UsageFault(_("{text} is no time of day.").format(text=text), _("Write it as 06:00."))
    return int(found[1]), int(found[2])


def _values(word: str, field: Field) -> tuple[int, ...] | None:
    if word == "*":
        return None
    found: set[int] = set()
    for part in word.lower().split(","):
        found.update(_part(part, field, word))
    return tuple(sorted(found))


def _part(part: str, field: Field, word: str) -> range:
    """Of `*`, a value or a range, every n-th; a step needs several to step over."""
    whole, slash, step = part.partition("/")
    first, dash, last = whole.partition("-")
    if whole == "*":
        low, high = field.least, field.most - (field.most == 7)
    else:
        low = _value(first, field, word)
        high = _value(last, field, word) if dash else low
    is_sound = low <= high and (not slash or (step.isascii() and step.isdigit() and int(step) > 0 and low < high))
    if not is_sound:
        raise _wrong(word, field)
    return range(low, high + 1, int(step) if slash else 1)


def _value(text: str, field: Field, word: str) -> int:
    if text in field.names:
        return field.names[text]
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and field.least <= int(text) <= field.most):
        raise _wrong(word, field)
    return int(text)


def _wrong(word: str, field: Field) -> UsageFault:
    return UsageFault(
        _("“{word}” is no {field} that cron takes.").format(word=word, field=field.name),
        _("From {least} to {most}: a number, a range (1-5), a list (1,3), a step (*/2), or * for any.").format(
            least=field.least, most=field.most
        ),
    )


def _require_a_day(schedule: Schedule) -> None:
    """Refuse a date that no year has."""
    _minutes, _hours, days, months, weekdays = schedule.values
    if days is None or months is None or weekdays is not None:
        return
    if not any(day <= _DAYS_OF_MONTH[month - 1] for day in days for month in months):
        raise UsageFault(_("There is no such day in any year: {cron}.").format(cron=schedule.cron))
