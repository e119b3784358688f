"""Reports: those that there are, and one of them with its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from sfactl.config.policy import ReportEntry
from sfactl.core.text import safe
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.render.columns import Column, choose, in_full
from sfactl.render.formats import format_date
from sfactl.render.report_parts import Part, Report
from sfactl.services import report_policy, workspaces
from sfactl.services.report_catalogue import BUILT_IN, Definition
from sfactl.services.report_options import Asked, Said, as_text, require_known, resolve

_NOTHING: Final[Said] = MappingProxyType({})


@dataclass(frozen=True)
class ReportRow:
    """A report in a list."""

    name: str
    title: str
    report: str
    "What a saved one is made of; its own name for one that is built in."
    options: tuple[str, ...]
    "Those that it understands; for a saved one, what they say."
    format: str | None
    is_saved: bool
    summary: str


@dataclass(frozen=True)
class Order:
    """A report that is asked for, as it will be made: what stands on the command line goes before what is saved."""

    name: str
    title: str
    definition: Definition
    said: Said
    fields: tuple[str, ...] = ()
    format: str | None = None
    notes: tuple[str, ...] = ()


def find(session: Session) -> list[ReportRow]:
    """The reports there are: the built-in ones, then those that the policy saves, by name."""
    built_in = [
        ReportRow(each.name, each.title, each.name, each.takes, None, False, each.summary)
        for each in BUILT_IN.values()
    ]  # fmt: skip
    saved = sorted(report_policy.saved(session).items())
    return built_in + [
        ReportRow(name, each.title, each.report, _options_of(each), each.format, True, each.title)
        for name, each in saved
    ]


def _options_of(entry: ReportEntry) -> tuple[str, ...]:
    return tuple(f"{name}={as_text(value)}" for name, value in entry.options.items())


def ordered(session: Session, name: str, said: Said = _NOTHING, fields: Sequence[str] = ()) -> Order:
    """The report of this name with these options.

    Raises:
        UsageFault: there is no such report, or it does not take one of the options, or has no column of that name.
    """
    saved = report_policy.saved(session)
    entry = saved.get(name)
    if entry is None and name not in BUILT_IN:
        raise report_policy.no_report(name, {**BUILT_IN, **saved})
    definition = BUILT_IN[entry.report if entry else name]
    before = {option: as_text(value) for option, value in entry.options.items()} if entry else {}
    for option in said:
        require_known(option, definition.takes)
    chosen = tuple(fields) or (tuple(entry.fields) if entry else ())
    choose(definition.tables[0].columns, chosen)
    return Order(
        name, entry.title if entry else definition.title, definition, {**definition.defaults, **before, **said}, chosen,
        entry.format if entry else None, tuple((entry.notes or "").splitlines()) if entry else (),
    )  # fmt: skip


def asked(session: Session, order: Order, locale: str) -> Asked:
    """What the options of an order come to today.

    Raises:
        UsageFault: one of them cannot be understood.
    """
    calendar = workspaces.current(session).calendar
    return resolve(
        order.said, takes=order.definition.takes, today=session.today, calendar=calendar, locale=locale
    )  # fmt: skip


def run(session: Session, order: Order, locale: str = "en") -> Report:
    """The report as whoever asks may see it; rows of long lists are read while they are shown.

    Raises:
        UsageFault: an option cannot be understood.
        NotAllowed: his role does not let him read what it consists of.
    """
    wanted = asked(session, order, locale)
    read = order.definition.read(session, wanted)
    parts = [
        Part(outline, rows.rows, _columns(outline.columns, order.fields if not number else ()), rows.footer)
        for number, (outline, rows) in enumerate(zip(order.definition.tables, read, strict=True))
    ]
    return Report(order.name, order.title, facts(order, wanted), parts, order.notes)


def _columns(columns: Sequence[Column], fields: Sequence[str]) -> tuple[Column, ...]:
    return in_full(choose(columns, fields)) if fields else tuple(columns)


def facts(order: Order, wanted: Asked) -> tuple[str, ...]:
    """For what a report holds, in words."""
    found = []
    if wanted.period is not None:
        first, last = wanted.period.start, wanted.period.end - timedelta(days=1)
        dates = _("{first} to {last}").format(
            first=format_date(first, wanted.locale), last=format_date(last, wanted.locale)
        )
        found.append(dates if ".." in wanted.period.label else f"{wanted.period.label}: {dates}")
    narrowed = {name: text for name, text in order.said.items() if name not in ("period", "as_of", "limit")}
    found += [f"{_named(name)}: {safe(text)}" for name, text in narrowed.items() if text != _USUAL.get(name)]
    found.append(_("as of {day}").format(day=format_date(wanted.day, wanted.locale)))
    return tuple(found)


_USUAL: Final[Mapping[str, str]] = {"measure": "revenue", "only": "no"}


def _named(option: str) -> str:
    """An option in the words of a heading."""
    return {
        "territory": _("Territory"), "user": _("User"), "team": _("Team"), "measure": _("Measure"), "by": _("By"),
        "where": _("Where"), "status": _("Status"), "days": _("Days"), "only": _("Only"),
        "reached": _("Reached"),
    }.get(option, option)  # fmt: skip
