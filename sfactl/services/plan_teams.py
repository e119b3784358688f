"""Teams in a plan: who leads them, and to which territory they belong."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, plan_lines
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names

NAME = "team"
FIELDS = ("lead", "territory")


def current(session: Session) -> dict[str, tuple[int, dict[str, str | None]]]:
    """Key and fields of every team in sight, by code."""
    team, lead = t.team.c, t.user.alias("lead")
    rows = session.execute(
        select(team.code, team.id, lead.c.login, t.territory.c.code)
        .select_from(t.team)
        .outerjoin(lead, lead.c.id == team.lead_id)
        .outerjoin(t.territory, t.territory.c.id == team.territory_id)
        .order_by(team.code)
    )
    return {code: (key, {"lead": login, "territory": place}) for code, key, login, place in rows}


def _conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    lines = plan_lines.of(session, batch, NAME)
    if not lines:
        return
    here = current(session)
    places = set(session.execute(select(t.territory.c.code)).scalars()) | plan_lines.keys(session, batch, "territory")
    for line in lines:
        reason = _stale(line, here.get(line.key)) or _unknown(line.after or {}, places, batch.names)
        if reason:
            yield Left(NAME, line.key, reason)


def _stale(line: Line, held: tuple[int, Mapping[str, Any]] | None) -> str | None:
    if line.before is None or line.after is None or not line.after.keys() <= set(FIELDS):
        return _("this cannot be done to a team")
    return _("there is no such team") if held is None else plan_lines.differing(line.before, held[1])


def _unknown(after: Mapping[str, Any], places: set[str], names: Names) -> str | None:
    if "territory" in after and after["territory"] not in places:
        return _("there is no territory {code}").format(code=after["territory"])
    if after.get("lead") is not None and after["lead"] not in names.people:
        return _("there is no user {login}").format(login=after["lead"])
    return None


def _write(session: Session, batch: Batch) -> int:
    lines = plan_lines.of(session, batch, NAME)
    places = dict(session.execute(select(t.territory.c.code, t.territory.c.id)).all())
    here = current(session) if lines else {}
    for line in lines:
        row_id, fields = here[line.key]
        before, after = (_columns(said or {}, places, batch.names) for said in (line.before, line.after))
        where = places.get(fields["territory"] or "")
        plan_changes.keep_row(session, batch, t.team, row_id, before, after, territory_id=where)
        times = {"updated_at": session.now, "version": t.team.c.version + 1}
        session.sql.execute(update(t.team).where(t.team.c.id == row_id).values({**after, **times}))
    return len(lines)


def _columns(said: Mapping[str, Any], places: Mapping[str, int], names: Names) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "territory" in said:
        values["territory_id"] = places[said["territory"]]
    if "lead" in said:
        values["lead_id"] = names.person(said["lead"])
    return values


def _undo(session: Session, run_id: int, _since: date | None, names: Names) -> Iterator[Line | Left]:
    here = {key: (code, fields) for code, (key, fields) in current(session).items()}
    for row_id, before, after in plan_lines.kept(session, run_id, t.team):
        if row_id not in here or before is None or after is None:
            continue
        code, fields = here[row_id]
        was, became = _said(before, names), _said(after, names)
        changed = plan_lines.differing(became, fields)
        if changed:
            yield Left(NAME, code, _("changed since: {what}").format(what=changed))
        else:
            yield Line(NAME, code, became, was, "territory")


def _said(columns: Mapping[str, Any], names: Names) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if "territory_id" in columns:
        said["territory"] = names.code(columns["territory_id"])
    if "lead_id" in columns:
        said["lead"] = names.login(columns["lead_id"])
    return said


ENTITY = Entity(NAME, "team.edit", plan_lines.stage, None, _conflicts, _write, _undo)
