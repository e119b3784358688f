"""The columns of plans and of the runs that they leave."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sfactl.core.money import Money
from sfactl.core.plans import Header, Left, Line, Load
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind, Section

MOST_SHOWN: Final = 20
MOST_LINES: Final = 1000


def _counts(header: Header) -> str:
    return ", ".join(f"{count} {entity}" for entity, count in header.counts.items()) or "0"


PLAN_COLUMNS: Final = (
    Column("key", _("Plan"), Kind.CODE),
    Column("kind", _("Command")),
    Column("made_by", _("Made by"), Kind.CODE),
    Column("made_at", _("Made at"), Kind.DATETIME, lambda header: datetime.fromisoformat(header.made_at)),
    Column("effective", _("Holds from"), Kind.DATE, lambda header: header.effective_on),
    Column("changes", _("Changes"), value=_counts),
    Column("lines", _("Lines"), Kind.INTEGER),
    Column("left_count", _("Left alone"), Kind.INTEGER),
    Column("undoes", _("Takes back"), Kind.CODE),
    Column("reason", _("Reason")),
)


def _money(name: str, index: int) -> Callable[[Any], Money]:
    return lambda load: Money(getattr(load, f"{name}_minor")[index], load.currency)


def _part(name: str, index: int) -> Callable[[Any], int]:
    return lambda load: int(getattr(load, name)[index])


_LOADS: Final = (
    Column("accounts_before", _("Accounts"), Kind.INTEGER, _part("accounts", 0)),
    Column("accounts_after", _("After"), Kind.INTEGER, _part("accounts", 1)),
    Column("revenue_before", _("Annual revenue"), Kind.MONEY, _money("revenue", 0)),
    Column("revenue_after", _("After"), Kind.MONEY, _money("revenue", 1)),
    Column("pipeline_before", _("Open pipeline"), Kind.MONEY, _money("pipeline", 0)),
    Column("pipeline_after", _("After"), Kind.MONEY, _money("pipeline", 1)),
)
_HOURS: Final = (
    Column("hours_before", _("Hours a year"), Kind.QUANTITY, _part("hours", 0)),
    Column("hours_after", _("After"), Kind.QUANTITY, _part("hours", 1)),
)
_QUOTAS: Final = (
    Column("quota_before", _("Quota of the year"), Kind.MONEY, _money("quota", 0)),
    Column("quota_after", _("Quota after"), Kind.MONEY, _money("quota", 1)),
)
_CURRENCY: Final = Column("currency", _("Currency"), wide=True)


def _name(load: Load) -> str | None:
    return load.name or None


_PERSON: Final = Column("user", _("Person"), Kind.CODE, _name)
_PLACE: Final = Column("territory", _("Territory"), Kind.CODE, _name)
PERSON_COLUMNS: Final = (_PERSON, *_LOADS, _CURRENCY)
WORK_COLUMNS: Final = (_PERSON, *_HOURS, *_QUOTAS, _CURRENCY)
PLACE_COLUMNS: Final = (_PLACE, *_LOADS, *_HOURS, _CURRENCY)
LEFT_COLUMNS: Final = (
    Column("entity", _("What")),
    Column("key", _("Name"), Kind.CODE),
    Column("reason", _("Why it is left alone")),
)
STALE_COLUMNS: Final = (
    Column("entity", _("What")),
    Column("key", _("Name"), Kind.CODE),
    Column("reason", _("What is otherwise")),
)


def _fields(name: str) -> Callable[[Any], str | None]:
    def said(line: Any) -> str | None:
        values = getattr(line, name)
        return None if values is None else ", ".join(f"{key} {_word(value)}" for key, value in values.items())

    return said


def _word(value: object) -> str:
    return "–" if value is None else str(value)


LINE_COLUMNS: Final = (
    Column("entity", _("What")),
    Column("key", _("Name"), Kind.CODE),
    Column("before", _("Before"), value=_fields("before")),
    Column("after", _("After"), value=_fields("after")),
    Column("cause", _("Cause")),
    Column("since", _("Since"), Kind.DATE, wide=True),
    Column("why", _("Why"), wide=True),
)
REASON_COLUMNS: Final = (
    Column("key", _("Name"), Kind.CODE),
    Column("from_owner", _("From"), Kind.CODE, lambda line: (line.before or {}).get("owner")),
    Column("to_owner", _("To"), Kind.CODE, lambda line: (line.after or {}).get("owner")),
    Column("why", _("Why"), is_folded=True),
)
OUTCOME_COLUMNS: Final = (
    Column("run", _("Run"), Kind.CODE),
    Column("kind", _("Command")),
    Column("status", _("Status")),
    Column("rows", _("Rows changed"), Kind.INTEGER),
    Column("effective", _("Holds from"), Kind.DATE),
    Column("at", _("At"), Kind.DATETIME),
    Column("mails", _("Mails in the outbox"), Kind.INTEGER),
)
RUN_COLUMNS: Final = (
    Column("run", _("Run"), Kind.CODE),
    Column("command", _("Command")),
    Column("by", _("By"), Kind.CODE),
    Column("at", _("At"), Kind.DATETIME),
    Column("status", _("Status")),
    Column("effective", _("Holds from"), Kind.DATE),
    Column("rows", _("Rows"), Kind.INTEGER),
    Column("undoes", _("Takes back"), Kind.CODE, wide=True),
    Column("undone_by", _("Taken back by"), Kind.CODE, wide=True),
    Column("reason", _("Reason"), wide=True),
)


def plan_sections(header: Header) -> tuple[Section, ...]:
    """What a plan comes to for people and territories, and what it leaves alone; empty lists are left out."""
    left: tuple[Left, ...] = header.left
    sections = (
        Section("people", _("People"), header.people, PERSON_COLUMNS, most=MOST_SHOWN, others=_OTHERS),
        Section("work", _("Work and quota"), header.people, WORK_COLUMNS, most=MOST_SHOWN, others=_OTHERS),
        Section("territories", _("Territories"), header.territories, PLACE_COLUMNS, most=MOST_SHOWN, others=_OTHERS),
        Section("left", _("Left alone"), left, LEFT_COLUMNS, most=MOST_SHOWN, others=_OTHERS),
    )
    return tuple(section for section in sections if section.rows)


_OTHERS: Final = "sfactl plan show FILE -o json"


def line_section(lines: Iterator[Line]) -> Section:
    """The first lines of a plan, one by one."""
    first = tuple(islice(lines, MOST_LINES))
    return Section(
        "changes_in_full", _("Lines"), first, LINE_COLUMNS, most=MOST_SHOWN, others="sfactl plan show FILE --lines 1000"
    )


def reason_section(lines: Iterator[Line]) -> Section | None:
    """The first accounts of which the plan says why they go to somebody else; nothing where it does of none."""
    told = tuple(line for line in islice(lines, MOST_LINES) if _goes_with_reason(line))
    if not told:
        return None
    return Section(
        "reasons", _("Why"), told, REASON_COLUMNS, most=MOST_SHOWN, others="sfactl plan show FILE --lines 1000"
    )


def _goes_with_reason(line: Line) -> bool:
    return line.why is not None and line.entity == "account" and "owner" in (line.after or {})
