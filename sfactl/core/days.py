"""Days as people type them: 2026-12-31, today, +7d; the one place where they are read."""

import re
from datetime import date, timedelta
from typing import Final

from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.i18n import _

_AHEAD: Final = re.compile(r"(?P<sign>[+-])(?P<count>[0-9]{1,4})(?P<unit>[dw])")
_DAYS: Final = {"d": 1, "w": 7}


def parse_day(text: str, *, today: date) -> date:
    """The day that somebody named.

    Args:
        text: an ISO date, `today`, or so many days (`+7d`) or weeks (`-2w`) from today.

    Raises:
        UsageFault: it is no day.
    """
    word = text.strip().casefold()
    if word in ("today", _("today").casefold()):
        return today
    try:
        found = _AHEAD.fullmatch(word)
        return _from(today, found) if found else date.fromisoformat(word.upper())
    except (ValueError, OverflowError):
        raise UsageFault(
            _("{text} is no date.").format(text=safe(text, 80)),
            _("Write it as {example}.").format(example=today.isoformat()),
        ) from None


def _from(today: date, found: re.Match[str]) -> date:
    days = int(found["count"]) * _DAYS[found["unit"]]
    return today + timedelta(days=days if found["sign"] == "+" else -days)
