"""What may be asked of a report: options as people write them, and what they come to on a day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sfactl.core.periods import FiscalCalendar, Period, Unit, parse_period, parts
from sfactl.errors import UsageFault
from sfactl.i18n import _

Said = Mapping[str, str]
"""Options by name, as they were written."""
LARGEST: Final = 2**31


@dataclass(frozen=True)
class Asked:
    """What a report is asked for; what is None was not said."""

    today: date
    calendar: FiscalCalendar
    locale: str = "en"
    "For amounts in notes."
    period: Period | None = None
    by: Unit | None = None
    territory: str | None = None
    only: bool = False
    user: str | None = None
    team: str | None = None
    measure: str = "revenue"
    reached: bool | None = None
    where: str | None = None
    status: str | None = None
    days: int | None = None
    as_of: date | None = None
    limit: int = 0

    @property
    def day(self) -> date:
        """The day as of which it holds."""
        return self.as_of or self.today

    @property
    def whole(self) -> Period:
        """The period, of a report that always has one."""
        if self.period is None:
            raise ValueError("this report has a default period")
        return self.period

    @property
    def periods(self) -> tuple[Period, ...]:
        """The period, cut as was asked."""
        return tuple(parts(self.whole, self.by, self.calendar)) if self.by else (self.whole,)


NAMES: Final = tuple(each.name for each in fields(Asked) if each.name not in ("today", "calendar", "locale"))
"""All options there are."""


def resolve(said: Said, *, takes: Sequence[str], today: date, calendar: FiscalCalendar, locale: str) -> Asked:
    """What the options come to.

    Raises:
        UsageFault: the report does not take one of them, or it says nothing that can be understood.
    """
    values: dict[str, Any] = {}
    as_of = None
    for name, text in said.items():
        require_known(name, takes)
        if name == "as_of":
            as_of = values[name] = _day(text)
    for name, text in said.items():
        if name == "period":
            values[name] = parse_period(text, today=as_of or today, calendar=calendar)
        elif name != "as_of":
            values[name] = _READ.get(name, str)(text)
    return Asked(today, calendar, locale, **values)


def require_known(name: str, takes: Sequence[str]) -> None:
    """Refuse an option that a report does not take.

    Raises:
        UsageFault: naming those that it takes.
    """
    if name not in takes:
        raise UsageFault(
            _("This report has no option {name}.").format(name=name),
            _("Its options: {names}.").format(names=", ".join(takes) or "–"),
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageFault(
            _("{text} is no date.").format(text=text), _("Write it as {example}.").format(example="2026-05-20")
        ) from None


def _unit(text: str) -> Unit:
    try:
        return Unit(text)
    except ValueError:
        raise UsageFault(
            _("A period cannot be cut by “{by}”.").format(by=text),
            _("Use one of {units}.").format(units=", ".join(Unit)),
        ) from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST):
        raise UsageFault(_("{text} is no number from 0 on.").format(text=text))
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("yes", "no"):
        raise UsageFault(_("{text} is neither yes nor no.").format(text=text))
    return text == "yes"


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "by": _unit, "only": _flag, "reached": _flag, "days": _number, "limit": _number,
}  # fmt: skip


def as_text(value: str | int | bool) -> str:
    """A value of a settings file as it would be typed."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
