"""Adjustments of quotas in a plan: a line adds one or, when it is taken back, ends one."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import insert

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, plan_lines, plan_quotas, quota_words
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names
from sfactl.services.quota_loads import in_force
from sfactl.services.quota_words import Held, Keys

NAME: Final = "quota_adjustment"
_OWN: Final = ("measure", "product_family", "counts_from", "ends_on", "amount_minor", "currency", "reason")


def line(fields: Mapping[str, Any], cause: str, *, since: date | None = None) -> Line:
    """The line by which somebody's quota becomes more, or less, from a day on."""
    said = {name: value for name, value in fields.items() if value is not None}
    return Line(NAME, quota_words.named(fields, fields["counts_from"]), None, said, cause, since)


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Adjustments that are gone by now, or name what is not there."""
    keys, here = Keys.load(session, batch.names), None
    for each in plan_changes.said_lines(session, batch, NAME):
        reason = keys.missing(each["after"] or each["before"])
        if reason is None and each["before"] is not None:
            here = _current(session) if here is None else here
            reason = None if _take(here, each["before"]) else _("there is no such adjustment any more")
        if reason:
            yield Left(NAME, each["key"], reason)


def _current(session: Session) -> list[Held]:
    """All that are in force."""
    rows = t.quota_adjustment.c
    columns = [rows[name] for name in _OWN]
    statement = quota_words.with_names(t.quota_adjustment, *columns).where(in_force(t.quota_adjustment))
    return [Held(row.id, quota_words.fields_of(row._mapping)) for row in session.execute(statement.order_by(rows.id))]


def _take(here: list[Held], fields: Mapping[str, Any]) -> Held | None:
    """The adjustment that says the same, the latest of several; it is taken off the list."""
    for number in range(len(here) - 1, -1, -1):
        if all(here[number].fields.get(name) == value for name, value in fields.items()):
            return here.pop(number)
    return None


def write(session: Session, batch: Batch) -> int:
    """Add adjustments, and end those that are taken back."""
    lines = list(plan_changes.said_lines(session, batch, NAME))
    if not lines:
        return 0
    keys, here = Keys.load(session, batch.names), _current(session)
    load = plan_quotas.load_of(session, batch, lines[0]["cause"])
    taken = [_take(here, each["before"]) for each in lines if each["before"] is not None]
    plan_quotas.end(session, t.quota_adjustment, taken, load)
    blank = dict.fromkeys(("product_family", "ends_on"))
    rows = [
        {**blank, **keys.columns(each["after"]), "cause": each["cause"], **load.fresh}
        for each in lines
        if each["after"] is not None
    ]
    if rows:
        session.sql.execute(insert(t.quota_adjustment), rows)
    plan_quotas.keep(session, batch, t.quota_adjustment, load)
    return len(lines)


def undo(session: Session, run_id: int, since: date | None, _names: Names) -> Iterator[Line | Left]:
    """What a run added goes, what it took back comes again."""
    added, ended = plan_quotas.rows_of(session, run_id, t.quota_adjustment)
    here = {held.id: held for held in _current(session)}
    for row_id in added:
        held = here.get(row_id)
        if held is None:
            yield plan_changes.changed_since(NAME, f"#{row_id}")
        else:
            taken = line(held.fields, "undo", since=since)
            yield taken._replace(before=taken.after, after=None)
    for held in _ended(session, ended):
        yield line(held.fields, "undo", since=since)


def _ended(session: Session, row_ids: list[int]) -> list[Held]:
    rows = t.quota_adjustment.c
    statement = quota_words.with_names(t.quota_adjustment, *(rows[name] for name in _OWN))
    found = session.execute(statement.where(session.among(rows.id, row_ids)).order_by(rows.id))
    return [Held(row.id, quota_words.fields_of(row._mapping)) for row in found]


ENTITY = Entity(NAME, "quota.edit", plan_lines.stage, None, conflicts, write, undo)
