"""Saved reports: what the policy says of them, checked, kept where everybody reads it, and compared."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from sqlalchemy import delete, insert, select

from sfactl.config import policy as policies
from sfactl.config.places import Places
from sfactl.config.policy import Policy, ReportEntry, ReportsFile
from sfactl.core.periods import FiscalCalendar
from sfactl.db.session import Session
from sfactl.errors import SfaError, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.render.columns import choose
from sfactl.services.report_catalogue import BUILT_IN
from sfactl.services.report_options import as_text, resolve

FILE: Final = "reports.toml"
NAME: Final = "reports"
"""Under which the settings of the policy keep them."""


def saved(session: Session) -> Mapping[str, ReportEntry]:
    """The saved reports in force; the shipped ones where the database has none yet."""
    setting = t.policy_setting.c
    text = session.execute(select(setting.value).where(setting.name == NAME)).scalar()
    return (ReportsFile.model_validate_json(text) if text else policies.default().reports).report


def put(session: Session, policy: Policy) -> None:
    """Put the saved reports of a policy in force; errors as of `require_sound`."""
    require_sound(session, policy)
    value = json.dumps(policy.reports.model_dump(mode="json"))
    session.sql.execute(delete(t.policy_setting).where(t.policy_setting.c.name == NAME))
    session.sql.execute(insert(t.policy_setting).values(name=NAME, value=value))


def differing(session: Session, policy: Policy) -> Iterator[tuple[str, str | None, str | None]]:
    """Name of each saved report that a policy would change, with what it says now and then; errors as of `require_sound`."""
    require_sound(session, policy)
    held, wanted = saved(session), policy.reports.report
    for name in sorted(held.keys() | wanted.keys()):
        now, then = held.get(name), wanted.get(name)
        if now != then:
            yield name, said(now) if now else None, said(then) if then else None


def said(entry: ReportEntry) -> str:
    """What a saved report is, in a line."""
    options = " ".join(f"{name}={as_text(value)}" for name, value in entry.options.items())
    rest = [options, ",".join(entry.fields), entry.format or ""]
    return " ".join([f"{entry.title}: {entry.report}", *(each for each in rest if each)])


def require_sound(session: Session, policy: Policy) -> None:
    """Refuse a saved report that could not be run.

    Raises:
        UsageFault: a report, an option, its value or a column that is not there; the place in the file is named.
    """
    places = Places(policy.files.get(FILE, ""))
    for name, entry in policy.reports.report.items():
        for path, problem in _problems(session, name, entry):
            line, column = places.find(["report", name, *path])
            where = f"{FILE}:{line}:{column}"
            raise UsageFault(
                _("{where}: {what}").format(where=where, what=problem.message), problem.hint
            ) from problem  # fmt: skip


def _problems(session: Session, name: str, entry: ReportEntry) -> Iterator[tuple[Sequence[str], SfaError]]:
    if name in BUILT_IN:
        yield (), UsageFault(_("{name} is a report that there is already.").format(name=name))
    if entry.report not in BUILT_IN:
        yield ("report",), no_report(entry.report, BUILT_IN)
        return
    definition = BUILT_IN[entry.report]
    for option, value in entry.options.items():
        try:
            resolve(
                {option: as_text(value)}, takes=definition.takes, today=session.today, calendar=FiscalCalendar(),
                locale="en",
            )  # fmt: skip
        except UsageFault as problem:
            yield ("options", option), problem
    try:
        choose(definition.tables[0].columns, entry.fields)
    except UsageFault as problem:
        yield ("fields",), problem


def no_report(name: str, known: Mapping[str, object]) -> UsageFault:
    """That there is no report of this name, and which are called much the same."""
    near = get_close_matches(name, known)
    list_ = _("`sfactl report list` shows all of them.")
    meant = _("Did you mean {near}?").format(near=", ".join(near)) if near else ""
    return UsageFault(_("There is no report {name}.").format(name=name), " ".join(filter(None, [meant, list_])))
